"""The rows of a table brought together by site, without ever holding the table: as they stand, or by way of files."""

from __future__ import annotations

import tempfile
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from crawler.errors import InputError
from crawler.frame import FrameError, host_key
from crawler.records import Reject
from crawler.settings import Politeness
from crawler.sources.table_files import SCHEMA, Columns, read_table

CAP = Politeness().policy_file_bytes
PORTION_ROWS = 25_000
"""Each portion costs a second of opening, judging and closing; each is what a stopped run may have to read again."""
MOST_FILES = 64
_BAD = -1


class TableRow(NamedTuple):
    """One row: where it stands, its site's key (None where it names none, with the reason), and its cells; `body` is
    cut at CAP, `truncated` then.
    """

    place: int
    site: str | None
    listed: str
    reason: str | None
    date: str
    status: str | None
    body: bytes | None
    truncated: bool


@dataclass(slots=True)
class Survey:
    """The first look at a table: its sites and dates, where they stand, and the records that are none.

    `codes` is the number of the site of every row, -1 where the row names none; `sites` the key of every number and
    `listed` how and where the table names it first.
    """

    codes: array[int] = field(default_factory=lambda: array("i"))
    sites: list[str] = field(default_factory=list)
    listed: list[tuple[str, int]] = field(default_factory=list)
    dates: set[str] = field(default_factory=set)
    rejects: list[Reject] = field(default_factory=list)
    keys: dict[bytes | None, tuple[int, str | None]] = field(default_factory=dict)

    @property
    def together(self) -> bool:
        """Whether the rows of every site stand together already."""
        runs = sum(1 for code, _ in groupby(code for code in self.codes if code != _BAD))
        return runs == len(self.sites)


def survey(path: Path, columns: Columns) -> Survey:
    """Look through the whole table once, bodies aside; raises InputError where it cannot be read."""
    found = Survey()
    numbers: dict[str, int] = {}
    for item in read_table(path, columns, bodies=False):
        if isinstance(item, Reject):
            found.rejects.append(item)
            continue
        for offset, raw in enumerate(item.column("site").to_pylist()):
            known = found.keys.get(raw)
            if known is None:
                known = found.keys[raw] = _key(raw, numbers, found.sites)
                if len(found.listed) < len(found.sites):
                    found.listed.append((text_of(raw), item.column("place")[offset].as_py()))
            found.codes.append(known[0])
        found.dates.update(text_of(cell) for cell in pc.unique(item.column("date")).to_pylist())
    return found


def _key(raw: bytes | None, numbers: dict[str, int], sites: list[str]) -> tuple[int, str | None]:
    try:
        key = host_key(text_of(raw))
    except FrameError as error:
        return _BAD, str(error)
    if key not in numbers:
        numbers[key] = len(sites)
        sites.append(key)
    return numbers[key], None


def text_of(cell: bytes | None) -> str:
    """A short cell as text; octets that are none become U+FFFD."""
    return "" if cell is None else cell.decode("utf-8", "replace")


Group = list[TableRow]


