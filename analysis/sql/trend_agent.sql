-- In how many sites a token falls into an access class, by snapshot. A token the file does not name has the row of `*`;
-- no file, no rule: nothing is refused.
-- Grain: a row a snapshot of the series. Inputs: series, seen, picture, access_now, $token, $class, $named (only sites
-- whose file names the token count). Columns: snapshot_id, taken_on, source, frame (sites), visited, known (sites for which
-- it can be told), and for frame, answered, has_robots and has_rules: sites, those observed, and n.
WITH row_of AS (
    SELECT * FROM access_now WHERE token IN ($token, '*')
    QUALIFY (token <> '*') = bool_or(token <> '*') OVER (PARTITION BY body_sha256)
),
classed AS (
    SELECT body_sha256,
        (basis = 'explicit' OR NOT $named) AND CASE $class
            WHEN 'root_blocked' THEN root_blocked WHEN 'full_exact' THEN full_exact WHEN 'full_probe' THEN full_probe
            WHEN 'full_dpi' THEN full_dpi WHEN 'partial' THEN partial WHEN 'none' THEN "none"
            WHEN 'explicit_allow' THEN explicit_allow END AS hit
    FROM row_of
),
counted AS (
    SELECT snapshot_id, sites, observed, coalesce(answered, false) AS answered, coalesce(has_robots, false) AS has_robots,
        coalesce(has_rules, false) AS has_rules,
        CASE WHEN has_robots THEN coalesce(hit, false) ELSE coalesce(answered, false) AND $class = 'none' AND NOT $named END AS hit
    FROM seen LEFT JOIN picture USING (evidence_id) LEFT JOIN classed USING (body_sha256)
)
SELECT snapshot_id, taken_on, source, frame, coalesce(sum(sites), 0) AS visited,
    coalesce(sum(sites) FILTER (answered), 0) AS known, coalesce(sum(observed), 0) AS frame_observed,
    coalesce(sum(sites) FILTER (hit), 0) AS frame_n,
    coalesce(sum(sites) FILTER (answered), 0) AS "answered", coalesce(sum(observed) FILTER (answered), 0) AS answered_observed,
    coalesce(sum(sites) FILTER (answered AND hit), 0) AS answered_n,
    coalesce(sum(sites) FILTER (has_robots), 0) AS "has_robots", coalesce(sum(observed) FILTER (has_robots), 0) AS has_robots_observed,
    coalesce(sum(sites) FILTER (has_robots AND hit), 0) AS has_robots_n,
    coalesce(sum(sites) FILTER (has_rules), 0) AS "has_rules", coalesce(sum(observed) FILTER (has_rules), 0) AS has_rules_observed,
    coalesce(sum(sites) FILTER (has_rules AND hit), 0) AS has_rules_n
FROM series LEFT JOIN counted USING (snapshot_id)
GROUP BY ALL ORDER BY taken_on, snapshot_id
