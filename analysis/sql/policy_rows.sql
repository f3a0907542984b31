-- The rows of a policy as they are asked, numbered, and for each host the first day anything is known of it.
-- Grain of policy_row: a row a row of the artefact. Grain of policy_first: a row a host. Inputs: incoming_rows.
-- Columns: those of analysis.policy_file that a decision shows, and row_id; host_key, first_day.
CREATE TABLE policy_row AS
SELECT row_number() OVER () - 1 AS row_id, host_key, valid_from, last_seen, seen, decision, reason, code, evidence, partial
FROM incoming_rows;

CREATE TABLE policy_first AS SELECT host_key, min(valid_from) AS first_day FROM policy_row GROUP BY host_key
