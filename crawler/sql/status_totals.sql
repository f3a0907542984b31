-- What the archive holds altogether.
-- Grain: one row. Inputs: every table of facts.
-- Columns: snapshots, segments, sites, visits, unchanged, exchanges, bodies, body_bytes (as received), bodies_held,
-- readings, licence_claims, access_rows, evidence (distinct pictures), verdicts, rejects, last_taken_in.
SELECT
    (SELECT count(*) FROM snapshot) AS snapshots,
    (SELECT count(*) FROM segment) AS segments,
    (SELECT count(DISTINCT site) FROM visit) AS sites,
    (SELECT count(*) FROM visit) AS visits,
    (SELECT count(*) FROM visit WHERE basis = 'unchanged') AS unchanged,
    (SELECT count(*) FROM exchange) AS exchanges,
    (SELECT count(*) FROM body) AS bodies,
    (SELECT coalesce(sum(bytes), 0)::BIGINT FROM body) AS body_bytes,
    (SELECT count(data) FROM body) AS bodies_held,
    (SELECT count(*) FROM reading) AS readings,
    (SELECT count(*) FROM licence_claim) AS licence_claims,
    (SELECT count(*) FROM access) AS access_rows,
    (SELECT count(DISTINCT evidence_id) FROM evidence) AS evidence,
    (SELECT count(*) FROM verdict) AS verdicts,
    (SELECT count(*) FROM reject) AS rejects,
    (SELECT max(taken_in_at) FROM segment) AS last_taken_in
