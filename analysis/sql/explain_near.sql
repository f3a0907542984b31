-- Sites whose name is like one that is not there.
-- Grain: a row a site, at most 20. Inputs: visit, $name. Columns: site.
SELECT DISTINCT site FROM visit
WHERE contains(site, $name) OR jaro_winkler_similarity(site, $name) > 0.9
ORDER BY jaro_winkler_similarity(site, $name) DESC, site LIMIT 20
