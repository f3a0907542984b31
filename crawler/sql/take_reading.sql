-- The stances found in the contents that were read for this portion first.
-- Grain: a row of `reading`. Inputs: incoming (rows of `reading`), fresh. Columns: those of `reading`.
INSERT INTO reading SELECT * FROM incoming SEMI JOIN fresh USING (role, content_sha256)
