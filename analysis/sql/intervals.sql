-- The spans over which sites stay in one state for a use: runs of snapshots, in order, with the same state and rule.
-- Grain: a row a site, use and span. Inputs: wanted_site (site), visit, snapshot, verdict_now, $use (NULL: every).
-- Columns: site, use, state, rule, not_before (day of the visit before, NULL: none), first_seen, last_seen, not_after (day
-- of the visit after), first_snapshot, last_snapshot, visits, first_deciding, last_deciding.
WITH seen AS (
    SELECT visit.site, visit.snapshot_id, taken_on, use, state, rule, deciding
    FROM visit SEMI JOIN wanted_site USING (site) JOIN snapshot USING (snapshot_id) JOIN verdict_now USING (evidence_id)
    WHERE $use::VARCHAR IS NULL OR use = $use
),
placed AS (
    SELECT *, lag(taken_on) OVER in_order AS before, lead(taken_on) OVER in_order AS after,
        (state, rule) IS DISTINCT FROM lag((state, rule)) OVER in_order AS begins
    FROM seen WINDOW in_order AS (PARTITION BY site, use ORDER BY taken_on, snapshot_id)
),
numbered AS (
    SELECT *, count(*) FILTER (begins) OVER (
        PARTITION BY site, use ORDER BY taken_on, snapshot_id ROWS UNBOUNDED PRECEDING
    ) AS span
    FROM placed
)
SELECT site, use, any_value(state) AS state, any_value(rule) AS rule, arg_min_null(before, (taken_on, snapshot_id)) AS not_before,
    min(taken_on) AS first_seen, max(taken_on) AS last_seen, arg_max_null(after, (taken_on, snapshot_id)) AS not_after,
    arg_min(snapshot_id, (taken_on, snapshot_id)) AS first_snapshot,
    arg_max(snapshot_id, (taken_on, snapshot_id)) AS last_snapshot, count(*) AS visits,
    arg_min(deciding, (taken_on, snapshot_id)) AS first_deciding, arg_max(deciding, (taken_on, snapshot_id)) AS last_deciding
FROM numbered
GROUP BY site, use, span
ORDER BY site, use, span
