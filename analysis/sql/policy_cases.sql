-- Every combination of facts there is, once, with what its robots.txt says to the profile's agents.
-- Grain: a row a case, those of one robots.txt together. Inputs: policy_picture, policy_access.
-- Columns: case_id, facts, gate, seen, claims, paths, rows.
WITH once AS (
    SELECT case_id, any_value(facts) AS facts, any_value(gate) AS gate, any_value(seen) AS seen,
        any_value(claims) AS claims, any_value(paths) AS paths
    FROM policy_picture GROUP BY case_id
)
SELECT once.*, policy_access.rows FROM once LEFT JOIN policy_access ON policy_access.body_sha256 = once.gate
ORDER BY gate, case_id
