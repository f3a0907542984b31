"""AIPREF in robots.txt: the value by revision of its draft (vocab-01 to -08), and the rule (attach-05 section 3)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.aipref import CURRENT, REVISIONS, meanings, readings
from crawler.records import Exchange, Fact, Fault, Reading, Statement
from crawler.signals.robots_content_usage import read
from crawler.vocabulary import ROLE_ROBOTS, Outcome, Scope, Strength

MOMENT = datetime(2026, 10, 1, tzinfo=UTC)


def statements(text: str) -> list[Statement]:
    body = text.encode()
    return read(Exchange("a.example", ROLE_ROBOTS, "https://a.example/robots.txt", Outcome.OK, MOMENT, body=body))


def found(text: str) -> list[Reading]:
    return [item for item in statements(text) if isinstance(item, Reading)]


NOW = [
    # id, value, use:stance of the current vocabulary (strict)
    ("2.3 y and n", "train-ai=n, search=y", "train-generative:reserved search:permitted"),
    ("2.2 vocab-08 ai-use", "ai-use=n", "ai-input:reserved"),
    ("2.3 a boolean is no Token", "train-ai", "train-generative:malformed"),
    ("2.3 a String is no Token", 'train-ai="n"', "train-generative:malformed"),
    ("2.3 another Token", "train-ai=no", "train-generative:malformed"),
    ("2.3 N is another Token", "train-ai=N", "train-generative:malformed"),
    ("2.3 ?0", "train-ai=?0", "train-generative:malformed"),
    ("2.3 an inner list", "train-ai=(n)", "train-generative:malformed"),
    (
        "2.3 keys are lower-case: the whole value fails",
        "Train-AI=n",
        "train-generative:malformed ai-input:malformed search:malformed",
    ),
    ("2.3 a trailing comma", "train-ai=n,", "train-generative:malformed ai-input:malformed search:malformed"),
    ("2.3 spaces round =", "train-ai = n", "train-generative:malformed ai-input:malformed search:malformed"),
    ("2.3 no comma", "train-ai=n search=y", "train-generative:malformed ai-input:malformed search:malformed"),
    ("2.3 parameters are ignored, the last counts", "train-ai;allow=n, train-ai=y", "train-generative:permitted"),
    ("2.3 the last duplicate counts", "train-ai=y, train-ai", "train-generative:malformed"),
    ("2.3 unknown labels are ignored", "frobnicate=n, search=n", "search:reserved"),
    ("2.3 Content-Signal's spelling states nothing", "ai-train=n", ""),
    (
        "vocab: the draft's example of wrong types",
        'train-ai=y, train-ai, search=n, search="n"',
        "train-generative:malformed search:malformed",
    ),
    (
        "vocab: the draft's example that cannot be parsed",
        'train-ai;has;parameters="?";',
        "train-generative:malformed ai-input:malformed search:malformed",
    ),
    ("an empty value states nothing", "", ""),
    ("not ASCII", "train-ai=ñ", "train-generative:malformed ai-input:malformed search:malformed"),
]


@pytest.mark.parametrize(("value", "expected"), [row[1:] for row in NOW], ids=[row[0] for row in NOW])
def test_current_vocabulary(value: str, expected: str) -> None:
    now = [m for m in meanings(value) if m.vocabulary in ("both", "current") and m.interpretation in ("both", "strict")]
    assert " ".join(f"{m.use}:{m.stance}" for m in now) == expected


NOTES = [
    ("2.3 lint", "Train-AI=n", "unparseable; probable intent: train-ai=n"),
    ("2.3 lint with spaces", "train-ai = n", "unparseable; probable intent: train-ai=n"),
    ("2.3 vocabulary_mixup", "ai-train=n", "vocabulary_mixup: ai-train"),
    ("2.3 invalid value", "train-ai=no", "invalid_value: train-ai"),
    ("2.2 legacy", "ai=n", "legacy_vocabulary: ai"),
]


@pytest.mark.parametrize(("value", "note"), [row[1:] for row in NOTES], ids=[row[0] for row in NOTES])
def test_what_is_odd_is_named(value: str, note: str) -> None:
    assert meanings(value)[0].note == note
    assert meanings(value)[0].stance == "malformed"


THEN = [
    # id, day, value, use:stance as of that day, by the table of revisions
    (
        "9.4.10 ai=n in July 2025's predecessor",
        date(2025, 6, 20),
        "ai=n",
        {"train-generative": "reserved", "train-other": "reserved"},
    ),
    (
        "01 unstated inherits its parent",
        date(2025, 6, 20),
        "tdm=n, search=y",
        {
            "tdm": "reserved",
            "train-generative": "reserved",
            "train-other": "reserved",
            "ai-input": "reserved",
            "search": "permitted",
        },
    ),
    (
        "01 genai under ai",
        date(2025, 6, 20),
        "ai=n, genai=y",
        {"train-other": "reserved", "train-generative": "permitted"},
    ),
    (
        "02 train-ai is any training",
        date(2025, 8, 1),
        "train-ai=n",
        {"train-generative": "reserved", "train-other": "reserved"},
    ),
    ("02 train-genai alone", date(2025, 8, 1), "train-genai=n", {"train-generative": "reserved"}),
    (
        "03 all under bots",
        date(2025, 9, 20),
        "bots=n",
        {"tdm": "reserved", "train-generative": "reserved", "train-other": "reserved", "search": "reserved"},
    ),
    ("04 foundation models only", date(2025, 11, 1), "train-ai=n", {"train-generative": "reserved"}),
    ("04 search under ai-output", date(2025, 11, 1), "ai-output=n", {"ai-input": "reserved", "search": "reserved"}),
    ("05 no label but two", date(2026, 1, 1), "bots=n, ai-output=n", {}),
    (
        "06 AI model training",
        date(2026, 6, 1),
        "train-ai=n",
        {"train-generative": "reserved", "train-other": "reserved"},
    ),
]


@pytest.mark.parametrize(("day", "value", "expected"), [row[1:] for row in THEN], ids=[row[0] for row in THEN])
def test_vocabulary_as_of_a_day(day: date, value: str, expected: dict[str, str]) -> None:
    then = {}
    for m in meanings(value):
        in_force = m.since is not None and m.until is not None and m.since <= day <= m.until
        if in_force or (m.vocabulary == "both" and m.stance != "malformed"):
            then[str(m.use)] = str(m.stance)
    assert then == expected


def test_train_ai_is_generative_only_now_and_never_silently_more() -> None:
    """Section 2.2: "never map legacy labels silently in `current`"; vocab-08: train-ai is generative models only."""
    now = [m for m in meanings("train-ai=n, all=n, bots=n, tdm=n") if m.vocabulary != "as_of"]
    assert {(str(m.use), str(m.stance)) for m in now} == {
        ("train-generative", "reserved"),
        ("train-other", "malformed"),
        ("tdm", "malformed"),
        ("ai-input", "malformed"),
        ("search", "malformed"),
    }


def test_revisions_follow_each_other_and_name_known_parents() -> None:
    assert [r.since for r in REVISIONS] == sorted(r.since for r in REVISIONS)
    for revision in REVISIONS:
        earlier: set[str] = set()
        for key, label in revision.labels.items():
            assert label.parent is None or label.parent in earlier
            earlier.add(key)
    assert set(CURRENT.labels) == {"train-ai", "ai-use", "search"}


@given(st.text(max_size=80) | st.text('trainsearch-=yn, ;()"?01', max_size=60))
def test_no_value_raises(value: str) -> None:
    for reading in readings(value, carrier="c", locator="line 1", raw=value):
        assert isinstance(reading, Reading)
        assert (reading.vocabulary == "as_of") is (reading.in_force_from is not None)


def strict(text: str) -> set[tuple[str, str, str, str | None]]:
    return {
        (r.agent, str(r.use), str(r.stance), r.pattern)
        for r in found(text)
        if r.vocabulary in ("both", "current") and r.interpretation in ("both", "strict")
    }


GEN = "train-generative"
DRAFT = """\
User-Agent: *
Allow: /
Disallow: /never/
Content-Usage: train-ai=n
Content-Usage: /ai-ok/ train-ai=y

