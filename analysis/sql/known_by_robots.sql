-- The pictures in which what robots.txt says is known.
-- Grain of known_picture: a row a picture. Inputs: picture. Columns: evidence_id.
CREATE OR REPLACE TEMP TABLE known_picture AS SELECT evidence_id FROM picture WHERE answered
