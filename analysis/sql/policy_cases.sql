-- Every combination of facts there is, once.
-- Grain: a row a case. Inputs: policy_picture. Columns: case_id, facts, gate, seen, claims, paths.
SELECT case_id, any_value(facts) AS facts, any_value(gate) AS gate, any_value(seen) AS seen,
    any_value(claims) AS claims, any_value(paths) AS paths
FROM policy_picture GROUP BY case_id
