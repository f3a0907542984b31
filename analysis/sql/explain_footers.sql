-- The licences declared on the landing page of one picture and on the pages sampled from its site, as the newest readers
-- found them. Grain: a row a claim, and one without a claim for a page that declares none. Inputs: evidence, exchange,
-- read_log, licence_claim; all of one visit. Columns: role, url, content_sha256, then those of `licence_claim`.
WITH looked AS (
    SELECT role, body_sha256 AS content_sha256, header_set_sha256, (
        SELECT arg_max(url, (segment_id, seq)) FROM exchange WHERE exchange.role = evidence.role
    ) AS url
    FROM evidence
    WHERE outcome = 'ok' AND (role = $page OR starts_with(role, $sample))
        AND body_sha256 IN (SELECT content_sha256 FROM read_log WHERE part = 'body' AND read_log.role = evidence.role)
),
newest AS (
    SELECT role, content_sha256, string_split(reader_key, '@')[1] AS reader,
        max(try_cast(string_split(reader_key, '@')[2] AS INTEGER)) AS reader_version
    FROM (SELECT role, content_sha256, unnest(string_split(readers, ',')) AS reader_key FROM read_log)
    GROUP BY ALL
),
claim AS (SELECT licence_claim.* FROM licence_claim SEMI JOIN newest USING (role, content_sha256, reader, reader_version))
SELECT looked.role, looked.url AS page_url, looked.content_sha256, carrier, claim.url, spdx, family, version, jurisdiction,
    licence_class, subject, locator, raw, location, partial, note
FROM looked LEFT JOIN claim
    ON claim.role = looked.role AND claim.content_sha256 IN (looked.content_sha256, looked.header_set_sha256)
ORDER BY looked.role = $page DESC, length(looked.role), looked.role, spdx, locator
