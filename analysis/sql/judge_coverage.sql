-- Was each carrier of each picture looked at, and what was there (see analysis/coverage.py for the words).
-- Grain of covered: a row a picture and carrier. Columns: evidence_id, carrier, state, reason (NULL, or why; `truncated`
-- beside `present` where the end is missing). A carrier that several readers serve has the best of their states.
-- Inputs: pending, part, used, found, declared, carrier_now.
CREATE OR REPLACE TEMP TABLE covered AS
-- What can be said without looking into any content, for each way a role can have gone.
WITH manner AS (
    SELECT DISTINCT role, part, outcome, truncated, content_sha256 IS NOT NULL AS came FROM part
    UNION SELECT role, part, NULL, false, false FROM carrier_now
),
plain AS (
    SELECT manner.*, c.carrier, c.reader, c.version,
        list_contains(c.outcomes, manner.outcome) AND came AS legible,
        CASE
            WHEN outcome IS NULL THEN 'unobserved'
            WHEN outcome = 'ok' AND NOT list_contains(c.outcomes, 'ok') THEN 'absent'
            WHEN outcome = 'absent' AND kind <> 'declared' THEN 'absent'
            WHEN kind = 'probe' AND outcome IN ('refused', 'not_the_file') THEN 'absent'
            ELSE 'unobserved'
        END AS state,
        CASE
            WHEN outcome IS NULL THEN 'not_asked'
            WHEN outcome = 'ok' AND NOT list_contains(c.outcomes, 'ok') THEN NULL
            WHEN outcome = 'ok' THEN 'not_read'
            WHEN outcome = 'absent' AND kind = 'declared' THEN 'declared, but absent'
            WHEN outcome = 'absent' THEN NULL
            ELSE outcome
        END AS reason
    FROM manner JOIN carrier_now AS c USING (role, part)
),
-- What was read, content by content.
looked AS (
    SELECT p.role, p.part, p.content_sha256, p.truncated, c.carrier, c.reader,
        CASE WHEN fault IS NOT NULL AND good = 0 THEN 'malformed' WHEN statements > 0 THEN 'present'
            WHEN p.truncated THEN 'unobserved' ELSE 'absent' END AS state,
        CASE WHEN fault IS NOT NULL AND good = 0 THEN fault WHEN p.truncated THEN 'truncated'
            WHEN used.version < c.version THEN 'read by an earlier reader' END AS reason
    FROM (SELECT DISTINCT role, part, content_sha256, truncated FROM part WHERE content_sha256 IS NOT NULL) AS p
    JOIN used USING (role, part, content_sha256)
    JOIN carrier_now AS c ON c.role = p.role AND c.part = p.part AND c.reader = used.reader
    LEFT JOIN found ON found.role = p.role AND found.content_sha256 = p.content_sha256 AND found.carrier = c.carrier
),
asked AS (
    SELECT part.evidence_id, plain.carrier, coalesce(looked.state, plain.state) AS state,
        CASE WHEN looked.state IS NULL THEN plain.reason ELSE looked.reason END AS reason
    FROM part
    JOIN plain ON plain.role = part.role AND plain.part = part.part AND plain.outcome = part.outcome
        AND plain.truncated = part.truncated AND plain.came = (part.content_sha256 IS NOT NULL)
    LEFT JOIN looked ON plain.legible AND looked.role = part.role AND looked.part = part.part
        AND looked.content_sha256 = part.content_sha256 AND looked.truncated = part.truncated
        AND looked.carrier = plain.carrier AND looked.reader = plain.reader
),
unasked AS (
    SELECT pending.evidence_id, c.carrier,
        CASE WHEN c.kind = 'declared' AND coalesce(documents, 0) < c.nth THEN 'absent' ELSE 'unobserved' END AS state,
        CASE WHEN c.kind = 'declared' AND coalesce(documents, 0) < c.nth THEN 'not declared' ELSE 'not_asked' END AS reason
    FROM pending CROSS JOIN (SELECT DISTINCT carrier, role, kind, base, nth FROM carrier_now) AS c
    LEFT JOIN declared ON declared.evidence_id = pending.evidence_id AND declared.base = c.base
    ANTI JOIN part ON part.evidence_id = pending.evidence_id AND part.role = c.role
),
told AS (SELECT * FROM asked UNION ALL SELECT * FROM unasked)
SELECT evidence_id, carrier, state, reason FROM told
SEMI JOIN (SELECT carrier FROM carrier_now GROUP BY carrier HAVING count(*) = 1) AS single USING (carrier)
UNION ALL
SELECT evidence_id, carrier, arg_min(state, place), arg_min_null(reason, place)
FROM (SELECT *, list_position(['present', 'malformed', 'absent', 'unobserved'], state) * 2 + (reason IS NULL)::INTEGER AS place FROM told)
SEMI JOIN (SELECT carrier FROM carrier_now GROUP BY carrier HAVING count(*) > 1) AS several USING (carrier)
GROUP BY evidence_id, carrier
