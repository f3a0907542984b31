-- The exchanges of this portion, without those of refused visits.
-- Grain: a row an exchange. Inputs: incoming (rows of `exchange`), refused, $segment. Columns: those of `exchange`.
INSERT INTO exchange
SELECT * REPLACE ($segment::INTEGER AS segment_id) FROM incoming ANTI JOIN refused USING (snapshot_id, site)
