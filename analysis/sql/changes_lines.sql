-- The statements that decide, where they stand and when they were seen.
-- Grain: a row a site, side and statement. Inputs: wanted_line (site, snapshot_id, id; `id` a reading_id or
-- BODY:CARRIER:TOKEN), visit, exchange, reading, access_now. Columns: site, snapshot_id, id, kind, carrier, url, seen_at,
-- content_sha256, locator, line, raw, use, stance, strength, agent, scope, pattern, interpretation, vocabulary,
-- provenance, reader, note.
WITH found AS (
    SELECT wanted_line.*, 'reading' AS kind, r.role, r.content_sha256, r.carrier, r.locator, r.line, r.raw, r.use, r.stance,
        r.strength, r.agent, r.scope, r.pattern, r.interpretation, r.vocabulary, r.provenance,
        r.reader || '@' || r.reader_version AS reader, r.note
    FROM wanted_line JOIN reading AS r ON r.reading_id = wanted_line.id
    UNION ALL
    SELECT w.*, 'access', 'robots.txt', a.body_sha256, string_split(w.id, ':')[2],
        CASE WHEN a.line IS NULL THEN 'file' ELSE 'line ' || a.line END, a.line, coalesce(a.raw, ''), NULL, NULL, NULL, a.token,
        NULL, NULL, NULL, NULL, NULL, NULL, a.basis
    FROM wanted_line AS w JOIN access_now AS a
        ON a.body_sha256 = string_split(w.id, ':')[1] AND a.token = substr(w.id, length(string_split(w.id, ':')[1]) + length(string_split(w.id, ':')[2]) + 3)
),
came AS (
    SELECT visit.site, visit.snapshot_id, e.role, e.body_sha256, e.header_set_sha256, arg_max(e.url, e.seq) AS url,
        arg_max(e.fetched_at, e.seq) AS seen_at
    FROM visit SEMI JOIN wanted_line USING (site, snapshot_id)
    JOIN exchange AS e ON e.site = visit.site AND e.snapshot_id = visit.facts_snapshot_id
    GROUP BY ALL
)
SELECT DISTINCT found.*, came.url, came.seen_at
FROM found JOIN came ON came.site = found.site AND came.snapshot_id = found.snapshot_id AND came.role = found.role
    AND found.content_sha256 IN (came.body_sha256, came.header_set_sha256)
ORDER BY found.site, found.snapshot_id, line NULLS LAST, id
