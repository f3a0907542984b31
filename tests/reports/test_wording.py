"""All that is said keeps to signals-page 6: what was found, where and when, or not checked; never what is lawful."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from analysis.profiles import shipped
from analysis.verdicts import judge
from crawler.archive import reading
from crawler.ingest import take_in
from crawler.settings import Archive
from crawler.signals import CARRIERS
from crawler.vocabulary import Outcome, State, Strength, Use
from reports.standing import carrier_title, strength_said
from reports.words import NEVER_CHECKED, STATES
from tests.analysis.builders import HTML, Site, portion
from tests.analysis.combinations import MANAGED, PAID, robots
from tests.reports.archives import run

JAN, FEB = date(2026, 1, 15), date(2026, 2, 15)
BY = HTML.replace(b"</head>", b'<link rel="license" href="https://creativecommons.org/licenses/by/4.0/"></head>')
NOARCHIVE = HTML.replace(b"</head>", b'<meta name="robots" content="noarchive"></head>')
SITES = {
    "reserved.example": Site(robots=MANAGED, headers=(("tdm-reservation", "1"),)),
    "conflict.example": Site(
        robots=b"User-agent: *\nContent-Signal: ai-train=no\n", headers=(("Content-Usage", "train-ai=y"),)
    ),
    "conditional.example": Site(robots=b"License: https://conditional.example/rsl\n", files={"rsl": PAID}),
    "permitted.example": robots("User-agent: *\nContent-Signal: ai-train=yes, search=yes, ai-input=yes\n"),
    "silent.example": Site(robots=b"", page=BY),
    "vendor.example": Site(robots=b"", page=NOARCHIVE),
    "unknown.example": Site(robots=Outcome.UNREACHABLE),
    "draft.example": robots("User-agent: *\nContent-Usage: train-ai=n\n"),
}
FORBIDDEN = re.compile(
    r"allowed to train|complian(?:t|ce)\b|\blegal to\b|\bis legal\b|\blegally\b|\blawful to\b|free to use|"
    r"\bmay train\b|\bcan train\b|you may (?:use|train|keep)|EU-recognised|permission to train",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("wording") / "openweb.duckdb"
    before = dict.fromkeys(SITES, Site(robots=b""))
    for on, sites in ((JAN, before), (FEB, SITES)):
        take_in(Archive(path=str(path), threads=1), portion(sites, on), after=judge, workers=1)
    return path


def said(db: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """What the verbs print about that archive and what the report writes, each with where it stands."""
    asked: list[tuple[object, ...]] = [("explain", site) for site in SITES]
    asked += [("explain", "reserved.example", "--agent", "GPTBot"), ("explain", "silent.example", "--history")]
    asked += [("changes",), ("changes", "--waves"), ("changes", "--feed", "atom"), ("changes", "--feed", "json")]
    asked += [("trend", "--agent", "GPTBot"), ("trend", "--use", "tdm", "--state", "silent"), ("status",), ("verify",)]
    for arguments in asked:
        yield " ".join(map(str, arguments)), run(*arguments, "--db", db)[1]
        if arguments in (("explain", "reserved.example"), ("changes",), ("changes", "--waves")):
            yield f"{arguments} --json", run(*arguments, "--json", "--db", db)[1]
    yield "agents", run("agents", "list")[1]
    for name in shipped():
        yield f"profiles show {name}", run("profiles", "show", name)[1]
    assert run("report", "--db", db, "-o", folder)[0] == 0
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".html", ".csv", ".json", ".jsonl", ".xml", ".atom", ".md", ".txt"}:
            yield path.name, path.read_text(encoding="utf-8")


def test_nothing_that_is_said_is_a_claim_of_law(db: Path, tmp_path: Path) -> None:
    texts = list(said(db, tmp_path / "report"))
    assert len(texts) > 35
    found = {where: FORBIDDEN.findall(text) for where, text in texts if FORBIDDEN.search(text)}
    assert found == {}


def test_no_reason_of_a_profile_is_a_claim_of_law(db: Path) -> None:
    from analysis.policy import Policy
    from analysis.policy_compile import build

    urls = [f"https://{site}{path}" for site in (*SITES, "nowhere.example") for path in ("/", "/a")]
    with reading(Archive(path=str(db), threads=1)) as connection:
        for profile in shipped().values():
            table, label = build(connection, profile)
            with Policy(table, label, profile) as policy:
                reasons = policy.evaluate(urls, FEB).column("reason").to_pylist()
            assert all(reasons), profile.name
            assert [reason for reason in reasons if FORBIDDEN.search(reason)] == []


WORDINGS = [
    (
        "6-1 where and when",
        "reserved.example",
        "tdm",
        "reservation found (tdm-reservation header, 2026-02-15), normative",
    ),
    ("6-1 in N places", "silent.example", "tdm", "none found in the 8 places checked"),
    ("6-1 could not check", "unknown.example", "tdm", "could not check"),
    ("6-1 contradictions", "conflict.example", "train-generative", "contradicting statements found"),
    ("6-3 places never looked at", "silent.example", "tdm", "Never looked at: opt-out registries and contracts"),
    ("6-4 the time of each reading", "reserved.example", "tdm", "seen 2026-02-15 04:12:09 UTC"),
    ("6-5 addressee and purpose", "vendor.example", "ai-input", "said to bingbot only"),
    ("6-6 the licence on a line of its own", "silent.example", "tdm", "CC-BY-4.0"),
    ("6-7 a vendor's word is the vendor's", "vendor.example", "ai-input", "vendor: Microsoft says it reads this so"),
    ("6-8 a draft is called one", "draft.example", "train-generative", "Content-Usage rule (draft)"),
]


@pytest.mark.parametrize(("site", "use", "words"), [case[1:] for case in WORDINGS], ids=[case[0] for case in WORDINGS])
def test_the_words_of_an_explanation(db: Path, site: str, use: str, words: str) -> None:
    text = run("explain", site, "--use", use, "--db", db)[1]
    assert words in " ".join(text.split())


DRAFTS = {
    *("content-usage-robots", "content-usage-header", "ai-txt", "trust-txt", "trust-txt-well-known"),
    *("disallow-ai-training", "llms-txt", "web-bot-auth"),
}


@pytest.mark.parametrize("carrier", sorted(DRAFTS))
def test_drafts_and_proposals_are_called_so_wherever_they_are_named(carrier: str) -> None:
    """6-8: AIPREF, ai.txt and the like."""
    assert re.search(r"\((?:draft|proposal)\)$", carrier_title(carrier))


def test_a_settled_specification_is_not_called_a_draft() -> None:
    assert carrier_title("tdmrep-file") == CARRIERS["tdmrep-file"].title
    assert carrier_title("no-such-carrier") == "no-such-carrier"


@pytest.mark.parametrize(
    ("strength", "agent", "words"),
    [
        (Strength.VENDOR, "googlebot", "vendor: Google says it reads this so"),
        (Strength.VENDOR, "*", "vendor"),
        (Strength.VENDOR, "nobody-knows", "vendor"),
        (Strength.NORMATIVE, "googlebot", "normative"),
    ],
)
def test_whose_word_a_statement_is(strength: Strength, agent: str, words: str) -> None:
    assert strength_said(strength, agent) == words


def test_every_state_is_worded_as_what_was_found() -> None:
    assert set(STATES) == set(State)
    for word in STATES.values():
        assert not FORBIDDEN.search(f"{word.title} {word.meaning}")
    assert {"registries", "contracts", "terms"} <= set(re.findall(r"[a-z]+", " ".join(NEVER_CHECKED)))
    assert len(Use) == 8
