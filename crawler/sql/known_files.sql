-- What each address of a policy file last gave, where the server named a validator and its bytes are held: what a
-- conditional request needs (RFC 9110 13). The last look at the address counts, so one that failed since is not here.
-- Grain: a row an address. Inputs: exchange, body, header_set, $since (UTC, or NULL): bodies that came before are left.
-- Columns: url, status, etag, last_modified, fetched_at (UTC; when the body itself came), data, headers (a list of name
-- and value, in order).
WITH last AS (
    SELECT * FROM exchange
    WHERE status IS NOT NULL AND role <> 'page' AND NOT starts_with(role, 'sample-') AND NOT starts_with(role, 'media-')
        -- A last look before then leads to no younger body; left out here, a long study is not gone through as a whole.
        AND ($since::TIMESTAMP IS NULL OR fetched_at >= $since)
    QUALIFY row_number() OVER (PARTITION BY url ORDER BY fetched_at DESC, segment_id DESC, seq DESC) = 1
),
sets AS (
    SELECT sha256, list([name, value] ORDER BY ordinal) AS headers FROM header_set GROUP BY sha256
)
SELECT url, status, etag, last_modified, coalesce(unchanged_since, fetched_at) AS fetched_at, data,
    coalesce(headers, []) AS headers
FROM last
JOIN body ON body.sha256 = last.body_sha256 AND body.data IS NOT NULL AND NOT body.truncated
LEFT JOIN sets ON sets.sha256 = last.header_set_sha256
WHERE outcome = 'ok' AND status = 200 AND redirect_to IS NULL AND NOT last.truncated
    AND (etag IS NOT NULL OR last_modified IS NOT NULL)
    AND ($since::TIMESTAMP IS NULL OR coalesce(unchanged_since, fetched_at) >= $since)
