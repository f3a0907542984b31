-- The visits a policy rests on.
-- Grain of policy_seen: a row a visit. Inputs: visit, snapshot, policy_host (site, host_key), $until (a day, NULL: none).
-- Columns: host_key, site, snapshot_id, taken_on, evidence_id.
CREATE OR REPLACE TEMP TABLE policy_seen AS
SELECT host_key, visit.site, snapshot_id, taken_on, evidence_id
FROM visit JOIN snapshot USING (snapshot_id) JOIN policy_host USING (site)
WHERE $until::DATE IS NULL OR taken_on <= $until
