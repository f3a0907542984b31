-- The pictures that have no verdict by the present rules, registry and readers, and are ready for one. Not ready is a
-- picture of whose contents one is held and has not been read by all of today's readers: it waits for `reread`.
-- Grain: a row a distinct picture. Inputs: evidence, verdict, read_log, body, exchange, reader_now, $rules, $registry,
-- $readers. Columns: evidence_id.
CREATE OR REPLACE TEMP TABLE pending AS
WITH lacking AS (
    SELECT DISTINCT evidence_id FROM evidence
    ANTI JOIN (
        SELECT evidence_id FROM verdict WHERE rules = $rules AND registry = $registry AND readers = $readers
    ) USING (evidence_id)
),
content AS (
    SELECT evidence_id, role, 'body' AS part, body_sha256 AS content_sha256 FROM evidence SEMI JOIN lacking USING (evidence_id)
    WHERE outcome = 'ok' AND body_sha256 IS NOT NULL
    UNION ALL
    SELECT evidence_id, role, 'headers', header_set_sha256 FROM evidence SEMI JOIN lacking USING (evidence_id)
    WHERE outcome = 'ok' AND header_set_sha256 IS NOT NULL
),
read_by AS (
    SELECT role, part, content_sha256, unnest(string_split(readers, ',')) AS reader_key
    FROM read_log SEMI JOIN content USING (role, part, content_sha256)
),
unread AS (
    SELECT role, part, content_sha256
    FROM (SELECT DISTINCT role, part, content_sha256 FROM content) JOIN reader_now USING (role, part)
    ANTI JOIN read_by USING (role, part, content_sha256, reader_key)
    WHERE reads_ok
    GROUP BY ALL
),
-- What a redirect carried is never read; it is told by its exchanges.
readable AS (
    SELECT unread.* FROM unread
    SEMI JOIN read_by USING (role, part, content_sha256)
    UNION
    SELECT unread.* FROM unread
    SEMI JOIN (
        SELECT role, body_sha256, header_set_sha256 FROM exchange WHERE outcome = 'ok' AND redirect_to IS NULL
    ) AS came
        ON came.role = unread.role
        AND unread.content_sha256 = CASE unread.part WHEN 'body' THEN came.body_sha256 ELSE came.header_set_sha256 END
    ANTI JOIN read_by USING (role, part, content_sha256)
),
waiting AS (
    SELECT evidence_id
    FROM content SEMI JOIN (
        SELECT * FROM readable
        WHERE part = 'headers' OR content_sha256 IN (SELECT sha256 FROM body WHERE data IS NOT NULL)
    ) AS held USING (role, part, content_sha256)
)
SELECT evidence_id FROM lacking ANTI JOIN waiting USING (evidence_id)
