-- The facts found in the contents that were read for this portion first.
-- Grain: a row of `fact`. Inputs: incoming (rows of `fact`), fresh. Columns: those of `fact`.
INSERT INTO fact SELECT * FROM incoming SEMI JOIN fresh USING (role, content_sha256)
