"""History in tables: every kind of file, every kind of damage; each row an exchange or a reject with its reason."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from crawler.archive import memory
from crawler.archive_state import verify
from crawler.errors import InputError
from crawler.ingest import TakenIn, take_in_to
from crawler.settings import Archive
from crawler.sources.table import Options, Table, moment_of
from crawler.sources.table_files import Columns
from crawler.sources.table_status import outcome_of_row
from crawler.vocabulary import Outcome

COLUMNS = Columns("site", "date", "body")
WITH_STATUS = Columns("site", "date", "body", "status")
BLOCK = "User-agent: GPTBot\nDisallow: /\n"
Rows = list[dict[str, Any]]
HEADER = ("site", "date", "body", "status")


def parquet(rows: Rows, path: Path) -> None:
    names = list(dict.fromkeys(key for row in rows for key in row)) or list(HEADER)
    pq.write_table(pa.table({name: [row.get(name) for row in rows] for name in names}), path)


def as_csv(rows: Rows) -> bytes:
    out = io.StringIO(newline="")
    names = list(dict.fromkeys(key for row in rows for key in row)) or list(HEADER)
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows([[row.get(name, "") for name in names] for row in rows])
    return out.getvalue().encode("utf-8", "surrogatepass")


def as_json(rows: Rows) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


WRITERS: dict[str, Callable[[Rows, Path], object]] = {
    "Parquet": parquet,
    "CSV": lambda rows, path: path.write_bytes(as_csv(rows)),
    "CSV, UTF-16": lambda rows, path: path.write_bytes(as_csv(rows).decode().encode("utf-16")),
    "CSV, gz": lambda rows, path: path.write_bytes(gzip.compress(as_csv(rows))),
    "CSV, zst": lambda rows, path: path.write_bytes(zstandard.compress(as_csv(rows))),
    "JSON lines": lambda rows, path: path.write_bytes(as_json(rows)),
    "JSON lines, BOM": lambda rows, path: path.write_bytes(b"\xef\xbb\xbf" + as_json(rows)),
    "JSON lines, zst": lambda rows, path: path.write_bytes(zstandard.compress(as_json(rows))),
}


def load(
    path: Path, columns: Columns, connection: duckdb.DuckDBPyConnection, options: Options | None = None
) -> tuple[Table, list[TakenIn]]:
    with Table(path, columns, options) as table:
        return table, [take_in_to(connection, portion) for portion in table.portions()]


def rows_of(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


@pytest.mark.parametrize("kind", WRITERS)
def test_every_kind_of_file_says_the_same(kind: str, tmp_path: Path) -> None:
    rows: Rows = [
        {"site": "b.example", "date": "2025-01-15", "body": "", "status": "200"},
        {"site": "A.example", "date": "2025-01-15", "body": BLOCK, "status": "ok"},
        {
            "site": "https://a.example/",
            "date": "2025-02-15T10:00:00+02:00",
            "body": "# \x00 ü\r\n" + BLOCK,
            "status": "200",
        },
        {"site": "b.example", "date": "20250215", "body": "<!doctype html><p>no", "status": "200"},
        {"site": "c.example", "date": "2025-02-15", "body": "", "status": "error:timed out"},
    ]
    WRITERS[kind](rows, tmp_path / "t")
    with memory(Archive()) as connection:
        table, taken = load(tmp_path / "t", WITH_STATUS, connection)
        assert [one.rejects for one in taken] == [0]
        found = rows_of(
            connection,
            "SELECT snapshot_id, exchange.site, outcome, status, data, fetched_at, url"
            " FROM exchange LEFT JOIN body ON sha256 = body_sha256 ORDER BY snapshot_id, exchange.site",
        )
        hour = datetime(2025, 2, 15, 8, tzinfo=UTC).replace(tzinfo=None)
        january, february = (datetime(2025, month, 15, tzinfo=UTC).replace(tzinfo=None) for month in (1, 2))
        url = "https://{}.example/robots.txt".format
        assert found == [
            ("2025-01-15", "a.example", "ok", None, BLOCK.encode(), january, url("a")),
            ("2025-01-15", "b.example", "ok", 200, b"", january, url("b")),
            ("2025-02-15", "a.example", "ok", 200, ("# \x00 ü\r\n" + BLOCK).encode(), hour, url("a")),
            ("2025-02-15", "b.example", "not_the_file", 200, b"<!doctype html><p>no", february, url("b")),
            ("2025-02-15", "c.example", "unreachable", None, None, february, url("c")),
        ]
        assert (table.rows, table.sites, dict(table.outcomes)) == (5, 3, {"ok": 3, "not_the_file": 1, "unreachable": 1})
        assert rows_of(connection, "SELECT snapshot_id, taken_on FROM snapshot ORDER BY 1") == [
            ("2025-01-15", date(2025, 1, 15)),
            ("2025-02-15", date(2025, 2, 15)),
        ]
        assert [one.already for one in load(tmp_path / "t", WITH_STATUS, connection)[1]] == [True]
        assert [check for check in verify(connection) if check.broken] == []


def _outcome(code: int) -> Outcome:
    return outcome_of_row(str(code), None).outcome


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param({"date": "soon"}, "not a date: 'soon'", id="date"),
        pytest.param({"date": ""}, "no date", id="empty date"),
        pytest.param({"date": "1970-01-01"}, "not a date: '1970-01-01' (the year 1970", id="before robots.txt"),
        pytest.param({"site": ""}, "nothing there", id="no site"),
        pytest.param({"site": "not a host"}, "not a host name", id="site"),
        pytest.param({"site": "x\x00.example"}, "not a host name", id="NUL in a site"),
        pytest.param({"status": "teapot"}, "status 'teapot' is not known", id="status"),
    ],
)
@pytest.mark.parametrize("kind", ["Parquet", "CSV", "JSON lines"])
def test_a_bad_row_is_a_reject_and_costs_nothing_else(
    kind: str, row: dict[str, str], reason: str, tmp_path: Path
) -> None:
    good = {"site": "a.example", "date": "2025-01-15", "body": BLOCK, "status": "200"}
    rows: Rows = [good, {**good, "site": "b.example", **row}, {**good, "site": "a.example", "date": "2025-02-15"}]
    WRITERS[kind](rows, tmp_path / "t")
    with memory(Archive()) as connection:
        table, taken = load(tmp_path / "t", WITH_STATUS, connection)
        assert sum(one.visits for one in taken) == 2
        ((place, found),) = rows_of(connection, "SELECT place, reason FROM reject")
        assert found.startswith(reason)
        assert place == {"Parquet": "row 2", "CSV": "row 5", "JSON lines": "row 2"}[kind], "where it stands in the file"
        assert table.rejected.total() == 1
        assert [check for check in verify(connection) if check.broken] == []


@pytest.mark.parametrize(
    ("data", "reason", "visits"),
    [
        pytest.param(
            b"site,date,body\na.example,2025-01-15\nb.example,2025-01-15,x\n",
            "2 cells where the header has 3",
            1,
            id="short",
        ),
        pytest.param(
            b"site,date,body\na.example,2025-01-15,x,y\nb.example,2025-01-15,x\n", "4 cells where", 1, id="long"
        ),
        pytest.param(
            b'site,date,body\nb.example,2025-01-15,x\na.example,2025-01-15,"x\ny',
            "not a CSV record",
            1,
            id="open quote",
        ),
        pytest.param(
            b'site,date,body\na.example,2025-01-15,"x" y\nb.example,2025-01-15,x\n',
            "not a CSV record",
            1,
            id="closed quote",
        ),
        pytest.param(
            b'{"site": "b.example", "date": "2025-01-15", "body": "x"}\n{"site": \n', "not JSON", 1, id="broken JSON"
        ),
        pytest.param(
            b'{"site": "b.example", "date": "2025-01-15", "body": "x"}\n[]\n', "not a JSON object", 1, id="JSON list"
        ),
        pytest.param(
            b'{"site": "b.example", "date": "2025-01-15", "body": {"x": 1}}\n', "body is a dict", 0, id="JSON body"
        ),
    ],
)
def test_a_record_that_is_none_is_a_reject(data: bytes, reason: str, visits: int, tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(data)
    with memory(Archive()) as connection:
        _, taken = load(tmp_path / "t", COLUMNS, connection)
        assert sum(one.visits for one in taken) == visits
        assert [found.startswith(reason) for (found,) in rows_of(connection, "SELECT reason FROM reject")] == [True]


@pytest.mark.parametrize("kind", WRITERS)
def test_a_missing_column_names_those_there_are(kind: str, tmp_path: Path) -> None:
    WRITERS[kind]([{"site": "a.example", "when": "2025-01-15", "body": BLOCK}], tmp_path / "t")
    with pytest.raises(InputError, match="no column 'date'; its columns are: site, when, body"):
        Table(tmp_path / "t", COLUMNS)


@pytest.mark.parametrize("kind", ["Parquet", "CSV", "JSON lines"])
def test_a_body_of_fifty_megabytes_is_cut_and_marked(kind: str, tmp_path: Path) -> None:
    body = BLOCK + "#" * 50_000_000
    WRITERS[kind]([{"site": "a.example", "date": "2025-01-15", "body": body}], tmp_path / "t")
    with memory(Archive()) as connection:
        load(tmp_path / "t", COLUMNS, connection)
        assert rows_of(connection, "SELECT outcome, truncated FROM exchange") == [("ok", True)]
        assert rows_of(connection, "SELECT octet_length(data) FROM body") == [(524_288,)]
        assert rows_of(connection, "SELECT DISTINCT root_blocked FROM access WHERE token = 'gptbot'") == [(True,)]


def test_octets_of_other_encodings_come_through(tmp_path: Path) -> None:
    """A body in Latin-1 or UTF-16 is kept octet for octet, from a CSV cell as from a Parquet blob."""
    latin, wide = b"# caf\xe9\nUser-agent: *\nDisallow: /\n", BLOCK.encode("utf-16")
    pq.write_table(
        pa.table({"site": ["a.example", "b.example"], "date": [date(2025, 1, 15)] * 2, "body": [latin, wide]}),
        tmp_path / "t.parquet",
    )
    (tmp_path / "t.csv").write_bytes(b'site,date,body\nc.example,2025-01-16,"' + latin + b'"\n')
    with memory(Archive()) as connection:
        for name in ("t.parquet", "t.csv"):
            load(tmp_path / name, COLUMNS, connection)
        found = dict(rows_of(connection, "SELECT site, data FROM exchange JOIN body ON sha256 = body_sha256"))
        assert found == {"a.example": latin, "b.example": wide, "c.example": latin}
        refused = rows_of(connection, "SELECT DISTINCT token FROM access WHERE root_blocked ORDER BY token")
        assert refused == [("*",), ("gptbot",)]


def test_two_rows_of_a_site_and_day_are_both_kept_and_the_last_counts(tmp_path: Path) -> None:
    rows: Rows = [
        {"site": "a.example", "date": "2025-01-15T20:00:00", "body": "evening"},
        {"site": "a.example", "date": "2025-01-15T08:00:00", "body": "morning"},
        {"site": "A.example.", "date": "2025-01-15T20:00:00", "body": "evening, again"},
    ]
    parquet(rows, tmp_path / "t")
    with memory(Archive()) as connection:
        table, taken = load(tmp_path / "t", COLUMNS, connection)
        assert [(one.visits, one.exchanges) for one in taken] == [(1, 3)]
        assert table.repeated == 2
        shown = rows_of(connection, "SELECT data FROM evidence JOIN body ON sha256 = body_sha256")
        assert shown == [(b"evening, again",)]


SITES = ("a.example", "b.example", "c.example")
HISTORY = st.lists(
    st.tuples(st.sampled_from(SITES), st.integers(0, 9), st.sampled_from(["", BLOCK, "User-agent: *\nAllow: /\n"])),
    min_size=1,
    max_size=25,
)


@hypothesis_settings(max_examples=15, deadline=None)
@given(HISTORY, st.lists(st.integers(0, 9), min_size=1, max_size=10), st.integers(1, 6))
def test_a_change_log_carries_on_until_the_next_row(
    history: list[tuple[str, int, str]], calendar: list[int], portion_rows: int
) -> None:
    """Against a model in plain Python: what a site showed last on or before every calendar day."""
    day = "2025-03-{:02d}".format
    import tempfile

    with tempfile.TemporaryDirectory() as folder, memory(Archive()) as connection:
        path = Path(folder) / "t"
        parquet([{"site": site, "date": day(on + 1), "body": body, "status": "ok"} for site, on, body in history], path)
        moments = tuple(moment_of(day(on + 1)) for on in calendar)
        options = Options(change_log=True, calendar=moments, portion_rows=portion_rows)
        load(path, WITH_STATUS, connection, options)
        found = rows_of(
            connection,
            "SELECT snapshot_id, site, basis, decode(data), facts_snapshot_id FROM visit"
            " JOIN evidence USING (evidence_id) JOIN body ON sha256 = body_sha256 ORDER BY ALL",
        )
        assert [check for check in verify(connection) if check.broken] == []
    last = {(site, on): body for site, on, body in history}
    expected = [(day(on + 1), site, "observed", body, day(on + 1)) for (site, on), body in last.items()]
    for site in SITES:
        for on in sorted(set(calendar)):
            before = [row_on for row_site, row_on in last if row_site == site and row_on <= on]
            if before and max(before) != on:
                facts = max(before)
                expected.append((day(on + 1), site, "unchanged", last[site, facts], day(facts + 1)))
    assert found == sorted(expected)


@pytest.mark.parametrize("shuffled", [False, True])
def test_portions_hold_whole_sites(shuffled: bool, tmp_path: Path) -> None:
    rows: Rows = [
        {"site": f"{site}.example", "date": f"2025-01-{day:02d}", "body": f"#{site} {day}"}
        for site in range(20)
        for day in range(1, 11)
    ]
    if shuffled:
        rows.sort(key=lambda row: (row["date"], row["site"]))
    rows.insert(55, {"site": "no host", "date": "2025-01-01", "body": ""})
    parquet(rows, tmp_path / "t")
    with memory(Archive()) as connection:
        _, taken = load(tmp_path / "t", COLUMNS, connection, Options(portion_rows=30))
        assert sum(one.visits for one in taken) == 200
        assert sum(one.rejects for one in taken) == 1
        assert len(taken) == 7
        spread = rows_of(connection, "SELECT site FROM visit GROUP BY site HAVING count(DISTINCT segment_id) > 1")
        assert spread == []


def test_a_run_that_was_stopped_is_completed(tmp_path: Path) -> None:
    rows: Rows = [{"site": f"{site}.example", "date": "2025-01-01", "body": "x"} for site in range(50)]
    parquet(rows, tmp_path / "t")
    options = Options(portion_rows=10)
    with memory(Archive()) as connection:
        with Table(tmp_path / "t", COLUMNS, options) as table:
            for number, portion in enumerate(table.portions()):
                if number in (0, 2):
                    take_in_to(connection, portion)
        _, taken = load(tmp_path / "t", COLUMNS, connection, options)
        assert [one.already for one in taken] == [True, False, True, False, False]
        assert rows_of(connection, "SELECT count(*), count(DISTINCT site) FROM visit") == [(50, 50)]
