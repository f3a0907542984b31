-- The rows of a policy: for each host the spans in which one decision held on one ground.
-- Grain: a row a host and span, by host and day. Inputs: policy_seen, policy_picture, policy_use, policy_licence,
-- decided (a row a case), $profile, $rules, $registry, $readers. Columns: those of analysis.policy_columns.
WITH placed AS (
    SELECT host_key, site, taken_on, snapshot_id, policy_seen.evidence_id, decided.*,
        list_distinct(list_concat(
            decided.line_ids,
            flatten(list_transform(decided.line_uses, lambda use: coalesce(said[use], []))),
            CASE WHEN decided.line_licences THEN coalesce(policy_licence.ids, []) ELSE [] END
        )) AS evidence,
        CASE WHEN decided.partial THEN list_transform(decided.parts, lambda part: {
            'part': part.part, 'decision': part.decision, 'code': part.code, 'reason': part.reason,
            'lines': list_concat(part.lines, coalesce(said[part.part], []),
                CASE WHEN part.part = 'licence' THEN coalesce(policy_licence.ids, []) ELSE [] END)
        }) END AS whole_parts,
        CASE WHEN decided.partial THEN policy_picture.paths END AS paths,
        policy_gate.body_sha256 AS robots_sha256,
        coalesce(policy_use.rules, $rules) AS by_rules, coalesce(policy_use.registry, $registry) AS by_registry,
        coalesce(policy_use.readers, $readers) AS by_readers
    FROM policy_seen JOIN policy_picture USING (evidence_id) JOIN decided USING (case_id)
    LEFT JOIN policy_use USING (evidence_id) LEFT JOIN policy_licence USING (evidence_id)
    LEFT JOIN policy_gate USING (evidence_id)
    -- One picture a host and day: the last snapshot's, and the most restrictive of sites that come to one host.
    QUALIFY row_number() OVER (
        PARTITION BY host_key, taken_on
        ORDER BY snapshot_id DESC, list_position(['deny', 'unknown', 'allow'], decision), site
    ) = 1
),
marked AS (
    SELECT *, hash(
        decision, code, reason, evidence, partial, whole_parts, paths, CASE WHEN partial THEN robots_sha256 END,
        by_rules, by_registry, by_readers
    ) AS same
    FROM placed
),
begun AS (
    SELECT *, same IS DISTINCT FROM lag(same) OVER by_day AS begins FROM marked
    WINDOW by_day AS (PARTITION BY host_key ORDER BY taken_on, snapshot_id)
),
numbered AS (
    SELECT *, sum(begins::INTEGER) OVER (
        PARTITION BY host_key ORDER BY taken_on, snapshot_id ROWS UNBOUNDED PRECEDING
    ) AS span FROM begun
),
span AS (
    SELECT host_key, span, min(taken_on) AS valid_from, max(taken_on) AS last_seen, list(DISTINCT taken_on ORDER BY taken_on) AS seen,
        arg_min(snapshot_id, (taken_on, snapshot_id)) AS first_snapshot, arg_max(snapshot_id, (taken_on, snapshot_id)) AS last_snapshot,
        arg_max(numbered, (taken_on, snapshot_id)) AS last
    FROM numbered GROUP BY host_key, span
)
SELECT host_key, valid_from,
    lead(valid_from) OVER (PARTITION BY host_key ORDER BY span) AS valid_until, last_seen, seen,
    last.decision AS decision, last.reason AS reason, last.code AS code, last.evidence AS evidence, last.partial AS partial,
    last.whole_parts AS parts,
    CASE WHEN last.partial THEN rules.path_rules END AS path_rules,
    last.paths AS path_statements, last.site AS site, last.robots_sha256 AS robots_sha256,
    first_snapshot, last_snapshot, $profile AS profile, last.by_rules AS rules, last.by_registry AS registry,
    last.by_readers AS readers
FROM span LEFT JOIN policy_rules AS rules ON rules.gate = span.last.robots_sha256
ORDER BY host_key, valid_from
