-- What was asked of one site in one snapshot. Grain: a row of `exchange`. Inputs: exchange, $site, $snapshot.
-- Columns: those of `exchange`.
SELECT * FROM exchange WHERE snapshot_id = $snapshot AND site = $site
