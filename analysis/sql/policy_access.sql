-- The access row that holds for each agent of a profile in each robots.txt: its own, else that of `*`.
-- Grain of policy_access: a row a robots.txt. Inputs: policy_gate, access_now, policy_agent (agent, token).
-- Columns: body_sha256, rows (a list of structs by agent: agent, token (NULL where no reader has read the file),
-- root_blocked, full_exact, nothing, line, raw).
CREATE OR REPLACE TEMP TABLE policy_access AS
WITH body_of AS (SELECT DISTINCT body_sha256 FROM policy_gate WHERE body_sha256 IS NOT NULL),
row_of AS (
    SELECT body_sha256, token, {
        'token': token, 'root_blocked': root_blocked, 'full_exact': full_exact, 'nothing': access_now."none",
        'line': line, 'raw': raw
    } AS said
    FROM access_now SEMI JOIN body_of USING (body_sha256)
    WHERE token = '*' OR token IN (SELECT token FROM policy_agent)
)
SELECT body_of.body_sha256,
    list({'agent': agent, 'said': CASE WHEN own.token IS NULL THEN anyone.said ELSE own.said END} ORDER BY agent) AS rows
FROM body_of CROSS JOIN policy_agent
LEFT JOIN row_of AS own ON own.body_sha256 = body_of.body_sha256 AND own.token = policy_agent.token
LEFT JOIN row_of AS anyone ON anyone.body_sha256 = body_of.body_sha256 AND anyone.token = '*'
GROUP BY body_of.body_sha256
