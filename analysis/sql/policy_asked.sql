-- The URLs asked about, cut where path and query begin; the fragment is dropped, and white space around the URL.
-- Grain of asked: a row a URL. Inputs: incoming_urls (n, url, as_of). Columns: n, as_of, head (scheme and authority as
-- they stand, with a `/` where anything follows), path (path and query as robots.txt rules see them, at least `/`).
CREATE OR REPLACE TEMP TABLE asked AS
WITH quick AS (
    SELECT n, url, as_of, CASE
        WHEN starts_with(url, 'https://') OR starts_with(url, 'http://') THEN split_part(url, '/', 3)
    END AS authority
    FROM incoming_urls
),
cut AS (
    SELECT n, url, as_of, CASE
        WHEN authority IS NOT NULL AND NOT contains(authority, '?') AND NOT contains(authority, '#')
            THEN split_part(url, '/', 1) || '//' || authority
        ELSE regexp_extract(url, '^\s*(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?://)?[^/?#]*')
    END AS head
    FROM quick
)
SELECT n, as_of, head || CASE WHEN length(url) > length(head) THEN '/' ELSE '' END AS head,
    CASE WHEN starts_with(rest, '/') THEN rest ELSE '/' || rest END AS path
FROM (
    SELECT n, url, as_of, head,
        split_part(rtrim(substr(url, length(head) + 1), chr(32) || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)), '#', 1) AS rest
    FROM cut
)
