"""Tables that cannot be read at all: an answer each, never a traceback."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crawler.errors import InputError
from crawler.sources.table import Table
from crawler.sources.table_files import Columns

COLUMNS = Columns("site", "date", "body")


def _cut(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


def _parquet_bytes() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"site": ["a.example"] * 9, "date": ["2025-01-15"] * 9, "body": ["x" * 99] * 9}), out)
    return out.getvalue()


GOOD_CSV = b"site,date,body\n" + b"".join(b"a.example,2025-01-15,body %d\n" % number for number in range(500))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\n\n  \n", id="blank"),
        pytest.param(_cut(_parquet_bytes()), id="Parquet cut short"),
        pytest.param(b"PAR1" + bytes(100), id="Parquet damaged"),
        pytest.param(_cut(gzip.compress(GOOD_CSV)), id="gzip cut short"),
        pytest.param(b"\x1f\x8b" + bytes(30), id="gzip damaged"),
        pytest.param(b"\x28\xb5\x2f\xfd" + b"x" * 30, id="zstd damaged"),
        pytest.param(b"\xff\xfe" + "site,date,body\n".encode("utf-16-le") + b"x", id="UTF-16 with half a character"),
        pytest.param(bytes(range(256)) * 20, id="octets"),
        pytest.param(b"\x7fELF" + bytes(5000), id="a program"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_answer(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(data)
    with pytest.raises(InputError):
        Table(tmp_path / "t", COLUMNS)


def test_a_folder_and_nothing_are_answers(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(InputError, match="cannot be read"):
            Table(path, COLUMNS)


def test_a_nested_column_is_an_answer(tmp_path: Path) -> None:
    pq.write_table(pa.table({"site": [["a"]], "date": ["2025-01-15"], "body": ["x"]}), tmp_path / "t")
    with pytest.raises(InputError, match=r"column 'site' is .*list.*; expected text"):
        Table(tmp_path / "t", COLUMNS)
