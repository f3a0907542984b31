-- What came back for robots.txt in each picture.
-- Grain of policy_gate: a row a picture. Inputs: policy_seen, evidence.
-- Columns: evidence_id, outcome, body_sha256 (NULL where no file came).
CREATE OR REPLACE TEMP TABLE policy_gate AS
SELECT evidence_id, outcome, CASE WHEN outcome = 'ok' THEN body_sha256 END AS body_sha256
FROM evidence SEMI JOIN policy_seen USING (evidence_id)
WHERE role = 'robots.txt'
