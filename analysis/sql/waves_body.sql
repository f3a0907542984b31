-- The robots.txt files that follow each other on some site and differ in their bytes.
-- Grain of wave_body: a row a pair of pictures. Inputs: wave_pair, evidence. Columns: was, is_now, body_was, body_now.
CREATE OR REPLACE TEMP TABLE wave_body AS
WITH robots AS (SELECT evidence_id, body_sha256 FROM evidence WHERE role = 'robots.txt' AND outcome = 'ok')
SELECT DISTINCT was, is_now, v.body_sha256 AS body_was, w.body_sha256 AS body_now
FROM wave_pair JOIN robots AS v ON v.evidence_id = was JOIN robots AS w ON w.evidence_id = is_now
WHERE v.body_sha256 <> w.body_sha256
