"""A table file of any common kind as Arrow batches of five columns: place, site, date, status, body.

Cells come as the octets they were: nothing in a hostile file is lost to decoding. Records that are none become rejects.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeAlias, cast

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from crawler.errors import InputError
from crawler.records import Reject

SCHEMA = pa.schema(
    [
        ("place", pa.int64()),
        ("site", pa.large_binary()),
        ("date", pa.large_binary()),
        ("status", pa.large_binary()),
        ("body", pa.large_binary()),
        ("truncated", pa.bool_()),
    ]
)

BATCH_BYTES = 8 * 1024 * 1024
"""Octets of a batch: allocators hand blocks much longer than this back at once, and new ones have to be zeroed."""
BATCH_ROWS = 5_000
CELL_BYTES = 256 * 1024 * 1024
"""The longest cell read; a quote that is never closed must not swallow a whole file unnoticed."""

Item: TypeAlias = pa.RecordBatch | Reject
_GZIP, _ZSTD, _PARQUET = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PAR1"
_UNREADABLE = (OSError, EOFError, zlib.error, zstandard.ZstdError, UnicodeError, pa.ArrowException)
_TRUE, _FALSE = ("1", "true", "t", "yes"), ("", "0", "false", "f", "no")


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of a table are called; `status` and `truncated` are None where the table has none."""

    site: str
    date: str
    body: str
    status: str | None = None
    truncated: str | None = None

    def named(self) -> dict[str, str]:
        """Our name to the table's, for the columns there are."""
        every = {key: getattr(self, key) for key in ("site", "date", "status", "body", "truncated")}
        return {key: name for key, name in every.items() if name is not None}


def read_table(path: Path, columns: Columns, *, bodies: bool = True) -> Iterator[Item]:
    """The rows of `path` in SCHEMA, and a Reject for every record that is none; places count from 1.

    Parquet, CSV (also with tabs or semicolons; UTF-8, UTF-16 or any superset of ASCII) and JSON lines, the last two
    plain, gzip or zstd. Without `bodies` those of a Parquet file come as nulls, unread. Raises InputError where the
    file or a column cannot be read at all.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4)
        if head == _PARQUET:
            yield from _parquet(path, columns, bodies=bodies)
        else:
            with _text(path, head) as text:
                yield from _lines(path, text, columns)
    except _UNREADABLE as error:
        what = error.strerror if isinstance(error, OSError) and error.strerror else str(error).splitlines()[0:1]
        reason = what if isinstance(what, str) else "".join(what) or type(error).__name__
        raise InputError(
            f"{path}: cannot be read to its end ({reason}); what was taken in before that stays."
            " Give a whole Parquet, CSV or JSON lines file (gz and zst too)"
        ) from error


def _parquet(path: Path, columns: Columns, *, bodies: bool) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path, pre_buffer=False) as file:
        names = columns.named()
        _check(path, list(names.values()), file.schema_arrow.names)
        if not bodies:
            # A column of another type is refused all the same, before anything is made of the rest.
            _cast(path, "body", names["body"], pa.nulls(0, file.schema_arrow.field(names["body"]).type))
            del names["body"]
        rows = max(file.metadata.num_rows, 1)
        size = sum(file.metadata.row_group(number).total_byte_size for number in range(file.metadata.num_row_groups))
        count = max(1, min(BATCH_ROWS, BATCH_BYTES * rows // max(size, 1)))
        place = 1
        for batch in file.iter_batches(batch_size=count, columns=list(names.values())):
            arrays = [pa.array(range(place, place + batch.num_rows), type=pa.int64())]
            for field in SCHEMA.names[1:]:
                cells = batch.column(names[field]) if field in names else pa.nulls(batch.num_rows)
                arrays.append(_cast(path, field, names.get(field, field), cells))
            place += batch.num_rows
            yield pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _cast(path: Path, field: str, name: str, cells: pa.Array) -> pa.Array:
    try:
        if pa.types.is_dictionary(cells.type):
            cells = cells.dictionary_decode()
        if field == "truncated":
            return cells.cast(pa.bool_())
        if not (pa.types.is_binary(cells.type) or pa.types.is_large_binary(cells.type)):
            cells = cells.cast(pa.large_string())
        return cells.cast(pa.large_binary())
    except pa.ArrowException as error:
        raise InputError(f"{path}: column {name!r} is {cells.type}; expected text") from error


def _check(path: Path, wanted: Sequence[str], there: Sequence[str]) -> None:
    for name in wanted:
        if name not in there:
            shown = ", ".join(there)[:300] or "none"
            raise InputError(f"{path}: no column {name!r}; its columns are: {shown}")


def _text(path: Path, head: bytes) -> IO[str]:
    """The file's text with the octets that are none of its encoding kept as lone surrogates."""

    def octets() -> IO[bytes]:
        if head.startswith(_GZIP):
            return cast("IO[bytes]", gzip.open(path))
        if head == _ZSTD:
            stream = zstandard.ZstdDecompressor().stream_reader(path.open("rb"), read_across_frames=True, closefd=True)
            return io.BufferedReader(stream)
        return path.open("rb")

    with octets() as file:
        mark = file.read(2)
    encoding = "utf-16" if mark in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    errors = "surrogatepass" if encoding == "utf-16" else "surrogateescape"
    return io.TextIOWrapper(octets(), encoding=encoding, errors=errors, newline="")


