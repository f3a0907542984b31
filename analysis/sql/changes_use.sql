-- Verdicts that differ between the two pictures of a site. Where the newest verdicts of the two were made by different
-- rules, registry or readers, those of a version that has judged both are compared; if they agree, we changed. Where all
-- that decided and is not there on the other side stands in places that could not be read there, our sight changed.
-- Grain: a row a site and use. Inputs: moved, verdict, verdict_now, coverage_now, carrier_use, reading, evidence.
-- Columns: site, use, before, after, cause, rule, deciding_before, deciding_after.
WITH pair AS (SELECT DISTINCT was, is_now FROM moved),
newest AS (
    SELECT pair.*, v.use, v.state AS before, w.state AS after, v.rule AS rule_before, w.rule AS rule_after,
        v.deciding AS deciding_before, w.deciding AS deciding_after,
        (v.rules, v.registry, v.readers) = (w.rules, w.registry, w.readers) AS comparable
    FROM pair JOIN verdict_now AS v ON v.evidence_id = pair.was
    JOIN verdict_now AS w ON w.evidence_id = pair.is_now AND w.use = v.use
),
common AS (
    SELECT pair.was, pair.is_now, v.use, v.state AS before, w.state AS after, v.rule AS rule_before, w.rule AS rule_after,
        v.deciding AS deciding_before, w.deciding AS deciding_after
    FROM pair JOIN (SELECT *, rowid AS place FROM verdict) AS v ON v.evidence_id = pair.was
    JOIN (SELECT *, rowid AS place FROM verdict) AS w ON w.evidence_id = pair.is_now AND w.use = v.use
        AND w.rules = v.rules AND w.registry = v.registry AND w.readers = v.readers
    SEMI JOIN (SELECT * FROM newest WHERE NOT comparable) AS odd
        ON odd.was = pair.was AND odd.is_now = pair.is_now AND odd.use = v.use
    QUALIFY row_number() OVER (PARTITION BY pair.was, pair.is_now, v.use ORDER BY greatest(v.place, w.place) DESC) = 1
),
chosen AS (
    SELECT was, is_now, use, before, after, rule_after, deciding_before, deciding_after, false AS ours
    FROM newest WHERE comparable AND before <> after
    UNION ALL
    SELECT was, is_now, use, before, after, rule_after, deciding_before, deciding_after, false
    FROM common WHERE before <> after
    UNION ALL
    SELECT was, is_now, use, newest.before, newest.after, newest.rule_after, newest.deciding_before, newest.deciding_after, true
    FROM newest LEFT JOIN common USING (was, is_now, use)
    WHERE NOT comparable AND newest.before <> newest.after AND (common.before IS NULL OR common.before = common.after)
),
looked AS (
    SELECT evidence_id, carrier, state = 'unobserved' OR reason IS NOT DISTINCT FROM 'truncated' AS blind FROM coverage_now
),
sight AS (
    SELECT chosen.was, chosen.is_now, chosen.use
    FROM chosen JOIN carrier_use USING (use)
    JOIN looked AS v ON v.evidence_id = chosen.was AND v.carrier = carrier_use.carrier
    JOIN looked AS w ON w.evidence_id = chosen.is_now AND w.carrier = carrier_use.carrier
    WHERE (before = 'unknown') <> (after = 'unknown')
    GROUP BY ALL HAVING bool_or(v.blind <> w.blind)
),
-- What decided on one side only, and the picture in which it is missing.
side AS (
    SELECT was, is_now, use, is_now AS other, unnest(deciding_before) AS id FROM chosen WHERE 'unknown' NOT IN (before, after)
    UNION ALL
    SELECT was, is_now, use, was, unnest(deciding_after) FROM chosen WHERE 'unknown' NOT IN (before, after)
),
placed AS (
    SELECT side.*, coalesce(reading.carrier, string_split(id, ':')[2]) AS carrier,
        coalesce(reading.content_sha256, string_split(id, ':')[1]) AS content_sha256
    FROM side LEFT JOIN reading ON reading.reading_id = side.id
),
missing AS (
    SELECT placed.* FROM placed
    ANTI JOIN evidence ON evidence.evidence_id = placed.other
        AND placed.content_sha256 IN (evidence.body_sha256, evidence.header_set_sha256)
),
hidden AS (
    SELECT missing.was, missing.is_now, missing.use
    FROM missing LEFT JOIN looked ON looked.evidence_id = missing.other AND looked.carrier = missing.carrier
    GROUP BY ALL HAVING bool_and(coalesce(blind, false))
),
unsure AS (FROM sight UNION FROM hidden)
SELECT moved.site, chosen.use, before, after, rule_after AS rule, deciding_before, deciding_after,
    CASE WHEN ours THEN 'we changed' WHEN unsure.use IS NOT NULL THEN 'visibility changed' ELSE 'site changed' END AS cause
FROM chosen JOIN moved USING (was, is_now) LEFT JOIN unsure USING (was, is_now, use)
ORDER BY moved.site, chosen.use
