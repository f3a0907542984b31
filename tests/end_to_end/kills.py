"""`kill -9` at random moments of `openweb crawl`, each followed by `--resume`: nothing lost, nothing twice.

`python -m tests.end_to_end.kills --kills 100 --hosts 300` crawls the web of `many_hosts` with the real command into a
real archive, kills it that often, goes on each time, takes the next snapshot when one is finished and one more at the
end, and prints, as JSON, what was wrong (nothing). From the second snapshot on, robots.txt files that are known are
asked for only if they have changed, and none has.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from crawler.sources.warc import read_visits
from crawler.spool import segments
from tests.end_to_end.many_hosts import Host, expected, hosts
from tests.end_to_end.tenthousand import ROOT, serving, settings_of

LONGEST = 6.0
"""Seconds a run lives at most before it is killed; about two of them pass before it asks anything, more beside work."""


class Command:
    """The command `openweb` in a folder, under settings that reach the web of many hosts and nothing else."""

    def __init__(self, every: list[Host], ports: tuple[int, int], folder: Path, **more: object) -> None:
        self.folder = folder
        (folder / "sites.txt").write_text("".join(f"{host.name}\n" for host in every))
        # Other work on the machine must not look like slow sites.
        lean = {"crawl.concurrency": 12, "crawl.segment_visits": 20, "quality.latency_growth": 1e6}
        values = settings_of(every, ports, folder, **lean | more)
        (folder / "settings.toml").write_text(_toml(values))
        self.environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))}

    def start(self, *arguments: str, **more: Any) -> subprocess.Popen[str]:
        """Start the command."""
        return subprocess.Popen(
            [sys.executable, "-m", "openweb", *arguments, "--db", "web.duckdb"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )

    def run(self, *arguments: str, **more: Any) -> tuple[int, str, str]:
        """Run the command to its end; returns its exit code, output and messages."""
        process = self.start(*arguments, **more)
        out, err = process.communicate(timeout=280)
        return process.returncode, out, err

    def crawl(self, day: date, *, resume: bool) -> tuple[str, ...]:
        """The arguments that begin or go on with the snapshot of a day."""
        begin = ("--resume", day.isoformat()) if resume else ("--sites", "sites.txt", "--date", day.isoformat())
        return ("crawl", *begin, "--log", f"{day.isoformat()}.jsonl")


def _toml(values: dict[str, object]) -> str:
    lines: dict[str, list[str]] = {}
    for dotted, value in values.items():
        section, key = dotted.split(".", 1)
        if isinstance(value, dict):
            lines[dotted] = [f"{json.dumps(name)} = {json.dumps(target)}" for name, target in value.items()]
        else:
            lines.setdefault(section, []).append(f"{key} = {json.dumps(value)}")
    return "\n".join(line for section, body in lines.items() for line in (f"[{section}]", *body)) + "\n"


def run(
    kills: int, count: int, folder: Path, *, seed: int = 7, longest: float = LONGEST, **more: object
) -> dict[str, Any]:
    """Kill and go on `kills` times; `wrong` lists what was lost, twice there or damaged, empty when nothing was.

    `at_work` counts the kills of runs that had finished visits, `taking_in` those that had taken in segments too.
    """
    every = hosts(count)
    moments = random.Random(seed)
    began = time.monotonic()
    day, days = date(2026, 11, 1), [date(2026, 11, 1)]
    done, wrong = 0, []
    at_work = taking_in = 0
    with serving(count, folder) as ports:
        command = Command(every, ports, folder, **more)
        begun = False
        while done < kills:
            log = folder / f"{day.isoformat()}.jsonl"
            before = log.stat().st_size if log.exists() else 0
            process = command.start(*command.crawl(day, resume=begun))
            try:
                _, err = process.communicate(timeout=moments.uniform(0.3, longest))
            except subprocess.TimeoutExpired:
                process.kill()
                _, err = process.communicate()
                done += 1
                grown = log.read_bytes()[before:] if log.exists() else b""
                at_work += b'"event": "visit"' in grown
                taking_in += b'"event": "segment"' in grown
                begun = (folder / "spool" / day.isoformat() / "snapshot.json").exists()
            else:
                if process.returncode:
                    wrong.append(f"{day}: exit {process.returncode}: {err[-500:]}")
                    break
                day, begun = day + timedelta(1), False
                days.append(day)
            if "Traceback" in err:
                wrong.append(f"{day}: {err[-500:]}")
        code, _, err = command.run(*command.crawl(day, resume=begun))
        if code:
            wrong.append(f"{day}: exit {code}: {err[-500:]}")
        days.append(day + timedelta(1))
        code, _, err = command.run(*command.crawl(days[-1], resume=False))
        if code:
            wrong.append(f"{days[-1]}: exit {code}: {err[-500:]}")
        code, _, err = command.run("verify")
        if code:
            wrong.append(f"verify: exit {code}: {err[-500:]}")
    acknowledged = 0
    for day in days:
        told = _acknowledged(folder / f"{day.isoformat()}.jsonl")
        acknowledged += len(told)
        wrong += _wrong(every, folder, day.isoformat(), told)
        wrong += _wrong_known(every, folder, day.isoformat(), first=day == days[0])
    seconds = round(time.monotonic() - began, 1)
    return {
        "kills": done,
        "at_work": at_work,
        "taking_in": taking_in,
        "hosts": count,
        "snapshots": len(days),
        "acknowledged": acknowledged,
        "seconds": seconds,
        "wrong": wrong,
    }


def _acknowledged(log: Path) -> list[str]:
    """The sites the log says are visited; its last line may be cut off."""
    whole = (line for line in log.read_text().splitlines() if line.startswith("{") and line.endswith("}"))
    return [event["site"] for event in map(json.loads, whole) if event["event"] == "visit"]


def _wrong(every: list[Host], folder: Path, snapshot: str, told: list[str]) -> Iterator[str]:
    spool = folder / "spool" / snapshot
    visits = [visit for path in segments(spool) for visit in read_visits(path)]
    spooled = Counter(visit.site for visit in visits)
    with duckdb.connect(str(folder / "web.duckdb"), read_only=True) as connection:
        rows = connection.execute("SELECT site FROM visit WHERE snapshot_id = ?", [snapshot]).fetchall()
        (rejects,) = connection.execute("SELECT count(*) FROM reject").fetchall()[0]
    archived = Counter(site for (site,) in rows)
    wanted = Counter(host.name for host in every)
    for where, found in (("segments", spooled), ("archive", archived)):
        if found != wanted:
            yield f"{snapshot}: {where}: too many {dict(found - wanted)}, missing {dict(wanted - found)}"
    if twice := {site: times for site, times in Counter(told).items() if times > 1}:
        yield f"{snapshot}: acknowledged more than once: {twice}"
    if lost := set(told) - set(archived):
        yield f"{snapshot}: acknowledged and lost: {sorted(lost)}"
    if rejects:
        yield f"{rejects} rejects"
    if left := [path.name for path in spool.glob("*.part")]:
        yield f"{snapshot}: left behind: {left}"
    known = {host.name: host for host in every}
    for visit in visits:
        outcomes = Counter((exchange.role, exchange.outcome.value) for exchange in visit.exchanges)
        if outcomes != expected(known[visit.site]):
            yield f"{snapshot}: {visit.site} ({known[visit.site].kind}): {dict(outcomes)}"


def _wrong_known(every: list[Host], folder: Path, snapshot: str, *, first: bool) -> Iterator[str]:
    """Every robots.txt with a validator came in the first snapshot, and was only confirmed in those after it."""
    statement = (
        "SELECT site FROM exchange WHERE snapshot_id = ? AND role = 'robots.txt' AND unchanged_since IS NOT NULL"
    )
    with duckdb.connect(str(folder / "web.duckdb"), read_only=True) as connection:
        found = {site for (site,) in connection.execute(statement, [snapshot]).fetchall()}
    wanted = set() if first else {host.name for host in every if host.kind == "plain"}
    if found != wanted:
        differing = sorted(found ^ wanted)[:9]
        yield f"{snapshot}: {len(found)} robots.txt confirmed by a 304 instead of {len(wanted)}: {differing}"


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--hosts", type=int, default=300)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--concurrency", type=int, default=12)
    parser.add_argument("--longest", type=float, default=LONGEST, help="seconds a run lives at most")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wide = {"crawl.concurrency": given.concurrency, "crawl.segment_visits": max(20, given.hosts // 30)}
        found = run(given.kills, given.hosts, Path(folder), seed=given.seed, longest=given.longest, **wide)
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    sys.exit(bool(found["wrong"]))


if __name__ == "__main__":
    _main()
