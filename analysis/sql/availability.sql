-- How many sites of each snapshot have each state, by use.
-- Grain: a row a snapshot, use and state that occurs. Inputs: series, seen, verdict_now.
-- Columns: snapshot_id, use, state, sites, observed.
SELECT snapshot_id, use, state, sum(sites)::BIGINT AS sites, sum(observed)::BIGINT AS observed
FROM seen JOIN verdict_now USING (evidence_id)
GROUP BY ALL
