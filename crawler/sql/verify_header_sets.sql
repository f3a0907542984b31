-- Every retained header line.
-- Grain: a row a header line, by set and position. Inputs: header_set. Columns: those of `header_set`.
SELECT sha256, ordinal, name, value FROM header_set ORDER BY sha256, ordinal
