-- Of the robots.txt files that differ from one snapshot to the next: how many differ without meaning anything else.
-- Access counts as changed where any known agent, or everybody not named, gets another class, whether by its own group
-- or by `*`; being named with the same effect is no change.
-- Grain: a row a snapshot that has one before it from the same source. Inputs: visit, snapshot, evidence, verdict_now, access_now, agent,
-- $registry. Columns: snapshot_id, before, sites (seen in both), readable (robots.txt read in both), bodies (of them,
-- those whose bytes differ), states (of them, those with another state for any use), access (with another access class),
-- neither.
WITH placed AS (
    SELECT snapshot_id, taken_on, lag(snapshot_id) OVER (PARTITION BY source ORDER BY taken_on, snapshot_id) AS before FROM snapshot
),
robots AS (SELECT evidence_id, body_sha256 FROM evidence WHERE role = 'robots.txt' AND outcome = 'ok'),
pair AS (
    SELECT placed.snapshot_id, before, taken_on, earlier.evidence_id AS was, later.evidence_id AS is_now, count(*) AS sites
    FROM placed JOIN visit AS later ON later.snapshot_id = placed.snapshot_id
    JOIN visit AS earlier ON earlier.snapshot_id = before AND earlier.site = later.site
    GROUP BY ALL
),
differing AS (
    SELECT DISTINCT was, is_now, v.body_sha256 AS body_was, w.body_sha256 AS body_now
    FROM pair JOIN robots AS v ON v.evidence_id = was JOIN robots AS w ON w.evidence_id = is_now
    WHERE v.body_sha256 <> w.body_sha256
),
stated AS (
    SELECT DISTINCT was, is_now FROM differing
    JOIN verdict_now AS v ON v.evidence_id = was JOIN verdict_now AS w ON w.evidence_id = is_now AND w.use = v.use
    WHERE v.state <> w.state
),
known AS (SELECT DISTINCT token_key AS token FROM agent WHERE registry = $registry UNION SELECT '*'),
class AS (
    SELECT body_sha256, token, (root_blocked, full_probe, partial, "none") AS class FROM access_now SEMI JOIN known USING (token)
    SEMI JOIN (SELECT body_was AS body_sha256 FROM differing UNION SELECT body_now FROM differing) AS here USING (body_sha256)
),
bodies AS (SELECT DISTINCT body_was, body_now FROM differing),
named AS (
    SELECT body_was, body_now, token FROM bodies JOIN class ON class.body_sha256 = body_was
    UNION
    SELECT body_was, body_now, token FROM bodies JOIN class ON class.body_sha256 = body_now
),
classed AS (
    SELECT DISTINCT named.body_was, named.body_now FROM named
    LEFT JOIN class AS v ON v.body_sha256 = body_was AND v.token = named.token
    LEFT JOIN class AS v_any ON v_any.body_sha256 = body_was AND v_any.token = '*'
    LEFT JOIN class AS w ON w.body_sha256 = body_now AND w.token = named.token
    LEFT JOIN class AS w_any ON w_any.body_sha256 = body_now AND w_any.token = '*'
    WHERE coalesce(v.class, v_any.class) IS DISTINCT FROM coalesce(w.class, w_any.class)
),
told AS (
    SELECT pair.*, v.evidence_id IS NOT NULL AND w.evidence_id IS NOT NULL AS readable, differing.was IS NOT NULL AS body,
        stated.was IS NOT NULL AS state, classed.body_was IS NOT NULL AS access
    FROM pair LEFT JOIN robots AS v ON v.evidence_id = pair.was LEFT JOIN robots AS w ON w.evidence_id = pair.is_now
    LEFT JOIN differing ON differing.was = pair.was AND differing.is_now = pair.is_now
    LEFT JOIN stated ON stated.was = pair.was AND stated.is_now = pair.is_now
    LEFT JOIN classed ON classed.body_was = differing.body_was AND classed.body_now = differing.body_now
)
SELECT snapshot_id, before, sum(sites)::BIGINT AS sites, coalesce(sum(sites) FILTER (readable), 0)::BIGINT AS readable,
    coalesce(sum(sites) FILTER (body), 0)::BIGINT AS bodies, coalesce(sum(sites) FILTER (body AND state), 0)::BIGINT AS states,
    coalesce(sum(sites) FILTER (body AND access), 0)::BIGINT AS access,
    coalesce(sum(sites) FILTER (body AND NOT state AND NOT access), 0)::BIGINT AS neither
FROM told GROUP BY snapshot_id, before, taken_on ORDER BY taken_on, snapshot_id
