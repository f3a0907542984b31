-- The states of some sites over all snapshots.
-- Grain: a row a site, snapshot and use. Inputs: wanted_site (site), visit, snapshot, verdict_now.
-- Columns: site, snapshot_id, taken_on, basis, use, state, reason.
SELECT visit.site, visit.snapshot_id, taken_on, basis, use, state, reason
FROM visit SEMI JOIN wanted_site USING (site) JOIN snapshot USING (snapshot_id)
LEFT JOIN verdict_now USING (evidence_id)
ORDER BY visit.site, taken_on, visit.snapshot_id
