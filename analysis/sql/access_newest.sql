-- The access rows under RFC 9309 by the newest reader that has read each body.
-- Grain: a row a robots.txt body and token. Inputs: access. Columns: those of `access`.
CREATE OR REPLACE TEMP VIEW access_now AS
SELECT * FROM access WHERE profile = 'rfc9309'
QUALIFY reader_version = max(reader_version) OVER (PARTITION BY body_sha256)
