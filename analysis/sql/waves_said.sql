-- Everything each of the differing robots.txt files states about use, and the documents it points to, by the newest
-- version of each reader that has read it.
-- Grain: a row a file that states anything. Inputs: wave_body, reading, fact, licence_claim, carrier_now.
-- Columns: body_sha256, said (a list, equal for files that state the same).
WITH body_of AS (SELECT body_was AS content_sha256 FROM wave_body UNION SELECT body_now FROM wave_body),
stated AS (
    SELECT content_sha256, reader, reader_version,
        concat_ws('|', carrier, use, stance, strength, agent, scope, pattern, condition, interpretation, vocabulary) AS said
    FROM reading SEMI JOIN body_of USING (content_sha256) WHERE role = 'robots.txt'
    UNION ALL
    SELECT content_sha256, reader, reader_version, name || '|' || value
    FROM fact SEMI JOIN body_of USING (content_sha256)
    WHERE role = 'robots.txt' AND split_part(name, '@', 1) IN (SELECT base || '_document' FROM carrier_now)
    UNION ALL
    SELECT content_sha256, reader, reader_version, concat_ws('|', carrier, url, subject)
    FROM licence_claim SEMI JOIN body_of USING (content_sha256) WHERE role = 'robots.txt'
),
newest AS (SELECT * FROM stated QUALIFY reader_version = max(reader_version) OVER (PARTITION BY content_sha256, reader))
SELECT content_sha256 AS body_sha256, list(DISTINCT said ORDER BY said) AS said FROM newest GROUP BY content_sha256
