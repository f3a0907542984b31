-- The snapshots of the series with the sites of their frame and those visited.
-- Grain: a row a snapshot. Inputs: series, seen. Columns: snapshot_id, taken_on, source, frame, visited, observed.
SELECT snapshot_id, taken_on, source, frame, coalesce(sum(sites), 0)::BIGINT AS visited, coalesce(sum(observed), 0)::BIGINT AS observed
FROM series LEFT JOIN seen USING (snapshot_id)
GROUP BY ALL ORDER BY taken_on, snapshot_id
