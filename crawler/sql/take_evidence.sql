-- The pictures of sites that are not in the archive yet.
-- Grain: a row a role of a distinct picture. Inputs: incoming (rows of `evidence`). Columns: those of `evidence`.
INSERT INTO evidence SELECT * FROM incoming ANTI JOIN evidence USING (evidence_id)
