"""Bytes in, states out: the worked combinations of signals-robots 9.4, the precedences of 9.2 and signals-page 1.5."""

from __future__ import annotations

import duckdb
import pytest

from analysis.verdicts import judge
from crawler import agents
from crawler.vocabulary import Outcome, State, Use
from tests.analysis.builders import DAY, Site, archive_of, states, verdicts
from tests.analysis.combinations import CASES, GEN, MANAGED, RESERVED, SEARCH, TDM, UNKNOWN, robots, tdmrep
from tests.analysis.combinations_by_family import FAMILY_CASES

ALL = [*CASES, *FAMILY_CASES]


@pytest.mark.parametrize(("site", "expected"), [case[1:] for case in ALL], ids=[case[0] for case in ALL])
def test_states(site: Site, expected: dict[Use, State]) -> None:
    found = states(site)
    assert {use: found[use] for use in expected} == expected


STRICT = [
    ("page-1.7-1 an object", tdmrep('{"location": "/", "tdm-reservation": 1}'), TDM, RESERVED, UNKNOWN),
    ("page-1.7-2 a string", tdmrep('[{"location": "/", "tdm-reservation": "1"}]'), TDM, RESERVED, UNKNOWN),
    (
        "page-1.7-12 an absolute URL is no path pattern",
        tdmrep('[{"location": "https://a.example/", "tdm-reservation": 1}]'),
        TDM,
        RESERVED,
        UNKNOWN,
    ),
    (
        "a statement as the specification asks",
        tdmrep('[{"location": "/", "tdm-reservation": 1}]'),
        TDM,
        RESERVED,
        RESERVED,
    ),
]


@pytest.mark.parametrize(
    ("site", "use", "plain", "strict"), [case[1:] for case in STRICT], ids=[case[0] for case in STRICT]
)
def test_what_is_meant_and_what_is_written(site: Site, use: Use, plain: State, strict: State) -> None:
    with archive_of((DAY, {"a.example": site})) as connection:
        row = verdicts(connection)["a.example", use]
    assert (row["state"], row["state_strict"]) == (plain, strict)


@pytest.mark.parametrize(
    ("site", "use", "rule", "strength"),
    [
        (Site(robots=MANAGED), GEN, "reserved", "vendor"),
        (tdmrep('[{"location": "/", "tdm-reservation": 1}]'), TDM, "reserved", "normative"),
        (robots("User-agent: *\nDisallowAITraining: /\n"), GEN, "reserved-informal", "informal"),
        (robots("User-agent: *\nDisallow: /\n"), SEARCH, "reserved-derived", "derived"),
        (robots("User-agent: GPTBot\nDisallow: /\n"), GEN, "conditional-derived", "derived"),
        (Site(robots=b""), GEN, "silent", None),
        (Site(robots=Outcome.RATE_LIMITED), GEN, "unseen", None),
        (robots("User-agent: *\nContent-Usage: ai=n\n"), GEN, "malformed", None),
        (
            Site(robots=b"User-agent: *\nContent-Signal: search=yes\n", page=Outcome.PAID),
            SEARCH,
            "permitted-provisional",
            "vendor",
        ),
    ],
)
def test_rule_and_strength(site: Site, use: Use, rule: str, strength: str | None) -> None:
    with archive_of((DAY, {"a.example": site})) as connection:
        row = verdicts(connection)["a.example", use]
    assert (row["rule"], row["strength"]) == (rule, strength)


def test_agents_are_counted_by_principal_purpose() -> None:
    text = "User-agent: GPTBot\nUser-agent: CCBot\nUser-agent: Nobody-We-Know\nDisallow: /\n"
    registry = agents.load()
    known = {agent.token.lower() for agent in registry.agents if GEN in registry.purposes[agent.purposes[0]].uses}
    with archive_of((DAY, {"a.example": robots(text)})) as connection:
        row = verdicts(connection)["a.example", GEN]
        body = connection.execute("SELECT body_sha256 FROM evidence WHERE role = 'robots.txt'").fetchall()[0][0]
    assert {"gptbot", "ccbot"} <= known
    assert (row["agents_refused"], row["agents_known"]) == (2, len(known))
    assert row["reason"] == f"2 of {len(known)} known agents refused"
    # Both names stand over one rule, which is the line that decides.
    assert row["deciding"] == [f"{body}:robots-groups:ccbot"]


def test_deciding_readings_lead_back_to_their_line() -> None:
    site = robots("User-agent: *\nContent-Signal: ai-train=no\n")
    with archive_of((DAY, {"a.example": site})) as connection:
        deciding = verdicts(connection)["a.example", GEN]["deciding"]
        lines = connection.execute(
            "SELECT line, raw FROM reading WHERE list_contains($ids, reading_id)", {"ids": deciding}
        ).fetchall()
    assert lines == [(2, "Content-Signal: ai-train=no")]


def test_a_gap_is_named_once_with_its_reason() -> None:
    with archive_of((DAY, {"a.example": Site(robots=b"", page=Outcome.PAID)})) as connection:
        row = verdicts(connection)["a.example", GEN]
    assert row["reason"] == "could not check page: paid"


def _count(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return connection.execute(
        "SELECT (SELECT count(*) FROM verdict), (SELECT count(*) FROM coverage), (SELECT count(*) FROM agent)"
    ).fetchall()


def test_judging_twice_changes_nothing() -> None:
    with archive_of((DAY, {"a.example": Site(robots=MANAGED), "b.example": Site()})) as connection:
        before = _count(connection)
        assert judge(connection) == 0
        assert _count(connection) == before
        assert before[0][0] == 2 * len(Use)


def test_sites_that_look_alike_are_judged_once() -> None:
    with archive_of((DAY, {f"{n}.example": Site(robots=MANAGED) for n in range(20)})) as connection:
        assert _count(connection)[0][0] == len(Use)


def test_what_a_newer_reader_has_not_read_yet_waits_for_it() -> None:
    with archive_of((DAY, {"a.example": Site(robots=MANAGED)})) as connection:
        connection.execute("DELETE FROM verdict")
        connection.execute("DELETE FROM coverage")
        connection.execute("UPDATE read_log SET readers = replace(readers, 'content-signal@', 'content-signal@0')")
        assert judge(connection) == 0
