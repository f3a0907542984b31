-- Which agents whose principal purpose has a use robots.txt refuses at `/`: by their own group, else by the `*` group.
-- Grain of refusal: a row a robots.txt body and use that some known agent has. Columns: body_sha256, use, refused, ids
-- (`body:robots-groups:token`, one token for each deciding line). Inputs: part, used, access, agent, known, carrier_now,
-- $registry, $agents_of (a day: only agents announced by then; NULL: all), $agent (only that token; `*`: any).
CREATE OR REPLACE TEMP TABLE refusal AS
WITH gate AS (
    SELECT used.content_sha256 AS body_sha256, used.version AS reader_version, carrier_now.carrier
    FROM used JOIN carrier_now USING (role, part, reader) WHERE carrier_now.gate
),
row_of AS (
    SELECT access.*, gate.carrier FROM access JOIN gate USING (body_sha256, reader_version) WHERE profile = 'rfc9309'
),
wanted AS (
    SELECT DISTINCT token_key AS token, use FROM agent WHERE registry = $registry AND principal AND use IS NOT NULL
        AND ($agents_of::DATE IS NULL OR announced_by <= $agents_of)
        AND ($agent = '*' OR token_key = $agent)
),
by_name AS (
    SELECT body_sha256, carrier, use, count(*) AS named, count(*) FILTER (root_blocked) AS refused
    FROM row_of JOIN wanted USING (token) GROUP BY ALL
),
line_of AS (
    SELECT body_sha256, carrier, use, line, min(token) AS token
    FROM row_of JOIN wanted USING (token) WHERE root_blocked GROUP BY ALL
),
lines AS (
    SELECT body_sha256, use, list(body_sha256 || ':' || carrier || ':' || token ORDER BY line, token) AS ids
    FROM line_of GROUP BY ALL
),
anyone AS (SELECT body_sha256, carrier, root_blocked FROM row_of WHERE token = '*')
SELECT anyone.body_sha256, known.use,
    coalesce(by_name.refused, 0) + CASE WHEN anyone.root_blocked THEN known - coalesce(by_name.named, 0) ELSE 0 END AS refused,
    coalesce(lines.ids, []) || CASE
        WHEN anyone.root_blocked AND known > coalesce(by_name.named, 0) THEN [anyone.body_sha256 || ':' || anyone.carrier || ':*']
        ELSE []
    END AS ids
FROM anyone CROSS JOIN known
LEFT JOIN by_name ON by_name.body_sha256 = anyone.body_sha256 AND by_name.use = known.use
LEFT JOIN lines ON lines.body_sha256 = anyone.body_sha256 AND lines.use = known.use
