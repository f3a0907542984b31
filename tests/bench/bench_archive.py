"""Archive writes against what a first attempt does: Arrow batches beside executemany, rows a second, same machine.

    python tests/bench/bench_archive.py [--rows N] [--json]

Floor (what a change must not fall below): Arrow batches, as the readers hand them to the spool, 500 times faster than
executemany with autocommit. Both write the same rows of `visit` into a file with the archive's own schema, in turn,
several rounds; the best of each counts; opening and committing included. Beside them: rows that are Python tuples still
(`append`), and the whole road (`take_in` of distinct robots.txt bodies: hashed, read, written, one transaction).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from crawler.archive import append, writing
from crawler.ingest import Portion, take_in
from crawler.ingest_spool import Spool, batch_of
from crawler.records import Exchange, Snapshot, Visit
from crawler.settings import Archive
from crawler.vocabulary import ROLE_ROBOTS, Outcome

FLOOR = 500.0
SLOW_ROWS = 400
AT = datetime(2025, 1, 1, tzinfo=UTC)


def visits(count: int) -> list[tuple[Any, ...]]:
    """Rows of `visit`."""
    naive = AT.replace(tzinfo=None)
    return [("2025-01-01", f"{n}.example", n, "observed", "2025-01-01", 1, naive, naive) for n in range(count)]


def executemany(rows: list[tuple[Any, ...]], archive: Archive) -> float:
    """Rows a second by one INSERT a row, each its own transaction."""
    with writing(archive) as made:
        columns = len(made.execute("DESCRIBE visit").fetchall())
    marks = ", ".join("?" * columns)
    with duckdb.connect(archive.path) as connection:
        started = time.perf_counter()
        connection.executemany(f"INSERT INTO visit VALUES ({marks})", rows)
        return len(rows) / (time.perf_counter() - started)


def arrow(batch: pa.RecordBatch, archive: Archive) -> float:
    """Rows a second from an Arrow batch by way of the spool, in one transaction."""
    with writing(archive) as made:
        made.execute("FROM visit LIMIT 0")
    started = time.perf_counter()
    with Spool() as spool, writing(archive) as connection:
        spool.extend("visit", batch)
        spool.register(connection, "visit", "incoming")
        connection.execute("INSERT INTO visit FROM incoming")
    return float(batch.num_rows) / (time.perf_counter() - started)


def tuples(rows: list[tuple[Any, ...]], archive: Archive) -> float:
    """Rows a second by `crawler.archive.append`, in one transaction."""
    with writing(archive) as made:
        made.execute("FROM visit LIMIT 0")
    started = time.perf_counter()
    with writing(archive) as connection:
        append(connection, "visit", rows)
    return len(rows) / (time.perf_counter() - started)


def road(count: int, archive: Archive) -> float:
    """Visits a second through `take_in`, every body distinct."""
    day = Snapshot("2025-01-01", date(2025, 1, 1), "bench")

    def made(number: int) -> tuple[str, Visit]:
        body = b"User-agent: GPTBot\nDisallow: /%d\n\nUser-agent: *\nDisallow: /private\n" % number
        site = f"{number}.example"
        url = f"https://{site}/robots.txt"
        return day.id, Visit(site, (Exchange(site, ROLE_ROBOTS, url, Outcome.OK, AT, status=200, body=body),), AT, AT)

    started = time.perf_counter()
    take_in(archive, Portion("0" * 64, "bench", (day,), map(made, range(count))), workers=1)
    return count / (time.perf_counter() - started)


def measure(rows: int, rounds: int = 3) -> dict[str, float]:
    """The best of `rounds` of each, taken in turn."""
    given = visits(rows)
    batch = batch_of("visit", given)
    ways: dict[str, Callable[[Archive], float]] = {
        "executemany": lambda archive: executemany(given[:SLOW_ROWS], archive),
        "arrow": lambda archive: arrow(batch, archive),
        "tuples": lambda archive: tuples(given, archive),
        "take_in": lambda archive: road(min(rows, 10_000), archive),
    }
    best = dict.fromkeys(ways, 0.0)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            for name, way in ways.items():
                speed = way(Archive(path=str(Path(folder) / f"{name}-{number}.duckdb")))
                best[name] = max(best[name], speed)
    return {**best, "ratio": best["arrow"] / best["executemany"]}


def main() -> int:
    """Measure, print, and exit 1 below the floor."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = measure(given.rows)
    if given.json:
        sys.stdout.write(json.dumps({"bench": "archive", "floor": FLOOR, **found}) + "\n")
    else:
        for name in ("executemany", "arrow", "tuples", "take_in"):
            sys.stdout.write(f"{name:<12} {found[name]:>12,.0f} rows/s\n")
        sys.stdout.write(f"ratio        {found['ratio']:>12,.0f} x executemany (floor {FLOOR:,.0f})\n")
    return 0 if found["ratio"] >= FLOOR else 1


if __name__ == "__main__":
    sys.exit(main())
