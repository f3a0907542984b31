"""What is about to be written, kept as Arrow batches per table: in memory while little, else in temporary files."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from crawler.archive import schemas

MEMORY_BYTES = 256 * 1024 * 1024
"""Arrow bytes held in memory before everything goes to temporary files."""

ROWS = 20_000
ROW_BYTES = 8 * 1024 * 1024
"""Rows, and bytes of long cells, gathered as Python tuples before they become one Arrow batch."""

Row = tuple[Any, ...]


def schema_of(table: str) -> pa.Schema:
    """The schema of a table; `TABLE:NAME` is a second heap of rows of that table."""
    return schemas()[table.partition(":")[0]]


def batch_of(table: str, rows: Sequence[Row]) -> pa.RecordBatch:
    """Rows in the column order of `table` as one Arrow batch; half characters are replaced, nothing else is changed."""
    schema = schema_of(table)
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    arrays = [_array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _array(column: Sequence[Any], kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(column, type=kind)
    except UnicodeEncodeError:
        whole = [cell.encode("utf-8", "replace").decode() if isinstance(cell, str) else cell for cell in column]
        return pa.array(whole, type=kind)


class Spool:
    """Rows by table, in the order they came; a context manager, because its files go when it closes."""

    def __init__(self, memory: int = MEMORY_BYTES) -> None:
        self.memory = memory
        self.counts: dict[str, int] = defaultdict(int)
        self._rows: dict[str, list[Row]] = defaultdict(list)
        self._row_bytes: dict[str, int] = defaultdict(int)
        self._batches: dict[str, list[pa.RecordBatch]] = defaultdict(list)
        self._held = 0
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._files: dict[str, tuple[pa.OSFile, pa.RecordBatchStreamWriter]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file, writer in self._files.values():
            writer.close()
            file.close()
        if self._folder is not None:
            self._folder.cleanup()

    def add(self, table: str, row: Row, long_bytes: int = 0) -> None:
        """One row for `table`; `long_bytes` is the size of its long cells, so that memory stays bounded."""
        rows = self._rows[table]
        rows.append(row)
        self._row_bytes[table] += long_bytes
        if len(rows) >= ROWS or self._row_bytes[table] >= ROW_BYTES:
            self._settle(table)

    def extend(self, table: str, batch: pa.RecordBatch) -> None:
        """A batch of rows for `table`, in its schema."""
        self._keep(table, batch)

    def register(self, connection: duckdb.DuckDBPyConnection, table: str, name: str) -> int:
        """Make the rows of `table` readable in SQL as `name`, to be read once; returns how many there are."""
        self._settle(table)
        schema = schema_of(table)
        batches = self._batches.get(table, [])
        if table in self._files:
            for batch in batches:
                self._write(table, batch)
            self._batches[table] = []
            file, writer = self._files.pop(table)
            writer.close()
            file.close()
            connection.register(name, pa.ipc.open_stream(pa.memory_map(str(self._path(table)))))
        else:
            connection.register(name, pa.Table.from_batches(batches, schema=schema))
        return self.counts[table]

    def _settle(self, table: str) -> None:
        if rows := self._rows[table]:
            self._keep(table, batch_of(table, rows))
            self._rows[table] = []
            self._row_bytes[table] = 0

    def _keep(self, table: str, batch: pa.RecordBatch) -> None:
        if not batch.num_rows:
            return
        self.counts[table] += batch.num_rows
        self._batches[table].append(batch)
        self._held += batch.nbytes
        if self._held > self.memory:
            for name, batches in self._batches.items():
                for held in batches:
                    self._write(name, held)
                self._batches[name] = []
            self._held = 0

    def _path(self, table: str) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="openweb-")
        return Path(self._folder.name) / f"{table.replace(':', '-')}.arrow"

    def _write(self, table: str, batch: pa.RecordBatch) -> None:
        if table not in self._files:
            file = pa.OSFile(str(self._path(table)), "wb")
            self._files[table] = file, pa.ipc.new_stream(file, schema_of(table))
        self._files[table][1].write_batch(batch)
