-- The last time before a visit that each role of a site answered. Grain: a row a role. Inputs: visit, snapshot, evidence,
-- $site, $snapshot, $on (the day of that visit), $since (the earliest day that counts).
-- Columns: role, snapshot_id, facts_snapshot_id, taken_on, outcome, status, body_sha256, header_set_sha256, truncated.
WITH earlier AS (
    SELECT visit.snapshot_id, facts_snapshot_id, taken_on, evidence_id FROM visit JOIN snapshot USING (snapshot_id)
    WHERE site = $site AND visit.snapshot_id <> $snapshot AND taken_on BETWEEN $since AND $on
)
SELECT role, snapshot_id, facts_snapshot_id, taken_on, outcome, status, body_sha256, header_set_sha256, truncated
FROM earlier JOIN evidence USING (evidence_id)
WHERE outcome = 'ok'
QUALIFY row_number() OVER (PARTITION BY role ORDER BY taken_on DESC, snapshot_id DESC) = 1
ORDER BY role
