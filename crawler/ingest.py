"""Portions of input into the archive: gathered and read, then written in one transaction; twice changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from crawler import __version__
from crawler.agents_kept import register_registry
from crawler.archive import append, naive, now, reading, sql, writing
from crawler.errors import InputError
from crawler.frame import Frame
from crawler.ingest_gather import LATE, Key, Known, gather
from crawler.ingest_read import Batches
from crawler.ingest_spool import Row, Spool
from crawler.records import Reject, Snapshot, Visit
from crawler.settings import Archive

After = Callable[[duckdb.DuckDBPyConnection], object]


@dataclass(frozen=True, slots=True)
class Portion:
    """Input that is taken in whole or not at all; `sha256` is its fingerprint, `visits` pairs of snapshot id and visit.

    `calendar` holds snapshot ids and moments at which a site of this portion without a visit counts as unchanged since
    its last visit here; their snapshots are among `snapshots`.
    """

    sha256: str
    name: str
    snapshots: tuple[Snapshot, ...]
    visits: Iterable[tuple[str, Visit]]
    rejects: Iterable[Reject] = ()
    frames: tuple[Frame, ...] = ()
    calendar: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What one portion added; nothing where it was `already` there. `visits` counts those known as unchanged too."""

    name: str
    already: bool
    visits: int = 0
    exchanges: int = 0
    bodies: int = 0
    readings: int = 0
    rejects: int = 0


def total(name: str, taken: Sequence[TakenIn]) -> TakenIn:
    """The sum of several portions; `already` where every one of them was."""
    keys = ("visits", "exchanges", "bodies", "readings", "rejects")
    sums = {key: sum(getattr(one, key) for one in taken) for key in keys}
    return TakenIn(name, already=all(one.already for one in taken), **sums)


def take_in(archive: Archive, portion: Portion, *, after: After | None = None, workers: int | None = None) -> TakenIn:
    """Take `portion` into the archive at `archive.path`, making the archive if there is none.

    Contents are read before the archive is opened for writing, by `workers` processes (default: one a core) where
    there is much to read. `after` runs inside the transaction. Raises ArchiveError, or whatever `portion.visits`
    raises; the archive is then as it was.
    """

    def known(contents: list[Key], bodies: list[str]) -> Known:
        if not Path(archive.path).exists():
            return Known({}, {})
        with reading(archive) as connection:
            return _known(connection, contents, bodies)

    if Path(archive.path).exists():
        with reading(archive) as connection:
            if _is_in(connection, portion):
                return TakenIn(portion.name, already=True)
    with Spool() as spool:
        refused = gather(portion.visits, spool, known, keep_pages=archive.keep_pages, workers=workers)
        with writing(archive) as connection:
            return _write(connection, portion, spool, refused, after)


def take_in_to(
    connection: duckdb.DuckDBPyConnection,
    portion: Portion,
    *,
    after: After | None = None,
    keep_pages: bool = False,
    workers: int | None = None,
) -> TakenIn:
    """Take `portion` into an archive that is open, such as one in memory, in a transaction of its own."""
    if _is_in(connection, portion):
        return TakenIn(portion.name, already=True)
    with Spool() as spool:
        refused = gather(
            portion.visits,
            spool,
            lambda contents, bodies: _known(connection, contents, bodies),
            keep_pages=keep_pages,
            workers=workers,
        )
        connection.begin()
        try:
            taken = _write(connection, portion, spool, refused, after)
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
        return taken


def take_statements(connection: duckdb.DuckDBPyConnection, read: Iterable[Batches]) -> int:
    """Write what readers found in contents the archive holds, and that they have read them; returns the readings."""
    with Spool() as spool:
        for batches in read:
            for table, batch in batches.items():
                spool.extend(table, batch)
        return _statements(connection, spool)


def _is_in(connection: duckdb.DuckDBPyConnection, portion: Portion) -> bool:
    found = connection.execute("SELECT 1 FROM segment WHERE sha256 = ? LIMIT 1", [portion.sha256]).fetchall()
    return bool(found)


def _known(connection: duckdb.DuckDBPyConnection, contents: list[Key], bodies: list[str]) -> Known:
    read = connection.execute(sql("known_contents"), [list(map(list, contents))]).fetchall() if contents else []
    held = connection.execute(sql("known_bodies"), [bodies]).fetchall() if bodies else []
    return Known({(role, part, sha): frozenset(by.split(",")) for role, part, sha, by in read}, dict(held))


