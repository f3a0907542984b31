-- The decision on each URL, in the order asked.
-- Grain: a row a URL. Inputs: incoming_urls, placed, policy_row, at_path (n, told), told (the decisions that paths of
-- partial hosts came to), $profile, $max_age, $age_why. Columns: those of analysis.policy.ANSWER.
WITH told_of AS (
    SELECT placed.*, date_diff('day', seen_on, placed.as_of) AS age,
        CASE WHEN at_path.told IS NULL THEN policy_row.decision ELSE told.decision END AS decision,
        CASE WHEN at_path.told IS NULL THEN policy_row.reason ELSE told.reason END AS reason,
        CASE WHEN at_path.told IS NULL THEN policy_row.code ELSE told.code END AS code,
        CASE WHEN at_path.told IS NULL THEN policy_row.evidence ELSE told.evidence END AS evidence
    FROM placed LEFT JOIN policy_row ON policy_row.row_id = placed.row_id
    LEFT JOIN at_path ON at_path.n = placed.n
    LEFT JOIN told ON told.told = at_path.told
),
aged AS (
    SELECT *, CASE
        WHEN host_key IS NULL THEN 'bad-url'
        WHEN as_of IS NULL THEN 'no-date'
        WHEN first_day IS NULL THEN 'not-in-archive'
        WHEN row_id IS NULL THEN 'not-yet-seen'
        WHEN decision = 'allow' AND age > $max_age THEN 'stale'
    END AS instead
    FROM told_of
)
SELECT url, CASE WHEN instead IS NULL THEN decision ELSE 'unknown' END AS decision,
    CASE instead
        WHEN 'bad-url' THEN 'not a URL: ' || coalesce(fault, 'nothing there')
        WHEN 'no-date' THEN 'no day to answer for'
        WHEN 'not-in-archive' THEN 'not in the archive: nobody looked at ' || host_key
        WHEN 'not-yet-seen' THEN 'not looked at by ' || aged.as_of || '; first looked at ' || first_day
        WHEN 'stale' THEN 'the evidence is ' || age || ' days old, this profile takes at most ' || $max_age || ': ' || $age_why
        ELSE reason
    END AS reason,
    coalesce(instead, code) AS code, coalesce(evidence, []) AS evidence, host_key, seen_on,
    age::INTEGER AS age_days, $profile AS profile
FROM incoming_urls LEFT JOIN aged ON aged.n = incoming_urls.n
ORDER BY incoming_urls.n
