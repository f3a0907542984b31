-- Which bodies are in the archive, and whether their bytes are.
-- Grain: a row a body of $1 that is there. Inputs: $1 a list of sha256. Columns: sha256, held.
SELECT sha256, data IS NOT NULL AS held FROM body SEMI JOIN (SELECT unnest($1::VARCHAR[]) AS sha256) USING (sha256)
