"""A verdict explained: its rule, its lines with hash and time, what was not seen, what would change it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime

import duckdb
import pytest

from analysis.explain import explain, names_of, would_change
from analysis.rules import RULES
from crawler.errors import InputError
from crawler.vocabulary import Outcome, State, Use
from tests.analysis.builders import HTML, Site, archive_of

JAN, FEB = date(2026, 1, 15), date(2026, 2, 15)
ROBOTS = b"User-agent: *\nContent-Signal: ai-train=no\nAllow: /\n\nUser-agent: GPTBot\nDisallow: /\n"
TDM = b'[{"location": "/", "tdm-reservation": 1}]'
LICENSED = HTML.replace(b"</head>", b'<link rel="license" href="https://creativecommons.org/licenses/by/4.0/"></head>')


@pytest.fixture(scope="module")
def archive() -> Iterator[duckdb.DuckDBPyConnection]:
    with archive_of(
        (JAN, {"a.example": Site(robots=b""), "b.example": Site()}),
        (FEB, {"a.example": Site(robots=ROBOTS, page=LICENSED, files={"tdmrep.json": TDM}), "c.example": Site()}),
    ) as connection:
        yield connection


def test_one_line_a_use_in_the_order_of_the_vocabulary(archive: duckdb.DuckDBPyConnection) -> None:
    lines = explain(archive, "a.example")
    assert [line.use for line in lines] == list(Use)
    assert {line.snapshot for line in lines} == {"2026-02-15"}


def test_the_deciding_reading_leads_back_to_the_bytes(archive: duckdb.DuckDBPyConnection) -> None:
    (line,) = explain(archive, "a.example", use=Use.TRAIN_GENERATIVE)
    assert (line.state, line.rule, line.strength) == (State.RESERVED, "reserved", "vendor")
    (reading,) = [item for item in line.evidence if item.deciding]
    assert (reading.locator, reading.line, reading.raw) == ("line 2", 2, "Content-Signal: ai-train=no")
    assert reading.content_sha256 == hashlib.sha256(ROBOTS).hexdigest()
    assert reading.url == "https://a.example/robots.txt"
    assert reading.seen_at == datetime(2026, 2, 15, 4, 12, 9, tzinfo=UTC).replace(tzinfo=None)
    assert (reading.stance, reading.agent) == ("reserved", "*")
    assert (reading.reader or "").startswith("content-signal@")


def test_a_refusal_that_takes_no_part_in_deciding_is_shown_as_access(archive: duckdb.DuckDBPyConnection) -> None:
    (line,) = explain(archive, "a.example", use=Use.TRAIN_GENERATIVE)
    access = [(item.agent, item.deciding) for item in line.evidence if item.kind == "access"]
    assert access == [("gptbot", False)]
    assert line.agents_refused == 1


def test_an_agent_shows_its_uses_and_its_line(archive: duckdb.DuckDBPyConnection) -> None:
    lines = explain(archive, "a.example", agent="gptbot")
    assert {line.use for line in lines} == {Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER}
    for line in lines:
        assert [(item.agent, item.locator) for item in line.evidence if item.kind == "access"] == [("gptbot", "line 6")]


def test_as_of_a_day_it_is_the_last_snapshot_up_to_it(archive: duckdb.DuckDBPyConnection) -> None:
    (line,) = explain(archive, "a.example", use=Use.TDM, at=date(2026, 2, 14))
    assert (line.snapshot, line.state) == ("2026-01-15", State.SILENT)
    assert line.looked_at > 0


def test_a_site_not_visited_lately_has_its_own_last_snapshot(archive: duckdb.DuckDBPyConnection) -> None:
    assert {line.snapshot for line in explain(archive, "b.example")} == {"2026-01-15"}


@pytest.mark.parametrize("name", ["A.example", "https://a.example/some/page?x=1", "a.example:443", " a.example "])
def test_a_site_may_be_named_by_a_url(archive: duckdb.DuckDBPyConnection, name: str) -> None:
    assert explain(archive, name, use=Use.TDM)[0].site == "a.example"


@pytest.mark.parametrize(
    ("name", "at", "message"),
    [
        ("nowhere.test", None, "not in this archive"),
        ("aa.example", None, "did you mean"),
        ("c.example", date(2026, 1, 20), "not visited by 2026-01-20"),
        ("", None, "not in this archive"),
    ],
)
def test_what_is_not_there_is_said(
    archive: duckdb.DuckDBPyConnection, name: str, at: date | None, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        explain(archive, name, at=at)


def test_what_was_not_seen_is_named_with_the_reason() -> None:
    with archive_of((JAN, {"a.example": Site(robots=b"", page=Outcome.PAID)})) as connection:
        (line,) = explain(connection, "a.example", use=Use.TDM)
    assert line.state is State.UNKNOWN
    assert {(item.state, item.reason) for item in line.unseen} == {("unobserved", "paid")}


def test_a_fault_is_evidence_of_its_use_only() -> None:
    with archive_of((JAN, {"a.example": Site(robots=b"", files={"tdmrep.json": b"{"})})) as connection:
        by_use = {line.use: line for line in explain(connection, "a.example")}
    assert [item.kind for item in by_use[Use.TDM].evidence] == ["fault"]
    assert by_use[Use.SEARCH].evidence == ()


def test_every_rule_says_what_would_change_it() -> None:
    assert all(would_change(rule.id) for rule in RULES)
    assert would_change("no-such-rule") == ""


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("https://EXAMPLE.org:443/a", "example.org"),
        ("example.org:8080", "example.org:8080"),
        ("http://bücher.example/", "xn--bcher-kva.example"),
        ("https://[2001:db8::1]/", "[2001:db8::1]"),
    ],
)
def test_names_of(text: str, name: str) -> None:
    assert name in names_of(text)
