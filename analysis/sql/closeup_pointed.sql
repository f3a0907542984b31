-- What the contents of the one picture point to. Grain: a row a fact. Inputs: fact, evidence. Columns: value.
SELECT value FROM fact JOIN evidence USING (role)
WHERE outcome = 'ok' AND content_sha256 IN (body_sha256, header_set_sha256)
