-- Which snapshot is looked at, and which it is held against: the last before it that came through the same door and is
-- whole, of the same frame if there is one. Not whole: its runs were all cut short, or most of its frame has no visit.
-- Grain: one row, none where there is no such snapshot. Inputs: snapshot, visit, frame, run, $snapshot (NULL: the last),
-- $previous (NULL: chosen). Columns: snapshot_id, taken_on, source, frame_id, frame (sites its frame lists, NULL: not
-- known), previous_id, previous_on, previous_frame_id, previous_frame.
WITH known AS (
    SELECT snapshot_id, taken_on, source, frame_id, frame.sites AS frame,
        coalesce(visits, 0) > 0.5 * coalesce(frame.sites, 0) AND coalesce(finished, true) AS whole
    FROM snapshot LEFT JOIN (SELECT frame_id, max(sites) AS sites FROM frame GROUP BY frame_id) AS frame USING (frame_id)
    LEFT JOIN (SELECT snapshot_id, count(*) AS visits FROM visit GROUP BY snapshot_id) AS seen USING (snapshot_id)
    -- Segments that were taken in from elsewhere have no row in `run`.
    LEFT JOIN (SELECT snapshot_id, bool_or(state = 'finished') AS finished FROM run GROUP BY snapshot_id) AS ended
        USING (snapshot_id)
),
here AS (
    SELECT * FROM known WHERE $snapshot::VARCHAR IS NULL OR snapshot_id = $snapshot
    ORDER BY taken_on DESC, snapshot_id DESC LIMIT 1
),
before AS (
    SELECT known.* FROM known, here
    WHERE CASE
        WHEN $previous::VARCHAR IS NOT NULL THEN known.snapshot_id = $previous
        ELSE known.source = here.source AND (known.taken_on, known.snapshot_id) < (here.taken_on, here.snapshot_id)
            AND known.whole
    END
    ORDER BY known.frame_id IS NOT DISTINCT FROM here.frame_id DESC, known.taken_on DESC, known.snapshot_id DESC LIMIT 1
)
SELECT here.* EXCLUDE (whole), before.snapshot_id AS previous_id, before.taken_on AS previous_on,
    before.frame_id AS previous_frame_id, before.frame AS previous_frame
FROM here LEFT JOIN before ON true
