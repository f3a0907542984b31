-- Whether robots.txt refuses some agents at `/`, where it differs between the two pictures of a site.
-- Grain: a row a site and agent. Inputs: moved, picture, access_now, carrier_now, wanted_token (token, agent).
-- Columns: site, agent, before, after (`refused`, `not refused`, `unknown`), cause, deciding_before, deciding_after.
WITH side AS (SELECT was AS evidence_id FROM moved UNION SELECT is_now FROM moved),
gate AS (SELECT min(carrier) AS carrier FROM carrier_now WHERE gate),
row_of AS (
    SELECT access_now.body_sha256, agent, access_now.root_blocked, access_now.token
    FROM access_now JOIN wanted_token ON access_now.token IN (wanted_token.token, '*')
    SEMI JOIN (SELECT body_sha256 FROM picture SEMI JOIN side USING (evidence_id)) AS here USING (body_sha256)
    QUALIFY (access_now.token <> '*') = bool_or(access_now.token <> '*') OVER (PARTITION BY access_now.body_sha256, agent)
),
classed AS (
    SELECT side.evidence_id, wanted_token.agent,
        CASE WHEN NOT coalesce(answered, false) THEN 'unknown' WHEN coalesce(root_blocked, false) THEN 'refused'
            ELSE 'not refused' END AS class,
        CASE WHEN row_of.token IS NOT NULL THEN [picture.body_sha256 || ':' || gate.carrier || ':' || row_of.token] ELSE [] END AS deciding
    FROM side CROSS JOIN wanted_token CROSS JOIN gate LEFT JOIN picture USING (evidence_id)
    LEFT JOIN row_of ON row_of.body_sha256 = picture.body_sha256 AND row_of.agent = wanted_token.agent
)
SELECT moved.site, v.agent, v.class AS before, w.class AS after, v.deciding AS deciding_before, w.deciding AS deciding_after,
    CASE WHEN v.class = 'unknown' OR w.class = 'unknown' THEN 'visibility changed' ELSE 'site changed' END AS cause
FROM moved JOIN classed AS v ON v.evidence_id = moved.was
JOIN classed AS w ON w.evidence_id = moved.is_now AND w.agent = v.agent
WHERE v.class <> w.class
ORDER BY moved.site, v.agent
