-- For each URL the row that held on the day asked for.
-- Grain of placed: a row a URL. Inputs: asked, host_of (head, host_key, fault), policy_row, policy_first.
-- Columns: n, as_of, path, host_key, fault, first_day, row_id, partial, seen_on (the last evidence up to that day).
CREATE OR REPLACE TEMP TABLE placed AS
WITH keyed AS (
    SELECT n, as_of, path, host_of.host_key, fault, first_day
    FROM asked LEFT JOIN host_of ON host_of.head = asked.head
    LEFT JOIN policy_first ON policy_first.host_key = host_of.host_key
)
SELECT n, keyed.as_of, path, keyed.host_key, fault, first_day, row_id, partial,
    CASE WHEN keyed.as_of >= last_seen THEN last_seen
        ELSE list_max(list_filter(seen, lambda day: day <= keyed.as_of)) END AS seen_on
FROM keyed ASOF LEFT JOIN policy_row ON policy_row.host_key = keyed.host_key AND keyed.as_of >= policy_row.valid_from
