-- The last ends of runs.
-- Grain: a row an end of a run, the last first. Inputs: run. Columns: those of `run`.
SELECT snapshot_id AS snapshot, state, started_at, ended_at, tool_version AS tool, counts
FROM run ORDER BY ended_at DESC LIMIT 5
