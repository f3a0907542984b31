-- How many sites of each snapshot of the series show each picture.
-- Grain of seen: a row a snapshot and picture. Inputs: visit, series.
-- Columns: snapshot_id, evidence_id, sites, observed (those looked at then, not recorded as unchanged).
CREATE OR REPLACE TEMP TABLE seen AS
SELECT snapshot_id, evidence_id, count(*) AS sites, count(*) FILTER (basis = 'observed') AS observed
FROM visit SEMI JOIN series USING (snapshot_id)
GROUP BY ALL
