-- How many agents of the registry have a use as their principal purpose; of a day's registry, those announced by then.
-- Grain: a row a use that some agent has. Inputs: agent, $registry, $agents_of (a day, NULL: all), $agent (only that token; `*`: any). Columns: use, known.
CREATE OR REPLACE TEMP TABLE known AS
SELECT use, count(DISTINCT token_key) AS known FROM agent
WHERE registry = $registry AND principal AND use IS NOT NULL AND ($agents_of::DATE IS NULL OR announced_by <= $agents_of)
    AND ($agent = '*' OR token_key = $agent)
GROUP BY use
