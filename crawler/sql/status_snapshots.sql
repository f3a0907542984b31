-- What the archive holds of every snapshot.
-- Grain: a row a snapshot, by date. Inputs: snapshot, visit, evidence.
-- Columns: snapshot, date, source, frame, vantage, tool, sites, observed (the others are recorded as unchanged),
-- answered (robots.txt came or is absent), outcomes (of robots.txt, a map to the number of sites), opened_at.
WITH sites AS (
    SELECT snapshot_id, coalesce(outcome, 'not_asked') AS outcome, count(*) AS sites, count_if(basis = 'observed') AS observed
    FROM visit LEFT JOIN (SELECT evidence_id, outcome FROM evidence WHERE role = 'robots.txt') USING (evidence_id)
    GROUP BY ALL
),
counted AS (
    SELECT
        snapshot_id, sum(sites)::BIGINT AS sites, sum(observed)::BIGINT AS observed,
        coalesce(sum(sites) FILTER (outcome IN ('ok', 'absent')), 0)::BIGINT AS answered,
        map_from_entries(list((outcome, sites) ORDER BY sites DESC, outcome)) AS outcomes
    FROM sites GROUP BY snapshot_id
)
SELECT
    snapshot_id AS snapshot, taken_on AS date, source, frame_id AS frame, vantage, tool_version AS tool,
    coalesce(sites, 0) AS sites, coalesce(observed, 0) AS observed, coalesce(answered, 0) AS answered,
    coalesce(outcomes, MAP {}) AS outcomes, opened_at
FROM snapshot LEFT JOIN counted USING (snapshot_id)
ORDER BY taken_on, snapshot_id
