-- The octets of some robots.txt files.
-- Grain: a row a body that is held. Inputs: body, $bodies (a list). Columns: sha256, data.
SELECT sha256, data FROM body WHERE list_contains($bodies::VARCHAR[], sha256) AND data IS NOT NULL
