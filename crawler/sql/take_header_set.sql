-- The retained header lines of header sets that are not in the archive yet.
-- Grain: a row a header line. Inputs: incoming (rows of `header_set`). Columns: those of `header_set`.
INSERT INTO header_set SELECT * FROM incoming ANTI JOIN header_set USING (sha256)
