"""What holds for any octets at all, and agreement with other people's matchers on generated files."""

from __future__ import annotations

import re

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jwm.robotstxt import googlebot
from protego import Protego

from crawler.robots import (
    CANARY,
    access_rows,
    decide,
    google_of,
    google_path_of,
    normalise,
    notes_of,
    other_rows,
    parse,
    path_of,
)
from crawler.robots.matcher import RuleSet, beginnings, compile_pattern, octets_of, rules_of
from crawler.vocabulary import ANYONE

TOKENS = st.sampled_from(["*", "GPTBot", "gptbot", "CCBot", "a", "b", "a-b"])
PIECES = st.lists(st.sampled_from(["/", "a", "b", "*", "$", "ab", "?", "=", "."]), max_size=6).map("".join)
PATHS = st.lists(st.sampled_from(["/", "a", "b", "ab", "?", "=", ".", "$"]), max_size=8).map(lambda p: "/" + "".join(p))


SIMPLE = st.lists(st.sampled_from(["/", "a", "b", "*", "ab", "."]), max_size=6).map(lambda p: "/" + "".join(p))


def lines(
    keys: list[str], tokens: st.SearchStrategy[str], paths: st.SearchStrategy[str] = PIECES
) -> st.SearchStrategy[str]:
    rules = st.tuples(st.sampled_from(keys), paths.map(lambda p: "/" + p) | paths)
    agents = st.tuples(st.just("User-agent: "), tokens)
    return st.lists(agents | rules, max_size=12).map(lambda found: "".join(k + v + "\n" for k, v in found))


PLAIN = lines(["Disallow: ", "Allow: ", "Sitemap: ", "# "], TOKENS)
WHOLE = lines(
    ["Disallow: ", "Allow: ", "Sitemap: ", "# "], st.sampled_from(["*", "GPTBot", "gptbot", "CCBot", "q"]), SIMPLE
)
ODD_KEYS = [
    "Disallow: ",
    "allow:",
    "DISALLOWX: ",
    "Dissallow ",
    "allow ",
    "Sitemap: ",
    "Crawl-delay: ",
    "useragent: ",
    "",
]
ODD_TOKENS = TOKENS | st.sampled_from(["* x", "GPTBot/1.0", "GPTBot CCBot", "", "1bot", "*bot", "CCBot, a", "b\0c"])
ODD = lines(ODD_KEYS, ODD_TOKENS)


@given(st.binary(max_size=400))
def test_any_octets_are_a_file_and_every_line_is_there(data: bytes) -> None:
    file = parse(data)
    for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        if data.startswith(mark):
            break
    else:
        assert [line.raw for line in file.lines] == [
            octets.decode("utf-8") if _is_utf8(octets) else octets.decode("latin-1")
            for octets in re.split(rb"\r\n|\r|\n", data)[: len(file)]
        ]
        assert re.split(rb"\r\n|\r|\n", data)[len(file) :] in ([], [b""])
    assert len(file.shape) == len(file.lines) == len(file)
    rows = access_rows(file)
    assert rows[-1].token == ANYONE
    other_rows(file, rows)
    notes_of(file)
    for profile in (file, google_of(file)):
        decide(profile, "GPTBot", "/a")


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@given(ODD, st.sampled_from(["GPTBot", "CCBot", "a", "a-b", "zz"]), PATHS)
@settings(max_examples=300)
def test_the_google_profile_answers_as_googles_parser(body: str, agent: str, path: str) -> None:
    url = "http://a.example" + path
    theirs = googlebot.RobotsMatcher().OneAgentAllowedByRobots(body, agent, url)
    assert decide(google_of(parse(body.encode())), agent, google_path_of(url)).allowed is theirs


@given(WHOLE, st.sampled_from(["GPTBot", "CCBot", "zz"]), SIMPLE.map(lambda path: path.replace("*", "c")))
@settings(max_examples=300)
def test_the_rfc9309_profile_answers_as_protego_on_plain_files(body: str, agent: str, path: str) -> None:
    """Without what Protego is known to read otherwise: docs/robots-disagreements.md."""
    theirs = Protego.parse(body).can_fetch("http://h" + path, agent)
    assert decide(parse(body.encode()), agent, path).allowed is theirs


@given(st.lists(st.sampled_from("/ab*$%?\u00e9"), max_size=10).map("".join), PATHS)
@settings(max_examples=300)
def test_a_pattern_matches_as_its_regular_expression_does(value: str, path: str) -> None:
    pattern = compile_pattern(value.encode())
    octets = normalise(path.encode())
    if not value.startswith(("/", "*")):
        assert not pattern.matches(octets)
        return
    # Which `?` of the path a `*` reaches decides how the rest is escaped; the pattern has one form.
    assume(not ("?" in value and "*" in value))
    anchored = value.endswith("$")
    body = value[:-1] if anchored else value
    pieces = [normalise(piece.encode()) if piece else b"" for piece in body.split("*")]
    regex = b".*".join(map(re.escape, pieces)) + (rb"\Z" if anchored else b"")
    assert pattern.matches(octets) is (re.match(regex, octets, re.DOTALL) is not None)


@given(PLAIN)
@settings(max_examples=200)
def test_classes_follow_from_asking_every_path(body: str) -> None:
    file = parse(body.encode())
    named = [line.value for line in file.lines if line.kind in ("allow", "disallow") and line.value]
    probes = ["/", CANARY.decode(), *(_literal(value) for value in named)]
    for row in access_rows(file):
        asked = [decide(file, row.token, probe) for probe in probes]
        refused = [not found.allowed for found in asked]
        assert row.root_blocked is refused[0]
        assert row.full_probe is all(refused)
        assert row.partial is not (row.full_probe or row.none)
        if row.none:
            assert not any(refused)
        if row.line is not None and asked[0].line is not None:
            assert row.line == asked[0].line


def _literal(value: str) -> str:
    path = value.removesuffix("$")
    return path if path.startswith("/") else "/" + path


@given(st.text(st.sampled_from("/ab%2F41é?*$#[]<"), max_size=12))
def test_the_normal_form_is_its_own(path: str) -> None:
    once = normalise(path.encode())
    assert normalise(once) == once


@given(st.text(max_size=30))
def test_a_url_has_a_path_that_begins_with_a_slash(url: str) -> None:
    assert path_of(url).startswith("/")
    assert google_path_of(url).startswith("/")


@given(ODD, st.lists(PATHS, min_size=1, max_size=3))
@settings(max_examples=300)
def test_rules_left_out_by_their_beginnings_decide_nothing(body: str, paths: list[str]) -> None:
    """Compiled for a few paths, a group decides those as it does compiled whole, under every form of comparison."""
    whole = parse(body.encode())
    for file in (whole, google_of(whole)):
        literal = file.profile.literal
        asked = [octets_of(path) if literal else normalise(octets_of(path)) for path in paths]
        for ids in file.index.values():
            few, every = RuleSet.of(rules_of(file, ids, beginnings(asked))), RuleSet.of(rules_of(file, ids))
            assert [few.first(path) for path in asked] == [every.first(path) for path in asked]
