"""The shapes a site list comes in: plain text, CSV and TSV, Tranco, JSON lines, Parquet; packed or not, in any Unicode.

Hostile text: a quote left open, a broken line or a strange octet costs its own entry and never the ones below it.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import zstandard

from crawler.errors import OpenwebError
from crawler.packed import ZIP_DAMAGE

if TYPE_CHECKING:
    import pyarrow as pa

SITE_COLUMNS = ("site", "domain", "host", "hostname", "url", "origin")
KEPT_COLUMNS = ("name", "stratum", "category", "country", "rank", "weight", "part")
LONGEST_RECORD = 50
"""Physical lines a quoted CSV record may span; a quote left open must not swallow the sites below it."""
LONGEST_UNPACKED = 1024 * 1024 * 1024
"""Bytes a packed list may unpack to: a few kilobytes can ask for a full disk."""

UNREADABLE: tuple[type[Exception], ...] = (*ZIP_DAMAGE, zstandard.ZstdError)
"""What unpacking raises for a file that is damaged, encrypted or none."""

Entry = tuple[int, Mapping[str, object]]


class FrameError(OpenwebError):
    """An entry that names no host, or a list that cannot be read at all; the message says which and what to do."""


def unpacked(data: bytes) -> bytes:
    """The list inside gzip, zstd or a zip of one file, else `data`; raises one of UNREADABLE."""
    if data.startswith(b"\x1f\x8b"):
        with gzip.open(io.BytesIO(data)) as file:
            return _bounded(file.read(LONGEST_UNPACKED + 1))
    if data.startswith(b"\x28\xb5\x2f\xfd"):
        with zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True) as reader:
            return _bounded(reader.read(LONGEST_UNPACKED + 1))
    if data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if len(archive.namelist()) != 1:
                raise zipfile.BadZipFile(f"{len(archive.namelist())} files in the zip; unpack it and name one")
            with archive.open(archive.namelist()[0]) as file:
                return _bounded(file.read(LONGEST_UNPACKED + 1))
    return data


def _bounded(data: bytes) -> bytes:
    if len(data) > LONGEST_UNPACKED:
        raise EOFError(f"unpacks to more than {LONGEST_UNPACKED // 1024**3} GiB")
    return data


def entries(data: bytes, label: str, column: str | None) -> Iterator[Entry]:
    """(line, cells) of every entry; cells hold `site`, the kept columns, and `fault` where the entry is unreadable.

    Lines count from 1, rows of Parquet too. Raises FrameError where there is no such column, or no table at all.
    """
    if data.startswith(b"PAR1"):
        yield from _parquet(data, label, column)
        return
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    lines = re.split(r"\r\n|\r|\n", data.decode(encoding, "replace"))
    filled = (line for line in lines if _holds(line))
    first = next(filled, "")
    if first.lstrip().startswith("{"):
        yield from _json_lines(lines, label, column)
    else:
        delimiter = next((mark for mark in "\t;," if mark in first), None)
        yield from _table(lines, delimiter, label, column)


def _holds(line: str) -> bool:
    """Whether a line is an entry: neither blank nor a comment."""
    text = line.strip()
    return text != "" and text[0] != "#"


def _pick(names: Sequence[str], label: str, column: str | None) -> dict[str, int]:
    """Where the site and the kept columns stand among the column names of a list."""
    folded = [name.strip().casefold() for name in names]
    wanted = [column.strip().casefold()] if column is not None else SITE_COLUMNS
    site = next((folded.index(name) for name in wanted if name in folded), None)
    if site is None and column is None:
        site = next((index for index, name in enumerate(folded) if name not in KEPT_COLUMNS), None)
    if site is None:
        raise FrameError(f"{label}: no column {column or 'site'!r}; its columns are: {', '.join(names)[:300]}")
    return {"site": site} | {
        key: folded.index(key) for key in KEPT_COLUMNS if key in folded and folded.index(key) != site
    }


def _table(lines: Sequence[str], delimiter: str | None, label: str, column: str | None) -> Iterator[Entry]:
    where: dict[str, int] | None = None
    width, headed = 0, False
    for line, cells in _records(lines, delimiter):
        if where is None:
            width = len(cells)
            if _is_header(cells, column):
                where, headed = _pick(cells, label, column), True
                continue
            if column is not None:
                raise FrameError(f"{label}: no column {column!r}: its first line is no header ({cells[0][:60]!r})")
            tranco = width > 1 and cells[0].strip().isdigit()
            where = {"rank": 0, "site": 1} if tranco else {"site": 0}
        found: dict[str, object] = {key: cells[index] for key, index in where.items() if index < len(cells)}
        if headed and any(cell.strip() for cell in cells[width:]):
            # A separator inside a cell has moved everything behind it: rank and weight would be somebody else's.
            found["fault"] = f"{len(cells)} cells where the header has {width}"
        yield line, found


def _is_header(cells: Sequence[str], column: str | None) -> bool:
    """Whether the first record names columns. A list may begin with a site called `site` only if it has no header."""
    names = {cell.strip().casefold() for cell in cells}
    if column is not None:
        return column.strip().casefold() in names
    return bool(names & {*SITE_COLUMNS, *KEPT_COLUMNS}) or (len(cells) > 1 and not any("." in name for name in names))


def _records(lines: Sequence[str], delimiter: str | None) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of every record. A record that its quotes spread over too many lines is taken line by line instead,
    its quotes as ordinary characters.
    """
    at = 0
    while at < len(lines):
        start, line = at, lines[at]
        at += 1
        if not _holds(line):
            continue
        if delimiter is None:
            yield start + 1, [_unquoted(line)]
            continue
        if '"' not in line:
            yield start + 1, line.split(delimiter)
            continue
        length = _record_length(lines, start, delimiter)
        if length is None:
            yield start + 1, line.replace('"', "").split(delimiter)
        else:
            at = start + length
            yield start + 1, _parsed("\n".join(lines[start:at]), delimiter)


