-- The state of each picture of one snapshot for a use, by verdicts made for that snapshot's own day.
-- Grain: a row of told. Inputs: verdict_apart, $use, $strict, $snapshot. Columns: those of told.
SELECT $snapshot AS snapshot_id, evidence_id, CASE WHEN $strict THEN state_strict ELSE state END AS state
FROM verdict_apart WHERE use = $use
