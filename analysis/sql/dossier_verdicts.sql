-- The newest verdicts of the sites of a dossier.
-- Grain: a row a site, snapshot and use. Inputs: asked, verdict_now. Columns: site, snapshot_id, taken_on, basis, then
-- those of `verdict`.
SELECT site, snapshot_id, taken_on, basis, verdict_now.* FROM asked JOIN verdict_now USING (evidence_id)
