-- The number of the decision each URL comes to, in the order asked.
-- Grain: a row a URL. Inputs: asked, pair, at_path (n, told). Columns: told.
SELECT coalesce(at_path.told, pair.told) AS told
FROM asked
JOIN pair ON pair.head IS NOT DISTINCT FROM asked.head AND pair.as_of IS NOT DISTINCT FROM asked.as_of
LEFT JOIN at_path USING (n)
ORDER BY asked.n
