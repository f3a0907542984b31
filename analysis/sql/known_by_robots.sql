-- The pictures in which what robots.txt says is known.
-- Grain of known_picture: a row a picture. Inputs: picture. Columns: snapshot_id (NULL: in every one), evidence_id.
CREATE OR REPLACE TEMP TABLE known_picture AS
SELECT NULL::VARCHAR AS snapshot_id, evidence_id FROM picture WHERE answered
