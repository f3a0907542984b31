-- The verdicts, where the archive holds those of one version only.
-- Grain: a row a picture and use. Inputs: verdict. Columns: those of `verdict`.
CREATE OR REPLACE TEMP VIEW verdict_now AS FROM verdict
