"""Reading what is taken in: by which readers, in which processes, and what happens when one fails or is killed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import pytest

from crawler import ingest_read, signals
from crawler.archive import memory
from crawler.archive_state import verify
from crawler.ingest import Portion, take_in_to
from crawler.records import Exchange, Snapshot, Visit
from crawler.settings import Archive
from crawler.vocabulary import ROLE_ROBOTS, Outcome, Part

MOMENT = datetime(2025, 3, 1, 12, 30, 15, tzinfo=UTC)
NAIVE = MOMENT.replace(tzinfo=None)
DAY = Snapshot("2025-03-01", date(2025, 3, 1), "test")
BLOCK = b"User-agent: GPTBot\nDisallow: /\n"


def exchange(role: str = ROLE_ROBOTS, **given: Any) -> Exchange:
    known = {"site": "a.example", "url": "https://a.example/robots.txt", "outcome": Outcome.OK, "fetched_at": MOMENT}
    return Exchange(**{**known, "status": 200, "role": role, **given})


def visit(*exchanges: Exchange, site: str = "a.example") -> Visit:
    return Visit(site, tuple(replace(each, site=site) for each in exchanges), MOMENT, MOMENT + timedelta(seconds=2))


def portion(*visits: Visit, name: str = "p", snapshot: Snapshot = DAY, **given: Any) -> Portion:
    key = hashlib.sha256(name.encode()).hexdigest()
    return Portion(key, name, (snapshot,), [(snapshot.id, each) for each in visits], **given)


@pytest.fixture
def open_archive() -> Iterator[duckdb.DuckDBPyConnection]:
    with memory(Archive()) as connection:
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def test_a_reader_that_fails_is_a_fault_and_never_silence(
    open_archive: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Exchange) -> list[Any]:
        raise RecursionError("too deep")

    groups = next(signal for signal in signals.SIGNALS if signal.id == "robots-groups")
    others = tuple(signal for signal in signals.SIGNALS if signal is not groups)
    monkeypatch.setattr(signals, "SIGNALS", (replace(groups, read=fail), *others))
    take_in_to(open_archive, portion(visit(exchange(body=BLOCK))))
    expected = [(carrier.id, "reader failed: RecursionError: too deep") for carrier in groups.carriers]
    assert rows(open_archive, "SELECT carrier, reason FROM fault") == expected


def test_a_new_version_of_a_reader_reads_again_and_only_it(
    open_archive: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in_to(open_archive, portion(visit(exchange(body=BLOCK))))
    before = rows(open_archive, "SELECT count(*) FROM access")[0][0]
    newer = tuple(
        replace(signal, version=signal.version + 1) if signal.id == "robots-groups" else signal
        for signal in signals.SIGNALS
    )
    monkeypatch.setattr(signals, "SIGNALS", newer)
    monkeypatch.setattr("crawler.ingest_gather._readers", _readers_anew)
    take_in_to(open_archive, portion(visit(exchange(body=BLOCK)), name="q", snapshot=replace(DAY, id="q")))
    assert rows(open_archive, "SELECT count(*) FROM access") == [(2 * before,)]
    logged = rows(open_archive, "SELECT readers FROM read_log WHERE role = 'robots.txt' ORDER BY length(readers)")
    version = next(signal.version for signal in newer if signal.id == "robots-groups")
    assert logged[0] == (f"robots-groups@{version}",)


def _readers_anew(*which: Any) -> frozenset[str]:
    return frozenset(filter(None, signals.readers_of(*which).split(",")))


@pytest.mark.parametrize("memory_bytes", [0, 1 << 30])
def test_a_spool_on_disk_holds_what_one_in_memory_does(memory_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.ingest_spool.Spool.__init__.__defaults__", (memory_bytes,))
    monkeypatch.setattr("crawler.ingest_spool.ROWS", 7)
    monkeypatch.setattr("crawler.ingest_gather.CHUNK_CONTENTS", 5)
    sites = [visit(exchange(body=b"#%d" % (number % 20)), site=f"{number}.example") for number in range(50)]
    with memory(Archive()) as connection:
        taken = take_in_to(connection, portion(*sites))
        assert (taken.visits, taken.bodies) == (50, 20)
        assert rows(connection, "SELECT count(*), count(DISTINCT seq) FROM exchange") == [(50, 50)]
        assert [check for check in verify(connection) if check.broken] == []


def test_processes_read_what_one_process_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.ingest_read.INLINE_BYTES", 0)
    monkeypatch.setattr("crawler.ingest_read.TASK_CONTENTS", 3)
    sites = [
        visit(exchange(body=b"User-agent: Bot%d\nDisallow: /\n" % number), site=f"{number}.example")
        for number in range(20)
    ]
    found = []
    for workers in (1, 2):
        with memory(Archive()) as connection:
            take_in_to(connection, portion(*sites), workers=workers)
            found.append(rows(connection, "FROM access ORDER BY ALL"))
    assert len(found[0]) >= 40
    assert found[0] == found[1]


def test_a_killed_reader_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.ingest_read.INLINE_BYTES", 0)
    readers = ingest_read.Readers(2)
    monkeypatch.setitem(ingest_read._pools, 2, _Dying())
    contents = [ingest_read.Content(ROLE_ROBOTS, Part.BODY, "0" * 64, BLOCK, frozenset({"robots-groups@1"}))]
    batches = [*readers.read(contents), *readers.rest()]
    assert [batch["read_log"].num_rows for batch in batches] == [1]


class _Dying(ProcessPoolExecutor):
    """A pool whose processes have been killed."""

    def __init__(self) -> None:
        super().__init__(1)
        self.submit(abs, 1).result()
        for process in self._processes.values():
            process.kill()
            process.join()
