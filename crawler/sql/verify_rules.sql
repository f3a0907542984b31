-- What must hold between the tables.
-- Grain: a row a rule. Inputs: every table of facts. Columns: rule, broken (rows that break it), example.
SELECT 'every exchange stands in a snapshot' AS rule, count(*) AS broken, min(snapshot_id::VARCHAR) AS example
FROM exchange ANTI JOIN snapshot ON exchange.snapshot_id = snapshot.snapshot_id WHERE exchange.snapshot_id IS NOT NULL
UNION ALL
SELECT 'every exchange came in a segment' AS rule, count(*) AS broken, min(segment_id::VARCHAR) AS example
FROM exchange ANTI JOIN segment ON exchange.segment_id = segment.segment_id WHERE exchange.segment_id IS NOT NULL
UNION ALL
SELECT 'every body of an exchange is there' AS rule, count(*) AS broken, min(body_sha256::VARCHAR) AS example
FROM exchange ANTI JOIN body ON exchange.body_sha256 = body.sha256 WHERE exchange.body_sha256 IS NOT NULL
UNION ALL
SELECT 'every visit stands in a snapshot' AS rule, count(*) AS broken, min(snapshot_id::VARCHAR) AS example
FROM visit ANTI JOIN snapshot ON visit.snapshot_id = snapshot.snapshot_id WHERE visit.snapshot_id IS NOT NULL
UNION ALL
SELECT 'the facts of every visit stand in a snapshot' AS rule, count(*) AS broken, min(facts_snapshot_id::VARCHAR) AS example
FROM visit ANTI JOIN snapshot ON visit.facts_snapshot_id = snapshot.snapshot_id WHERE visit.facts_snapshot_id IS NOT NULL
UNION ALL
SELECT 'every visit came in a segment' AS rule, count(*) AS broken, min(segment_id::VARCHAR) AS example
FROM visit ANTI JOIN segment ON visit.segment_id = segment.segment_id WHERE visit.segment_id IS NOT NULL
UNION ALL
SELECT 'every visit has its evidence' AS rule, count(*) AS broken, min(evidence_id::VARCHAR) AS example
FROM visit ANTI JOIN evidence ON visit.evidence_id = evidence.evidence_id WHERE visit.evidence_id IS NOT NULL
UNION ALL
SELECT 'every body of evidence is there' AS rule, count(*) AS broken, min(body_sha256::VARCHAR) AS example
FROM evidence ANTI JOIN body ON evidence.body_sha256 = body.sha256 WHERE evidence.body_sha256 IS NOT NULL
UNION ALL
SELECT 'every reading is of a content that was read' AS rule, count(*) AS broken, min(content_sha256::VARCHAR) AS example
FROM reading ANTI JOIN read_log ON reading.content_sha256 = read_log.content_sha256 WHERE reading.content_sha256 IS NOT NULL
UNION ALL
SELECT 'every licence claim is of a content that was read' AS rule, count(*) AS broken, min(content_sha256::VARCHAR) AS example
FROM licence_claim ANTI JOIN read_log ON licence_claim.content_sha256 = read_log.content_sha256 WHERE licence_claim.content_sha256 IS NOT NULL
UNION ALL
SELECT 'every fault is of a content that was read' AS rule, count(*) AS broken, min(content_sha256::VARCHAR) AS example
FROM fault ANTI JOIN read_log ON fault.content_sha256 = read_log.content_sha256 WHERE fault.content_sha256 IS NOT NULL
UNION ALL
SELECT 'every fact is of a content that was read' AS rule, count(*) AS broken, min(content_sha256::VARCHAR) AS example
FROM fact ANTI JOIN read_log ON fact.content_sha256 = read_log.content_sha256 WHERE fact.content_sha256 IS NOT NULL
UNION ALL
SELECT 'every access row is of a body that is there' AS rule, count(*) AS broken, min(body_sha256::VARCHAR) AS example
FROM access ANTI JOIN body ON access.body_sha256 = body.sha256 WHERE access.body_sha256 IS NOT NULL
UNION ALL
SELECT 'every coverage row has its evidence' AS rule, count(*) AS broken, min(evidence_id::VARCHAR) AS example
FROM coverage ANTI JOIN evidence ON coverage.evidence_id = evidence.evidence_id WHERE coverage.evidence_id IS NOT NULL
UNION ALL
SELECT 'every verdict has its evidence' AS rule, count(*) AS broken, min(evidence_id::VARCHAR) AS example
FROM verdict ANTI JOIN evidence ON verdict.evidence_id = evidence.evidence_id WHERE verdict.evidence_id IS NOT NULL
UNION ALL
SELECT 'every reject came in a segment' AS rule, count(*) AS broken, min(segment_id::VARCHAR) AS example
FROM reject ANTI JOIN segment ON reject.segment_id = segment.segment_id WHERE reject.segment_id IS NOT NULL
UNION ALL
SELECT 'every frame of a snapshot is there' AS rule, count(*) AS broken, min(frame_id::VARCHAR) AS example
FROM snapshot ANTI JOIN frame ON snapshot.frame_id = frame.frame_id WHERE snapshot.frame_id IS NOT NULL
UNION ALL
SELECT 'every site of a frame has its frame' AS rule, count(*) AS broken, min(frame_id::VARCHAR) AS example
FROM frame_site ANTI JOIN frame ON frame_site.frame_id = frame.frame_id WHERE frame_site.frame_id IS NOT NULL
UNION ALL
SELECT 'a site is visited once a snapshot', count(*), min(example)
FROM (SELECT concat_ws(' ', snapshot_id, site) AS example FROM visit GROUP BY snapshot_id, site HAVING count(*) > 1)
UNION ALL
SELECT 'an exchange has one place', count(*), min(example)
FROM (SELECT concat_ws(' ', segment_id, seq) AS example FROM exchange GROUP BY segment_id, seq HAVING count(*) > 1)
UNION ALL
SELECT 'a segment is taken in once', count(*), min(example)
FROM (SELECT sha256 AS example FROM segment GROUP BY sha256 HAVING count(*) > 1)
UNION ALL
SELECT 'a snapshot is named once', count(*), min(example)
FROM (SELECT snapshot_id AS example FROM snapshot GROUP BY snapshot_id HAVING count(*) > 1)
UNION ALL
SELECT 'a body is stored once', count(*), min(example)
FROM (SELECT sha256 AS example FROM body GROUP BY sha256 HAVING count(*) > 1)
UNION ALL
SELECT 'a reading is stored once', count(*), min(example)
FROM (SELECT reading_id AS example FROM reading GROUP BY reading_id HAVING count(*) > 1)
UNION ALL
SELECT 'a header line is stored once', count(*), min(example)
FROM (SELECT sha256 AS example FROM header_set GROUP BY sha256, ordinal HAVING count(*) > 1)
UNION ALL
SELECT 'evidence has one row a role', count(*), min(example)
FROM (SELECT evidence_id::VARCHAR AS example FROM evidence GROUP BY evidence_id, role HAVING count(*) > 1)
UNION ALL
SELECT 'every segment holds the exchanges it says', count(*), min(name)
FROM segment LEFT JOIN (SELECT segment_id, count(*) AS n FROM exchange GROUP BY ALL) USING (segment_id)
WHERE coalesce(n, 0) <> exchanges
UNION ALL
SELECT 'every segment holds the visits it says', count(*), min(name)
FROM segment LEFT JOIN (SELECT segment_id, count(*) AS n FROM visit GROUP BY ALL) USING (segment_id)
WHERE coalesce(n, 0) <> visits
UNION ALL
SELECT 'every segment holds the rejects it says', count(*), min(name)
FROM segment LEFT JOIN (SELECT segment_id, count(*) AS n FROM reject GROUP BY ALL) USING (segment_id)
WHERE coalesce(n, 0) <> rejects
UNION ALL
SELECT 'an observed visit has its exchanges', count(*), min(concat_ws(' ', snapshot_id, site))
FROM (SELECT snapshot_id, site FROM visit WHERE basis = 'observed')
ANTI JOIN exchange USING (snapshot_id, site)
UNION ALL
SELECT 'an unchanged visit has an observed one behind it', count(*), min(concat_ws(' ', visit.snapshot_id, visit.site))
FROM visit ANTI JOIN visit AS seen
    ON seen.snapshot_id = visit.facts_snapshot_id AND seen.site = visit.site AND seen.basis = 'observed'
        AND seen.evidence_id = visit.evidence_id
WHERE visit.basis = 'unchanged'
