-- The visits of a site, under any of the names it may have.
-- Grain: a row a site and snapshot. Inputs: visit, snapshot, $names (a list), $snapshot (NULL: all).
-- Columns: those of `visit`, taken_on.
SELECT visit.*, taken_on
FROM visit JOIN snapshot USING (snapshot_id)
WHERE site IN (SELECT unnest($names::VARCHAR[])) AND ($snapshot::VARCHAR IS NULL OR snapshot_id = $snapshot)
