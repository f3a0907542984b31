-- Sites seen in both snapshots that do not look the same, by what they showed.
-- Grain of moved: a row a site. Inputs: visit, $before, $after. Columns: site, was, is_now (their pictures).
CREATE OR REPLACE TEMP TABLE moved AS
SELECT site, earlier.evidence_id AS was, later.evidence_id AS is_now
FROM (SELECT site, evidence_id FROM visit WHERE snapshot_id = $before) AS earlier
JOIN (SELECT site, evidence_id FROM visit WHERE snapshot_id = $after) AS later USING (site)
WHERE earlier.evidence_id <> later.evidence_id
