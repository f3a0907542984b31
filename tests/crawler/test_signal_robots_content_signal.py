"""Content Signals in robots.txt: contentsignals.org, Cloudflare's policy of September 2025, `use=` of July 2026."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.records import Exchange, Fact, Fault, Reading, Statement
from crawler.signals.robots_content_signal import read, stated
from crawler.signals.robots_folk import read as read_folk
from crawler.vocabulary import ROLE_ROBOTS, Outcome

MOMENT = datetime(2026, 10, 1, tzinfo=UTC)
POLICY = """\
# As a condition of accessing this website, you agree to abide by the following
# content signals:

# (a)  If a Content-Signal = yes, you may collect content for the corresponding
#      use.
# (b)  If a Content-Signal = no, you may not collect content for the
#      corresponding use.
# (c)  If the website operator does not include a Content-Signal for a
#      corresponding use, the website operator neither grants nor restricts
#      permission via Content-Signal with respect to the corresponding use.

# ANY RESTRICTIONS EXPRESSED VIA CONTENT SIGNALS ARE EXPRESS RESERVATIONS OF
# RIGHTS UNDER ARTICLE 4 OF THE EUROPEAN UNION DIRECTIVE 2019/790 ON COPYRIGHT
# AND RELATED RIGHTS IN THE DIGITAL SINGLE MARKET.
"""
BLOCK = "".join(
    f"User-agent: {token}\nDisallow: /\n\n"
    for token in (
        *("Amazonbot", "Applebot-Extended", "Bytespider", "CCBot", "ClaudeBot", "Google-Extended", "GPTBot"),
        "meta-externalagent",
    )
)
GROUP = "User-agent: *\nContent-Signal: search=yes,ai-train=no,use=reference\nAllow: /\n\n"
MANAGED = f"# BEGIN Cloudflare Managed content\n{POLICY}\n{GROUP}{BLOCK}# END Cloudflare Managed Content\n"


def exchange(text: str) -> Exchange:
    return Exchange("a.example", ROLE_ROBOTS, "https://a.example/robots.txt", Outcome.OK, MOMENT, body=text.encode())


def statements(text: str) -> list[Statement]:
    return list(read(exchange(text)))


def found(text: str, strength: str = "vendor") -> list[Reading]:
    return [item for item in statements(text) if isinstance(item, Reading) and item.strength == strength]


VALUES = [
    # id, value, use:stance of vendor strength, strict
    ("3.1 yes and no", "search=yes,ai-train=no", "search:permitted train-generative:reserved train-other:reserved"),
    ("3.2 absent says nothing", "search=yes", "search:permitted"),
    ("3.1 spaces", " search = yes , ai-input = no ", "search:permitted ai-input:reserved"),
    ("3.1 case", "AI-Train=NO", "train-generative:reserved train-other:reserved"),
    ("3.1 unknown keys are ignored", "search-ai=no, foo=yes, search=no", "search:reserved"),
    ("3.1 the last duplicate counts", "ai-train=yes, ai-train=no", "train-generative:reserved train-other:reserved"),
    ("3.1 y and n are invalid", "ai-train=n", ""),
    ("3.1 true is invalid", "ai-train=true", ""),
    ("3.1 conditional is invalid", "ai-input=conditional", ""),
    ("an empty value", "", ""),
    ("no =", "ai-train", ""),
]


@pytest.mark.parametrize(("value", "expected"), [row[1:] for row in VALUES], ids=[row[0] for row in VALUES])
def test_values(value: str, expected: str) -> None:
    strict = [item for item in stated(value) if item[2] == "vendor" and item[3] in ("both", "strict")]
    assert " ".join(f"{use}:{stance}" for use, stance, *_ in strict) == expected


def test_an_invalid_value_is_no_statement_and_no_silence_either() -> None:
    text = "User-agent: *\nContent-Signal: search=maybe\n"
    assert [(r.use, r.stance, r.interpretation, r.note) for r in found(text)] == [
        ("search", "malformed", "lenient", "invalid_value: search=maybe")
    ]


LEVELS = [
    (
        "3.3 immediate",
        "use=immediate",
        {
            "train-generative": "reserved",
            "train-other": "reserved",
            "ai-index": "reserved",
            "search": "reserved",
            "user-fetch": "permitted",
        },
    ),
    (
        "3.3 reference",
        "use=reference",
        {"train-generative": "reserved", "train-other": "reserved", "search": "permitted"},
    ),
    ("3.3 full grants nothing", "use=full", {}),
    ("3.3 anything else", "use=partial", {}),
    ("3.2 ai-input implies the index", "ai-input=no", {"ai-index": "reserved"}),
]


@pytest.mark.parametrize(("value", "expected"), [row[1:] for row in LEVELS], ids=[row[0] for row in LEVELS])
def test_what_is_only_inferred(value: str, expected: dict[str, str]) -> None:
    inferred = found(f"User-agent: *\nContent-Signal: {value}\n", "inferred")
    assert {str(r.use): str(r.stance) for r in inferred} == expected


def test_a_cap_below_an_explicit_yes_says_so() -> None:
    inferred = found("User-agent: *\nContent-Signal: ai-train=yes, use=immediate\n", "inferred")
    assert "contradicts an explicit yes" in str([r.note for r in inferred if r.use == "train-generative"])


SCOPES = [
    # id, text, (agent, interpretation, pattern)
    ("3.1 a named group", "User-agent: GPTBot\nContent-Signal: search=no\n", {("gptbot", "both", None)}),
    (
        "3.4 c: the other group has none",
        "User-agent: *\nContent-Signal: search=no\nAllow: /\n\nUser-agent: GPTBot\nAllow: /\n",
        {("*", "both", None)},
    ),
    ("3.1 the path form", "User-agent: *\nContent-Signal: /blog/ search=no\n", {("*", "both", "/blog/")}),
    ("3.1 the path form for everything", "User-agent: *\nContent-Signal: / search=no\n", {("*", "both", None)}),
    ("3.1 outside any group", "Content-Signal: search=no\nUser-agent: *\nAllow: /\n", {("*", "lenient", None)}),
    (
        "1.8.1 a merged group",
        "User-agent: *\nContent-Signal: search=no\n\nUser-agent: GPTBot\nDisallow: /\n",
        {("*", "both", None), ("gptbot", "strict", None)},
    ),
    (
        "after the rules",
        "User-agent: a\nUser-agent: b\nAllow: /\nContent-Signal: search=no\n",
        {("a", "both", None), ("b", "both", None)},
    ),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in SCOPES], ids=[row[0] for row in SCOPES])
def test_whom_and_where(text: str, expected: set[tuple[str, str, str | None]]) -> None:
    assert {(r.agent, str(r.interpretation), r.pattern) for r in found(text)} == expected


def test_a_line_outside_any_group_is_a_fault_too() -> None:
    faults = [item for item in statements("Content-Signal: search=no\n") if isinstance(item, Fault)]
    assert [(fault.reason, fault.locator) for fault in faults] == [("outside_group", "line 1")]


def test_the_policy_alone_reserves_nothing() -> None:
    """Section 3.2: the comment block expresses nothing, neither as a signal nor as a comment."""
    assert not [item for item in statements(POLICY) if isinstance(item, Reading | Fault)]
    assert read_folk(exchange(POLICY)) == []


def test_the_article_4_sentence_is_a_fact_and_marks_each_no() -> None:
    text = f"{POLICY}User-agent: *\nContent-Signal: search=yes,ai-train=no\n"
    claims = [item for item in statements(text) if isinstance(item, Fact)]
    assert [(fact.name, fact.value, fact.locator) for fact in claims] == [("art4_claim", "true", "line 12")]
    assert {(r.use, r.note) for r in found(text)} == {
        ("search", None),
        ("train-generative", "art4_claim"),
        ("train-other", "art4_claim"),
    }


PROVENANCE = [
    ("3.4 between the markers", MANAGED, "cdn_managed"),
    ("3.4 markers in any case", MANAGED.replace("Managed", "MANAGED"), "cdn_managed"),
    ("3.4 markers taken away", GROUP + BLOCK, "cdn_managed"),
    (
        "3.4 markers taken away, a token more and a comment",
        GROUP + "# own\n" + BLOCK + "User-agent: x\nDisallow: /\n",
        "cdn_managed",
    ),
    ("3.4 a broken end marker: known by its likeness", MANAGED.replace("END", "ENDE"), "cdn_managed"),
    ("the site's own line", "User-agent: *\nContent-Signal: ai-train=no\nAllow: /\n", "origin"),
    (
        "the site's own line after the block",
        MANAGED.replace("search=yes,ai-train=no,use=reference", "use=full") + "\n"
        "User-agent: *\nContent-Signal: ai-train=no\n",
        "origin",
    ),
    ("a few of the tokens are no block", GROUP + "User-agent: GPTBot\nDisallow: /\n", "origin"),
    (
        "an SEO plugin's block",
        "# START YOAST BLOCK\nUser-agent: *\nContent-Signal: ai-train=no\n# END YOAST BLOCK\n",
        "template",
    ),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in PROVENANCE], ids=[row[0] for row in PROVENANCE])
def test_by_whose_hand(text: str, expected: str) -> None:
    assert {str(r.provenance) for r in found(text) if r.use == "train-generative"} == {expected}


@given(st.text(max_size=100))
def test_no_value_raises(value: str) -> None:
    stated(value)
    statements(f"User-agent: *\nContent-Signal: {value}\n")
