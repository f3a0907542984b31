"""The archive: one DuckDB file, opened for writing only while a portion is taken in, written through Arrow.

Readers and the one writer take turns on the file's lock; both wait `archive.lock_wait` seconds for it.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from crawler import __version__
from crawler.errors import Exit, OpenwebError
from crawler.settings import Archive

SCHEMA_VERSION = 2


class ArchiveError(OpenwebError):
    """The archive cannot be used as it is; the message says why and what to do."""

    exit_code = Exit.ARCHIVE


class ArchiveMissing(ArchiveError):
    """There is no archive at that place yet."""


class ArchiveBusy(ArchiveError):
    """Another process held the archive for longer than `archive.lock_wait`."""


@contextmanager
def reading(settings: Archive) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection; raises ArchiveError when there is no archive of this schema at `settings.path`."""
    path = Path(settings.path)
    if not path.exists():
        raise ArchiveMissing(
            f"{path}: no archive there; make one with `openweb crawl`, `ingest` or `backfill --db {path}`"
        )
    connection = _connect(path, settings, read_only=True)
    try:
        _check(connection, path)
        yield connection
    except (duckdb.OperationalError, duckdb.InternalError) as error:
        raise ArchiveError(
            f"{path}: cannot be read ({_first_line(error)}); check it with `openweb verify --db {path}`,"
            " restore a copy, or build it again from its sources"
        ) from error
    finally:
        connection.close()


@contextmanager
def writing(settings: Archive) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that may write, inside one transaction: committed at the end, rolled back on any exception."""
    path = Path(settings.path)
    if not path.parent.is_dir():
        raise ArchiveError(f"{path}: the folder {path.parent} does not exist; make it first")
    if not path.exists():
        _make(path, settings)
    connection = _connect(path, settings, read_only=False)
    try:
        connection.begin()
        _check(connection, path)
        yield connection
        connection.commit()
    except duckdb.OperationalError as error:
        raise ArchiveError(
            f"{path}: not written ({_first_line(error)}); nothing of this portion is in the archive."
            " Make room (disk, archive.memory_limit) and run the same command again"
        ) from error
    finally:
        # A failed statement may have ended the transaction already; closing without commit discards it either way.
        connection.close()


@contextmanager
def memory(settings: Archive) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty archive in memory, gone at the end; no transaction is open."""
    connection = _quiet(duckdb.connect(":memory:", config=_config(settings)))
    try:
        _create(connection)
        yield connection
    finally:
        connection.close()


@cache
def schemas() -> dict[str, pa.Schema]:
    """The Arrow schema of every table by its name."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(_layout())
        return {table: connection.sql(f"FROM {table} LIMIT 0").to_arrow_table().schema for table in _tables(connection)}


def append(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Append `rows`, tuples in the column order of `table`, through Arrow."""
    if not rows:
        return
    register(connection, "incoming", table, rows)
    connection.execute(f"INSERT INTO {table} SELECT * FROM incoming")
    connection.unregister("incoming")


def register(connection: duckdb.DuckDBPyConnection, name: str, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Make `rows` readable in SQL as `name`, with the columns and types of `table`."""
    schema = schemas()[table]
    columns = list(zip(*rows, strict=True)) if rows else [() for _ in schema]
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)]
    connection.register(name, pa.Table.from_arrays(arrays, schema=schema))


@cache
def sql(name: str) -> str:
    """The text of `crawler/sql/NAME.sql`."""
    return (resources.files("crawler") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def naive(moment: datetime) -> datetime:
    """A timezone-aware moment as the archive stores it: UTC without a zone."""
    return (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).replace(tzinfo=None)


def now() -> datetime:
    """The present moment as the archive stores it."""
    return naive(datetime.now(UTC))


def _config(settings: Archive) -> dict[str, str | bool | int | float | list[str]]:
    config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": settings.memory_limit}
    if settings.threads:
        config["threads"] = settings.threads
    return config


def _quiet(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """DuckDB would draw its progress on standard output, which is for results."""
    connection.execute("SET enable_progress_bar = false")
    return connection


def _connect(path: Path, settings: Archive, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    deadline = time.monotonic() + settings.lock_wait
    while True:
        try:
            return _quiet(duckdb.connect(str(path), read_only=read_only, config=_config(settings)))
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise ArchiveError(f"{path}: cannot be opened ({_first_line(error)}); is it a DuckDB file?") from error
            if time.monotonic() > deadline:
                raise ArchiveBusy(
                    f"{path}: held by another process for {settings.lock_wait:g} s; wait, or raise archive.lock_wait"
                ) from error
            time.sleep(random.uniform(0.02, 0.1))
        except duckdb.Error as error:
            raise ArchiveError(
                f"{path}: cannot be opened ({_first_line(error)}); it may be damaged or written by another DuckDB;"
                " restore a copy, or build it again from its WARC segments with `openweb ingest`"
            ) from error


def _make(path: Path, settings: Archive) -> None:
    """An empty archive at `path`, whole from its first moment; leaves alone what another process has put there."""
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with duckdb.connect(str(new), config=_config(settings)) as connection:
            _create(connection)
            # Closing would do so too, but keep silent where the disk is full: then the file would be no archive.
            connection.execute("CHECKPOINT")
        try:
            os.link(new, path)
        except FileExistsError:
            return
        except OSError:
            # A file system without links.
            new.replace(path)
    except (OSError, duckdb.Error) as error:
        raise ArchiveError(f"{path}: cannot be made ({_first_line(error)}); name another place with --db") from error
    finally:
        new.unlink(missing_ok=True)
        new.with_name(f"{new.name}.wal").unlink(missing_ok=True)


def _layout() -> str:
    return (resources.files("crawler") / "schema.sql").read_text(encoding="utf-8")


def _create(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(_layout())
    written = [SCHEMA_VERSION, f"openweb {__version__}", now()]
    connection.execute("INSERT INTO schema_version VALUES (?, ?, ?)", written)


def _tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {row[0] for row in connection.execute("SHOW TABLES").fetchall()}


def _check(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    if "schema_version" not in _tables(connection):
        raise ArchiveError(f"{path}: a DuckDB file, but not an openweb archive; name another with --db")
    version, writer = connection.execute("SELECT version, written_by FROM schema_version").fetchall()[-1]
    if version != SCHEMA_VERSION:
        way = "Use that version to read it" if version < SCHEMA_VERSION else "Update openweb to read it"
        raise ArchiveError(
            f"{path}: written by {writer} with schema {version}; this is openweb {__version__} with schema"
            f" {SCHEMA_VERSION}. {way}, or build a new archive from what it was made of: WARC segments with"
            " `openweb ingest SEGMENT... --db NEW`, tables with `openweb backfill table ... --db NEW`"
        )


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
