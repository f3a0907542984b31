-- What each family of statements comes to for a picture and use: the readings of the highest precedence present replace
-- the others; among those the most restrictive holds. What is malformed resets nothing and is kept beside.
-- Grain: a row a picture, use, view, family and stance. Inputs: said, part.
-- Columns: evidence_id, use, view, family, stance, rank (of the strongest), ids, note (of malformed readings).
CREATE OR REPLACE TEMP TABLE resolved AS
WITH placed AS (
    SELECT part.evidence_id, said.* FROM part JOIN said USING (role, part, content_sha256) WHERE part.outcome = 'ok'
),
highest AS (
    SELECT * FROM placed WHERE stance <> 'malformed'
    QUALIFY precedence = max(precedence) OVER (PARTITION BY evidence_id, use, view, family)
),
strictest AS (
    SELECT * FROM highest QUALIFY severity = max(severity) OVER (PARTITION BY evidence_id, use, view, family)
)
SELECT evidence_id, use, view, family, stance, min(rank) AS rank, list(reading_id ORDER BY reading_id) AS ids, NULL AS note
FROM strictest GROUP BY ALL
UNION ALL
SELECT evidence_id, use, view, family, 'malformed', min(rank), list(reading_id ORDER BY reading_id),
    string_agg(DISTINCT coalesce(note, 'not understood'), '; ' ORDER BY coalesce(note, 'not understood'))
FROM placed WHERE stance = 'malformed' GROUP BY ALL
