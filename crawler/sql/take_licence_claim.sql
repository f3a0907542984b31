-- The licences found in the contents that were read for this portion first.
-- Grain: a row of `licence_claim`. Inputs: incoming (rows of `licence_claim`), fresh. Columns: those of `licence_claim`.
INSERT INTO licence_claim SELECT * FROM incoming SEMI JOIN fresh USING (role, content_sha256)
