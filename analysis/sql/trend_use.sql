-- In how many sites the verdict about a use has a state, by snapshot.
-- Grain: a row a snapshot of the series. Inputs: series, seen, picture, told, $state.
-- Columns: as trend_agent.
WITH counted AS (
    SELECT seen.snapshot_id, sites, observed, coalesce(answered, false) AS answered, coalesce(has_robots, false) AS has_robots,
        coalesce(has_rules, false) AS has_rules, coalesce(state, 'unknown') AS state
    FROM seen LEFT JOIN picture USING (evidence_id) LEFT JOIN told
        ON told.evidence_id = seen.evidence_id AND coalesce(told.snapshot_id, seen.snapshot_id) = seen.snapshot_id
)
SELECT snapshot_id, taken_on, source, frame, coalesce(sum(sites), 0) AS visited,
    coalesce(sum(sites) FILTER (state <> 'unknown'), 0) AS known, coalesce(sum(observed), 0) AS frame_observed,
    coalesce(sum(sites) FILTER (state = $state), 0) AS frame_n,
    coalesce(sum(sites) FILTER (answered), 0) AS "answered", coalesce(sum(observed) FILTER (answered), 0) AS answered_observed,
    coalesce(sum(sites) FILTER (answered AND state = $state), 0) AS answered_n,
    coalesce(sum(sites) FILTER (has_robots), 0) AS "has_robots", coalesce(sum(observed) FILTER (has_robots), 0) AS has_robots_observed,
    coalesce(sum(sites) FILTER (has_robots AND state = $state), 0) AS has_robots_n,
    coalesce(sum(sites) FILTER (has_rules), 0) AS "has_rules", coalesce(sum(observed) FILTER (has_rules), 0) AS has_rules_observed,
    coalesce(sum(sites) FILTER (has_rules AND state = $state), 0) AS has_rules_n
FROM series LEFT JOIN counted USING (snapshot_id)
GROUP BY ALL ORDER BY taken_on, snapshot_id
