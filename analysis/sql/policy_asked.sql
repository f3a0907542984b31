-- The URLs asked about, cut where path and query begin; the fragment is dropped.
-- Grain of asked: a row a URL. Inputs: incoming_urls (n, url, as_of). Columns: n, as_of, head (scheme and authority as
-- they stand), path (path and query as robots.txt rules see them, at least `/`).
CREATE OR REPLACE TEMP TABLE asked AS
WITH cut AS (
    SELECT n, url, as_of, regexp_extract(url, '^\s*(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?://)?[^/?#]*') AS head FROM incoming_urls
)
SELECT n, as_of, head,
    CASE WHEN starts_with(rest, '/') THEN rest ELSE '/' || rest END AS path
FROM (SELECT n, as_of, head, split_part(substr(url, length(head) + 1), '#', 1) AS rest FROM cut)
