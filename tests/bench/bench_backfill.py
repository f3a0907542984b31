"""History from tables, the whole road by the command itself: rows a second, CPU seconds and peak memory.

    python tests/bench/bench_backfill.py [--only panel|history] [--json]

Floor (what a change must not fall below): the panel of 1,585 site-months in under 20 seconds; the change log of 112,833
rows (2.7 million visits) in under two minutes and 4 GiB, on two quiet cores. Read, hashed, parsed, written, judged.
Peak memory is the sum of the peaks of the process and its readers, so never too low. CPU seconds are those of all of
them; on a machine with other work wall time is not worth reading. Data that is not there is skipped.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
GIB = 1024.0**3
COLUMNS = ("--site", "site", "--body", "body", "--date")
CALENDAR = DATA / "robots_history_usgov_calendar.csv"
LOG = ("observed_at", "--status", "status", "--change-log", "--calendar", str(CALENDAR))
TABLES = {
    "panel": ("robots_panel_2025_2026.parquet", (*COLUMNS, "observed_on"), 20.0),
    "history": ("robots_history_usgov_2020_2025.parquet", (*COLUMNS, *LOG), 120.0),
}
MOST_BYTES = 4 * GIB


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took and made; times in seconds, memory and file in bytes."""

    rows: int
    visits: int
    wall: float
    cpu_user: float
    cpu_system: float
    peak_bytes: int
    file_bytes: int

    @property
    def cpu(self) -> float:
        """CPU seconds, the kernel's among them."""
        return self.cpu_user + self.cpu_system


def measure(name: str) -> Cost:
    """One run of `openweb backfill table` into an archive of its own."""
    file, options, _ = TABLES[name]
    with tempfile.TemporaryDirectory() as folder:
        db = Path(folder) / "bench.duckdb"
        command = [sys.executable, str(ROOT / "openweb.py"), "backfill", "table", str(DATA / file), *options]
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        # Run from the empty folder, so that no settings but the defaults are read.
        with subprocess.Popen([*command, "--db", str(db)], cwd=folder, stdout=subprocess.DEVNULL) as run:
            peaks: dict[int, int] = {}
            while run.poll() is None:
                for process in _tree(run.pid):
                    peaks[process] = max(peaks.get(process, 0), _peak(process))
                time.sleep(0.05)
        wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        if run.returncode:
            raise SystemExit(f"{' '.join(command)}: exit code {run.returncode}")
        with duckdb.connect(str(db), read_only=True) as connection:
            rows, visits = connection.execute("SELECT sum(exchanges + rejects), sum(visits) FROM segment").fetchall()[0]
        user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
        return Cost(int(rows), int(visits), wall, user, system, sum(peaks.values()), db.stat().st_size)


def _tree(root: int) -> list[int]:
    """The processes that `root` has started and itself, those gone meanwhile left out."""
    found, waiting = [], [root]
    while waiting:
        process = waiting.pop()
        found.append(process)
        for children in Path(f"/proc/{process}/task").glob("*/children"):
            waiting += map(int, _text(children).split())
    return found


def _peak(process: int) -> int:
    """The most memory a process had so far; 0 where it has gone."""
    lines = [line for line in _text(Path(f"/proc/{process}/status")).splitlines() if line.startswith("VmHWM:")]
    return int(lines[0].split()[1]) * 1024 if lines else 0


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def main() -> int:
    """Measure, print, and exit 1 below a floor."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=list(TABLES))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    good = True
    for name in [given.only] if given.only else TABLES:
        file, _, floor = TABLES[name]
        if not (DATA / file).exists():
            sys.stderr.write(f"{name}: skipped, {file} is not there\n")
            continue
        cost = measure(name)
        good = good and cost.wall <= floor and cost.peak_bytes <= MOST_BYTES
        if given.json:
            record = {"bench": "backfill", "table": name, "floor_seconds": floor, **asdict(cost)}
            sys.stdout.write(json.dumps(record) + "\n")
        else:
            sys.stdout.write(
                f"{name:<8} {cost.rows:>8,} rows, {cost.visits:>9,} visits: {cost.rows / cost.wall:>7,.0f} rows/s,"
                f" {cost.wall:.1f} s (floor {floor:.0f}), CPU {cost.cpu:.1f} s ({cost.cpu_system:.1f} system),"
                f" peak {cost.peak_bytes / GIB:.2f} GiB, file {cost.file_bytes / 1e6:.0f} MB\n"
            )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
