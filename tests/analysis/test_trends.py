"""Rates over time, counted by hand on a small panel."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from analysis.trends import token_of, trend
from crawler.errors import InputError
from crawler.frame import read_frame
from crawler.ingest import take_in_to
from crawler.vocabulary import AccessClass, Basis, Denominator, Outcome, State, Use
from tests.analysis.builders import Site, archive_of, portion

JAN, FEB, MAR = date(2026, 1, 15), date(2026, 2, 15), date(2026, 3, 15)
BLOCKS = Site(robots=b"User-agent: GPTBot\nDisallow: /\n")
CLOSED = Site(robots=b"User-agent: *\nDisallow: /\n")
WELCOMES = Site(robots=b"User-agent: *\nDisallow: /\n\nUser-agent: gptbot\nAllow: /\n")
PARTLY = Site(robots=b"User-agent: GPTBot\nDisallow: /news/\n")
ALLOW_ROBOTS = Site(robots=b"User-agent: GPTBot\nDisallow: /\nAllow: /robots.txt\n")
EMPTY = Site(robots=b"")
NO_FILE = Site()
DOWN = Site(robots=Outcome.SERVER_ERROR)
RESERVES = Site(robots=b"User-agent: *\nContent-Signal: ai-train=no\n")

PANEL = (
    (JAN, {"a": BLOCKS, "b": CLOSED, "c": EMPTY, "d": NO_FILE, "e": DOWN, "f": WELCOMES}),
    (FEB, {"a": BLOCKS, "b": DOWN, "c": BLOCKS, "d": NO_FILE, "e": EMPTY, "f": WELCOMES, "g": PARTLY}),
    (MAR, {"a": EMPTY, "b": CLOSED, "c": BLOCKS, "d": DOWN, "f": WELCOMES, "g": ALLOW_ROBOTS, "h": RESERVES}),
)


@pytest.fixture(scope="module")
def panel() -> Iterator[duckdb.DuckDBPyConnection]:
    named = [(on, {f"{name}.example": site for name, site in sites.items()}) for on, sites in PANEL]
    with archive_of(*named) as connection:
        yield connection


def counts(connection: duckdb.DuckDBPyConnection, **how: object) -> list[tuple[int, int, int]]:
    """n, N and unknown of each snapshot."""
    return [(row.n, row.N, row.unknown) for row in trend(connection, **how)]  # type: ignore[arg-type]


AGENT = [
    ("answered", {}, [(2, 5, 1), (2, 6, 1), (3, 6, 1)]),
    ("frame", {"denominator": Denominator.FRAME}, [(2, 6, 1), (2, 7, 1), (3, 7, 1)]),
    ("has_robots", {"denominator": Denominator.HAS_ROBOTS}, [(2, 4, 1), (2, 5, 1), (3, 6, 1)]),
    ("has_rules", {"denominator": Denominator.HAS_RULES}, [(2, 3, 1), (2, 4, 1), (3, 5, 1)]),
    # a, c and f answer every time; what b, d, e, g and h do moves nothing.
    ("matched", {"denominator": Denominator.MATCHED}, [(1, 3, 0), (2, 3, 0), (1, 3, 0)]),
    ("named only", {"basis": Basis.EXPLICIT}, [(1, 5, 1), (2, 6, 1), (2, 6, 1)]),
    ("nothing refused", {"class_": AccessClass.NONE}, [(3, 5, 1), (3, 6, 1), (3, 6, 1)]),
    # "Allow: /robots.txt" opens one of the paths the file names, so not everything probed is refused.
    ("partly refused", {"class_": AccessClass.PARTIAL}, [(0, 5, 1), (1, 6, 1), (1, 6, 1)]),
    ("exactly one rule", {"class_": AccessClass.FULL_EXACT}, [(2, 5, 1), (2, 6, 1), (2, 6, 1)]),
    (
        "metrics 2.1: an Allow beside it is no full block",
        {"class_": AccessClass.FULL_DPI},
        [(2, 5, 1), (2, 6, 1), (2, 6, 1)],
    ),
    ("welcomed by name", {"class_": AccessClass.EXPLICIT_ALLOW}, [(1, 5, 1), (1, 6, 1), (1, 6, 1)]),
    ("from February", {"since": FEB}, [(2, 6, 1), (3, 6, 1)]),
    ("one month", {"since": FEB, "until": FEB}, [(2, 6, 1)]),
]


@pytest.mark.parametrize(("how", "expected"), [case[1:] for case in AGENT], ids=[case[0] for case in AGENT])
def test_agent(panel: duckdb.DuckDBPyConnection, how: dict[str, object], expected: list[tuple[int, int, int]]) -> None:
    assert counts(panel, agent="GPTBot", **how) == expected


@pytest.mark.parametrize("name", ["gptbot", "GPTBOT", " GPTBot "])
def test_tokens_ignore_case_rfc9309_2_2_1(panel: duckdb.DuckDBPyConnection, name: str) -> None:
    assert counts(panel, agent=name) == [(2, 5, 1), (2, 6, 1), (3, 6, 1)]


def test_an_alias_is_its_token() -> None:
    assert token_of("ccbot/2.0") == "CCBot"


def test_an_agent_nobody_names_has_the_group_of_everybody(panel: duckdb.DuckDBPyConnection) -> None:
    assert counts(panel, agent="Nobody-Knows-It") == [(2, 5, 1), (1, 6, 1), (2, 6, 1)]


USE = [
    ("frame", {}, [(1, 6, 1), (0, 7, 1), (2, 7, 1)]),
    ("answered", {"denominator": Denominator.ANSWERED}, [(1, 5, 1), (0, 6, 1), (2, 6, 1)]),
    ("conditional", {"state": State.CONDITIONAL}, [(2, 6, 1), (3, 7, 1), (3, 7, 1)]),
    ("silent", {"state": State.SILENT}, [(2, 6, 1), (3, 7, 1), (1, 7, 1)]),
    ("unknown", {"state": State.UNKNOWN}, [(1, 6, 1), (1, 7, 1), (1, 7, 1)]),
    ("matched", {"denominator": Denominator.MATCHED, "state": State.CONDITIONAL}, [(2, 3, 0), (3, 3, 0), (2, 3, 0)]),
]


@pytest.mark.parametrize(("how", "expected"), [case[1:] for case in USE], ids=[case[0] for case in USE])
def test_use(panel: duckdb.DuckDBPyConnection, how: dict[str, object], expected: list[tuple[int, int, int]]) -> None:
    assert counts(panel, use=Use.TRAIN_GENERATIVE, **how) == expected


def test_a_figure_carries_its_definition(panel: duckdb.DuckDBPyConnection) -> None:
    first = trend(panel, agent="gptbot")[0]
    assert (first.snapshot, first.date, first.denominator, first.frame) == ("2026-01-15", JAN, "answered", 6)
    assert first.what == {"agent": "GPTBot", "class": "root_blocked", "basis": "any"}
    assert first.definition == "agent-root_blocked"
    assert first.rate == 2 / 5
    assert (first.bound_low, first.bound_high) == (2 / 6, 3 / 6)
    assert first.low is not None
    assert first.high is not None
    assert first.low < first.rate < first.high
    assert first.registry
    assert first.reader
    assert first.rules
    assert first.source == "test"
    assert first.observed == 5


def test_sites_of_the_frame_nobody_visited_are_unknown() -> None:
    frame = read_frame("a.example\nb.example\nz.example\n", name="three")
    with archive_of() as connection:
        from analysis.verdicts import judge

        take_in_to(connection, portion({"a.example": BLOCKS, "b.example": EMPTY}, JAN, frame), after=judge, workers=1)
        assert counts(connection, agent="GPTBot") == [(1, 2, 1)]
        assert counts(connection, agent="GPTBot", denominator=Denominator.FRAME) == [(1, 3, 1)]
        assert counts(connection, use=Use.TRAIN_GENERATIVE, state=State.UNKNOWN) == [(1, 3, 1)]


def test_an_empty_archive_has_no_figures() -> None:
    with archive_of() as connection:
        assert trend(connection, agent="GPTBot") == []
        assert trend(connection, use=Use.TDM) == []


@pytest.mark.parametrize("how", [{}, {"agent": "GPTBot", "use": Use.TDM}, {"agent": "GPTBot", "basis": Basis.WILDCARD}])
def test_a_trend_is_about_one_thing(panel: duckdb.DuckDBPyConnection, how: dict[str, object]) -> None:
    with pytest.raises(InputError):
        trend(panel, **how)  # type: ignore[arg-type]


def test_words_and_agents_of_each_snapshot() -> None:
    """`ai=n` reserved while its revision was in force; GPTBot was announced on 2023-08-07."""
    legacy = Site(robots=b"User-agent: *\nContent-Usage: ai=n\n")
    gptbot = Site(robots=b"User-agent: GPTBot\nDisallow: /\n")
    with archive_of(
        (date(2023, 1, 15), {"a.example": gptbot}), (date(2025, 6, 15), {"a.example": legacy})
    ) as connection:
        now = trend(connection, use=Use.TRAIN_GENERATIVE)
        then = trend(connection, use=Use.TRAIN_GENERATIVE, as_of_words=True)
        known = trend(connection, use=Use.TRAIN_GENERATIVE, state=State.CONDITIONAL)
        basket = trend(connection, use=Use.TRAIN_GENERATIVE, state=State.CONDITIONAL, as_of_agents=True)
        agent = trend(connection, agent="GPTBot", as_of_agents=True)
    assert [line.n for line in now] == [0, 0]
    assert [line.n for line in then] == [0, 1]
    assert [line.n for line in known] == [1, 0]
    assert [line.n for line in basket] == [0, 0]
    assert [line.snapshot for line in agent] == ["2025-06-15"]
    assert basket[0].registry.endswith(" as-of")
