-- The combinations of facts there are, each decided once.
-- Grain of policy_picture: a row a picture. Inputs: policy_seen, policy_use, policy_gate, policy_licence, policy_path,
-- $gated (whether the profile asks about access), $licensed (about licences).
-- Columns: evidence_id, facts, gate (a body, or the outcome where no file came), seen, claims, paths, case_id.
CREATE OR REPLACE TEMP TABLE policy_picture AS
WITH joined AS (
    SELECT evidence_id, facts,
        CASE WHEN $gated THEN coalesce(body_sha256, outcome, 'not_asked') END AS gate,
        CASE WHEN $licensed THEN coalesce(seen, false) END AS seen,
        CASE WHEN $licensed THEN claims END AS claims, paths
    FROM (SELECT DISTINCT evidence_id FROM policy_seen)
    LEFT JOIN policy_use USING (evidence_id)
    LEFT JOIN policy_gate USING (evidence_id)
    LEFT JOIN policy_licence USING (evidence_id)
    LEFT JOIN policy_path USING (evidence_id)
)
SELECT *, hash(facts, gate, seen, claims, paths) AS case_id FROM joined
