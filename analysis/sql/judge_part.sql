-- The parts of the pictures to judge, and for each content and reader the newest version that has read it.
-- Grain of part: a row a picture, role and part. Columns: evidence_id, role, part, outcome, truncated, content_sha256.
-- Grain of used: a row a content and reader. Columns: role, part, content_sha256, reader, version.
-- Inputs: pending, evidence, read_log, reader_now.
CREATE OR REPLACE TEMP TABLE part AS
SELECT evidence_id, role, part, outcome, truncated AND part = 'body' AS truncated,
    CASE part WHEN 'body' THEN body_sha256 ELSE header_set_sha256 END AS content_sha256
FROM evidence SEMI JOIN pending USING (evidence_id) CROSS JOIN (VALUES ('body'), ('headers')) AS parts (part);

CREATE OR REPLACE TEMP TABLE used AS
WITH content AS (SELECT DISTINCT role, part, content_sha256 FROM part WHERE content_sha256 IS NOT NULL),
read_by AS (
    SELECT role, part, content_sha256, unnest(string_split(readers, ',')) AS reader_key
    FROM read_log SEMI JOIN content USING (role, part, content_sha256)
)
SELECT role, part, content_sha256, reader_now.reader, max(reads.version) AS version
FROM (
    SELECT *, string_split(reader_key, '@')[1] AS reader, try_cast(string_split(reader_key, '@')[2] AS INTEGER) AS version
    FROM read_by
) AS reads
JOIN reader_now USING (role, part, reader)
WHERE reads.version <= reader_now.version
GROUP BY ALL
