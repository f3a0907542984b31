-- What judging again alone has changed: the verdicts newer than a mark against the newest ones before it.
-- Grain: a row a use, state before and after, rule before and after, and reader that decides. Inputs: verdict, visit,
-- $mark (a rowid). Columns: use, before, after, rule_before, rule_after, reader, pictures, sites.
WITH fresh AS (SELECT * FROM verdict WHERE rowid > $mark QUALIFY rowid = max(rowid) OVER (PARTITION BY evidence_id, use)),
old AS (
    SELECT * FROM verdict WHERE rowid <= $mark QUALIFY rowid = max(rowid) OVER (PARTITION BY evidence_id, use)
),
changed AS (
    SELECT evidence_id, fresh.use, old.state AS before, fresh.state AS after, old.rule AS rule_before, fresh.rule AS rule_after,
        CASE WHEN len(fresh.deciding) > 0 THEN fresh.deciding[1] ELSE old.deciding[1] END AS id
    FROM fresh JOIN old USING (evidence_id, use)
    WHERE (fresh.state, fresh.state_strict, fresh.rule) IS DISTINCT FROM (old.state, old.state_strict, old.rule)
),
shown AS (SELECT evidence_id, count(DISTINCT site) AS sites FROM visit SEMI JOIN changed USING (evidence_id) GROUP BY evidence_id)
SELECT use, before, after, rule_before, rule_after,
    CASE WHEN id IS NULL THEN NULL WHEN len(string_split(id, ':')) >= 4 THEN string_split(id, ':')[3] ELSE string_split(id, ':')[2] END AS reader,
    count(*) AS pictures, sum(coalesce(sites, 0))::BIGINT AS sites
FROM changed LEFT JOIN shown USING (evidence_id)
GROUP BY ALL ORDER BY pictures DESC, use, before, after, rule_before, rule_after, reader
