-- The places that can speak of each use, for the sites of a dossier.
-- Grain: a row a site, snapshot, use and carrier. Inputs: asked, coverage_now, carrier_use.
-- Columns: site, snapshot_id, use, carrier, state, reason.
SELECT site, snapshot_id, carrier_use.use, carrier, state, reason
FROM asked JOIN coverage_now USING (evidence_id) JOIN carrier_use USING (carrier)
ORDER BY ALL
