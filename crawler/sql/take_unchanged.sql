-- A visit for every moment of the calendar at which a site of this portion has no row of its own: the source records
-- it as unchanged since its last one.
-- Grain: a row a site and snapshot between two visits of this segment, or after the last. Inputs: visit, snapshot,
-- $segment, $id and $at (lists: snapshot ids of the calendar and their moments). Columns: those of `visit`.
INSERT INTO visit
WITH calendar AS (
    SELECT snapshot_id, taken_on, moment
    FROM (SELECT unnest($id::VARCHAR[]) AS snapshot_id, unnest($at::TIMESTAMP[]) AS moment)
    JOIN snapshot USING (snapshot_id)
),
spell AS (
    SELECT visit.*, taken_on, lead(taken_on, 1, DATE '9999-12-31') OVER (PARTITION BY site ORDER BY taken_on) AS until
    FROM visit JOIN snapshot USING (snapshot_id)
    WHERE segment_id = $segment
)
SELECT
    calendar.snapshot_id, spell.site, spell.evidence_id, 'unchanged', spell.facts_snapshot_id, spell.segment_id,
    calendar.moment, calendar.moment
FROM spell JOIN calendar ON calendar.taken_on > spell.taken_on AND calendar.taken_on < spell.until
ANTI JOIN visit AS there ON there.snapshot_id = calendar.snapshot_id AND there.site = spell.site
