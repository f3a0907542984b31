-- The snapshots of a series and how many sites each is about: those its frame lists, or those visited where more were
-- or no frame is known.
-- Grain of series: a row a snapshot. Inputs: snapshot, visit, frame, $since and $until (dates, NULL: no bound).
-- Columns: snapshot_id, taken_on, source, frame.
CREATE OR REPLACE TEMP TABLE series AS
SELECT snapshot_id, taken_on, snapshot.source, greatest(coalesce(visits, 0), coalesce(frame.sites, 0)) AS frame
FROM snapshot
LEFT JOIN (SELECT snapshot_id, count(*) AS visits FROM visit GROUP BY snapshot_id) USING (snapshot_id)
LEFT JOIN (SELECT frame_id, max(sites) AS sites FROM frame GROUP BY frame_id) AS frame USING (frame_id)
WHERE ($since::DATE IS NULL OR taken_on >= $since) AND ($until::DATE IS NULL OR taken_on <= $until)
