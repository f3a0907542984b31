-- Which bodies are in the archive, and whether their bytes are. The bytes themselves are never looked at: asking each
-- body whether it has any would unpack them all, asking which have none reads no more than their absence.
-- Grain: a row a body of $1 that is there. Inputs: $1 a list of sha256. Columns: sha256, held.
SELECT sha256, sha256 NOT IN (SELECT sha256 FROM body WHERE data IS NULL) AS held
FROM body SEMI JOIN (SELECT unnest($1::VARCHAR[]) AS sha256) USING (sha256)
