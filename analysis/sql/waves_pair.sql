-- Which pictures follow each other from one snapshot to the next of the same source, and on how many sites.
-- Grain of wave_pair: a row a snapshot and pair of pictures. Inputs: visit, snapshot, $snapshots (ids, in a list).
-- Columns: snapshot_id, before, taken_on, was, is_now, sites.
CREATE OR REPLACE TEMP TABLE wave_pair AS
WITH placed AS (
    SELECT snapshot_id, taken_on, lag(snapshot_id) OVER (PARTITION BY source ORDER BY taken_on, snapshot_id) AS before
    FROM snapshot WHERE snapshot_id IN (SELECT unnest($snapshots::VARCHAR[]))
)
SELECT placed.snapshot_id, before, taken_on, earlier.evidence_id AS was, later.evidence_id AS is_now, count(*) AS sites
FROM placed JOIN visit AS later ON later.snapshot_id = placed.snapshot_id
JOIN visit AS earlier ON earlier.snapshot_id = before AND earlier.site = later.site
GROUP BY ALL
