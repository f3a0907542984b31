-- How many sites the two snapshots visited, and how many answered.
-- Grain: one row. Inputs: gate. Columns: visited, answered, visited_before, answered_before, common, lost (answered
-- before and not now, of the common ones), common_answered_before, left_out (visited before, not now).
WITH pair AS (
    SELECT site, bool_or(answered) FILTER (now) AS here, bool_or(answered) FILTER (NOT now) AS before
    FROM gate GROUP BY site
)
SELECT count(here) AS visited, count_if(here) AS answered, count(before) AS visited_before,
    count_if(before) AS answered_before, count_if(here IS NOT NULL AND before IS NOT NULL) AS common,
    count_if(before AND NOT here) AS lost, count_if(before AND here IS NOT NULL) AS common_answered_before,
    count_if(before IS NOT NULL AND here IS NULL) AS left_out
FROM pair
