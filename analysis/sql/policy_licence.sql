-- The licences of the wanted classes that each picture declares, and whether every place of licences was looked at;
-- files sampled from the site speak of themselves only and are left.
-- Grain of policy_licence: a row a picture. Inputs: policy_seen, coverage_now, carrier_now, part, used, licence_claim,
-- $classes. Columns: evidence_id, seen, claims (a list without ids, equal for equal claims), ids.
CREATE OR REPLACE TEMP TABLE policy_licence AS
WITH place AS (
    SELECT evidence_id, bool_and(state <> 'unobserved') AS seen
    FROM coverage_now SEMI JOIN policy_seen USING (evidence_id)
    SEMI JOIN (SELECT carrier FROM carrier_now WHERE axis = 'licence' AND kind <> 'sampled') AS licences USING (carrier)
    GROUP BY evidence_id
),
claimed AS (
    SELECT evidence_id,
        list(DISTINCT {
            'spdx': spdx, 'family': family, 'licence_class': licence_class, 'subject': subject, 'partial': partial
        }) AS claims,
        list(DISTINCT claim_id ORDER BY claim_id) AS ids
    FROM part JOIN used USING (role, part, content_sha256)
    ANTI JOIN (SELECT DISTINCT reader FROM carrier_now WHERE kind = 'sampled') AS sampled USING (reader)
    JOIN licence_claim ON licence_claim.role = used.role AND licence_claim.content_sha256 = used.content_sha256
        AND licence_claim.reader = used.reader AND licence_claim.reader_version = used.version
    WHERE part.outcome = 'ok' AND list_contains($classes::VARCHAR[], licence_class)
    GROUP BY evidence_id
)
SELECT evidence_id, coalesce(seen, false) AS seen, list_sort(coalesce(claims, [])) AS claims, coalesce(ids, []) AS ids
FROM place LEFT JOIN claimed USING (evidence_id)
