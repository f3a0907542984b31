"""How much robots.txt moves from one look to the next where nothing is wrong: what the thresholds of [quality] rest on.

`python tests/bench/drift.py ../shared/data` reads the weekly change log of US government sites (no row on a date of its
calendar: unchanged) and prints, for steps of one and of four looks: how far the share of any outcome moved, how many
sites that answered did not any more, and by how much fewer answered; and how many steps the thresholds would stop.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb

from crawler.settings import Quality

LOG = "robots_history_usgov_2020_2025.parquet"
CALENDAR = "robots_history_usgov_calendar.csv"

# `html:N` is a page with status N, `error:TEXT` no answer or too many redirects.
SEEN = """
CREATE TABLE seen AS
WITH told AS (
    SELECT site, observed_at::TIMESTAMP AS moment, CASE
        WHEN status = 'ok' THEN 'ok'
        WHEN status LIKE 'error:%edirect%' THEN 'redirect_limit'
        WHEN status LIKE 'error%' THEN 'unreachable'
        WHEN status IN ('html:404', 'html:410') THEN 'absent'
        WHEN status = 'html:429' THEN 'rate_limited'
        WHEN status LIKE 'html:5%' THEN 'server_error'
        WHEN status LIKE 'html:4%' THEN 'refused'
        WHEN status LIKE 'html%' THEN 'not_the_file'
        ELSE 'other' END AS outcome
    FROM read_parquet($log) WHERE status IS NOT NULL
),
looks AS (
    SELECT row_number() OVER (ORDER BY crawl_at) AS look, crawl_at::TIMESTAMPTZ::TIMESTAMP AS moment
    FROM read_csv($calendar)
)
SELECT look, looks.moment, sites.site, outcome
FROM (SELECT DISTINCT site FROM told) AS sites CROSS JOIN looks
ASOF JOIN told ON sites.site = told.site AND told.moment <= looks.moment + INTERVAL 1 HOUR
"""

# Steps that are neither much shorter nor much longer than they should be.
STEPS = """
CREATE OR REPLACE TABLE step AS
WITH pair AS (
    SELECT now.look, now.outcome, earlier.outcome AS before
    FROM seen AS now JOIN seen AS earlier ON now.site = earlier.site AND now.look = earlier.look + $looks
    WHERE now.moment - earlier.moment BETWEEN INTERVAL 1 DAY * (6 * $looks - 1) AND INTERVAL 1 DAY * (8 * $looks + 2)
),
whole AS (
    SELECT look, count(*) AS n, count_if(before <> 'unreachable') AS answered,
        count_if(before <> 'unreachable') - count_if(outcome <> 'unreachable') AS fewer,
        count_if(before <> 'unreachable' AND outcome = 'unreachable') AS lost
    FROM pair GROUP BY look
),
moved AS (
    SELECT look, outcomes.outcome,
        abs(count_if(pair.outcome = outcomes.outcome) - count_if(before = outcomes.outcome)) AS turned
    FROM pair CROSS JOIN (SELECT DISTINCT outcome FROM seen) AS outcomes GROUP BY ALL
)
SELECT look, max(turned) / any_value(n) AS drift, any_value(lost / answered) AS lost, any_value(fewer / n) AS fewer
FROM moved JOIN whole USING (look) GROUP BY look
"""


def main(data: Path) -> None:
    """Print one JSON object for each length of step."""
    quality = Quality()
    values = {
        "drift": quality.outcome_drift, "lost": quality.sites_lost, "fewer": quality.coverage_drop,
    }  # fmt: skip
    with duckdb.connect() as connection:
        connection.execute("SET timezone = 'UTC'")
        connection.execute(SEEN, {"log": str(data / LOG), "calendar": str(data / CALENDAR)})
        for looks in (1, 4):
            connection.execute(STEPS, {"looks": looks})
            shown = ", ".join(f"quantile_cont({name}, [0.5, 0.95, 0.98, 0.99, 1])" for name in values)
            (found,) = connection.execute(f"SELECT count(*), {shown} FROM step").fetchall()
            stops = "drift > $drift OR lost > $lost OR fewer > $fewer"
            (stopped,) = connection.execute(f"SELECT count_if({stops}) FROM step", values).fetchall()
            line = {"looks": looks, "steps": found[0], "stopped": stopped[0]}
            line |= {name: [round(value, 4) for value in row] for name, row in zip(values, found[1:], strict=True)}
            sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
