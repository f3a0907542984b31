-- The sites that are in one snapshot and not in the other: the frame moved, not the site.
-- Grain: a row a site. Inputs: visit, $before, $after. Columns: site, gained.
SELECT site, min(snapshot_id) = $after AS gained
FROM visit WHERE snapshot_id IN ($before, $after)
GROUP BY site HAVING count(DISTINCT snapshot_id) = 1
ORDER BY site
