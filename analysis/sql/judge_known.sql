-- How many agents of the registry have a use as their principal purpose.
-- Grain: a row a use that some agent has. Inputs: agent, $registry. Columns: use, known.
CREATE OR REPLACE TEMP TABLE known AS
SELECT use, count(DISTINCT token_key) AS known FROM agent
WHERE registry = $registry AND principal AND use IS NOT NULL
GROUP BY use
