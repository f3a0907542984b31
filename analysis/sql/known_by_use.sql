-- The pictures in which the verdict about a use is known.
-- Grain of known_picture: a row a picture, and snapshot where verdicts are its own. Inputs: told.
-- Columns: snapshot_id (NULL: in every one), evidence_id.
CREATE OR REPLACE TEMP TABLE known_picture AS SELECT snapshot_id, evidence_id FROM told WHERE state <> 'unknown'
