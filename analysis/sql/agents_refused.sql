-- How the agents of the registry fare in one snapshot.
-- Grain: a row a token and operator. Inputs: visit, picture, access_now, agent, $snapshot, $registry.
-- Columns: token, operator, purposes, named (sites whose robots.txt names it), refused (at `/`, by name or by `*`),
-- refused_by_name, answered (sites whose robots.txt was read or is absent).
WITH body AS (
    SELECT body_sha256, answered, count(*) AS sites
    FROM visit JOIN picture USING (evidence_id) WHERE snapshot_id = $snapshot GROUP BY ALL
),
anyone AS (
    SELECT body_sha256, sites, root_blocked FROM body JOIN access_now USING (body_sha256) WHERE token = '*'
),
wanted AS (
    SELECT DISTINCT token, token_key, operator, purposes FROM agent WHERE registry = $registry
),
by_name AS (
    SELECT access_now.token AS token_key, sum(anyone.sites) AS named,
        sum(anyone.sites) FILTER (access_now.root_blocked) AS refused,
        sum(anyone.sites) FILTER (anyone.root_blocked) AS under_closed
    FROM anyone JOIN access_now USING (body_sha256)
    SEMI JOIN wanted ON wanted.token_key = access_now.token
    GROUP BY access_now.token
),
totals AS (
    SELECT (SELECT coalesce(sum(sites), 0) FROM body WHERE answered) AS answered,
        (SELECT coalesce(sum(sites) FILTER (root_blocked), 0) FROM anyone) AS closed
)
SELECT wanted.token, wanted.operator, wanted.purposes, coalesce(named, 0)::BIGINT AS named,
    (coalesce(refused, 0) + closed - coalesce(under_closed, 0))::BIGINT AS refused,
    coalesce(refused, 0)::BIGINT AS refused_by_name, answered::BIGINT AS answered
FROM wanted CROSS JOIN totals LEFT JOIN by_name USING (token_key)
ORDER BY refused DESC, refused_by_name DESC, lower(wanted.token), wanted.operator
