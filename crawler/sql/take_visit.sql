-- The visits of this portion, without the refused ones.
-- Grain: a row a site in a snapshot. Inputs: incoming_visit, refused, $segment. Columns: those of `visit`.
INSERT INTO visit
SELECT * REPLACE ($segment::INTEGER AS segment_id) FROM incoming_visit ANTI JOIN refused USING (snapshot_id, site)
