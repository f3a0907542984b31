"""Single paths: robots.txt rules exactly by RFC 9309, and statements about use that carry a pattern."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.policy import Policy
from analysis.policy_compile import build
from analysis.policy_paths import Matcher, path_rules, settled
from analysis.profiles import Access, find
from crawler.robots import decide, normalise, octets_of, parse, path_of
from crawler.vocabulary import Ruling
from tests.analysis.builders import Site, archive_of

DATA = Path(__file__).parents[2] / "../shared/data"
DAY, SOON = date(2026, 3, 15), date(2026, 3, 20)

_PIECES = st.lists(st.sampled_from(["/", "a", "ab", "*", "$", "?", "%61", "%2F", "é", ".html", "b"]), max_size=6)
_RULES = st.lists(
    st.tuples(st.sampled_from(["Allow", "Disallow"]), st.sampled_from(["/", "*", ""]), _PIECES).map(
        lambda rule: f"{rule[0]}: {rule[1]}{''.join(rule[2])}"
    ),
    max_size=8,
)
_PATHS = st.lists(st.sampled_from(["/", "a", "ab", "?", "%61", "%2F", "é", ".html", "b", "$", "*"]), max_size=8).map(
    lambda pieces: "/" + "".join(pieces)
)


@settings(deadline=None)
@given(_RULES, st.lists(_PATHS, max_size=6))
def test_the_matcher_answers_as_rfc_9309_does(rules: list[str], paths: list[str]) -> None:
    """2.2.2: the most octets win, and Allow where two are equal; the same as the matcher of whole files."""
    file = parse("\n".join(["User-agent: *", *rules]).encode())
    found = path_rules(file, "*", ["*"])
    matcher = Matcher(found)
    whole = settled(found)
    for path in paths:
        rule = matcher.first(normalise(octets_of(path)))
        wanted = decide(file, "anybot", path)
        assert (rule is None or rule.allow, rule and rule.line) == (wanted.allowed, wanted.line), path
        if whole is not None:
            assert wanted.allowed == (whole is Access.ADMITTED)


_PLAIN = st.text(st.sampled_from("ab/"), min_size=1, max_size=6).map("/".__add__)


@settings(deadline=None)
@given(st.lists(_PLAIN, max_size=12), _PLAIN)
def test_the_longest_of_many_prefixes(prefixes: list[str], path: str) -> None:
    file = parse("\n".join(["User-agent: *", *(f"Disallow: {prefix}" for prefix in prefixes)]).encode())
    rule = Matcher(path_rules(file, "*", ["*"])).first(normalise(octets_of(path)))
    fitting = [prefix for prefix in prefixes if path.startswith(prefix)]
    assert (rule.pattern if rule else None) == max(fitting, key=len, default=None)


def test_octets_that_are_not_utf_8_keep_their_meaning() -> None:
    file = parse(b"User-agent: *\nDisallow: /caf\xe9\nDisallow: /\xc3\xa9\n")
    assert [rule.pattern for rule in path_rules(file, "*", ["*"])] == ["/caf%E9", "/%C3%A9"]


TDM = b'[{"location": "/premium/*", "tdm-reservation": 1}]'
EXCEPT = b'[{"location": "/public/*", "tdm-reservation": 0}, {"location": "/", "tdm-reservation": 1}]'
FIRST = b'[{"location": "/", "tdm-reservation": 0}, {"location": "/late/*", "tdm-reservation": 1}]'
SITES = {
    "premium.example": Site(robots=b"", files={"tdmrep.json": TDM}),
    "except.example": Site(robots=b"", files={"tdmrep.json": EXCEPT}),
    "first.example": Site(robots=b"", files={"tdmrep.json": FIRST}),
    "usage.example": Site(
        robots=b"User-agent: *\nContent-Usage: train-ai=n\nContent-Usage: /free/ train-ai=y\nAllow: /\n"
    ),
    "both.example": Site(
        robots=b"User-agent: *\nContent-Signal: ai-train=yes\nContent-Usage: /shut/ train-ai=n\nAllow: /\n"
    ),
    "page.example": Site(robots=b"", headers=(("tdm-reservation", "1"),), files={"tdmrep.json": EXCEPT}),
}
MINING = """\
format = 1
[ground.g]
title = "t"
jurisdiction = "any"
dated = "2026"
url = "https://a.example/"
says = "s"
effect = "e"
[profile.any]
version = "1"
dated = "2026"
title = "t"
purpose = "p"
jurisdictions = ["any"]
grounds = ["g"]
max_age_days = 100
max_age_why = "w"
[[profile.any.use]]
uses = ["tdm", "train-generative"]
reading = "lenient"
why = "w"
reserved = ["deny", "w"]
conditional = ["deny", "w"]
conflict = ["deny", "w"]
permitted = ["allow", "w"]
silent = ["allow", "w"]
unknown = ["unknown", "w"]
"""
# TDMRep 1.0: the first location that matches holds; AIPREF attach 3.2: the longest path does.
CASES = [
    ("https://premium.example/", "allow", None),
    ("https://premium.example/premium/x?y", "deny", "tdm:reserved-normative"),
    ("https://premium.example/premium", "allow", None),
    ("https://except.example/", "deny", "tdm:reserved-normative"),
    ("https://except.example/other", "deny", "tdm:reserved-normative"),
    # The exception of a path is not taken for a permission: other families were not asked without the reservation.
    ("https://except.example/public/1", "unknown", "tdm:excepted"),
    ("https://first.example/late/1", "allow", None),
    ("https://usage.example/", "deny", "train-generative:reserved-normative"),
    ("https://usage.example/free/1", "unknown", "train-generative:excepted"),
    ("https://both.example/", "allow", None),
    ("https://both.example/shut/1", "deny", "train-generative:conflict-normative"),
    # What stands in the page's own header is not excepted by a file.
    ("https://page.example/public/1", "deny", "tdm:reserved-normative"),
]


@pytest.fixture(scope="module")
def policy() -> Policy:
    from analysis.profile_file import parse as profiles

    profile = profiles(MINING, "any.toml")["any"]
    with archive_of((DAY, SITES)) as connection:
        table, label = build(connection, profile)
    return Policy(table, label, profile)


@pytest.mark.parametrize(("url", "decision", "code"), CASES, ids=[case[0] for case in CASES])
def test_statements_about_paths(policy: Policy, url: str, decision: str, code: str | None) -> None:
    (row,) = policy.evaluate([url], SOON).to_pylist()
    assert row["decision"] == decision, row
    assert code is None or row["code"] == code


def test_a_path_reservation_names_its_statement(policy: Policy) -> None:
    found = policy.decide("https://premium.example/premium/x", SOON)
    assert found.ruling is Ruling.DENY
    (line,) = found.lines
    assert "tdmrep" in line


@pytest.mark.skipif(not (DATA / "links_2019.jsonl.gz").exists(), reason="the real robots.txt files are not here")
def test_real_files_and_real_links_answer_as_one_by_one() -> None:
    """Every 2019 link of 150 sites under their own robots.txt, as one batch and URL by URL."""
    rows = pq.read_table(
        DATA / "robots_snapshot_2019_with_links.parquet", columns=["site", "status", "body"]
    ).to_pylist()
    with gzip.open(DATA / "links_2019.jsonl.gz", "rt", encoding="utf-8") as lines:
        links = {row["site"]: row["urls"] for row in map(json.loads, lines)}
    bodies = {
        row["site"]: row["body"].encode() if isinstance(row["body"], str) else row["body"]
        for row in rows
        if row["status"] == "ok" and row["site"] in links and "html" not in str(row["body"])[:400].lower()
    }
    sites = dict(list(bodies.items())[:150])
    with archive_of((DAY, {site: Site(robots=body) for site, body in sites.items()})) as connection:
        profile = find("ccbot")
        policy = Policy(*build(connection, profile), profile)
    asked = [(site, f"https://{site}{path_of(url)}") for site in sites for url in links[site]]
    answers = policy.evaluate([url for _, url in asked], SOON).to_pylist()
    files = {site: parse(body) for site, body in sites.items()}
    wrong, judged = [], 0
    for (site, url), row in zip(asked, answers, strict=True):
        if row["decision"] == "unknown":
            continue
        judged += 1
        if (row["decision"] == "allow") != decide(files[site], "CCBot", path_of(url)).allowed:
            wrong.append((url, row))
    assert wrong == []
    assert judged > 5_000
