-- What is known of the robots.txt of each distinct picture; it is the denominators' whole matter.
-- Grain of picture: a row a picture. Inputs: evidence, access_now.
-- Columns: evidence_id, body_sha256 (NULL: no file), answered (the file was read, or is known to be absent),
-- has_robots, has_rules (it has at least one group).
CREATE OR REPLACE TEMP TABLE picture AS
WITH grouped AS (SELECT DISTINCT body_sha256 FROM access_now WHERE basis <> 'default')
SELECT evidence_id, CASE WHEN outcome = 'ok' THEN evidence.body_sha256 END AS body_sha256,
    outcome = 'absent' OR (outcome = 'ok' AND evidence.body_sha256 IS NOT NULL) AS answered,
    outcome = 'ok' AND evidence.body_sha256 IS NOT NULL AS has_robots,
    outcome = 'ok' AND grouped.body_sha256 IS NOT NULL AS has_rules
FROM evidence LEFT JOIN grouped USING (body_sha256)
WHERE role = 'robots.txt'
