-- What became of robots.txt on the sites that were visited in both snapshots.
-- Grain: a row an outcome found in either. Inputs: gate. Columns: outcome, n, n_before.
SELECT robots AS outcome, count_if(now) AS n, count_if(NOT now) AS n_before
FROM gate WHERE common GROUP BY robots ORDER BY robots
