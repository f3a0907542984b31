-- The newest verdict of each picture and use.
-- Grain: a row a picture and use. Inputs: verdict. Columns: those of `verdict`.
CREATE OR REPLACE TEMP VIEW verdict_now AS
SELECT * FROM verdict QUALIFY rowid = max(rowid) OVER (PARTITION BY evidence_id, use)
