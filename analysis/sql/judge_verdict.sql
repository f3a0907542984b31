-- The verdicts: everything known of a picture and use summed up into one row a view, and the first rule that holds.
-- The expressions in double angle brackets are the rules of analysis/rules.py.
-- Grain: a row of `verdict`, which the caller puts where they belong. Inputs: pending, use_now, resolved, covered, carrier_use, carrier_now, refusal, known, part,
-- $rules, $registry, $readers. Columns: those of `verdict`.
WITH family AS (
    SELECT evidence_id, use, view,
        count(*) FILTER (stance = 'reserved' AND rank <= 2) AS reserved_explicit,
        count(*) FILTER (stance = 'reserved' AND rank = 3) AS reserved_informal,
        count(*) FILTER (stance = 'reserved' AND rank > 3) AS reserved_inferred,
        count(*) FILTER (stance = 'conditional' AND rank <= 2) AS conditional_explicit,
        count(*) FILTER (stance = 'conditional' AND rank > 2) AS conditional_informal,
        count(*) FILTER (stance = 'permitted' AND rank <= 2) AS permitted_explicit,
        count(*) FILTER (stance = 'permitted' AND rank > 2) AS permitted_informal,
        string_agg(note, '; ' ORDER BY note) FILTER (stance = 'malformed') AS malformed,
        min(rank) FILTER (stance = 'reserved') AS reserved_rank,
        min(rank) FILTER (stance = 'conditional') AS conditional_rank,
        min(rank) FILTER (stance = 'permitted') AS permitted_rank,
        flatten(list(ids ORDER BY family) FILTER (stance = 'reserved')) AS reserved_ids,
        flatten(list(ids ORDER BY family) FILTER (stance = 'conditional')) AS conditional_ids,
        flatten(list(ids ORDER BY family) FILTER (stance = 'permitted')) AS permitted_ids,
        flatten(list(ids ORDER BY family) FILTER (stance = 'malformed')) AS malformed_ids
    FROM resolved GROUP BY ALL
),
-- Most pictures were looked at alike: what was not seen is put into words once for each way of having looked.
sight AS (
    SELECT evidence_id, bit_xor(hash(carrier, state, reason)) AS sight, count(*) AS carriers
    FROM covered GROUP BY evidence_id
),
example AS (SELECT sight, carriers, min(evidence_id) AS evidence_id FROM sight GROUP BY ALL),
-- One text a role and reason, not one a carrier: robots.txt that did not answer is said once.
gap AS (
    SELECT sight, carriers, carrier_use.use,
        CASE WHEN covered.state NOT IN ('unobserved', 'malformed') AND covered.reason IS DISTINCT FROM 'truncated' THEN NULL
            WHEN covered.state = 'malformed' THEN covered.carrier || ': malformed (' || covered.reason || ')'
            ELSE c.role || ': ' || covered.reason END AS text,
        covered.state <> 'unobserved' AND covered.reason IS DISTINCT FROM 'not declared' AS looked
    FROM example JOIN covered USING (evidence_id) JOIN carrier_use USING (carrier)
    JOIN (SELECT carrier, min(role) AS role FROM carrier_now GROUP BY carrier) AS c USING (carrier)
),
viewed AS (
    SELECT sight, carriers, use, string_agg(DISTINCT text, '; ' ORDER BY text) AS unseen, count(*) FILTER (looked) AS looked_at
    FROM gap GROUP BY ALL
),
refused AS (
    SELECT part.evidence_id, refusal.use, refusal.refused, refusal.ids
    FROM part JOIN refusal ON refusal.body_sha256 = part.content_sha256
    SEMI JOIN (SELECT role, part FROM carrier_now WHERE gate) AS gate ON gate.role = part.role AND gate.part = part.part
    WHERE part.outcome = 'ok'
),
summary AS (
    SELECT pending.evidence_id, use_now.use, views.view,
        coalesce(reserved_explicit, 0) AS reserved_explicit, coalesce(reserved_informal, 0) AS reserved_informal,
        coalesce(reserved_inferred, 0) AS reserved_inferred, coalesce(conditional_explicit, 0) AS conditional_explicit,
        coalesce(conditional_informal, 0) AS conditional_informal, coalesce(permitted_explicit, 0) AS permitted_explicit,
        coalesce(permitted_informal, 0) AS permitted_informal, malformed, unseen, coalesce(looked_at, 0) AS looked_at,
        coalesce(refused, 0) AS refused, coalesce(known, 0) AS known,
        ['normative', 'vendor', 'informal', 'inferred', 'derived'][reserved_rank] AS reserved_strength,
        ['normative', 'vendor', 'informal', 'inferred', 'derived'][conditional_rank] AS conditional_strength,
        ['normative', 'vendor', 'informal', 'inferred', 'derived'][permitted_rank] AS permitted_strength,
        coalesce(reserved_ids, []) AS reserved_ids, coalesce(conditional_ids, []) AS conditional_ids,
        coalesce(permitted_ids, []) AS permitted_ids, coalesce(malformed_ids, []) AS malformed_ids,
        coalesce(refused.ids, []) AS access_ids
    FROM pending CROSS JOIN use_now CROSS JOIN (VALUES ('lenient'), ('strict')) AS views (view)
    LEFT JOIN family ON family.evidence_id = pending.evidence_id AND family.use = use_now.use AND family.view = views.view
    LEFT JOIN sight ON sight.evidence_id = pending.evidence_id
    LEFT JOIN viewed ON viewed.sight = sight.sight AND viewed.carriers = sight.carriers AND viewed.use = use_now.use
    LEFT JOIN refused ON refused.evidence_id = pending.evidence_id AND refused.use = use_now.use
    LEFT JOIN known ON known.use = use_now.use
),
decided AS (
    SELECT evidence_id, use, view, refused, known,
        <<state>> AS state,
        <<reason>> AS reason,
        <<rule>> AS rule,
        <<strength>> AS strength,
        <<deciding>> AS deciding
    FROM summary
)
SELECT plain.evidence_id, plain.use, $rules AS rules, $registry AS registry, $readers AS readers, plain.state,
    strict.state AS state_strict, plain.reason, plain.rule, plain.strength, plain.refused::INTEGER AS agents_refused,
    plain.known::INTEGER AS agents_known, plain.deciding
FROM decided AS plain JOIN decided AS strict USING (evidence_id, use)
WHERE plain.view = 'lenient' AND strict.view = 'strict'
