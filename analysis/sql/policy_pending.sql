-- The pictures in which a licence of the wanted classes is declared, or something is said of single paths.
-- Grain of pending: a row a picture. Inputs: policy_seen, evidence, licence_claim, reading, policy_rule, $classes.
-- Columns: evidence_id.
CREATE OR REPLACE TEMP TABLE pending AS
WITH content AS (
    SELECT role, content_sha256 FROM licence_claim WHERE list_contains($classes::VARCHAR[], licence_class)
    UNION
    SELECT role, content_sha256 FROM reading SEMI JOIN policy_rule USING (use) WHERE scope = 'path'
)
SELECT DISTINCT evidence_id
FROM (
    SELECT evidence_id, role, unnest([body_sha256, header_set_sha256]) AS content_sha256
    FROM evidence SEMI JOIN policy_seen USING (evidence_id)
    WHERE outcome = 'ok'
) AS there
SEMI JOIN content USING (role, content_sha256)
