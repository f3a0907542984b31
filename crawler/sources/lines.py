"""Exchanges from files at hand: JSON lines (plain, gzip or Zstandard) and web archives, streamed, one at a time."""

from __future__ import annotations

import gzip
import io
import json
import re
import sys
import tempfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

import zstandard

from crawler.errors import InputError
from crawler.given import Broken, GivenError, exchange_of
from crawler.records import Exchange
from crawler.sources import archives
from crawler.sources.wacz import is_wacz, unpacked

MAX_LINE = 64 * 1024 * 1024
_ARCHIVE = re.compile(r"\.w?arc(?:\.|$)", re.IGNORECASE)
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


class Lines(Protocol):
    """What is needed of a buffered binary stream."""

    def peek(self, size: int = ..., /) -> bytes: ...  # noqa: D102
    def read(self, size: int = ..., /) -> bytes: ...  # noqa: D102
    def readline(self, size: int = ..., /) -> bytes: ...  # noqa: D102


def exchanges_of(name: str, *, now: datetime) -> Iterator[Exchange | Broken]:
    """What file `name` (`-`: standard input) holds, in order. Raises InputError for a file that cannot be opened."""
    if name == "-":
        yield from _of_stream(cast("BinaryIO", sys.stdin.buffer), name, now)
        return
    path = Path(name)
    try:
        # Closed by the context; opening is what may fail.
        stream = path.open("rb")
    except OSError as error:
        raise InputError(f"{name}: cannot be read ({error.strerror}); name a file of JSON lines or a WARC") from error
    if is_wacz(path):
        stream.close()
        yield from _of_wacz(path)
        return
    if _ARCHIVE.search(path.name):
        stream.close()
        yield from archives.exchanges_in(path)
        return
    with stream:
        yield from _of_stream(stream, name, now)


def _of_stream(stream: BinaryIO, name: str, now: datetime) -> Iterator[Exchange | Broken]:
    try:
        inner = _opened(_peekable(stream))
        head = inner.peek(8)[:8]
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        yield Broken("start", f"cannot be decompressed: {error}")
        return
    if head.startswith((b"WARC/", b"filedesc")):
        yield from _of_archive(inner if name == "-" else None, name)
        return
    yield from _of_lines(inner, now)


def _of_wacz(path: Path) -> Iterator[Exchange | Broken]:
    try:
        for member in unpacked(path):
            yield from archives.exchanges_in(member)
    except InputError as error:
        yield Broken("start", str(error))


def _of_archive(stream: Lines | None, name: str) -> Iterator[Exchange | Broken]:
    """An archive is read from a file, since damage is searched for; one that is piped in is written to one first."""
    if stream is None:
        yield from archives.exchanges_in(Path(name))
        return
    with tempfile.NamedTemporaryFile(suffix=".warc") as file:
        while block := stream.read(1 << 20):
            file.write(block)
        file.flush()
        yield from archives.exchanges_in(Path(file.name))


class _AsItComes(io.RawIOBase):
    """Gives what one read of `stream` gives and never waits for a full buffer: a pipe may hold one line for long."""

    def __init__(self, stream: BinaryIO) -> None:
        self._read = cast("io.BufferedReader", stream).read1

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = self._read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _peekable(stream: BinaryIO) -> Lines:
    return cast("Lines", io.BufferedReader(_AsItComes(stream), 1 << 16))


def _opened(stream: Lines) -> Lines:
    start = stream.peek(8)[:8]
    packed = cast("BinaryIO", stream)
    if start.startswith(_GZIP):
        return _peekable(cast("BinaryIO", gzip.GzipFile(fileobj=packed)))
    if start.startswith(_ZSTD):
        unpacked = zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True)
        return _peekable(cast("BinaryIO", unpacked))
    return stream


def _of_lines(stream: Lines, now: datetime) -> Iterator[Exchange | Broken]:
    number = 0
    while True:
        number += 1
        place = f"line {number}"
        try:
            line = stream.readline(MAX_LINE + 1)
            whole = len(line) <= MAX_LINE
            while not whole and (rest := stream.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                continue
        except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
            yield Broken(place, f"cannot be decompressed any further: {error}")
            return
        if not line:
            return
        if not whole:
            yield Broken(place, f"longer than {MAX_LINE} bytes")
        elif line.strip():
            yield _of_line(line, place, now)


def _of_line(line: bytes, place: str, now: datetime) -> Exchange | Broken:
    try:
        record = json.loads(line)
    except RecursionError:
        return Broken(place, "not JSON: nested too deep")
    except ValueError as error:
        return Broken(place, f"not JSON: {error}")
    if not isinstance(record, dict):
        return Broken(place, "not a JSON object")
    try:
        return exchange_of(record, now=now)
    except GivenError as error:
        url = record.get("url")
        return Broken(place, str(error), url if isinstance(url, str) else None)
