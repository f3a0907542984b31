"""Records of any WARC or ARC file, one after the other, with what could not be read and where; never raises on damage.

Plain, gzip (a member a record or a whole file) and zstandard are told by their first bytes. After damage, reading
goes on at the next place that looks like a record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from warcio.archiveiterator import ArchiveIterator

from crawler.errors import InputError
from crawler.records import Reject
from crawler.warc_octets import Damage, Octets, opened

MAX_BLOCK = 64 * 1024 * 1024
"""Bytes of a record that are held; a longer one becomes a Reject."""

_MAX_HEAD = 256 * 1024
_RECORD = re.compile(rb"(?:^|\n)(WARC/\d\.\d+[ \t]*\r*\n)")
_END_OF_HEAD = re.compile(rb"\r*\n\r*\n")


@dataclass(frozen=True, slots=True)
class Record:
    """One record: `offset` is where its member begins in the file (plain files: the record itself), `fields` its named
    fields in lower case, the first of a name.
    """

    offset: int
    fields: dict[str, str]
    block: bytes

    @property
    def kind(self) -> str:
        """The record type, lower-case, empty where none is given."""
        return self.fields.get("warc-type", "").lower()


def read_records(path: Path) -> Iterator[Record | Reject]:
    """The records of a file in order, a Reject for each piece that is none; raises InputError without one."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error
    with file:
        octets = opened(file)
        if octets is None:
            yield Reject("offset 0", "the file is empty")
            return
        if octets.peek(16).startswith(b"filedesc:"):
            yield from _arc(file)
        else:
            yield from _Reader(octets).records()


class _Reader:
    def __init__(self, octets: Octets) -> None:
        self.octets = octets
        self.spent = False

    def records(self) -> Iterator[Record | Reject]:
        while not self.spent:
            try:
                found = self._next()
            except Damage as damage:
                yield from self._rest()
                yield Reject(f"offset {damage.offset}", damage.reason)
                if not self.octets.skip_damage():
                    return
                continue
            if found is None:
                return
            yield found

    def _rest(self) -> Iterator[Record | Reject]:
        """Records that lie whole before the damage."""
        while (head := _END_OF_HEAD.search(self.octets.window)) is not None:
            before = len(self.octets.window)
            found = self._parse(head.end())
            if found is None or len(self.octets.window) == before:
                return
            yield found

    def _next(self) -> Record | Reject | None:
        octets = self.octets
        while True:
            blank = len(octets.window) - len(octets.window.lstrip(b"\r\n"))
            octets.cut(blank)
            if octets.window:
                break
            if octets.ended or not octets.fill():
                return None
        if not self._have(5) or not octets.window.startswith(b"WARC/"):
            return self._search("not a WARC record")
        at = 0
        while (head := _END_OF_HEAD.search(octets.window, at)) is None:
            at = max(0, len(octets.window) - 3)
            if len(octets.window) > _MAX_HEAD:
                return self._search(f"named fields longer than {_MAX_HEAD} bytes")
            if not self._have(len(octets.window) + 1):
                return self._search("cut off in its named fields")
        fields = _fields(bytes(octets.window[: head.start()]))
        length = _length(fields)
        if length is None:
            return self._search(f"Content-Length {fields.get('content-length', '')[:40]!r} is no number")
        if length > MAX_BLOCK:
            return self._search(f"a record of {length} bytes, more than {MAX_BLOCK}")
        self._have(head.end() + length)
        return self._parse(head.end())

    def _have(self, count: int) -> bool:
        octets = self.octets
        while len(octets.window) < count:
            if octets.ended or not octets.fill():
                return False
        return True

    def _parse(self, head_end: int) -> Record | Reject | None:
        """The record at the beginning of the window, whose fields end at `head_end`; None where it is not whole yet."""
        octets = self.octets
        fields = _fields(bytes(octets.window[:head_end]))
        length = _length(fields)
        if length is None or length > MAX_BLOCK:
            return None
        end = head_end + length
        offset = octets.place()
        border = octets.border(end)
        if border is not None and octets.window.startswith(b"WARC/", border):
            octets.cut(border)
            return _cut_off(offset, fields, length, max(0, border - head_end))
        if end > len(octets.window):
            if not octets.ended:
                return None
            block = len(octets.window) - head_end
            if _RECORD.search(octets.window, head_end) is None:
                octets.cut(len(octets.window))
            else:
                self._search("")
            return _cut_off(offset, fields, length, block)
        record = Record(offset, fields, bytes(octets.window[head_end:end]))
        octets.cut(end)
        return record

    def _search(self, reason: str) -> Reject:
        """Drop octets up to the next that look like a record."""
        octets = self.octets
        offset, raw = octets.place(), bytes(octets.window[:80])
        start = 1
        while (found := _RECORD.search(octets.window, start)) is None:
            keep = min(len(octets.window), 40)
            octets.cut(len(octets.window) - keep)
            start = 0
            if octets.ended or not octets.fill():
                octets.cut(len(octets.window))
                self.spent = True
                break
        else:
            octets.cut(found.start(1))
        return Reject(f"offset {offset}", reason, raw=raw.decode("latin-1"))


def _cut_off(offset: int, fields: dict[str, str], length: int, there: int) -> Reject:
    name = fields.get("warc-target-uri") or fields.get("warc-record-id")
    reason = f"a record of {length} bytes of which {there} are there"
    return Reject(f"offset {offset}", reason, raw=name[:500] if name else None)


def _length(fields: dict[str, str]) -> int | None:
    text = fields.get("content-length", "")
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def _fields(head: bytes) -> dict[str, str]:
    """Named fields, the first of a name; a line that begins with white space continues the one above it."""
    fields: dict[str, str] = {}
    last = None
    for line in re.split(rb"\r*\n", head)[1:]:
        if line[:1] in (b" ", b"\t") and last is not None:
            fields[last] = f"{fields[last]} {line.strip().decode('utf-8', 'replace')}".strip()
            continue
        name, colon, value = line.partition(b":")
        last = name.strip().decode("latin-1").lower()
        if not colon or last in fields:
            last = None
            continue
        text = value.strip().decode("utf-8", "replace")
        # Some writers put the URL into angle brackets, as a draft of the format once said.
        fields[last] = text[1:-1] if last == "warc-target-uri" and text.startswith("<") and text.endswith(">") else text
    return fields


def _arc(file: BinaryIO) -> Iterator[Record | Reject]:
    """Records of an ARC file (the format before WARC), as responses."""
    file.seek(0)
    records = ArchiveIterator(file, no_record_parse=True, arc2warc=False)
    offset = 0
    while True:
        try:
            record = next(records)
            offset = records.get_record_offset()
            if record.rec_type == "arc_header":
                continue
            length = int(
                record.rec_headers.get_header("Content-Length") or record.rec_headers.get_header("length") or 0
            )
            if length > MAX_BLOCK:
                yield Reject(f"offset {offset}", f"a record of {length} bytes, more than {MAX_BLOCK}")
                continue
            block = record.raw_stream.read()
        except StopIteration:
            return
        except Exception as error:
            yield Reject(f"offset {offset}", f"not readable as ARC: {str(error)[:200]}")
            return
        date = record.rec_headers.get_header("archive-date") or ""
        yield Record(
            offset,
            {
                "warc-type": "response",
                "warc-target-uri": record.rec_headers.get_header("uri") or "",
                "warc-date": date,
                "warc-ip-address": record.rec_headers.get_header("ip-address") or "",
                "content-type": "application/http" if block.startswith(b"HTTP/") else "",
            },
            block,
        )
