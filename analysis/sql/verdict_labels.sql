-- By which rules, registries and readers the newest verdicts were made.
-- Grain: one row. Inputs: verdict_now. Columns: rules, registry, readers (several joined with `+`; NULL where none).
SELECT
    string_agg(DISTINCT rules, '+' ORDER BY rules), string_agg(DISTINCT registry, '+' ORDER BY registry),
    string_agg(DISTINCT readers, '+' ORDER BY readers)
FROM (SELECT DISTINCT rules, registry, readers FROM verdict_now)
