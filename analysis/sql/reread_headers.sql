-- The lines of some header sets, in order. Grain: a row a line. Inputs: header_set, $shas (a list).
-- Columns: sha256, name, value.
SELECT sha256, name, value FROM header_set WHERE sha256 IN (SELECT unnest($shas::VARCHAR[])) ORDER BY sha256, ordinal
