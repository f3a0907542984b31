-- The sites of the last snapshot: those visited and those its frame lists, by rank and then by name.
-- Grain: a row a site. Inputs: snapshot, visit, frame_site, $limit (NULL: no bound).
-- Columns: site, snapshot_id, name, category, country, visited.
WITH last AS (SELECT snapshot_id, frame_id FROM snapshot ORDER BY taken_on DESC, snapshot_id DESC LIMIT 1),
here AS (SELECT site, snapshot_id FROM visit SEMI JOIN last USING (snapshot_id)),
listed AS (
    SELECT site, any_value(name) AS name, any_value(category) AS category, any_value(country) AS country, min(rank) AS rank
    FROM frame_site SEMI JOIN last USING (frame_id) GROUP BY site
)
SELECT site, (SELECT snapshot_id FROM last) AS snapshot_id, name, category, country, here.snapshot_id IS NOT NULL AS visited
FROM here FULL JOIN listed USING (site)
ORDER BY rank NULLS LAST, site
LIMIT coalesce($limit::BIGINT, 9223372036854775807)
