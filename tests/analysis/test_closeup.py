"""Verdicts about one URL, one agent, one day: the same rules on what speaks to that path, addressee and date."""

from __future__ import annotations

from datetime import date

import pytest

from analysis.explain import explanation
from analysis.figures import Explanation
from crawler.errors import InputError
from crawler.vocabulary import Outcome, State, Use
from tests.analysis.builders import Site, archive_of
from tests.analysis.combinations import (
    GEN,
    OTHER,
    PERMITTED,
    RESERVED,
    SEARCH,
    SILENT,
    TDM,
    UNKNOWN,
    meta,
    robots,
    tdmrep,
)

JAN, FEB, MAR = date(2026, 1, 15), date(2026, 2, 15), date(2026, 3, 15)
NOW = date(2026, 10, 15)
A = "https://a.example"
ORDER = '[{"location": "/", "tdm-reservation": 1}, {"location": "/open/", "tdm-reservation": 0}]'
ARTICLES = b"""<?xml version="1.0"?>
<rsl xmlns="https://rslstandard.org/rsl">
  <content url="/"><license><permits type="usage">all</permits></license></content>
  <content url="/articles/"><license><prohibits type="usage">ai-train</prohibits></license></content>
</rsl>
"""
RSL_LINE = "License: https://a.example/rsl\n"


def asked(site: Site, url: str = f"{A}/", **more: object) -> Explanation:
    with archive_of((NOW, {"a.example": site})) as connection:
        return explanation(connection, url, **more)  # type: ignore[arg-type]


def states(found: Explanation) -> dict[Use, State]:
    return {line.use: line.state for line in found.verdicts}


PATHS: list[tuple[str, Site, str, dict[Use, State]]] = [
    ("page-1.7-3 the first rule of the file holds", tdmrep(ORDER), "/open/a", {TDM: RESERVED}),
    (
        "page-1.7-3 reversed, the first rule permits; the page itself was not looked at",
        tdmrep('[{"location": "/open/", "tdm-reservation": 0}, {"location": "/", "tdm-reservation": 1}]'),
        "/open/a",
        {TDM: UNKNOWN},
    ),
    (
        "page-1.7-6 case matters",
        tdmrep('[{"location": "/a/*.jpg$", "tdm-reservation": 1}]'),
        "/a/b/c.JPG",
        {TDM: UNKNOWN},
    ),
    (
        "page-1.7-6 the anchor ends the path",
        tdmrep('[{"location": "/a/*.jpg$", "tdm-reservation": 1}]'),
        "/a/b.jpg?x=1",
        {TDM: UNKNOWN},
    ),
    ("page-1.7-6 a match", tdmrep('[{"location": "/a/*.jpg$", "tdm-reservation": 1}]'), "/a/b/c.jpg", {TDM: RESERVED}),
    (
        "2.6-b a longer path permits; the page itself was not looked at",
        robots("User-agent: *\nContent-Usage: train-ai=n\nContent-Usage: /ai-ok/ train-ai=y\n"),
        "/ai-ok/t",
        {GEN: UNKNOWN},
    ),
    (
        "2.6-b other paths keep the shorter rule",
        robots("User-agent: *\nContent-Usage: train-ai=n\nContent-Usage: /ai-ok/ train-ai=y\n"),
        "/else",
        {GEN: RESERVED},
    ),
    (
        "2.6-c equal paths: the most restrictive",
        robots("User-agent: *\nContent-Usage: /a train-ai=n\nContent-Usage: /a train-ai=y\n"),
        "/a/b",
        {GEN: RESERVED},
    ),
    (
        "3.1 the longest path of a Content-Signal",
        robots("User-agent: *\nContent-Signal: ai-train=yes\nContent-Signal: /blog/ ai-train=no\n"),
        "/blog/x",
        {GEN: RESERVED, OTHER: RESERVED},
    ),
    (
        "3.1 the same, elsewhere",
        robots("User-agent: *\nContent-Signal: ai-train=no\nContent-Signal: /blog/ ai-train=yes\n"),
        "/else",
        {GEN: RESERVED},
    ),
    (
        "4.4-c a narrower content prohibits",
        Site(robots=RSL_LINE.encode(), files={"rsl": ARTICLES}),
        "/articles/1",
        {GEN: RESERVED, OTHER: RESERVED, SEARCH: UNKNOWN},
    ),
    (
        "9.3-10 a path refused to everybody: derived",
        robots("User-agent: *\nDisallow: /private/\n"),
        "/private/x",
        {GEN: RESERVED, SEARCH: RESERVED, TDM: UNKNOWN},
    ),
    ("9.3-10 another path", robots("User-agent: *\nDisallow: /private/\n"), "/public", {GEN: UNKNOWN}),
    (
        "DisallowAITraining of a path",
        robots("User-agent: *\nDisallowAITraining: /art/\n"),
        "/art/1",
        {GEN: RESERVED, OTHER: UNKNOWN},
    ),
    ("a statement of the page is not one of another page", tdmrep("[]", page=meta("1")), "/other", {TDM: UNKNOWN}),
    ("a statement of the page itself", tdmrep("[]", page=meta("1")), "/", {TDM: RESERVED}),
]


