-- The access rows of the robots.txt bodies that were read for this portion first.
-- Grain: a row of `access`. Inputs: incoming (rows of `access`), fresh. Columns: those of `access`.
INSERT INTO access
SELECT * FROM incoming SEMI JOIN (SELECT content_sha256 AS body_sha256 FROM fresh) USING (body_sha256)
