"""The report's numbers, counted by hand on a small panel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from analysis import overview
from analysis.rules import RULES
from analysis.verdicts import judge
from crawler.frame import read_frame
from crawler.ingest import take_in_to
from crawler.vocabulary import AccessClass, Denominator, Outcome, State, Use
from tests.analysis.builders import HTML, Site, archive_of, portion

JAN, FEB = date(2026, 1, 15), date(2026, 2, 15)
FRAME = read_frame("site,name,category,country,rank\na.example,A,news,DE,2\nb.example,B,blog,FR,1\nz.example,,,,3\n")
LICENSED = HTML.replace(b"</head>", b'<link rel="license" href="https://creativecommons.org/licenses/by/4.0/"></head>')
SITES = {
    "a.example": Site(robots=b"User-agent: GPTBot\nDisallow: /\n", page=LICENSED),
    "b.example": Site(robots=b"User-agent: *\nDisallow: /\nUser-agent: CCBot\nAllow: /\n"),
}


@pytest.fixture(scope="module")
def archive() -> Iterator[duckdb.DuckDBPyConnection]:
    with archive_of(
        (JAN, {"a.example": Site(robots=b""), "b.example": Site(robots=Outcome.SERVER_ERROR)})
    ) as connection:
        take_in_to(connection, portion(SITES, FEB, FRAME), after=judge, workers=1)
        yield connection


def test_snapshots(archive: duckdb.DuckDBPyConnection) -> None:
    first, last = overview.snapshots(archive)
    assert (first.snapshot, first.date, first.sites, first.observed) == ("2026-01-15", JAN, 2, 2)
    assert first.outcomes == {"ok": 1, "server_error": 1}
    # The frame lists three sites, two were visited.
    assert (last.sites, last.observed, last.outcomes) == (3, 2, {"ok": 2, "not_asked": 1})


def test_availability_counts_every_site_of_the_frame_once(archive: duckdb.DuckDBPyConnection) -> None:
    figures = overview.availability(archive)
    assert len(figures) == 2 * len(Use) * len(State)
    total: Counter[tuple[str, str]] = Counter()
    for row in figures:
        total[row.snapshot, row.what["use"]] += row.n
        assert row.denominator == Denominator.FRAME
    assert set(total.values()) == {2, 3}
    at = {(row.snapshot, row.what["use"], row.what["state"]): (row.n, row.N, row.unknown) for row in figures}
    assert at["2026-01-15", "train-generative", "silent"] == (1, 2, 1)
    assert at["2026-01-15", "train-generative", "unknown"] == (1, 2, 1)
    assert at["2026-02-15", "train-generative", "conditional"] == (2, 3, 1)
    assert at["2026-02-15", "search", "reserved"] == (1, 3, 1)
    assert at["2026-02-15", "search", "unknown"] == (1, 3, 1)


def test_agents_most_refused_first(archive: duckdb.DuckDBPyConnection) -> None:
    lines = overview.agents(archive, "2026-02-15")
    by_name = {line.agent: line for line in lines}
    assert [line.refused for line in lines] == sorted((line.refused for line in lines), reverse=True)
    gptbot, ccbot, other = by_name["GPTBot"], by_name["CCBot"], by_name["ClaudeBot"]
    # By name on a, by the group of everybody on b.
    assert (gptbot.named, gptbot.refused, gptbot.refused_by_name, gptbot.N, gptbot.unknown) == (1, 2, 1, 2, 1)
    assert (ccbot.named, ccbot.refused, ccbot.refused_by_name) == (1, 0, 0)
    assert (other.named, other.refused, other.refused_by_name, other.rate) == (0, 1, 0, 0.5)
    assert lines[0] is gptbot


def test_site_pages(archive: duckdb.DuckDBPyConnection) -> None:
    pages = list(overview.sites(archive))
    assert [(page.site, page.name, page.category, page.country) for page in pages] == [
        ("b.example", "B", "blog", "FR"),
        ("a.example", "A", "news", "DE"),
        ("z.example", None, None, None),
    ]
    b, a, z = pages
    assert [len(part) for part in (z.verdicts, z.exchanges, z.history)] == [0, 0, 0]
    assert [verdict.use for verdict in a.verdicts] == list(Use)
    assert [claim.note.split(";")[0] for claim in a.licences if claim.note] == ["CC-BY-4.0"]
    assert [exchange["role"] for exchange in a.exchanges][:1] == ["robots.txt"]
    assert {item.agent: item.note for item in b.access} == {
        "*": "refused at /, by the `*` group",
        "ccbot": "nothing refused, named, everything allowed by name",
    }
    found = [(line["snapshot"], line["states"]) for line in b.history]
    assert [snapshot for snapshot, _ in found] == ["2026-01-15", "2026-02-15"]
    assert [states["search"] for _, states in found if isinstance(states, dict)] == ["unknown", "reserved"]


def test_site_pages_are_at_most_as_many_as_asked_for(archive: duckdb.DuckDBPyConnection) -> None:
    assert [page.site for page in overview.sites(archive, 1)] == ["b.example"]


def test_definitions_cover_every_figure_rule_class_and_denominator(archive: duckdb.DuckDBPyConnection) -> None:
    ids = [key for key, _, _ in overview.definitions()]
    assert len(set(ids)) == len(ids)
    assert {row.definition for row in overview.availability(archive)} <= set(ids)
    assert {f"agent-{name}" for name in AccessClass} <= set(ids)
    assert {f"denominator-{name}" for name in Denominator} <= set(ids)
    assert [key for key in ids if key.startswith("rule-")] == [f"rule-{rule.id}" for rule in RULES]


@pytest.mark.parametrize("text", [text for _, _, text in overview.definitions()])
def test_definitions_claim_nothing_about_the_law(text: str) -> None:
    assert not [part for part in ("allowed " + "to", "complian", "legal") if part in text.lower()]


def test_an_empty_archive() -> None:
    with archive_of() as connection:
        assert overview.snapshots(connection) == []
        assert overview.availability(connection) == []
        assert list(overview.sites(connection)) == []