@pytest.mark.parametrize(("site", "path", "expected"), [case[1:] for case in PATHS], ids=[case[0] for case in PATHS])
def test_paths(site: Site, path: str, expected: dict[Use, State]) -> None:
    found = asked(site, A + path)
    got = states(found)
    assert {use: got[use] for use in expected} == expected
    assert found.page_seen == (path == "/")
    assert {line.path for line in found.verdicts} == {path}


def test_ambiguous_order_is_said() -> None:
    """signals-page 1.7 case 3: first match and longest match differ."""
    (line,) = asked(tdmrep(ORDER), f"{A}/open/a", use=TDM).verdicts
    assert any("ambiguous_order" in (item.note or "") for item in line.evidence)


def test_a_refused_path_has_no_preference_to_the_letter() -> None:
    """signals-robots 2.6 test e: not_applicable, and access is refused."""
    found = asked(robots("User-agent: *\nDisallow: /n/\nContent-Usage: train-ai=n\n"), f"{A}/n/x", use=GEN)
    (line,) = found.verdicts
    assert any("not_applicable" in (item.note or "") for item in line.evidence)
    # Nobody may fetch it, so the derived reservation is what is left to the letter.
    assert (line.state, line.state_strict) == (RESERVED, RESERVED)
    assert {row.declared for row in found.access} == {"refused"}


AGENTS: list[tuple[str, str, str, str, dict[Use, State]]] = [
    (
        "3.4-c, 9.4-11 an own group without the signal says nothing",
        "User-agent: *\nContent-Signal: ai-train=no\n\nUser-agent: GPTBot\nAllow: /\n",
        "GPTBot",
        "/",
        {GEN: SILENT, OTHER: SILENT},
    ),
    (
        "3.4-c the others are told",
        "User-agent: *\nContent-Signal: ai-train=no\n\nUser-agent: GPTBot\nAllow: /\n",
        "CCBot",
        "/",
        {GEN: RESERVED, OTHER: RESERVED},
    ),
    (
        "5 an agent told by name",
        "User-agent: CCBot\nContent-Signal: ai-train=no\nAllow: /\n",
        "CCBot",
        "/",
        {GEN: RESERVED},
    ),
    ("5 and nobody else", "User-agent: CCBot\nContent-Signal: ai-train=no\nAllow: /\n", "GPTBot", "/", {GEN: SILENT}),
    ("9.3-10 refused by name", "User-agent: GPTBot\nDisallow: /\n", "GPTBot", "/", {GEN: RESERVED, OTHER: RESERVED}),
    ("9.3-10 another is not", "User-agent: GPTBot\nDisallow: /\n", "CCBot", "/", {GEN: SILENT}),
    (
        "1.8-3 a named group inherits nothing",
        "User-agent: *\nDisallow: /\n\nUser-agent: CCBot\nAllow: /pub\n",
        "CCBot",
        "/",
        {GEN: SILENT},
    ),
    (
        "6-e a line above all groups speaks to the named too",
        "TDM-Reservation: 1\nUser-agent: GPTBot\nAllow: /\n",
        "GPTBot",
        "/",
        {GEN: SILENT},
    ),
]


@pytest.mark.parametrize(("text", "agent", "path", "expected"), [c[1:] for c in AGENTS], ids=[c[0] for c in AGENTS])
def test_agents(text: str, agent: str, path: str, expected: dict[Use, State]) -> None:
    got = states(asked(robots(text), A + path, agent=agent))
    assert {use: got[use] for use in expected} == expected


def test_a_group_of_its_own_has_its_own_licence_document() -> None:
    """signals-robots 4.4 test a: GPTBot's License line replaces the global one, and nobody has asked for it."""
    text = f"{RSL_LINE}User-agent: GPTBot\nLicense: https://a.example/gpt\nAllow: /\n"
    site = Site(robots=text.encode(), files={"rsl": ARTICLES})
    with archive_of((NOW, {"a.example": site})) as connection:
        everybody = explanation(connection, "a.example", use=SEARCH)
        own = explanation(connection, "a.example", use=SEARCH, agent="GPTBot")
    assert everybody.verdicts[0].state is PERMITTED
    assert own.verdicts[0].state is UNKNOWN


