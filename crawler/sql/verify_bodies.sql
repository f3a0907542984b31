-- Bodies whose bytes are not what their hash or length says.
-- Grain: one row. Inputs: body. Columns: checked, damaged, example.
SELECT
    count(data) AS checked, count_if(NOT sound) AS damaged, min(sha256) FILTER (NOT sound) AS example
FROM (
    SELECT sha256, data, data IS NULL OR (sha256(data) = sha256 AND octet_length(data) = bytes) AS sound FROM body
)
