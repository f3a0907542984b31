-- What was asked of the sites of a dossier and what came back.
-- Grain of came: a row an exchange, in the order asked. Inputs: asked, exchange.
-- Columns: site, snapshot_id, then those of `exchange` from role on; is_last: the one its role is judged by.
CREATE OR REPLACE TEMP TABLE came AS
SELECT asked.site, asked.snapshot_id, exchange.role, hop, url, outcome, status, detail, fetched_at, body_sha256,
    header_set_sha256, truncated, redirect_to, segment_id, seq,
    seq = max(seq) OVER (PARTITION BY asked.site, asked.snapshot_id, exchange.role) AS is_last
FROM asked JOIN exchange ON exchange.snapshot_id = asked.facts_snapshot_id AND exchange.site = asked.site