ACCESS: list[tuple[str, bytes | Outcome, str, tuple[str, str]]] = [
    ("2xx refused", b"User-agent: *\nDisallow: /\n", "GPTBot", ("refused", "refused")),
    (
        "2xx allowed by name",
        b"User-agent: *\nDisallow: /\n\nUser-agent: GPTBot\nAllow: /\n",
        "GPTBot",
        ("allowed", "allowed"),
    ),
    ("2xx no group", b"User-agent: CCBot\nDisallow: /\n", "GPTBot", ("unstated", "allowed")),
    ("404", Outcome.ABSENT, "GPTBot", ("unstated", "allowed")),
    ("5-d 403 on robots.txt", Outcome.REFUSED, "GPTBot", ("unknown", "allowed")),
    ("503", Outcome.SERVER_ERROR, "GPTBot", ("unknown", "refused")),
    ("no answer", Outcome.UNREACHABLE, "GPTBot", ("unknown", "refused")),
    ("a page in its place", Outcome.NOT_THE_FILE, "GPTBot", ("unknown", "unknown")),
]


@pytest.mark.parametrize(("answer", "agent", "expected"), [c[1:] for c in ACCESS], ids=[c[0] for c in ACCESS])
def test_declared_and_effective_access(answer: bytes | Outcome, agent: str, expected: tuple[str, str]) -> None:
    """RFC 9309 2.3.1.3 and 2.3.1.4."""
    lines = {line.agent: line for line in asked(Site(robots=answer), agent=agent).access}
    assert (lines[agent].declared, lines[agent].effective) == expected
    assert set(lines) == {agent, "*"}


def test_an_operator_may_obey_another_group() -> None:
    """Agents 3 item 10: Applebot follows Googlebot's group when it has none."""
    (line, _) = asked(robots("User-agent: Googlebot\nDisallow: /\n"), agent="Applebot").access
    assert (line.declared, line.effective, line.by_operator, line.obeys) == (
        "unstated",
        "allowed",
        "refused",
        "googlebot",
    )
    assert "Applebot then Googlebot" in line.why


def test_last_good_copy_still_reserves() -> None:
    """signals-robots 9.4 case 4: reserved, stale; access refused."""
    good = robots("User-agent: *\nContent-Usage: train-ai=n\n")
    with archive_of((JAN, {"a.example": good}), (FEB, {"a.example": Site(robots=Outcome.SERVER_ERROR)})) as connection:
        found = explanation(connection, "a.example", use=GEN)
        too_old = explanation(connection, "a.example", use=GEN, max_age_days=30)
    (line,) = found.verdicts
    assert (line.state, line.stale, line.staleness_days) == (RESERVED, True, 31)
    assert [item.seen_at.date() for item in line.evidence if item.deciding] == [JAN]
    assert {row.effective for row in found.access} == {"refused"}
    assert too_old.verdicts[0].state is UNKNOWN


def test_a_permission_of_the_last_good_copy_is_none() -> None:
    good = robots("User-agent: *\nContent-Signal: search=yes\n")
    with archive_of((JAN, {"a.example": good}), (FEB, {"a.example": Site(robots=Outcome.UNREACHABLE)})) as connection:
        assert explanation(connection, "a.example", use=SEARCH).verdicts[0].state is UNKNOWN


AGES = [
    ("fresh enough", date(2026, 4, 15), (SILENT, RESERVED), False, 90),
    ("a day too old", date(2026, 4, 16), (UNKNOWN, RESERVED), True, 91),
]


@pytest.mark.parametrize(("at", "expected", "stale", "days"), [c[1:] for c in AGES], ids=[case[0] for case in AGES])
def test_age(at: date, expected: tuple[State, State], stale: bool, days: int) -> None:
    with archive_of((JAN, {"a.example": robots("User-agent: *\nContent-Signal: ai-train=no\n")})) as connection:
        found = explanation(connection, "a.example", at=at)
    got = states(found)
    assert (got[SEARCH], got[GEN]) == expected
    assert (found.stale, found.staleness_days) == (stale, days)
    if stale:
        assert all(line.stale for line in found.verdicts)
        reason = next(line.reason or "" for line in found.verdicts if line.use is SEARCH)
        assert "stale" in reason


def test_words_of_a_draft_as_they_were() -> None:
    """signals-robots 9.4 case 10: `ai=n` while the revision that knew it was in force."""
    with archive_of((date(2025, 6, 15), {"a.example": robots("User-agent: *\nContent-Usage: ai=n\n")})) as connection:
        now = states(explanation(connection, "a.example"))
        then = states(explanation(connection, "a.example", as_of_words=True))
    assert (now[GEN], now[OTHER]) == (UNKNOWN, UNKNOWN)
    assert (then[GEN], then[OTHER]) == (RESERVED, RESERVED)


def test_agents_announced_by_then() -> None:
    site = robots("User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /\n")
    with archive_of((date(2023, 1, 15), {"a.example": site})) as connection:
        (now,) = explanation(connection, "a.example", use=GEN).verdicts
        (then,) = explanation(connection, "a.example", use=GEN, as_of_agents=True).verdicts
    # GPTBot was announced on 2023-08-07.
    assert (now.agents_refused, then.agents_refused) == (2, 1)
    assert then.agents_known < now.agents_known


def test_a_url_of_nobody() -> None:
    with pytest.raises(InputError, match="not in this archive"):
        asked(Site(), "https://b.test/x")
