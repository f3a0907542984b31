-- The rows of a table about some contents. Grain: a row of that table. Inputs: <<table>>, $contents (a list of hashes of
-- its column <<column>>). Columns: those of the table.
SELECT * FROM <<table>> WHERE <<column>> IN (SELECT unnest($contents::VARCHAR[]))
