-- The coverage of pictures that have none by today's readers (they may be judged again by other rules).
-- Grain: a row of `coverage`. Inputs: covered, coverage, $readers. Columns: those of `coverage`.
INSERT INTO coverage
SELECT evidence_id, carrier, state, reason, $readers FROM covered
ANTI JOIN (SELECT evidence_id FROM coverage WHERE readers = $readers) AS there USING (evidence_id)
