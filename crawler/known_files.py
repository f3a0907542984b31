"""What policy files were when they were last fetched, for conditional requests: copied from the archive beside a crawl.

The archive is never open while a crawl runs; the copy is asked one address at a time, so memory stays flat.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler.records import Headers
from crawler.settings import Archive

FILE = "known.sqlite3"
_PART = ".part"
_MANY = 500
_MEMORY = "512MiB"
_LONGEST = 1024
_OF_THE_CONTENT = frozenset(
    {"content-type", "content-length", "content-encoding", "content-range", "content-language", "transfer-encoding"}
)


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A policy file as it was last fetched: its validators, header fields and bytes."""

    status: int
    etag: str | None
    last_modified: str | None
    fetched_at: datetime
    headers: Headers
    body: bytes

    @property
    def conditions(self) -> Headers:
        """The fields that ask for the file only if it has changed since (RFC 9110 13.1.2, 13.1.3)."""
        fields = (("If-None-Match", self.etag), ("If-Modified-Since", self.last_modified))
        return tuple((name, value) for name, value in fields if value is not None and _sendable(value))

    def confirmed_by(self, fresh: Headers) -> bool:
        """Whether a 304 with the fields `fresh` is about this file, and not about another one (RFC 9111 4.3.4)."""
        told = {name.lower(): value.strip() for name, value in fresh}
        if "etag" in told:
            return self.etag is not None and _opaque(told["etag"]) == _opaque(self.etag)
        # Where tags were known they decided, whatever the date says.
        return self.etag is not None or told.get("last-modified") in (None, self.last_modified)

    def renewed(self, fresh: Headers) -> Headers:
        """The header fields after a 304 with the fields `fresh`, which replace those of their name (RFC 9111 3.2).

        What fields say of the content is of the content that came; a 304 has none.
        """
        fresh = tuple((name, value) for name, value in fresh if name.lower() not in _OF_THE_CONTENT)
        named = {name.lower() for name, _ in fresh}
        validators = (("ETag", self.etag), ("Last-Modified", self.last_modified))
        old = (*self.headers, *((name, value) for name, value in validators if value is not None))
        return (*fresh, *((name, value) for name, value in old if name.lower() not in named))


class KnownFiles:
    """The copy in a folder; empty where there is none."""

    def __init__(self, folder: Path) -> None:
        import sqlite3

        path = folder / FILE
        self._connection = (
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)
            if path.exists()
            else None
        )

    def get(self, url: str) -> KnownFile | None:
        """What an address gave last, None where nothing can be reused."""
        if self._connection is None:
            return None
        row = self._connection.execute(
            "SELECT status, etag, last_modified, fetched_at, headers, body FROM known WHERE url = ?", [url]
        ).fetchone()
        if row is None:
            return None
        status, etag, modified, fetched, headers, body = row
        pairs = tuple((name, value) for name, value in json.loads(headers))
        return KnownFile(status, etag, modified, datetime.fromisoformat(fetched), pairs, body)

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()


def copy_known(archive: Archive, folder: Path, *, max_age: float | None = None) -> int:
    """Copy what the archive knows into `folder`, unless it has been before; returns the addresses copied.

    Bodies that came more than `max_age` seconds ago are left: a server may say 304 in error, so all are asked for anew
    now and then.
    Raises ArchiveError, and OSError or sqlite3.Error where the copy cannot be written.
    """
    path = folder / FILE
    if path.exists() or not Path(archive.path).exists():
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{FILE}.{os.getpid()}{_PART}")
    part.unlink(missing_ok=True)
    try:
        copied = _copy(archive, part, max_age)
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return copied


def forget_known(folder: Path) -> None:
    """Delete the copy in `folder`, and what is left of copies that were cut short."""
    for path in (*folder.glob(f"{FILE}.*{_PART}"), folder / FILE):
        path.unlink(missing_ok=True)


def _copy(archive: Archive, part: Path, max_age: float | None) -> int:
    import sqlite3

    from crawler.archive import naive, reading, sql

    copied = 0
    lean = archive.model_copy(update={"memory_limit": _MEMORY, "threads": 1})
    with reading(lean) as source, closing(sqlite3.connect(part)) as target:
        # Nobody needs half a copy after a crash, so nothing is synced until it is whole.
        target.execute("PRAGMA journal_mode = OFF")
        target.execute("PRAGMA synchronous = OFF")
        target.execute(
            "CREATE TABLE known (url TEXT PRIMARY KEY, status INTEGER, etag TEXT, last_modified TEXT, fetched_at TEXT,"
            " headers TEXT, body BLOB)"
        )
        since = naive(datetime.now(UTC) - timedelta(seconds=max_age)) if max_age is not None else None
        found = source.execute(sql("known_files"), {"since": since})
        while rows := found.fetchmany(_MANY):
            target.executemany(
                "INSERT INTO known VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (url, status, etag, modified, at.replace(tzinfo=UTC).isoformat(), json.dumps(headers), data)
                    for url, status, etag, modified, at, data, headers in rows
                ],
            )
            copied += len(rows)
        target.commit()
    with part.open("rb") as written:
        os.fsync(written.fileno())
    return copied


def _opaque(tag: str) -> str:
    """An entity tag for weak comparison (RFC 9110 8.8.3.2), without what Apache appends when it compresses."""
    return re.sub(r"[-;](?:gzip|br)(?=\"?$)", "", tag.strip().removeprefix("W/"))


def _sendable(value: str) -> bool:
    """Whether a validator may be sent back: one line of printable ASCII, of a sensible length."""
    return 0 < len(value) <= _LONGEST and value.isascii() and value.isprintable()
