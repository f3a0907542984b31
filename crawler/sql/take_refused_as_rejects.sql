-- The refused visits as rejects, so that none is lost silently.
-- Grain: a row a refused visit. Inputs: refused, segment, $segment. Columns: those of `reject`.
INSERT INTO reject
SELECT $segment, 'visit', refused.site, 'already visited in snapshot ' || snapshot_id || ' by ' || segment.name, NULL
FROM refused JOIN segment USING (segment_id)
