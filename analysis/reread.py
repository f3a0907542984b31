"""The whole archive judged again with today's readers, registry and rules; old rows stay, the difference is ours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from analysis.query import rows, sql
from analysis.verdicts import judge
from crawler.archive import reading, writing
from crawler.ingest import take_statements
from crawler.ingest_read import Batches, Content, Readers
from crawler.records import Headers
from crawler.settings import Archive
from crawler.signals import readers_of
from crawler.vocabulary import Outcome, Part

BATCH_BYTES = 64 * 1024 * 1024
BATCH = 5_000
"""Contents read and written together; an interrupted run keeps the batches it has written."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Verdicts that judging again has changed: `pictures` distinct appearances of `sites` sites over all snapshots.

    `reader` is the one whose statement decides (`id@version`, or the carrier of access rows), None where none does.
    """

    use: str
    before: str
    after: str
    rule_before: str
    rule_after: str
    reader: str | None
    pictures: int
    sites: int


@dataclass(frozen=True, slots=True)
class Reread:
    """What a run did: contents read, readings found in them, pictures judged, and the verdicts that changed by that."""

    contents: int
    readings: int
    judged: int
    changed: tuple[Changed, ...]


def reread(
    archive: Archive, *, progress: Callable[[int, int], None] | None = None, workers: int | None = None
) -> Reread:
    """Read what today's readers have not read of the contents the archive holds, then judge.

    `progress` is told contents done and in all after each batch. Appends only; nothing new changes nothing; started
    again after an interruption it completes. Pages whose bytes are not kept cannot be read again from here: what an
    earlier reader found in them stands. Raises ArchiveError.
    """
    with reading(archive) as connection:
        _readers_of(connection)
        unread = rows(connection, sql("reread_unread"))
    done = readings = 0
    for batch in _batches(unread):
        with reading(archive) as connection:
            contents = list(_contents(connection, batch))
        # Readers work before the archive is opened for writing, so that others can read it meanwhile.
        read = list(_read(contents, workers))
        with writing(archive) as connection:
            readings += take_statements(connection, read)
        done += len(batch)
        if progress is not None:
            progress(done, len(unread))
    with writing(archive) as connection:
        mark = connection.execute("SELECT coalesce(max(rowid), -1) FROM verdict").fetchall()[0][0]
        judged = judge(connection)
        changed = tuple(Changed(**row) for row in rows(connection, sql("reread_changed"), {"mark": mark}))
    return Reread(done, readings, judged, changed)


def _readers_of(connection: duckdb.DuckDBPyConnection) -> None:
    """Make readable in SQL which readers of today read each part of each role the archive holds, by its outcome."""
    roles = [row["role"] for row in rows(connection, "SELECT DISTINCT role FROM exchange ORDER BY role")]
    found = [
        (role, part.value, outcome.value, reader)
        for role in roles
        for part in Part
        for outcome in Outcome
        for reader in filter(None, readers_of(role, part, outcome).split(","))
    ]
    names = ("role", "part", "outcome", "reader_key")
    table = pa.table({name: pa.array([row[at] for row in found], pa.string()) for at, name in enumerate(names)})
    connection.register("incoming_words", table)
    connection.execute("CREATE OR REPLACE TEMP TABLE reader_of AS FROM incoming_words")
    connection.unregister("incoming_words")


def _read(contents: Sequence[Content], workers: int | None) -> Iterator[Batches]:
    readers = Readers(workers)
    yield from readers.read(contents)
    yield from readers.rest()


def _batches(unread: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    size = 0
    for row in unread:
        batch.append(row)
        size += row["bytes"]
        if size >= BATCH_BYTES or len(batch) >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _contents(connection: duckdb.DuckDBPyConnection, batch: Sequence[dict[str, Any]]) -> Iterator[Content]:
    bodies = [row["content_sha256"] for row in batch if row["part"] == Part.BODY]
    sets = [row["content_sha256"] for row in batch if row["part"] == Part.HEADERS]
    data = {row["sha256"]: bytes(row["data"]) for row in rows(connection, sql("reread_bodies"), {"shas": bodies})}
    lines: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows(connection, sql("reread_headers"), {"shas": sets}):
        lines[row["sha256"]].append((row["name"], row["value"]))
    for row in batch:
        part, sha = Part(row["part"]), row["content_sha256"]
        held: bytes | Headers = data[sha] if part is Part.BODY else tuple(lines[sha])
        yield Content(row["role"], part, sha, held, frozenset(row["readers"]))