def _write(
    connection: duckdb.DuckDBPyConnection, portion: Portion, spool: Spool, refused: list[Reject], after: After | None
) -> TakenIn:
    if _is_in(connection, portion):
        return TakenIn(portion.name, already=True)
    (segment,) = connection.execute("SELECT coalesce(max(segment_id), 0) + 1 FROM segment").fetchall()[0]
    _snapshots(connection, portion)
    rejects = [(segment, r.place, r.site, r.reason, r.raw) for r in (*portion.rejects, *refused)]
    for frame in portion.frames:
        rejects += _frame(connection, segment, frame)
    append(connection, "reject", rejects)
    exchanges, visits = _visits(connection, spool, segment)
    for table in ("evidence", "header_set"):
        _from_spool(connection, spool, table, sql(f"take_{table}"))
    bodies = _from_spool(connection, spool, "body", sql("take_body"))
    _from_spool(connection, spool, LATE, sql("take_body_data"))
    readings = _statements(connection, spool)
    if portion.calendar:
        moments = {"id": [key for key, _ in portion.calendar], "at": [naive(at) for _, at in portion.calendar]}
        visits += _count(connection, sql("take_unchanged"), {"segment": segment, **moments})
    (rejected,) = connection.execute("SELECT count(*) FROM reject WHERE segment_id = ?", [segment]).fetchall()[0]
    totals = (visits, exchanges, rejected)
    append(connection, "segment", [(segment, portion.sha256, portion.name, f"openweb {__version__}", *totals, now())])
    register_registry(connection)
    if after is not None:
        after(connection)
    return TakenIn(portion.name, False, visits, exchanges, bodies, readings, rejected)


def _snapshots(connection: duckdb.DuckDBPyConnection, portion: Portion) -> None:
    there = dict(connection.execute("SELECT snapshot_id, source FROM snapshot").fetchall())
    rows = []
    for snapshot in portion.snapshots:
        source = there.get(snapshot.id)
        if source is None:
            settings = json.dumps(snapshot.settings, sort_keys=True, default=str)
            head = (snapshot.id, snapshot.on, snapshot.source, snapshot.frame_id, snapshot.vantage)
            rows.append((*head, f"openweb {__version__}", settings, now()))
        elif source != snapshot.source:
            raise InputError(
                f"{portion.name}: snapshot {snapshot.id} is in the archive already, from {source!r} and not from"
                f" {snapshot.source!r}; give these snapshots another name (--name), or use another archive (--db)"
            )
    append(connection, "snapshot", rows)


def _frame(connection: duckdb.DuckDBPyConnection, segment: int, frame: Frame) -> list[Row]:
    """Write a frame that is not there yet; returns its rejected entries as rows of `reject`."""
    if connection.execute("SELECT 1 FROM frame WHERE frame_id = ?", [frame.id]).fetchall():
        return []
    append(connection, "frame", [(frame.id, frame.source, frame.sha256, len(frame.sites), now())])
    rows = [
        (frame.id, s.site, s.site, s.name, s.stratum, s.category, s.country, s.rank, s.weight, s.part, s.listed)
        for s in frame.sites
    ]
    append(connection, "frame_site", rows)
    return [(segment, f"{frame.source} line {r.line}", None, r.reason, r.text) for r in frame.rejected]


def _visits(connection: duckdb.DuckDBPyConnection, spool: Spool, segment: int) -> tuple[int, int]:
    """Write exchanges and visits; a site that some earlier portion visited in the same snapshot becomes a reject."""
    spool.register(connection, "visit", "incoming")
    connection.execute("CREATE OR REPLACE TEMP TABLE incoming_visit AS FROM incoming")
    connection.unregister("incoming")
    connection.execute(sql("take_refused"))
    _count(connection, sql("take_refused_as_rejects"), {"segment": segment})
    exchanges = _from_spool(connection, spool, "exchange", sql("take_exchange"), {"segment": segment})
    visits = _count(connection, sql("take_visit"), {"segment": segment})
    connection.execute("DROP TABLE incoming_visit")
    connection.execute("DROP TABLE refused")
    return exchanges, visits


def _statements(connection: duckdb.DuckDBPyConnection, spool: Spool) -> int:
    """Write what was read, except of contents that another process has taken in meanwhile; returns the readings."""
    spool.register(connection, "read_log", "incoming")
    connection.execute(sql("take_fresh"))
    connection.unregister("incoming")
    connection.execute("INSERT INTO read_log FROM fresh")
    counts = {
        table: _from_spool(connection, spool, table, sql(f"take_{table}"))
        for table in ("reading", "licence_claim", "fault", "fact", "access")
    }
    connection.execute("DROP TABLE fresh")
    return counts["reading"]


def _from_spool(
    connection: duckdb.DuckDBPyConnection,
    spool: Spool,
    table: str,
    statement: str,
    values: dict[str, object] | None = None,
) -> int:
    """Run an INSERT that reads the rows refused for `table` as `incoming`; returns the rows it wrote."""
    if not spool.register(connection, table, "incoming"):
        connection.unregister("incoming")
        return 0
    written = _count(connection, statement, values)
    connection.unregister("incoming")
    return written


def _count(connection: duckdb.DuckDBPyConnection, statement: str, values: dict[str, object] | None = None) -> int:
    return int(connection.execute(statement, values or None).fetchall()[0][0])
