-- The state of each picture for a use, by the newest verdicts.
-- Grain of told: a row a picture. Inputs: verdict_now, $use, $strict. Columns: snapshot_id (NULL: in every snapshot),
-- evidence_id, state.
CREATE OR REPLACE TEMP TABLE told AS
SELECT NULL::VARCHAR AS snapshot_id, evidence_id, CASE WHEN $strict THEN state_strict ELSE state END AS state
FROM verdict_now WHERE use = $use
