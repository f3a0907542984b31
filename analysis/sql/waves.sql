-- Of the robots.txt files that differ from one snapshot to the next: what follows from it, and how many differ without
-- meaning anything else. Access counts as changed where any known agent, or everybody not named, gets another class,
-- whether by its own group or by `*`; being named with the same effect is no change.
-- Grain: a row a snapshot that has one before it from the same source. Inputs: wave_pair, wave_body, evidence,
-- verdict_now, access_now, wave_token (token: known agents and `*`), wave_meaning (body_sha256, meaning: equal for files
-- that say the same of every path to every crawler; no row where the file is not held). Columns: those of analysis.waves.Wave.
WITH robots AS (SELECT evidence_id, outcome, body_sha256 FROM evidence WHERE role = 'robots.txt'),
stated AS (
    SELECT DISTINCT was, is_now FROM wave_body
    JOIN verdict_now AS v ON v.evidence_id = was JOIN verdict_now AS w ON w.evidence_id = is_now AND w.use = v.use
    WHERE v.state <> w.state
),
bodies AS (SELECT DISTINCT body_was, body_now FROM wave_body),
class AS (
    SELECT body_sha256, token, (root_blocked, full_probe, partial, "none") AS class FROM access_now SEMI JOIN wave_token USING (token)
    SEMI JOIN (SELECT body_was AS body_sha256 FROM bodies UNION SELECT body_now FROM bodies) AS here USING (body_sha256)
),
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
meant AS (
    SELECT body_was, body_now, v.meaning = w.meaning AS same FROM bodies
    LEFT JOIN wave_meaning AS v ON v.body_sha256 = body_was LEFT JOIN wave_meaning AS w ON w.body_sha256 = body_now
),
told AS (
    SELECT p.*, v.outcome = 'ok' AND w.outcome = 'ok' AS readable,
        coalesce(v.outcome, 'not_asked') IN ('ok', 'absent') <> (coalesce(w.outcome, 'not_asked') IN ('ok', 'absent')) AS sight,
        wave_body.was IS NOT NULL AS body, stated.was IS NOT NULL AS state, classed.body_was IS NOT NULL AS access,
        coalesce(meant.same, false) AS same
    FROM wave_pair AS p LEFT JOIN robots AS v ON v.evidence_id = p.was LEFT JOIN robots AS w ON w.evidence_id = p.is_now
    LEFT JOIN wave_body ON wave_body.was = p.was AND wave_body.is_now = p.is_now
    LEFT JOIN stated ON stated.was = p.was AND stated.is_now = p.is_now
    LEFT JOIN classed ON classed.body_was = wave_body.body_was AND classed.body_now = wave_body.body_now
    LEFT JOIN meant ON meant.body_was = wave_body.body_was AND meant.body_now = wave_body.body_now
)
SELECT snapshot_id, before, sum(sites)::BIGINT AS sites, coalesce(sum(sites) FILTER (readable), 0)::BIGINT AS readable,
    coalesce(sum(sites) FILTER (sight), 0)::BIGINT AS sight,
    coalesce(sum(sites) FILTER (body), 0)::BIGINT AS bodies, coalesce(sum(sites) FILTER (body AND state), 0)::BIGINT AS states,
    coalesce(sum(sites) FILTER (body AND access), 0)::BIGINT AS access,
    coalesce(sum(sites) FILTER (body AND NOT state AND NOT access AND NOT same), 0)::BIGINT AS details,
    coalesce(sum(sites) FILTER (body AND NOT state AND NOT access AND same), 0)::BIGINT AS neither
FROM told GROUP BY snapshot_id, before, taken_on ORDER BY taken_on, snapshot_id
