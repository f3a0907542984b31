"""Other people's robots.txt vectors under both profiles; each that cannot pass is listed with the clause that says why.

The vectors are not ours to copy: these tests skip where the shared data are absent.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from jwm.robotstxt import googlebot

from crawler.robots import decide, google_of, google_path_of, parse, path_of

DATA = Path(__file__).parents[3] / "../shared/data/conformance"
PAGE = Path(__file__).parents[3] / "docs/robots-conformance.md"
SUITES = ("google_robots_test_cc", "protego_test_protego", "robotspy_test_robotparser")

COLON = "RFC 9309 2.2: a line is key, colon, value"
TOKEN = "RFC 9309 2.2.1: product tokens are compared whole; no value is cut, stripped of `*` or sought inside another"
TYPO = "RFC 9309 2.2: the key is `disallow`, in any case and no other spelling"
ENCODED = "RFC 9309 2.2.2: octets outside US-ASCII are escaped on both sides before comparison"
UNRESERVED = "RFC 9309 2.2.2: an escaped unreserved octet is unescaped before comparison"
INDEX = "RFC 9309 2.2.2: a path matches from its first octet on; no file stands for its directory"
OTHER_KEY = "RFC 9309 2.2.4: other records must not end a group"
DOLLAR = "RFC 9309 2.2.3: `$` is the end of the match pattern; a literal one is written %24"
SLASH = "RFC 9309 2.2: a path pattern begins with `/`"
AS_SENT = "robots.cc: a URL is compared as it is sent; only patterns are escaped, in upper case"
NO_UNESCAPE = "robots.cc MaybeEscapePattern: no escape is ever undone"
CUT = "robots.cc ExtractUserAgent: a value is cut at its first character but letters, `-`, `_`; a query is not"
WORDS = "robots.cc GetKeyAndValueFrom: without a colon just two words make a line"
GROUPED = "robots.cc HandleUnknownAction: an unknown key does not end a group"
DOLLAR_END = "robots.cc RobotsMatchStrategy: `$` at the end is the end of the path and nothing else"
PREFIX = "robots.cc Matches: a pattern is compared from the first octet of the path, which is `/`"


class Exceptions(NamedTuple):
    """Positions of vectors of one file that cannot pass in one profile, and the clause that says why."""

    suite: str
    profile: str
    clause: str
    numbers: tuple[int, ...]


EXCEPTIONS = (
    Exceptions(SUITES[0], "rfc9309", COLON, (6,)),
    Exceptions(SUITES[0], "rfc9309", TOKEN, (30, 31, 32, 36, 37, 38, 39, 40)),
    Exceptions(SUITES[0], "rfc9309", ENCODED, (63, 65)),
    Exceptions(SUITES[0], "rfc9309", UNRESERVED, (66,)),
    Exceptions(SUITES[0], "rfc9309", INDEX, (78,)),
    Exceptions(SUITES[1], "rfc9309", TYPO, (5, 6, 7, 8, 9)),
    Exceptions(SUITES[1], "rfc9309", TOKEN, (116, 251)),
    Exceptions(SUITES[1], "rfc9309", OTHER_KEY, (239, 240, 241)),
    Exceptions(SUITES[1], "rfc9309", COLON, (247, 248)),
    Exceptions(SUITES[1], "rfc9309", INDEX, (258,)),
    Exceptions(SUITES[1], "rfc9309", DOLLAR, (286, 287)),
    Exceptions(SUITES[1], "rfc9309", SLASH, (289,)),
    Exceptions(SUITES[1], "google", AS_SENT, (33, 35, 37, 39, 107, 109, 234, 264, 266, 272, 276)),
    Exceptions(SUITES[1], "google", NO_UNESCAPE, (32, 34, 267, 279, 280, 282, 283)),
    Exceptions(SUITES[1], "google", CUT, (*range(63, 66), *range(67, 70), 71, 72, *range(74, 77))),
    Exceptions(SUITES[1], "google", CUT, (*range(78, 81), 82, 83, 84, 86, 87, 89, 90, 91, 105, 111, 113, 116)),
    Exceptions(SUITES[1], "google", CUT, (182, 190, 191, 250, 251)),
    Exceptions(SUITES[1], "google", GROUPED, (239, 240, 241)),
    Exceptions(SUITES[1], "google", WORDS, (248,)),
    Exceptions(SUITES[1], "google", DOLLAR_END, (286, 287)),
    Exceptions(SUITES[1], "google", PREFIX, (289,)),
    Exceptions(SUITES[2], "google", AS_SENT, (19, 21, 26)),
    Exceptions(SUITES[2], "google", NO_UNESCAPE, (22,)),
)
"""Every vector that fails by design; Google's own all pass under `google`."""

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"shared conformance vectors are not here: {DATA}")


@functools.cache
def vectors(suite: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DATA / f"{suite}.json").read_text(encoding="utf-8"))["vectors"]
    return found


def answer(vector: dict[str, Any], profile: str) -> bool:
    file = parse(vector["robots"].encode("utf-8", "surrogatepass"))
    if profile == "google":
        return decide(google_of(file), vector["agent"], google_path_of(vector["url"])).allowed
    return decide(file, vector["agent"], path_of(vector["url"])).allowed


def listed(suite: str, profile: str) -> set[int]:
    return {n for row in EXCEPTIONS if (row.suite, row.profile) == (suite, profile) for n in row.numbers}


@pytest.mark.parametrize("profile", ["rfc9309", "google"])
@pytest.mark.parametrize("suite", SUITES)
def test_every_vector_passes_or_is_an_exception_with_its_clause(suite: str, profile: str) -> None:
    failing = {n for n, v in enumerate(vectors(suite)) if answer(v, profile) is not v["expected_allow"]}
    assert failing == listed(suite, profile)


def test_no_vector_of_googles_fails_under_the_google_profile() -> None:
    assert not listed(SUITES[0], "google")


def test_no_vector_is_excepted_twice() -> None:
    seen = [(row.suite, row.profile, n) for row in EXCEPTIONS for n in row.numbers]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("suite", SUITES)
def test_googles_own_parser_gives_the_same_answer_to_every_vector(suite: str) -> None:
    differing = [
        n
        for n, v in enumerate(vectors(suite))
        if googlebot.RobotsMatcher().OneAgentAllowedByRobots(v["robots"], v["agent"], v["url"])
        is not answer(v, "google")
    ]
    assert differing == []


def table() -> str:
    """The exceptions as the page shows them."""
    rows = ["| vectors of | profile | position | suite | query | why it cannot pass |", "|---|---|---|---|---|---|"]
    for suite, profile, clause, numbers in EXCEPTIONS:
        for n in numbers:
            vector = vectors(suite)[n]
            query = f"{vector['agent']} {vector['url']}".replace("|", "\\|").strip()
            name = vector["suite"].replace("_", "\\_")
            rows.append(f"| {suite} | {profile} | {n} | {name} | `{query}` | {clause} |")
    return "\n".join(rows)


def test_the_page_holds_the_table_of_exceptions() -> None:
    assert table() in PAGE.read_text(encoding="utf-8")
