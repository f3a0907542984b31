-- What the readers found in each content, summed up by carrier; and the facts that declare another document.
-- Grain of found: a row a content and carrier that states anything. Columns: role, content_sha256, carrier,
-- good (statements its specification can read), statements (of any kind), fault (the first reason, NULL where none).
-- Grain of declared: a row a picture and kind of declared document. Columns: evidence_id, base (its role), documents.
-- Inputs: used, part, reading, licence_claim, fact, fault, access, carrier_now.
CREATE OR REPLACE TEMP TABLE found AS
WITH statement AS (
    SELECT role, content_sha256, reader, reader_version AS version, carrier,
        interpretation IN ('both', 'strict') AND stance <> 'malformed' AS good,
        CASE WHEN stance = 'malformed' THEN coalesce(note, 'not understood') END AS fault
    FROM reading
    UNION ALL
    SELECT role, content_sha256, reader, reader_version, carrier, true, NULL FROM licence_claim
    UNION ALL
    SELECT role, content_sha256, reader, reader_version, carrier, false, NULL FROM fact
    UNION ALL
    SELECT role, content_sha256, reader, reader_version, carrier, false, reason FROM fault
    UNION ALL
    SELECT gate.role, body_sha256, gate.reader, reader_version, gate.carrier, true, NULL
    FROM (SELECT DISTINCT body_sha256, reader_version FROM access WHERE basis <> 'default')
    CROSS JOIN (SELECT role, reader, carrier FROM carrier_now WHERE gate) AS gate
)
SELECT role, content_sha256, carrier, count(*) FILTER (good) AS good, count(*) AS statements, min(fault) AS fault
FROM statement SEMI JOIN used USING (role, content_sha256, reader, version)
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE declared AS
SELECT evidence_id, base, count(DISTINCT value) AS documents
FROM fact JOIN used ON used.role = fact.role AND used.content_sha256 = fact.content_sha256
    AND used.reader = fact.reader AND used.version = fact.reader_version
JOIN part ON part.role = used.role AND part.part = used.part AND part.content_sha256 = used.content_sha256
JOIN (SELECT DISTINCT base FROM carrier_now WHERE kind = 'declared') AS kinds ON fact.name = kinds.base || '_document'
WHERE part.outcome = 'ok'
GROUP BY ALL