def _bytes(cell: str) -> bytes:
    """A cell as the octets it had in a UTF-8 file; text of a UTF-16 file or of JSON as UTF-8."""
    try:
        return cell.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return cell.encode("utf-8", "surrogatepass")


def _lines(path: Path, text: IO[str], columns: Columns) -> Iterator[Item]:
    start, first = "", 0
    while not start.strip():
        start, first = text.readline(), first + 1
        if not start:
            raise InputError(f"{path}: empty; give a Parquet, CSV or JSON lines file with a header or keys")
    rest = _chain(start, text)
    if start.lstrip().startswith("{"):
        yield from _batches(_json(path, first, rest, columns))
    else:
        yield from _batches(_csv(path, first, start, rest, columns))


def _chain(first: str, rest: IO[str]) -> Iterator[str]:
    yield first
    yield from rest


Cells = tuple[int, bytes | None, bytes | None, bytes | None, bytes | None, bool | None]


def _csv(path: Path, first: int, start: str, lines: Iterator[str], columns: Columns) -> Iterator[Cells | Reject]:
    delimiter = next((mark for mark in "\t;," if mark in start), ",")
    csv.field_size_limit(CELL_BYTES)
    # Strict: a quote that is open or closed where none can be is a reject with its line, not a guess.
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    header = next(reader)
    _check(path, list(columns.named().values()), header)
    where = {key: header.index(name) for key, name in columns.named().items()}
    while True:
        line = reader.line_num + first
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Reject(f"line {line}", f"not a CSV record: {error}")
            continue
        if not cells:
            continue
        if len(cells) != len(header):
            raw = delimiter.join(cells)[:200]
            yield Reject(f"line {line}", f"{len(cells)} cells where the header has {len(header)}", raw=raw)
            continue
        yield _cells(line, {key: cells[index] for key, index in where.items()})


def _json(path: Path, first: int, lines: Iterator[str], columns: Columns) -> Iterator[Cells | Reject]:
    names = columns.named()
    seen: set[str] = set()
    keys: dict[str, None] = {}
    for line, text in enumerate(lines, first):
        if not text.strip():
            continue
        try:
            record = json.loads(text)
        except (ValueError, RecursionError) as error:
            yield Reject(f"line {line}", f"not JSON: {error}"[:200], raw=text[:200])
            continue
        if not isinstance(record, dict):
            yield Reject(f"line {line}", "not a JSON object", raw=text[:200])
            continue
        seen |= {key for key, name in names.items() if name in record}
        if len(keys) < 100:
            keys.update(dict.fromkeys(record))
        yield _cells(line, {key: record.get(name) for key, name in names.items()})
    _check(path, [name for key, name in names.items() if key not in seen], list(keys))


def _cells(place: int, given: Mapping[str, object]) -> Cells | Reject:
    octets: list[bytes | None] = []
    for key in ("site", "date", "status", "body"):
        value = given.get(key)
        if isinstance(value, (dict, list)):
            return Reject(f"line {place}", f"{key} is a {type(value).__name__}; expected text", raw=str(value)[:200])
        octets.append(None if value is None else _bytes(value if isinstance(value, str) else str(value)))
    flag = given.get("truncated")
    word = str(flag).strip().lower() if flag is not None else ""
    if word not in _TRUE + _FALSE:
        return Reject(f"line {place}", "truncated is neither true nor false", raw=word[:200])
    return place, octets[0], octets[1], octets[2], octets[3], word in _TRUE


def _batches(rows: Iterator[Cells | Reject]) -> Iterator[Item]:
    held: list[Cells] = []
    size = 0
    for row in rows:
        if isinstance(row, Reject):
            yield row
            continue
        held.append(row)
        size += len(row[4] or b"")
        if size >= BATCH_BYTES or len(held) >= BATCH_ROWS:
            yield _batch(held)
            held, size = [], 0
    if held:
        yield _batch(held)


def _batch(rows: Sequence[Cells]) -> pa.RecordBatch:
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, SCHEMA, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)