def _record_length(lines: Sequence[str], start: int, delimiter: str) -> int | None:
    """How many lines the record that begins at `start` has, None where its quotes do not close in time."""
    for length in range(1, min(LONGEST_RECORD, len(lines) - start) + 1):
        if _closed("\n".join(lines[start : start + length]), delimiter):
            return length
    return None


def _closed(text: str, delimiter: str) -> bool:
    """Whether every quoted cell of `text` ends (RFC 4180: a quote opens a cell only as its first character)."""
    opening = re.compile(rf'(?:^|{re.escape(delimiter)})[ \t]*"')
    at = 0
    while (found := opening.search(text, at)) is not None:
        at = found.end()
        while (end := text.find('"', at)) >= 0 and text[end + 1 : end + 2] == '"':
            at = end + 2
        if end < 0:
            return False
        at = end + 1
    return True


def _parsed(text: str, delimiter: str) -> list[str]:
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True), [text])


def _unquoted(line: str) -> str:
    text = line.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _json_lines(lines: Sequence[str], label: str, column: str | None) -> Iterator[Entry]:
    where: dict[str, str] | None = None
    for line, text in enumerate(lines, 1):
        if not _holds(text):
            continue
        try:
            record = json.loads(text)
        except (ValueError, RecursionError) as error:
            yield line, {"site": text, "fault": f"not JSON: {error}"[:200]}
            continue
        if not isinstance(record, dict):
            yield line, {"site": text, "fault": "not a JSON object"}
            continue
        if where is None or where["site"] not in record:
            # Objects need not have the same keys: each is asked anew where the site is not under the usual one.
            try:
                names = list(record)
                where = {key: names[index] for key, index in _pick(names, label, column).items()}
            except FrameError:
                if where is None:
                    raise
                yield line, {"site": text, "fault": f"no key {where['site']!r}"}
                continue
        cells = {key: record.get(name) for key, name in where.items()}
        if isinstance(cells["site"], (dict, list, bool)):
            cells["fault"] = f"the site is a {type(cells['site']).__name__}; expected text"
        yield line, cells


def _parquet(data: bytes, label: str, column: str | None) -> Iterator[Entry]:
    # Imported where it is used: host keys are needed in many places, Parquet in few.
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(data))
        names = file.schema_arrow.names
        where = {key: names[index] for key, index in _pick(names, label, column).items()}
        row = 0
        for batch in file.iter_batches(columns=list(dict.fromkeys(where.values()))):
            columns = {key: _cells(batch.column(name)) for key, name in where.items()}
            for number in range(batch.num_rows):
                row += 1
                yield row, {key: cells[number] for key, cells in columns.items()}
    except (pa.ArrowException, OSError) as error:
        raise FrameError(f"{label}: not a Parquet file that can be read ({error})"[:300]) from error


def _cells(column: pa.Array) -> list[object]:
    """Cells as Python values; octets as text, so that one that is no UTF-8 costs its own entry alone."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        column = column.cast(pa.large_binary())
    values = column.to_pylist()
    return [value.decode("utf-8", "replace") if isinstance(value, bytes) else value for value in values]
