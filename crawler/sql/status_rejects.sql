-- Why pieces of input could not become exchanges.
-- Grain: a row a reason without its particulars, most frequent first. Inputs: reject. Columns: reason, rejects, example.
SELECT
    regexp_extract(reason, '^[^:''\d]*') AS reason, count(*) AS rejects,
    min(concat_ws(' ', place, site, reason)) AS example
FROM reject GROUP BY ALL ORDER BY rejects DESC, reason LIMIT 20
