"""How long judging and a trend take on an archive of many distinct pictures: `python -m tests.bench.bench_verdicts`.

Real bytes are not needed: each picture has a robots.txt of its own out of 2,000 and a page of its own, so nothing
repeats that would not repeat on the web. Prints one JSON object.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import click
import duckdb

from analysis.explain import explain
from analysis.trends import trend
from analysis.verdicts import judge
from crawler.archive import reading, writing
from crawler.ingest import take_in
from crawler.settings import Archive
from crawler.vocabulary import Use
from tests.analysis.builders import HTML, Site, portion

Result = TypeVar("Result")
SNAPSHOTS = [date(2025 + month // 12, month % 12 + 1, 15) for month in range(24)]


def seed(archive: Archive) -> None:
    """2,000 pictures through the real door."""
    sites = {
        f"s{n}.example": Site(
            robots=f"User-agent: *\n{'Content-Signal: ai-train=no' if n % 7 == 0 else ''}\nDisallow: /{n}/\n"
            f"User-agent: GPTBot\nUser-agent: Bot-{n}\n{'Disallow: /' if n % 3 == 0 else 'Disallow: /x'}\n".encode(),
            page=HTML.replace(b"Words", str(n).encode()),
            headers=(("tdm-reservation", "1"),) if n % 50 == 0 else (),
        )
        for n in range(2_000)
    }
    take_in(archive, portion(sites, SNAPSHOTS[0]), workers=1)


def grow(archive: Archive, pictures: int, sites: int) -> None:
    """Copies of the pictures under other ids, and `sites` sites in 24 snapshots that show them."""
    with writing(archive) as connection:
        copies = max(1, pictures // 2_000)
        connection.execute(
            "INSERT INTO evidence SELECT (hash(evidence_id, n) >> 1)::BIGINT, role, outcome, status, body_sha256,"
            " header_set_sha256, truncated FROM evidence CROSS JOIN range(1, $n) AS r (n)",
            {"n": copies},
        )
        connection.execute(
            "CREATE TEMP TABLE ids AS SELECT evidence_id, row_number() OVER () - 1 AS n"
            " FROM (SELECT DISTINCT evidence_id FROM evidence)"
        )
        (count,) = connection.execute("SELECT count(*) FROM ids").fetchall()[0]
        for on in SNAPSHOTS[1:]:
            connection.execute(
                "INSERT INTO snapshot SELECT $id, $on, 'bench', NULL, NULL, 'bench', '{}', now()::TIMESTAMP",
                {"id": on.isoformat(), "on": on},
            )
            connection.execute(
                "INSERT INTO visit SELECT $id, 'site-' || s || '.example', evidence_id, 'observed', $id, 1, $on, $on"
                " FROM range($sites) AS r (s) JOIN ids ON ids.n = (s * 7 + $shift) % $count",
                {"id": on.isoformat(), "on": on, "sites": sites, "shift": on.month, "count": count},
            )


def measure(pictures: int, sites: int, folder: Path) -> dict[str, object]:
    """Seconds for judging `pictures`, judging again, a trend over 24 snapshots of `sites` sites, and explain."""
    archive = Archive(path=str(folder / "bench.duckdb"), memory_limit="4GiB")
    seed(archive)
    grow(archive, pictures, sites)
    with writing(archive) as connection:
        judged, judging = _timed(lambda: judge(connection))
    with writing(archive) as connection:
        again, second = _timed(lambda: judge(connection))
    with reading(archive) as connection:
        _, agent = _timed(lambda: trend(connection, agent="GPTBot"))
        _, use = _timed(lambda: trend(connection, use=Use.TRAIN_GENERATIVE))
        _, one = _timed(lambda: explain(connection, "s7.example"))
        visits = connection.execute("SELECT count(*) FROM visit").fetchall()[0][0]
    return {
        "pictures": judged,
        "visits": visits,
        "judge_seconds": judging,
        "judge_again_seconds": second,
        "judged_again": again,
        "trend_agent_seconds": agent,
        "trend_use_seconds": use,
        "explain_seconds": one,
        "duckdb": duckdb.__version__,
    }


def _timed(work: Callable[[], Result]) -> tuple[Result, float]:
    started = time.perf_counter()
    result = work()
    return result, round(time.perf_counter() - started, 2)


@click.command()
@click.option("--pictures", default=50_000, show_default=True, help="Distinct pictures of sites to judge.")
@click.option("--sites", default=100_000, show_default=True, help="Sites in each of the 24 snapshots.")
def main(pictures: int, sites: int) -> None:
    """Measure judging, trends and explain on a generated archive."""
    with TemporaryDirectory(prefix="openweb-bench-") as folder:
        json.dump(measure(pictures, sites, Path(folder)), sys.stdout)
        click.echo()


if __name__ == "__main__":
    main()
