"""Distinct contents to statements: every signal of a content together, in processes where there is much to read."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from multiprocessing.connection import wait
from typing import NamedTuple

import pyarrow as pa

from crawler.ingest_spool import Row, batch_of
from crawler.records import AccessRow, Exchange, Fact, Fault, Headers, LicenceClaim, Reading, Signal
from crawler.signals import signals_of, statements
from crawler.vocabulary import Outcome, Part

INLINE_BYTES = 16 * 1024 * 1024
"""Below this much content the start of other processes costs more than it saves."""
TASK_BYTES = 2 * 1024 * 1024
TASK_CONTENTS = 250
_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_RAW = 4096

Batches = dict[str, pa.RecordBatch]


class Content(NamedTuple):
    """One distinct part of an exchange, and the readers (`id@version`) that are to read it."""

    role: str
    part: Part
    sha256: str
    data: bytes | Headers
    readers: frozenset[str]

    @property
    def size(self) -> int:
        """Bytes to read, roughly."""
        return len(self.data) if self.part is Part.BODY else 200 * len(self.data)


def reader_of(reader: Signal) -> str:
    """`id@version`, as the read log names a reader."""
    return f"{reader.id}@{reader.version}"


def read_contents(contents: Sequence[Content]) -> Batches:
    """The statements in `contents` as one Arrow batch a table, the read log among them; pure but for its duration.

    A reader that fails on a content is a fault of every carrier it reads there, with the reason: what could not be
    read must not look like silence.
    """
    rows: dict[str, list[Row]] = defaultdict(list)
    readers = cache(signals_of)
    for content in contents:
        exchange = _exchange(content)
        read: list[str] = []
        for reader in readers(content.role, content.part):
            if reader_of(reader) not in content.readers:
                continue
            read.append(reader_of(reader))
            try:
                found = statements(reader, exchange)
            except Exception as error:
                reason = f"reader failed: {type(error).__name__}: {error}"[:200]
                found = [Fault(carrier.id, reason, reader_of(reader), "") for carrier in reader.carriers]
            for number, statement in enumerate(found):
                table, row = _row(content, reader, number, statement)
                rows[table].append(row)
        rows["read_log"].append((content.role, content.part, content.sha256, ",".join(read)))
    return {table: batch_of(table, held) for table, held in rows.items()}


def _exchange(content: Content) -> Exchange:
    body = content.data if isinstance(content.data, bytes) else None
    headers = () if isinstance(content.data, bytes) else content.data
    return Exchange("", content.role, "", Outcome.OK, _MOMENT, status=200, headers=headers, body=body)


def _row(content: Content, reader: Signal, number: int, found: object) -> tuple[str, Row]:
    by = (content.sha256, reader.id, reader.version)
    if isinstance(found, AccessRow):
        return "access", (content.sha256, reader.version, *found)
    key = f"{content.role}:{content.sha256[:16]}:{reader_of(reader)}:{number}"
    match found:
        case Reading():
            return "reading", (
                *(key, content.role, *by, found.carrier, found.use, found.stance, found.strength, found.locator),
                *(found.line, found.raw[:_MAX_RAW], found.agent, found.scope, found.pattern, found.interpretation),
                *(found.vocabulary, found.provenance, found.condition, found.note),
                *(found.in_force_from, found.in_force_until),
            )
        case LicenceClaim():
            return "licence_claim", (
                *(key, content.role, *by, found.carrier, found.url, found.spdx, found.family, found.version),
                *(found.jurisdiction, found.licence_class, found.subject, found.locator, found.raw[:_MAX_RAW]),
                *(found.location, found.partial, found.note),
            )
        case Fault():
            return "fault", (content.role, *by, found.carrier, found.reason, found.locator, found.raw[:_MAX_RAW])
        case Fact():
            fact = (found.carrier, found.name, found.value, found.locator, found.raw[:_MAX_RAW])
            return "fact", (content.role, *by, *fact)
    raise TypeError(f"signal {reader.id} states a {type(found).__name__}")


_pools: dict[int, ProcessPoolExecutor] = {}


def _pool(workers: int) -> ProcessPoolExecutor:
    """The pool of this process, kept for the next portion: starting one costs about a second."""
    if workers not in _pools:
        # Forking would copy the locks of DuckDB's and Arrow's threads in whatever state they are in.
        context = multiprocessing.get_context("spawn")
        _pools[workers] = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin_worker)
    return _pools[workers]


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Rows and statements by the hundred thousand, and no cycles to speak of: looking for those at Python's usual pace
    takes a tenth of the time.
    """
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], 50_000), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _begin_worker() -> None:
    """An interrupt is the parent's to handle, and a killed parent must not leave its readers behind."""
    gc.set_threshold(50_000)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


class Readers:
    """Reads contents as they are handed in and gives the batches back; in processes once there is much to read."""

    def __init__(self, workers: int | None) -> None:
        self.workers = workers if workers is not None else _cores()
        self._running: list[tuple[Future[Batches], list[Content]]] = []

    def read(self, contents: Sequence[Content]) -> Iterator[Batches]:
        """Take `contents` on; yields what is done of these and earlier ones, holding at most a few tasks back."""
        if self.workers < 2 or (not self._running and sum(content.size for content in contents) < INLINE_BYTES):
            for task in _tasks(contents):
                yield read_contents(task)
            return
        for task in _tasks(contents):
            self._running.append((self._submit(task), task))
        yield from self._done(leave=4 * self.workers)

    def rest(self) -> Iterator[Batches]:
        """What is still being read, when it is done."""
        yield from self._done(leave=0)

    def _submit(self, task: list[Content]) -> Future[Batches]:
        try:
            return _pool(self.workers).submit(read_contents, task)
        except BrokenProcessPool as error:
            _pools.pop(self.workers, None)
            broken: Future[Batches] = Future()
            broken.set_exception(error)
            return broken

    def _done(self, leave: int) -> Iterator[Batches]:
        while len(self._running) > leave:
            future, task = self._running.pop(0)
            try:
                batches = future.result()
            except BrokenProcessPool:
                # A process was killed (memory, an operator): what it held is read here instead, nothing is lost.
                _pools.pop(self.workers, None)
                self.workers = 1
                batches = read_contents(task)
            yield batches


def _cores() -> int:
    """The cores this process may use, where the system says so."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _tasks(contents: Sequence[Content]) -> Iterator[list[Content]]:
    task: list[Content] = []
    size = 0
    for content in contents:
        task.append(content)
        size += content.size
        if size >= TASK_BYTES or len(task) >= TASK_CONTENTS:
            yield task
            task, size = [], 0
    if task:
        yield task
