-- The pictures in which the verdict about a use is known.
-- Grain of known_picture: a row a picture. Inputs: verdict_now, $use, $strict. Columns: evidence_id.
CREATE OR REPLACE TEMP TABLE known_picture AS
SELECT evidence_id FROM verdict_now
WHERE use = $use AND CASE WHEN $strict THEN state_strict ELSE state END <> 'unknown'