User-Agent: ExampleBot
Allow: /
Content-Usage: train-ai=y
"""
RULES = [
    (
        "attach 3: the draft's first example",
        "User-Agent: *\nAllow: /\nContent-Usage: train-ai=n\n",
        {("*", GEN, "reserved", None)},
    ),
    (
        "attach 3: the draft's second example",
        DRAFT,
        {("*", GEN, "reserved", None), ("*", GEN, "permitted", "/ai-ok/"), ("examplebot", GEN, "permitted", None)},
    ),
    (
        "2.5 equal paths both stand",
        "User-agent: *\nContent-Usage: /a train-ai=n\nContent-Usage: /a train-ai=y\n",
        {("*", GEN, "reserved", "/a"), ("*", GEN, "permitted", "/a")},
    ),
    ("2.5 HTAB ends the path", "User-agent: *\nContent-Usage: /a\ttrain-ai=n\n", {("*", GEN, "reserved", "/a")}),
    ("2.5 a path and no preference", "User-agent: *\nContent-Usage: /a\n", set()),
    (
        "2.5 a pattern cannot begin with *",
        "User-agent: *\nContent-Usage: *.pdf train-ai=n\n",
        {("*", GEN, "malformed", None), ("*", "ai-input", "malformed", None), ("*", "search", "malformed", None)},
    ),
    ("2.5 the value ends at #", "User-agent: *\nContent-Usage: train-ai=n # no\n", {("*", GEN, "reserved", None)}),
    (
        "2.5 every token of the group",
        "User-agent: a\nUser-agent: b\nContent-Usage: train-ai=n\n",
        {("a", GEN, "reserved", None), ("b", GEN, "reserved", None)},
    ),
    (
        "1.8.2 a Content-Usage line closes the tokens",
        "User-agent: CCBot\nContent-Usage: train-ai=n\nUser-agent: *\nDisallow: /x\n",
        {("ccbot", GEN, "reserved", None)},
    ),
    (
        "2.5 / is everywhere and hides the path-less",
        "User-agent: *\nContent-Usage: train-ai=n\nContent-Usage: / search=y\n",
        {("*", "search", "permitted", None)},
    ),
    ("2.5 a disallowed path has no preference", "User-agent: *\nDisallow: /n/\nContent-Usage: /n/ train-ai=n\n", set()),
    (
        "2.6 e: the rest of the group keeps it",
        "User-agent: *\nDisallow: /n/\nContent-Usage: train-ai=n\n",
        {("*", GEN, "reserved", None)},
    ),
    ("RFC 9309 2.1: outside any group it is ignored", "Content-Usage: train-ai=n\nUser-agent: *\nAllow: /\n", set()),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in RULES], ids=[row[0] for row in RULES])
def test_rules_to_the_letter(text: str, expected: set[tuple[str, str, str, str | None]]) -> None:
    assert strict(text) == expected


LENIENT = [
    (
        "2.5 shadowed_statement",
        "User-agent: *\nContent-Usage: train-ai=n\nContent-Usage: / search=y\n",
        "shadowed_statement",
    ),
    ("2.5 not_applicable", "User-agent: *\nDisallow: /\nContent-Usage: train-ai=n\n", "not_applicable"),
    ("outside_group", "Content-Usage: train-ai=n\nUser-agent: *\nAllow: /\n", "outside_group"),
]


@pytest.mark.parametrize(("text", "note"), [row[1:] for row in LENIENT], ids=[row[0] for row in LENIENT])
def test_what_the_letter_leaves_out_is_kept_as_meant(text: str, note: str) -> None:
    meant = [r for r in found(text) if r.use == GEN and r.vocabulary == "both"]
    assert [(r.stance, r.interpretation, r.note) for r in meant] == [("reserved", "lenient", note)]
    others = [item for item in statements(text) if isinstance(item, Fault | Fact)]
    assert note in {item.reason if isinstance(item, Fault) else item.name.removeprefix("note:") for item in others}


def test_a_reading_carries_its_line() -> None:
    text = "User-agent: GPTBot\nAllow: /\nContent-Usage: /a train-ai=n # x\n"
    reading = found(text)[0]
    assert (reading.locator, reading.line, reading.raw) == ("line 3", 3, "Content-Usage: /a train-ai=n # x")
    assert (reading.scope, reading.pattern, reading.strength) == (Scope.PATH, "/a", Strength.NORMATIVE)


def test_a_file_without_the_key_says_nothing() -> None:
    assert statements("User-agent: *\nDisallow: /\n# Content-Usage: train-ai=n\n") == []
