-- The access rows under RFC 9309, where one version of the reader wrote them all.
-- Grain: a row a robots.txt body and token. Inputs: access. Columns: those of `access`.
CREATE OR REPLACE TEMP VIEW access_now AS SELECT * FROM access WHERE profile = 'rfc9309'
