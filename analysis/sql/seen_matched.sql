-- As seen_all, over the sites only that are known in every snapshot of the series (`known_picture` says in which
-- pictures one is), so that no site entering or leaving moves the rate.
-- Grain of seen: a row a snapshot and picture. Inputs: visit, series, known_picture.
-- Columns: snapshot_id, evidence_id, sites, observed.
CREATE OR REPLACE TEMP TABLE seen AS
WITH matched AS (
    SELECT site FROM visit SEMI JOIN series USING (snapshot_id)
    SEMI JOIN known_picture ON known_picture.evidence_id = visit.evidence_id
        AND coalesce(known_picture.snapshot_id, visit.snapshot_id) = visit.snapshot_id
    GROUP BY site HAVING count(*) = (SELECT count(*) FROM series)
)
SELECT snapshot_id, evidence_id, count(*) AS sites, count(*) FILTER (basis = 'observed') AS observed
FROM visit SEMI JOIN series USING (snapshot_id) SEMI JOIN matched USING (site)
GROUP BY ALL
