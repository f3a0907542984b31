-- What is said of single paths, with what the same family says of the whole site, which a path may be excepted from.
-- Grain of policy_path: a row a picture in which anything is said of a path. Inputs: part, used, reading, carrier_now,
-- policy_rule (use, strict). Columns: evidence_id, paths (a list by use and family; `place` is the rank in an ordered
-- list, of which the first that matches holds; NULL where the longest pattern holds).
CREATE OR REPLACE TEMP TABLE policy_path AS
WITH stood AS (
    SELECT DISTINCT part.evidence_id, reading.use, family, reading.carrier, scope, pattern, stance, strength, reading_id,
        try_cast(regexp_extract(locator, '^/([0-9]+)$', 1) AS INTEGER) AS place
    FROM part JOIN used USING (role, part, content_sha256)
    JOIN reading ON reading.role = used.role AND reading.content_sha256 = used.content_sha256
        AND reading.reader = used.reader AND reading.reader_version = used.version
    JOIN policy_rule ON policy_rule.use = reading.use
    JOIN (SELECT DISTINCT carrier, family FROM carrier_now WHERE axis = 'use') AS c ON c.carrier = reading.carrier
    WHERE part.outcome = 'ok' AND agent = '*' AND vocabulary IN ('both', 'current') AND scope IN ('origin', 'path')
        AND interpretation IN ('both', CASE WHEN strict THEN 'strict' ELSE 'lenient' END)
),
narrow AS (SELECT DISTINCT evidence_id, use, carrier FROM stood WHERE scope = 'path')
SELECT evidence_id,
    list({
        'use': use, 'family': family, 'place': place, 'pattern': CASE WHEN scope = 'path' THEN pattern END,
        'stance': stance, 'strength': strength, 'line': reading_id
    } ORDER BY use, family, place, pattern, reading_id) AS paths
FROM stood SEMI JOIN narrow USING (evidence_id, use, carrier)
GROUP BY evidence_id
