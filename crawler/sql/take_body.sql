-- The bodies that are not in the archive yet.
-- Grain: a row a distinct body. Inputs: incoming (rows of `body`). Columns: those of `body`.
INSERT INTO body SELECT * FROM incoming ANTI JOIN body USING (sha256)
