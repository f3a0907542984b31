"""What an archive holds, and whether it is whole: the numbers of `openweb status`, the checks of `openweb verify`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

import duckdb

from crawler.archive import schemas, sql
from crawler.headers import fingerprint


@dataclass(frozen=True, slots=True)
class SnapshotState:
    """One snapshot: sites visited, of which `observed` then; `answered` where robots.txt came or is absent."""

    snapshot: str
    date: date
    source: str
    frame: str | None
    vantage: str | None
    tool: str
    sites: int
    observed: int
    answered: int
    outcomes: dict[str, int]
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class RunState:
    """One end of a run over a snapshot, with its counts."""

    snapshot: str
    state: str
    started_at: datetime
    ended_at: datetime
    tool: str
    counts: dict[str, object]


@dataclass(frozen=True, slots=True)
class State:
    """Everything `openweb status` shows. `totals` are counts by name, `file_bytes` the size of the file and its log."""

    schema: int
    written_by: str
    file_bytes: int
    totals: dict[str, object]
    snapshots: tuple[SnapshotState, ...]
    runs: tuple[RunState, ...]
    rejects: tuple[tuple[str, int, str], ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold; `broken` counts what breaks it, `example` names one."""

    rule: str
    broken: int
    example: str | None = None


def state(connection: duckdb.DuckDBPyConnection, path: Path) -> State:
    """The state of the archive at `path`, open as `connection`."""
    version, writer = connection.execute("SELECT version, written_by FROM schema_version").fetchall()[-1]
    log = path.with_name(path.name + ".wal")
    size = path.stat().st_size + (log.stat().st_size if log.exists() else 0)
    totals = connection.execute(sql("status_totals"))
    names = [column[0] for column in totals.description or ()]
    counts = dict(zip(names, totals.fetchall()[0], strict=True))
    snapshots = tuple(SnapshotState(*row) for row in connection.execute(sql("status_snapshots")).fetchall())
    runs = tuple(
        RunState(snapshot, ended, started_at, ended_at, tool, json.loads(counted))
        for snapshot, ended, started_at, ended_at, tool, counted in connection.execute(sql("status_runs")).fetchall()
    )
    rejects = tuple(connection.execute(sql("status_rejects")).fetchall())
    return State(version, writer, size, counts, snapshots, runs, rejects)


def verify(connection: duckdb.DuckDBPyConnection) -> Iterator[Check]:
    """Every check in turn: all cells can be read, bytes and headers match their hashes, tables fit together.

    What DuckDB itself cannot read raises duckdb.Error, which `crawler.archive.reading` turns into ArchiveError.
    """
    for table in sorted(schemas()):
        connection.execute(f"SELECT bit_xor(hash({table})) FROM {table}").fetchall()
        yield Check(f"every cell of {table} can be read", 0)
    checked, damaged, example = connection.execute(sql("verify_bodies")).fetchall()[0]
    yield Check(f"the bytes of {checked} bodies match their hashes", damaged, example)
    yield _header_sets(connection)
    for rule, broken, example in connection.execute(sql("verify_rules")).fetchall():
        yield Check(rule, broken, example)


def _header_sets(connection: duckdb.DuckDBPyConnection) -> Check:
    rows = connection.execute(sql("verify_header_sets")).fetchall()
    broken = []
    checked = 0
    for sha256, lines in groupby(rows, key=lambda row: row[0]):
        checked += 1
        if fingerprint(tuple((name, value) for _, _, name, value in lines)) != sha256:
            broken.append(sha256)
    return Check(f"the lines of {checked} header sets match their hashes", len(broken), min(broken, default=None))
