-- The snapshots of the archive, and how much of each answered.
-- Grain: a row a snapshot. Inputs: snapshot, visit, series, evidence. Columns: snapshot_id, taken_on, source, frame_id,
-- vantage, tool_version, sites (of its frame), observed (looked at then), outcomes (a map: outcome of robots.txt to
-- sites; `not_asked` counts those that were not visited or not asked).
WITH seen AS (
    SELECT snapshot_id, evidence_id, count(*) AS sites, count(*) FILTER (basis = 'observed') AS observed
    FROM visit GROUP BY ALL
),
told AS (
    SELECT snapshot_id, coalesce(evidence.outcome, 'not_asked') AS outcome, sum(sites)::BIGINT AS sites,
        sum(observed)::BIGINT AS observed
    FROM seen
    LEFT JOIN (SELECT evidence_id, outcome FROM evidence WHERE role = 'robots.txt') AS evidence USING (evidence_id)
    GROUP BY ALL
),
mapped AS (
    SELECT snapshot_id, sum(observed)::BIGINT AS observed, sum(sites)::BIGINT AS visited,
        list({'outcome': outcome, 'sites': sites} ORDER BY sites DESC, outcome) AS outcomes
    FROM told GROUP BY snapshot_id
)
SELECT snapshot_id, snapshot.taken_on, snapshot.source, frame_id, vantage, tool_version, series.frame AS sites,
    coalesce(observed, 0) AS observed, coalesce(visited, 0) AS visited, coalesce(outcomes, []) AS outcomes
FROM snapshot JOIN series USING (snapshot_id) LEFT JOIN mapped USING (snapshot_id)
ORDER BY snapshot.taken_on, snapshot_id
