"""The frame of a table: the sites it names anywhere, or a list that is given."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from crawler.archive import memory
from crawler.archive_state import verify
from crawler.frame import read_frame
from crawler.settings import Archive
from crawler.sources.table import Options
from tests.crawler.test_source_table import COLUMNS, Rows, load, parquet, rows_of


def test_a_frame_and_a_name_go_with_the_snapshots(tmp_path: Path) -> None:
    parquet([{"site": "a.example", "date": "2025-01-01", "body": "x"}], tmp_path / "t")
    frame = read_frame("a.example\nb.example\n", name="list")
    with memory(Archive()) as connection:
        load(tmp_path / "t", COLUMNS, connection, Options(name="press", frame=frame, scheme="http"))
        assert rows_of(connection, "SELECT snapshot_id, frame_id FROM snapshot") == [("2025-01-01-press", frame.id)]
        assert rows_of(connection, "SELECT site FROM frame_site") == [("a.example",), ("b.example",)]
        assert rows_of(connection, "SELECT url FROM exchange") == [("http://a.example/robots.txt",)]


@pytest.mark.parametrize("change_log", [False, True])
def test_the_sites_of_a_table_are_its_frame(change_log: bool, tmp_path: Path) -> None:
    """A site that is missing on a date is missing from a list that stays the same, not from the list."""
    rows: Rows = [
        {"site": "https://B.example/", "date": "2025-01-01", "body": "x"},
        {"site": "a.example", "date": "2025-01-01", "body": "x"},
        {"site": "a.example", "date": "2025-02-01", "body": "x"},
        {"site": "b.example", "date": "2025-03-01", "body": "x"},
        {"site": "no host", "date": "2025-03-01", "body": "x"},
        {"site": "c.example", "date": "never", "body": "x"},
    ]
    parquet(rows, tmp_path / "t.parquet")
    sha256 = hashlib.sha256((tmp_path / "t.parquet").read_bytes()).hexdigest()
    listed = read_frame("c.example\na.example\nb.example\n")
    with memory(Archive()) as connection:
        load(tmp_path / "t.parquet", COLUMNS, connection, Options(change_log=change_log, portion_rows=1))
        frames = rows_of(connection, "SELECT frame_id, source, sha256, sites FROM frame")
        assert frames == [(listed.id, "sites of t.parquet", sha256, 3)]
        assert rows_of(connection, "SELECT DISTINCT frame_id FROM snapshot") == [(listed.id,)]
        assert rows_of(connection, "SELECT site, listed FROM frame_site ORDER BY site") == [
            ("a.example", "a.example"),
            ("b.example", "https://B.example/"),
            ("c.example", "c.example"),
        ]
        assert [check for check in verify(connection) if check.broken] == []
