-- The visits of this portion that cannot be taken: an earlier portion has visited that site in that snapshot.
-- Grain: a row a snapshot and site. Inputs: incoming_visit. Columns: snapshot_id, site, segment_id (the earlier one).
CREATE OR REPLACE TEMP TABLE refused AS
SELECT snapshot_id, site, any_value(visit.segment_id) AS segment_id
FROM visit SEMI JOIN incoming_visit USING (snapshot_id, site)
GROUP BY snapshot_id, site
