-- Which contents have been read, and by which readers.
-- Grain: a row a content of $1 that any reader has read. Inputs: $1 a list of [role, part, sha256].
-- Columns: role, part, content_sha256, readers (`id@version`, joined with commas, over every time it was read).
WITH asked AS (SELECT key[1] AS role, key[2] AS part, key[3] AS content_sha256 FROM (SELECT unnest($1::VARCHAR[][]) AS key))
SELECT role, part, content_sha256, string_agg(read_log.readers, ',') AS readers
FROM asked JOIN read_log USING (role, part, content_sha256)
GROUP BY role, part, content_sha256
