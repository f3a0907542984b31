-- The faults found in the contents that were read for this portion first.
-- Grain: a row of `fault`. Inputs: incoming (rows of `fault`), fresh. Columns: those of `fault`.
INSERT INTO fault SELECT * FROM incoming SEMI JOIN fresh USING (role, content_sha256)
