-- What files sampled from a site show of the carriers that stand in them, in place of "not asked". No verdict uses them.
-- `present` where one file states something, `malformed` where else one cannot be read, `unobserved` where one was not
-- read (not obtained, cut, or its library is not installed): `absent` only where all that were asked for are silent.
-- Grain: the rows of `covered` of these carriers, for pictures with such a file. Inputs: part, used, carrier_now,
-- reader_now, reading, licence_claim, fact, fault. Columns: those of `covered`.
CREATE OR REPLACE TEMP TABLE shown AS
WITH carrier AS (SELECT DISTINCT carrier, reader, part FROM carrier_now WHERE kind = 'sampled'),
file AS (
    SELECT part.*, carrier.carrier, carrier.reader
    FROM part JOIN reader_now USING (role, part) JOIN carrier USING (reader, part)
),
statement AS (
    SELECT role, content_sha256, reader, reader_version AS version, carrier,
        CASE WHEN stance = 'malformed' THEN 'malformed' ELSE 'present' END AS state,
        CASE WHEN stance = 'malformed' THEN coalesce(note, 'not understood') END AS reason
    FROM reading
    UNION ALL
    SELECT role, content_sha256, reader, reader_version, carrier, 'present', NULL FROM licence_claim
    UNION ALL
    SELECT role, content_sha256, reader, reader_version, carrier, 'unobserved', raw
    FROM fact WHERE name IN ('missing_extra', 'remote_manifest')
    UNION ALL
    SELECT role, content_sha256, reader, reader_version, carrier, 'malformed', reason FROM fault
),
said AS (
    SELECT statement.* FROM statement JOIN used USING (role, content_sha256, reader, version) SEMI JOIN carrier USING (carrier)
),
told AS (
    SELECT file.evidence_id, file.carrier,
        CASE WHEN outcome <> 'ok' OR file.content_sha256 IS NULL OR used.version IS NULL THEN 'unobserved'
            ELSE coalesce(said.state, 'absent') END AS state,
        CASE WHEN outcome = 'absent' THEN 'sampled, but absent' WHEN outcome <> 'ok' THEN outcome
            WHEN file.content_sha256 IS NULL OR used.version IS NULL THEN 'not_read' ELSE said.reason END AS reason
    FROM file
    LEFT JOIN used USING (role, part, content_sha256, reader)
    LEFT JOIN said ON said.role = file.role AND said.content_sha256 = file.content_sha256 AND said.carrier = file.carrier
)
SELECT evidence_id, carrier, arg_min(state, place) AS state, arg_min_null(reason, (place, reason)) AS reason
FROM (SELECT *, list_position(['present', 'malformed', 'unobserved', 'absent'], state) AS place FROM told)
GROUP BY evidence_id, carrier;

DELETE FROM covered USING shown WHERE covered.evidence_id = shown.evidence_id AND covered.carrier = shown.carrier;

INSERT INTO covered SELECT evidence_id, carrier, state, reason FROM shown;

DROP TABLE shown
