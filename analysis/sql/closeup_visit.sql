-- One visit of a site, and the evidence it shows. Grain: a row of `visit`. Inputs: visit, $site, $snapshot.
-- Columns: those of `visit`.
SELECT * FROM visit WHERE snapshot_id = $snapshot AND site = $site
