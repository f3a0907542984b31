-- The visits a dossier is about, with the snapshot in which their facts stand.
-- Grain of asked: a row a site and snapshot. Inputs: wanted (site, snapshot_id), visit, snapshot.
-- Columns: site, snapshot_id, taken_on, evidence_id, facts_snapshot_id, basis.
CREATE OR REPLACE TEMP TABLE asked AS
SELECT visit.site, visit.snapshot_id, taken_on, evidence_id, facts_snapshot_id, basis
FROM visit JOIN wanted USING (site, snapshot_id) JOIN snapshot ON snapshot.snapshot_id = visit.snapshot_id
