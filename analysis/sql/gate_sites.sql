-- The sites of two snapshots as the quality gate looks at them.
-- Grain of gate: a row a site of either snapshot and snapshot. Inputs: visit, exchange, evidence, $snapshot, $previous.
-- Columns: now (whether of $snapshot), site, robots (outcome of robots.txt), answered (whether anything came back at
-- all), common (whether the site was visited in both).
CREATE OR REPLACE TEMP TABLE gate AS
WITH asked AS (
    SELECT visit.snapshot_id, visit.site, any_value(visit.evidence_id) AS evidence_id,
        coalesce(bool_or(exchange.outcome NOT IN ('unreachable', 'not_asked', 'disallowed')), false) AS answered
    FROM visit LEFT JOIN exchange
        ON exchange.snapshot_id = visit.facts_snapshot_id AND exchange.site = visit.site
    WHERE visit.snapshot_id IN ($snapshot, $previous)
    GROUP BY ALL
)
SELECT snapshot_id = $snapshot AS now, site, coalesce(robots.outcome, 'not_asked') AS robots, answered,
    count(*) OVER (PARTITION BY site) = 2 AS common
FROM asked
LEFT JOIN (SELECT evidence_id, outcome FROM evidence WHERE role = 'robots.txt') AS robots USING (evidence_id)
