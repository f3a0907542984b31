-- The snapshots in which a site was visited, under any of the names it may have.
-- Grain: a row a site and snapshot. Inputs: visit, snapshot, $names (a list). Columns: site, snapshot_id, taken_on.
SELECT site, snapshot_id, taken_on
FROM visit JOIN snapshot USING (snapshot_id)
WHERE list_contains($names::VARCHAR[], site)
