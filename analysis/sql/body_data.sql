-- The bytes of a body, if they are held.
-- Grain: at most one row. Inputs: body, $sha256. Columns: data.
SELECT data FROM body WHERE sha256 = $sha256 AND data IS NOT NULL
