-- The bytes of some bodies. Grain: a row a body. Inputs: body, $shas (a list). Columns: sha256, data.
SELECT sha256, data FROM body WHERE data IS NOT NULL AND sha256 IN (SELECT unnest($shas::VARCHAR[]))
