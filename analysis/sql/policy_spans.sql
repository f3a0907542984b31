-- How many of the URLs asked about fall to each partial host and day.
-- Grain: a row a pair, in the order of policy_partial. Inputs: asked, pair. Columns: told, row_id, count.
SELECT told, any_value(row_id) AS row_id, count(*) AS count
FROM asked JOIN (SELECT head, as_of, told, row_id FROM pair WHERE partial) AS pair USING (head, as_of)
GROUP BY told ORDER BY told
