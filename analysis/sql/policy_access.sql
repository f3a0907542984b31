-- The access row that holds for each agent of a profile in each robots.txt: its own, else that of `*`.
-- Grain: a row a robots.txt and agent, NULLs where no reader has read the file. Inputs: policy_gate, access_now,
-- policy_agent (agent, token). Columns: body_sha256, agent, token, root_blocked, full_exact, nothing, line, raw.
WITH body_of AS (SELECT DISTINCT body_sha256 FROM policy_gate WHERE body_sha256 IS NOT NULL),
row_of AS (
    SELECT body_sha256, token, root_blocked, full_exact, access_now."none" AS nothing, line, raw
    FROM access_now SEMI JOIN body_of USING (body_sha256)
    WHERE token = '*' OR token IN (SELECT token FROM policy_agent)
)
SELECT body_of.body_sha256, agent, coalesce(own.token, anyone.token) AS token,
    CASE WHEN own.token IS NULL THEN anyone.root_blocked ELSE own.root_blocked END AS root_blocked,
    CASE WHEN own.token IS NULL THEN anyone.full_exact ELSE own.full_exact END AS full_exact,
    CASE WHEN own.token IS NULL THEN anyone.nothing ELSE own.nothing END AS nothing,
    CASE WHEN own.token IS NULL THEN anyone.line ELSE own.line END AS line,
    CASE WHEN own.token IS NULL THEN anyone.raw ELSE own.raw END AS raw
FROM body_of CROSS JOIN policy_agent
LEFT JOIN row_of AS own ON own.body_sha256 = body_of.body_sha256 AND own.token = policy_agent.token
LEFT JOIN row_of AS anyone ON anyone.body_sha256 = body_of.body_sha256 AND anyone.token = '*'
ORDER BY body_of.body_sha256, agent