class Ordered:
    """A table's rows by site, in portions of whole sites; a context manager, because it may need files."""

    def __init__(self, path: Path, columns: Columns, found: Survey, portion_rows: int = PORTION_ROWS) -> None:
        self.path, self.columns, self.found = path, columns, found
        self.rows = max(portion_rows, len(found.codes) // MOST_FILES + 1)
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def close(self) -> None:
        """Remove the files."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def portions(self) -> Iterator[tuple[str, Iterator[Group]]]:
        """(name, rows grouped by site) of every portion, each to be used up before the next; rows without a site come
        as groups of their own.
        """
        if self.found.together:
            yield from self._as_they_stand()
        else:
            yield from self._from_files()

    def _as_they_stand(self) -> Iterator[tuple[str, Iterator[Group]]]:
        bounds = self._bounds()
        batches = _Cursor(self.path, self.columns)
        for start, end in bounds:
            yield f"rows {start + 1}-{end}", self._groups(batches.take(start, end), start)

    def _bounds(self) -> list[tuple[int, int]]:
        """Row ranges of whole sites of about `rows` rows each."""
        codes, bounds, start = self.found.codes, [], 0
        for row in range(1, len(codes)):
            before, code = codes[row - 1], codes[row]
            if row - start >= self.rows and code != before and _BAD not in (code, before):
                bounds.append((start, row))
                start = row
        return [*bounds, (start, len(codes))] if codes else []

    def _groups(self, batches: Iterator[pa.RecordBatch], start: int) -> Iterator[Group]:
        codes = self.found.codes
        group: Group = []
        current = _BAD
        for batch in batches:
            row_at = self._reader(batch)
            for offset in range(batch.num_rows):
                code, start = codes[start], start + 1
                if code == _BAD:
                    yield [row_at(offset)]
                    continue
                if group and code != current:
                    yield group
                    group = []
                current = code
                group.append(row_at(offset))
        if group:
            yield group

    def _from_files(self) -> Iterator[tuple[str, Iterator[Group]]]:
        blocks = self._blocks()
        files = self._distribute(blocks)
        for number, file in enumerate(files, 1):
            yield f"part {number} of {len(files)}", self._groups_of(file)

    def _blocks(self) -> list[int]:
        """The file every site goes to: sites in the order they appear, about `rows` rows a file."""
        counts = Counter(self.found.codes)
        blocks, held, block = [], 0, 0
        for code in range(len(self.found.sites)):
            if held and held + counts[code] > self.rows:
                held, block = 0, block + 1
            held += counts[code]
            blocks.append(block)
        return blocks

    def _distribute(self, blocks: list[int]) -> list[Path]:
        self._folder = tempfile.TemporaryDirectory(prefix="openweb-")
        paths = [Path(self._folder.name) / f"{block}.arrow" for block in range(max(blocks, default=0) + 1)]
        schema = SCHEMA.append(pa.field("code", pa.int32()))
        files = [pa.OSFile(str(path), "wb") for path in paths]
        writers = [pa.ipc.new_file(file, schema) for file in files]
        try:
            start = 0
            for batch in read_table(self.path, self.columns):
                if isinstance(batch, Reject):
                    continue
                codes = self.found.codes[start : start + batch.num_rows]
                start += batch.num_rows
                whole = pa.RecordBatch.from_arrays([*batch.columns, pa.array(codes, pa.int32())], schema=schema)
                of = pa.array([blocks[code] if code != _BAD else 0 for code in codes], pa.int32())
                for block in pc.unique(of).to_pylist():
                    writers[block].write_batch(whole.filter(pc.equal(of, block)))
        finally:
            for writer, file in zip(writers, files, strict=True):
                writer.close()
                file.close()
        return paths

    def _groups_of(self, path: Path) -> Iterator[Group]:
        with pa.memory_map(str(path)) as source:
            table = pa.ipc.open_file(source).read_all()
            codes = table.column("code").to_pylist()
            row_at = self._reader(table)
            # Rows were written in the order they stood, and sorting keeps it within a site.
            for code, rows in groupby(sorted(range(len(codes)), key=codes.__getitem__), key=codes.__getitem__):
                if code == _BAD:
                    yield from ([row_at(row)] for row in rows)
                else:
                    yield [row_at(row) for row in rows]

    def _reader(self, table: pa.RecordBatch | pa.Table) -> Callable[[int], TableRow]:
        """Rows of `table` by their number, bodies copied and cut when asked for."""
        names = ("place", "site", "date", "status", "truncated")
        places, listed, dates, statuses, cut = (table.column(name).to_pylist() for name in names)
        bodies = table.column("body")

        def row_at(row: int) -> TableRow:
            code, reason = self.found.keys[listed[row]]
            octets = bodies[row].as_buffer()
            size = 0 if octets is None else len(octets)
            return TableRow(
                place=places[row],
                site=None if code == _BAD else self.found.sites[code],
                listed=text_of(listed[row]),
                reason=reason,
                date=text_of(dates[row]),
                status=None if statuses[row] is None else text_of(statuses[row]),
                body=None if octets is None else octets.slice(0, min(size, CAP)).to_pybytes(),
                truncated=bool(cut[row]) or size > CAP,
            )

        return row_at


class _Cursor:
    """Row ranges out of one pass over a table, each beginning at or after the end of the one before."""

    def __init__(self, path: Path, columns: Columns) -> None:
        self.path = path
        self._batches = (item for item in read_table(path, columns) if not isinstance(item, Reject))
        self._batch: pa.RecordBatch | None = None
        self._first = 0

    def take(self, start: int, end: int) -> Iterator[pa.RecordBatch]:
        """The rows from `start` up to `end`; what lies before and was not taken is passed over."""
        at = start
        while at < end:
            while self._batch is None or at >= self._first + self._batch.num_rows:
                self._first += self._batch.num_rows if self._batch is not None else 0
                self._batch = next(self._batches, None)
                if self._batch is None:
                    raise InputError(f"{self.path}: changed while it was read; run the same command again")
            offset = at - self._first
            piece = self._batch.slice(offset, min(end - at, self._batch.num_rows - offset))
            at += piece.num_rows
            yield piece
