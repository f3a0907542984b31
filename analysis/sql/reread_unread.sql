-- The contents the archive holds that some reader of today has not read.
-- Grain: a row a content. Inputs: exchange, read_log, body, reader_of (role, part, outcome, reader_key: who reads what
-- was asked for under a role). Columns: role, part, content_sha256, readers (a list of `id@version`: those that are to
-- read it), bytes.
WITH came AS (
    SELECT DISTINCT role, outcome, 'body' AS part, body_sha256 AS content_sha256 FROM exchange
    WHERE redirect_to IS NULL AND body_sha256 IN (SELECT sha256 FROM body WHERE data IS NOT NULL)
    UNION
    SELECT DISTINCT role, outcome, 'headers', header_set_sha256 FROM exchange
    WHERE redirect_to IS NULL AND header_set_sha256 IS NOT NULL
),
wanted AS (SELECT DISTINCT role, part, content_sha256, reader_key FROM came JOIN reader_of USING (role, part, outcome)),
done AS (
    SELECT role, part, content_sha256, unnest(string_split(readers, ',')) AS reader_key
    FROM read_log SEMI JOIN wanted USING (role, part, content_sha256)
)
SELECT role, part, content_sha256, list(reader_key ORDER BY reader_key) AS readers,
    coalesce(any_value(body.bytes), 0)::BIGINT AS bytes
FROM wanted ANTI JOIN done USING (role, part, content_sha256, reader_key)
LEFT JOIN body ON wanted.part = 'body' AND body.sha256 = content_sha256
GROUP BY role, part, content_sha256
ORDER BY role, part, content_sha256
