-- The rows of a table about one picture, in the order they were appended. Grain: a row of that table.
-- Inputs: <<table>> (evidence, coverage or verdict), $evidence. Columns: those of the table.
SELECT * FROM <<table>> WHERE evidence_id = $evidence ORDER BY rowid
