-- The newest coverage of each picture: all rows by the readers that wrote its last one.
-- Grain: a row a picture and carrier. Inputs: coverage. Columns: those of `coverage`.
CREATE OR REPLACE TEMP VIEW coverage_now AS
SELECT * FROM coverage
QUALIFY readers = last_value(readers) OVER (
    PARTITION BY evidence_id ORDER BY rowid ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
)
