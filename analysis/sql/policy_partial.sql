-- The URLs whose host answers differently for different paths, by host.
-- Grain: a row such a URL. Inputs: asked, pair. Columns: n, told (of its pair), row_id, path.
SELECT n, told, row_id, path
FROM asked JOIN (SELECT head, as_of, told, row_id FROM pair WHERE partial) AS pair USING (head, as_of)
ORDER BY told
