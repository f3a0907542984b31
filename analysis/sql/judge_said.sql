-- The readings that can take part: said to everybody, about the front page or more, in the present vocabulary; once in
-- each view of them: `lenient` (what is plainly meant) and `strict` (to the letter of the specification).
-- Of a carrier whose statements stand in an ordered list (a JSON pointer tells their place) the first that matches the
-- front page holds and the rest do not count (TDMRep: "the first matching rule").
-- Grain: a row a content, reading and view. Inputs: reading, used, root_pattern, carrier_now.
-- Columns: role, part, content_sha256, reading_id, use, view, family, precedence, stance, severity, strength, rank, note.
CREATE OR REPLACE TEMP TABLE said AS
WITH apt AS (
    SELECT reading.*, used.part, views.view,
        try_cast(regexp_extract(locator, '^/([0-9]+)$', 1) AS INTEGER) AS place
    FROM reading
    JOIN used ON used.role = reading.role AND used.content_sha256 = reading.content_sha256
        AND used.reader = reading.reader AND used.version = reading.reader_version
    JOIN (
        VALUES ('lenient', 'both'), ('lenient', 'lenient'), ('strict', 'both'), ('strict', 'strict')
    ) AS views (view, interpretation) ON views.interpretation = reading.interpretation
    WHERE agent = '*' AND vocabulary IN ('both', 'current')
        AND (scope IN ('origin', 'response', 'document') OR (scope = 'path' AND pattern IN (SELECT pattern FROM root_pattern)))
),
first_match AS (
    SELECT * FROM apt
    QUALIFY place IS NULL
        OR place = min(place) OVER (PARTITION BY role, content_sha256, reader, carrier, use, view)
)
SELECT r.role, r.part, r.content_sha256, r.reading_id, r.use, r.view, c.family, c.precedence, r.stance, r.note, r.strength,
    list_position(['permitted', 'conditional', 'reserved'], r.stance) AS severity,
    list_position(['normative', 'vendor', 'informal', 'inferred', 'derived'], r.strength) AS rank
FROM first_match AS r
JOIN (SELECT DISTINCT carrier, family, precedence FROM carrier_now WHERE axis = 'use') AS c USING (carrier)
