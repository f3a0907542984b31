-- The readings that can take part: said to the addressee, about the path asked or more, in the vocabulary asked; once in
-- each view of them: `lenient` (what is plainly meant) and `strict` (to the letter of the specification).
-- Of a carrier whose statements stand in an ordered list (a JSON pointer tells their place) the first that matches the
-- path holds and the rest do not count (TDMRep: "the first matching rule"). Of the others the longest matching path holds
-- (RFC 9309 2.2.2, Content-Usage and RSL rules alike), a statement without one being the shortest; at equal length all
-- stand, and what cannot be understood replaces nothing. A permission that is only inferred never replaces what is said.
-- Grain: a row a content, reading and view. Inputs: reading, used, path_asked, addressee, vocabulary_asked, carrier_now.
-- Columns: role, part, content_sha256, reading_id, use, view, family, precedence, stance, severity, strength, rank, note.
CREATE OR REPLACE TEMP TABLE said AS
WITH apt AS (
    SELECT reading.*, used.part, views.view, stance <> 'malformed' AS clear,
        try_cast(regexp_extract(locator, '^/([0-9]+)$', 1) AS INTEGER) AS place,
        CASE WHEN stance = 'permitted' AND strength = 'inferred' THEN -1 WHEN scope = 'path' THEN path_asked.size ELSE 0 END AS size
    FROM reading
    JOIN used ON used.role = reading.role AND used.content_sha256 = reading.content_sha256
        AND used.reader = reading.reader AND used.version = reading.reader_version
    JOIN (
        VALUES ('lenient', 'both'), ('lenient', 'lenient'), ('strict', 'both'), ('strict', 'strict')
    ) AS views (view, interpretation) ON views.interpretation = reading.interpretation
    JOIN vocabulary_asked AS words ON words.vocabulary = reading.vocabulary
    LEFT JOIN path_asked ON path_asked.pattern = reading.pattern
    WHERE agent IN (SELECT agent FROM addressee)
        AND (scope IN ('origin', 'response', 'document') OR (scope = 'path' AND path_asked.pattern IS NOT NULL))
        AND (words.in_force_on IS NULL OR words.in_force_on
            BETWEEN coalesce(in_force_from, words.in_force_on) AND coalesce(in_force_until, words.in_force_on))
),
chosen AS (
    SELECT * FROM apt
    WINDOW alike AS (PARTITION BY role, content_sha256, reader, carrier, use, view, place IS NOT NULL)
    QUALIFY CASE
        WHEN place IS NOT NULL THEN place = min(place) OVER alike
        WHEN clear THEN size = max(size) FILTER (clear) OVER alike
        ELSE size >= coalesce(max(size) FILTER (clear) OVER alike, size)
    END
)
SELECT r.role, r.part, r.content_sha256, r.reading_id, r.use, r.view, c.family, c.precedence, r.stance, r.note, r.strength,
    list_position(['permitted', 'conditional', 'reserved'], r.stance) AS severity,
    list_position(['normative', 'vendor', 'informal', 'inferred', 'derived'], r.strength) AS rank
FROM chosen AS r
JOIN (SELECT DISTINCT carrier, family, precedence FROM carrier_now WHERE axis = 'use') AS c USING (carrier)
