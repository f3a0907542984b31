"""Many origins in twelve snapshots, judged, explained and counted: `python tests/bench/bench_million.py`.

`--origins 1000000` measures a million; without it 50,000, which takes a minute or two on two cores.

Real robots.txt files come through the real door; then origins are drawn from what those sites showed, each source of
data weighing the same and each picture as often as its source has it, and a share of the origins draws anew every
month. Visits and exchanges are made in SQL. Prints one JSON object; seconds are wall time and CPU time, of the process
for the calls and of the command for what begins with `openweb` (the best of several runs).
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import click
import duckdb

from analysis.changes import changes
from analysis.explain import explanation
from analysis.trends import trend
from analysis.verdicts import judge
from analysis.waves import waves
from crawler.archive import reading, writing
from crawler.settings import Archive
from crawler.vocabulary import Use

Result = TypeVar("Result")
DATA = Path(__file__).parents[2] / "../shared/data"
OPENWEB = (sys.executable, "-m", "openweb")
RUNS = 5
COMMON = ("--site", "site", "--body", "body")
SOURCES: dict[str, tuple[str, ...]] = {
    "robots_panel_2025_2026.parquet": ("--date", "observed_on", "--name", "panel"),
    "robots_snapshot_2024.parquet": ("--date", "observed_at", "--status", "status", "--name", "y24"),
    "robots_snapshot_2019.parquet": ("--date", "observed_at", "--status", "status", "--name", "y19"),
    "robots_history_usgov_2020_2025.parquet": (
        *("--date", "observed_at", "--status", "status", "--truncated", "truncated", "--change-log"),
        *("--calendar", str(DATA / "robots_history_usgov_calendar.csv"), "--name", "usgov"),
    ),
}


def build(base: Path) -> None:
    """The real files through the real door."""
    for name, options in SOURCES.items():
        command = [*OPENWEB, "backfill", "table", str(DATA / name), *COMMON, *options, "--db", str(base)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def lacking() -> list[str]:
    """The files of real robots.txt that are not here."""
    return [name for name in SOURCES if not (DATA / name).exists()]


def grow(archive: Archive, origins: int, months: int, moving: float) -> None:
    """Snapshots 2030-01 onwards of `origins` sites; `moving` is the share that draws another picture each month."""
    with writing(archive) as connection:
        for table in ("verdict", "coverage"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute(
            "CREATE TEMP TABLE drawn AS WITH often AS ("
            " SELECT source, evidence_id, count(*) AS visits FROM visit"
            " JOIN snapshot USING (snapshot_id) GROUP BY ALL),"
            " share AS (SELECT evidence_id, sum(visits / whole) AS weight FROM often"
            " JOIN (SELECT source, sum(visits) AS whole FROM often GROUP BY source) USING (source) GROUP BY ALL)"
            " SELECT evidence_id, 1 - sum(weight) OVER (ORDER BY weight, evidence_id) / sum(weight) OVER () AS above"
            " FROM share"
        )
        for table in ("visit", "exchange", "snapshot"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute(
            "CREATE TEMP TABLE epoch AS SELECT s, 0 AS since, hash(s, 0) / 18446744073709551616.0 AS luck"
            " FROM range($origins) AS r (s)",
            {"origins": origins},
        )
        for month in range(months):
            on = date(2030 + month // 12, month % 12 + 1, 15)
            values = {"month": month, "moving": moving, "id": on.isoformat(), "on": on}
            connection.execute(
                "CREATE OR REPLACE TEMP TABLE epoch AS SELECT s, CASE WHEN moves THEN $month ELSE since END AS since,"
                " CASE WHEN moves THEN hash(s, $month) / 18446744073709551616.0 ELSE luck END AS luck"
                " FROM (SELECT *, $month > 0 AND hash(s, $month, 1) / 18446744073709551616.0 < $moving AS moves"
                " FROM epoch)",
                {key: values[key] for key in ("month", "moving")},
            )
            connection.execute(
                "INSERT INTO snapshot VALUES ($id, $on, 'bench', NULL, NULL, 'bench', '{}', $on::TIMESTAMP)",
                {key: values[key] for key in ("id", "on")},
            )
            connection.execute(
                "INSERT INTO visit SELECT $id, 'site-' || s || '.example', evidence_id, 'observed', $id, 1,"
                " $on::TIMESTAMP, $on::TIMESTAMP FROM epoch ASOF JOIN drawn ON luck >= above",
                {key: values[key] for key in ("id", "on")},
            )
            connection.execute(
                "INSERT INTO exchange (segment_id, seq, snapshot_id, site, role, hop, url, outcome, status, fetched_at,"
                " body_sha256, header_set_sha256, truncated)"
                " SELECT 1, row_number() OVER () + $month * 10000000, snapshot_id, site, role, 0,"
                " 'https://' || site || '/robots.txt', outcome, status, started_at, body_sha256, header_set_sha256,"
                " truncated"
                " FROM visit JOIN evidence USING (evidence_id) WHERE snapshot_id = $id",
                {key: values[key] for key in ("id", "month")},
            )


def measure(archive: Archive) -> dict[str, object]:
    """Judging everything and again, three explanations, two trends, the changes of the last month and all waves."""
    times: dict[str, object] = {}
    with writing(archive) as connection:
        times["judge"] = _timed(lambda: judge(connection))
    with writing(archive) as connection:
        times["judge_again"] = _timed(lambda: judge(connection))
    with reading(archive) as connection:
        for number, site in enumerate(("site-17.example", "site-4711.example", "https://site-4711.example/a/b?c=d")):
            times[f"explain_{number}"] = _timed(lambda site=site: len(explanation(connection, site).verdicts))  # type: ignore[misc]
        times["trend_agent"] = _timed(lambda: len(trend(connection, agent="GPTBot")))
        times["trend_use"] = _timed(lambda: len(trend(connection, use=Use.TRAIN_GENERATIVE)))
        times["changes"] = _timed(lambda: len(changes(connection)))
        times["waves"] = _timed(lambda: len(waves(connection)))
        counts = {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0]
            for name in ("visit", "exchange", "evidence", "body", "access", "reading", "verdict", "coverage")
        }
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    size = Path(archive.path).stat().st_size // 2**20
    # After the peak was taken: it is that of the calls above.
    for name, arguments in COMMANDS.items():
        times[f"openweb {name}"] = _command(*arguments, "--db", archive.path)
    return {"rows": counts, "seconds": times, "peak_mib": peak, "file_mib": size, "duckdb": duckdb.__version__}


COMMANDS: dict[str, tuple[str, ...]] = {
    "explain": ("explain", "site-4711.example"),
    "explain URL": ("explain", "https://site-4711.example/a/b?c=d"),
    "trend": ("trend", "--agent", "GPTBot"),
}


def _command(*arguments: str) -> dict[str, object]:
    """The best of several runs of the command, as somebody waits for it."""
    found = []
    for _ in range(RUNS):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run([*OPENWEB, *arguments], check=True, stdout=subprocess.DEVNULL)
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        found.append((wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
    return {"wall": round(min(wall for wall, _ in found), 2), "cpu": round(min(cpu for _, cpu in found), 2)}


def _timed(work: Callable[[], Result]) -> dict[str, object]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return {"result": result, "wall": round(time.perf_counter() - wall, 2), "cpu": round(time.process_time() - cpu, 2)}


def _apart(archive: Archive, origins: int, months: int, moving: float) -> None:
    """Grow the archive in a process of its own, so that the peak told is that of measuring."""
    process = multiprocessing.get_context("spawn").Process(target=grow, args=(archive, origins, months, moving))
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"the archive could not be grown: exit code {process.exitcode}")


@click.command()
@click.option("--origins", default=50_000, show_default=True, help="Origins in each snapshot; the whole is 1000000.")
@click.option("--months", default=12, show_default=True, help="Snapshots.")
@click.option("--moving", default=0.05, show_default=True, help="Share of origins that show something new each month.")
@click.option("--base", type=click.Path(path_type=Path), help="Keep the archive of the real files here, and use it.")
@click.option(
    "--keep", type=click.Path(path_type=Path), help="Keep the grown archive here; if it is there, only measure."
)
def main(origins: int, months: int, moving: float, base: Path | None, keep: Path | None) -> None:
    """Measure verdicts, explanations, trends and changes on a large archive of real files."""
    lacks = lacking() if not any(path is not None and path.exists() for path in (base, keep)) else []
    if lacks:
        where = f"files of real robots.txt that are not in {DATA.resolve()}; name an archive of them with --base"
        click.echo(json.dumps({"not measured": where, "lacking": lacks}))
        return
    with TemporaryDirectory(prefix="openweb-bench-") as folder:
        base = base or Path(folder) / "base.duckdb"
        path = keep or Path(folder) / "million.duckdb"
        archive = Archive(path=str(path), memory_limit="6GiB", threads=2)
        if not path.exists():
            if not base.exists():
                build(base)
            shutil.copy(base, path)
            _apart(archive, origins, months, moving)
        json.dump(measure(archive), sys.stdout, indent=1)
        click.echo()


if __name__ == "__main__":
    main()
