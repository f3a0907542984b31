-- The coverage, where the archive holds that of one set of readers only.
-- Grain: a row a picture and carrier. Inputs: coverage. Columns: those of `coverage`.
CREATE OR REPLACE TEMP VIEW coverage_now AS FROM coverage
