"""CSV that says everything about a number and never runs in a spreadsheet."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import pytest

from reports import tables
from reports.pages import Report


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\r=1", "'\\x0d=1"),
        ("\n=1", "'\n=1"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        ("a=1", "a=1"),
        ("*", "*"),
        ("", ""),
        (None, ""),
        (-1, -1),
        (0.25, 0.25),
        (True, True),
        (date(2026, 10, 15), "2026-10-15"),
        (datetime(2026, 10, 15, 1, 2, 3, tzinfo=UTC), "2026-10-15 01:02:03 UTC"),
        ("a\u202eb\x00", "a\\u202eb\\x00"),
    ],
)
def test_cells(value: object, cell: object) -> None:
    """OWASP, CSV injection: a cell must not begin with = + - @, tab or carriage return."""
    assert tables.cell(value) == cell


def test_carriage_return_is_escaped_before_it_can_lead() -> None:
    assert str(tables.cell("\r+1")).startswith("'")


def test_figures_carry_their_definition_denominator_and_versions(report: Report) -> None:
    rows = list(csv.DictReader(io.StringIO(tables.figures(report.figures))))
    assert len(rows) == 3 * 8 * 6
    row = next(
        row
        for row in rows
        if (row["snapshot"], row["use"], row["state"]) == ("2026-10-15", "train-generative", "reserved")
    )
    assert (row["n"], row["N"], row["denominator"], row["rate"]) == ("4", "10", "frame", "0.4")
    assert (row["low"], row["high"], row["unknown"], row["bound_low"], row["bound_high"]) == (
        "0.1682", "0.6873", "1", "0.4", "0.5",
    )  # fmt: skip
    assert all(row[name] for row in rows for name in ("definition", "registry", "reader", "rules", "source", "frame"))


def test_agents_and_changes_and_snapshots(report: Report) -> None:
    agents = list(csv.DictReader(io.StringIO(tables.agents(report.agents, snapshot="s", registry="r"))))
    assert [row["agent"] for row in agents] == ["GPTBot", "CCBot", "<b>Bot</b>\\u202e"]
    assert agents[2]["operator"] == "'=Evil & Sons"
    assert agents[2]["purposes"] == "'@x"
    assert {row["snapshot"] for row in agents} == {"s"}
    changes = list(csv.DictReader(io.StringIO(tables.changes(report.changes))))
    assert len(changes) == len(report.changes)
    assert changes[0]["raw"] == "Content-Signal: search=yes, ai-train=no, use=reference"
    assert changes[-1]["cause"] == "visibility changed"
    snapshots = list(csv.DictReader(io.StringIO(tables.snapshots(report.snapshots))))
    assert (snapshots[0]["snapshot"], snapshots[0]["ok"], snapshots[0]["unreachable"]) == ("2026-08-15", "8", "1")
