-- What the doctor looks at in an archive.
-- Grain: one row. Inputs: schema_version, snapshot. Columns: version, last_opened (NULL where there is no snapshot).
SELECT max(version) AS version, (SELECT max(opened_at) FROM snapshot) AS last_opened FROM schema_version
