-- The contents on which the verdicts of a dossier rest, and where and when each was seen.
-- Grain of place: a row a site, snapshot, role and part that was read. Inputs: asked, part, came.
-- Columns: site, snapshot_id, role, part, content_sha256, url, seen_at.
CREATE OR REPLACE TEMP TABLE place AS
SELECT asked.site, asked.snapshot_id, part.role, part.part, part.content_sha256, came.url, came.fetched_at AS seen_at
FROM asked JOIN part USING (evidence_id)
JOIN came ON came.site = asked.site AND came.snapshot_id = asked.snapshot_id AND came.role = part.role AND came.is_last
WHERE part.content_sha256 IS NOT NULL
