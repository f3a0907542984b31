-- Every stance, licence and fault in the contents of a dossier.
-- Grain: a row a statement. Inputs: place, used, reading, licence_claim, fault. Columns: site, snapshot_id,
-- kind, id, carrier, url, content_sha256, seen_at, locator, line, raw, use, stance, strength, agent, scope, pattern,
-- interpretation, vocabulary, provenance, reader, note, in_force_from, in_force_until.
WITH stood AS (
    SELECT place.*, used.reader, used.version FROM place JOIN used USING (role, part, content_sha256)
)
SELECT stood.site, stood.snapshot_id, 'reading' AS kind, reading_id AS id, carrier, stood.url, content_sha256, seen_at, locator,
    line, raw, use, stance, strength, agent, scope, pattern, interpretation, vocabulary, provenance,
    reader || '@' || version AS reader,
    concat_ws('; ', CASE WHEN condition IS NOT NULL THEN 'condition: ' || condition END, note) AS note,
    in_force_from, in_force_until
FROM stood JOIN reading USING (role, content_sha256, reader) WHERE reading.reader_version = stood.version
UNION ALL
SELECT stood.site, stood.snapshot_id, 'licence', claim_id, carrier, stood.url, content_sha256, seen_at, locator, NULL, raw, NULL,
    NULL, NULL, NULL, subject, NULL, NULL, NULL, NULL, reader || '@' || stood.version,
    concat_ws('; ', coalesce(spdx, 'no licence we know: ' || licence_claim.url), 'class ' || licence_class,
        'of ' || subject, CASE WHEN location IS NOT NULL THEN 'in ' || location END,
        CASE WHEN partial THEN 'for part of the content' END, note),
    NULL, NULL
FROM stood JOIN licence_claim USING (role, content_sha256, reader) WHERE licence_claim.reader_version = stood.version
UNION ALL
SELECT stood.site, stood.snapshot_id, 'fault', NULL, carrier, stood.url, content_sha256, seen_at, locator, NULL, raw, NULL, NULL,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, reader || '@' || stood.version, reason, NULL, NULL
FROM stood JOIN fault USING (role, content_sha256, reader) WHERE fault.reader_version = stood.version
ORDER BY ALL
