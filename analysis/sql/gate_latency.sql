-- How long answers took, over the sites visited in both snapshots; sites recorded as unchanged were not asked.
-- Grain: a row of the two snapshots. Inputs: visit, exchange, gate, $snapshot, $previous.
-- Columns: now, answers, median, slow (the 95th percentile), both in milliseconds.
SELECT exchange.snapshot_id = $snapshot AS now, count(*) AS answers,
    quantile_cont(elapsed_ms, 0.5) AS median, quantile_cont(elapsed_ms, 0.95) AS slow
FROM exchange
SEMI JOIN (SELECT site FROM gate WHERE common) AS common ON exchange.site = common.site
WHERE exchange.snapshot_id IN ($snapshot, $previous) AND elapsed_ms IS NOT NULL AND status IS NOT NULL
GROUP BY ALL
