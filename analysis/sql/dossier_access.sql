-- What the robots.txt of each site of a dossier says to the agents it names and to everybody else. A file may name
-- thousands: of those no registry knows, the first 200 by line are kept.
-- Grain: a row a site, snapshot and token. Inputs: place, access_now, carrier_now, agent, $registry, $token (one more
-- token that is always kept). Columns: site, snapshot_id, carrier, url, content_sha256, seen_at, token, basis,
-- root_blocked, partial, none, explicit_allow, line, raw, reader.
WITH gate AS (SELECT role, part, reader, carrier FROM carrier_now WHERE gate)
SELECT place.site, place.snapshot_id, gate.carrier, place.url, place.content_sha256, place.seen_at, token, basis,
    root_blocked, partial, access_now."none" AS nothing, explicit_allow, line, raw,
    gate.reader || '@' || reader_version AS reader
FROM place JOIN gate USING (role, part) JOIN access_now ON access_now.body_sha256 = place.content_sha256
QUALIFY token IN ('*', $token)
    OR token IN (SELECT token_key FROM agent WHERE registry = $registry)
    OR row_number() OVER (PARTITION BY place.site, place.snapshot_id ORDER BY line NULLS LAST, token) <= 200
ORDER BY place.site, place.snapshot_id, line NULLS LAST, token
