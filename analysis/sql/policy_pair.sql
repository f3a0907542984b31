-- For each host and day asked about the row that held then, and what it answers.
-- Grain of pair: a row a head and day. Inputs: asked, host_of (head, host_key, fault), policy_row, policy_first,
-- $profile, $max_age, $age_why. Columns: head, as_of, told (its number, from 0), row_id, partial, then those of
-- analysis.policy.ANSWER but the URL. `seen_on` is the last evidence up to that day.
CREATE OR REPLACE TEMP TABLE pair AS
WITH keyed AS (
    SELECT wanted.head, wanted.as_of, host_of.host_key, fault, policy_first.first_day, twin.host_key AS twin
    FROM (SELECT DISTINCT head, as_of FROM asked) AS wanted
    LEFT JOIN host_of ON host_of.head = wanted.head
    LEFT JOIN policy_first ON policy_first.host_key = host_of.host_key
    -- A statement speaks for one origin (signals-page 1.2), so the host with or without `www.` is told, never asked.
    LEFT JOIN policy_first AS twin ON policy_first.host_key IS NULL AND twin.host_key = CASE
        WHEN starts_with(host_of.host_key, 'www.') THEN substr(host_of.host_key, 5) ELSE 'www.' || host_of.host_key END
),
placed AS (
    SELECT keyed.*, row_id, decision, policy_row.reason, code, evidence, partial,
        CASE WHEN keyed.as_of >= last_seen THEN last_seen
            ELSE list_max(list_filter(seen, lambda day: day <= keyed.as_of)) END AS seen_on
    FROM keyed ASOF LEFT JOIN policy_row ON policy_row.host_key = keyed.host_key AND keyed.as_of >= policy_row.valid_from
),
aged AS (
    SELECT *, date_diff('day', seen_on, as_of) AS age, CASE
        WHEN host_key IS NULL THEN 'bad-url'
        WHEN as_of IS NULL THEN 'no-date'
        WHEN first_day IS NULL THEN 'not-in-archive'
        WHEN row_id IS NULL THEN 'not-yet-seen'
        WHEN decision = 'allow' AND date_diff('day', seen_on, as_of) > $max_age THEN 'stale'
    END AS instead
    FROM placed
)
SELECT head, as_of, row_number() OVER () - 1 AS told, row_id, partial,
    CASE WHEN instead IS NULL THEN decision ELSE 'unknown' END AS decision,
    CASE instead
        WHEN 'bad-url' THEN 'not a URL: ' || coalesce(fault, 'nothing there')
        WHEN 'no-date' THEN 'no day to answer for'
        WHEN 'not-in-archive' THEN 'not in the archive: nobody looked at ' || host_key
            || coalesce('; ' || twin || ' was looked at, and speaks for itself alone', '')
        WHEN 'not-yet-seen' THEN 'not looked at by ' || as_of || '; first looked at ' || first_day
        WHEN 'stale' THEN 'the evidence is ' || age || ' days old, this profile takes at most ' || $max_age || ': ' || $age_why
        ELSE reason
    END AS reason,
    coalesce(instead, code) AS code, coalesce(evidence, []) AS evidence, host_key, seen_on, age::INTEGER AS age_days,
    $profile AS profile
FROM aged
