"""ai.txt by dialect, trust.txt and llms.txt: signals-page section 3."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.records import Exchange, Fact, Fault, Reading, Signal, Statement
from crawler.signals.site_files_ai import AI_TXT
from crawler.signals.site_files_llms import LLMS_TXT
from crawler.signals.site_files_trust import TRUST_TXT, TRUST_TXT_WELL_KNOWN
from crawler.vocabulary import Axis, Interpretation, Outcome, Scope, Stance, Strength, Use

SHARED = (Path(__file__).parents[2] / "../shared/data/signals").resolve()
RES, PER, CON = Stance.RESERVED, Stance.PERMITTED, Stance.CONDITIONAL
BOTH, LENIENT = Interpretation.BOTH, Interpretation.LENIENT
TRAINING = {Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER}


def read(signal: Signal, text: str | bytes) -> list[Statement]:
    """What a signal finds in a file with this text."""
    body = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return list(
        signal.read(Exchange("s.example", signal.role, "https://s.example/x", Outcome.OK, at, status=200, body=body))
    )


def stated(found: list[Statement]) -> set[tuple[str, Stance, Scope, str | None, Interpretation]]:
    """Who is told what about which paths."""
    readings = [s for s in found if isinstance(s, Reading)]
    uses: dict[tuple[str, Stance, Scope, str | None, Interpretation], set[Use]] = {}
    for r in readings:
        uses.setdefault((r.agent, r.stance, r.scope, r.pattern, r.interpretation), set()).add(r.use)
    assert all(every == TRAINING for every in uses.values())
    return set(uses)


def test_places() -> None:
    """3.1 to 3.3: each file has a role and a probe of its own; trust.txt has two places."""
    probes = {signal.role: signal.probe for signal in (AI_TXT, TRUST_TXT, TRUST_TXT_WELL_KNOWN, LLMS_TXT)}
    assert len(probes) == 4
    assert set(probes.values()) == {"/ai.txt", "/trust.txt", "/.well-known/trust.txt", "/llms.txt"}


SPAWNING = "# Spawning AI\nUser-Agent: *\n"


@pytest.mark.parametrize(
    ("text", "dialect", "expected"),
    [
        pytest.param(
            SPAWNING + "Disallow: *.jpg\n",
            "spawning",
            {("*", RES, Scope.PATH, "*.jpg$", BOTH)},
            id="3.1(a)-images-only",
        ),
        pytest.param(
            SPAWNING + "Disallow: /\nDisallow: *\n", "spawning", {("*", RES, Scope.ORIGIN, None, BOTH)}, id="3.1(b)-all"
        ),
        pytest.param("# Our assistants\n\nAsk *anything*.\n", "other", set(), id="3.1(c)-markdown"),
        pytest.param("---\ntitle: x\n---\n# Facts\n", "aitxting", set(), id="3.1-front-matter"),
        pytest.param(
            SPAWNING + "Disallow: *\nAllow: *.txt\n",
            "spawning",
            {("*", RES, Scope.ORIGIN, None, BOTH), ("*", PER, Scope.PATH, "*.txt$", BOTH)},
            id="3.1(d)-all-but-text",
        ),
        pytest.param(
            "User-Agent: GPTBot\nDisallow: *\n",
            "spawning",
            {("gptbot", RES, Scope.ORIGIN, None, BOTH)},
            id="3.1(e)-one-agent",
        ),
        pytest.param(
            "User-agent: A\nUser-agent: B\nDisallow: /x/\n",
            "spawning",
            {("a", RES, Scope.PATH, "/x/", BOTH), ("b", RES, Scope.PATH, "/x/", BOTH)},
            id="3.1-group-of-two",
        ),
        pytest.param(
            SPAWNING + "Disallow: *.HTML\n",
            "spawning",
            {("*", RES, Scope.PATH, "*.html$", BOTH), ("*", RES, Scope.DOCUMENT, None, LENIENT)},
            id="3.1-html-is-text",
        ),
        pytest.param("Disallow: *.jpg\n", "other", set(), id="3.1-no-agent"),
        pytest.param("Training: no\n", "kv", {("*", RES, Scope.ORIGIN, None, LENIENT)}, id="3.1-kv-no"),
        pytest.param("Allow-Training: yes\n", "kv", {("*", PER, Scope.ORIGIN, None, LENIENT)}, id="3.1-kv-yes"),
        pytest.param("Training: conditional\n", "kv", {("*", CON, Scope.ORIGIN, None, LENIENT)}, id="3.1-kv-terms"),
        pytest.param("Disallow-Training: /\n", "kv", {("*", RES, Scope.ORIGIN, None, LENIENT)}, id="3.1-kv-disallow"),
        pytest.param(
            "Agent: GPTBot\nTraining: deny\n", "kv", {("gptbot", RES, Scope.ORIGIN, None, LENIENT)}, id="3.1-kv-agent"
        ),
        pytest.param('{"training": "deny"}', "json", set(), id="3.1-json"),
        pytest.param("<!doctype html>", "html", set(), id="3.1-html"),
        pytest.param("\ufeff" + SPAWNING + "Disallow: /", "spawning", {("*", RES, Scope.ORIGIN, None, BOTH)}, id="bom"),
        pytest.param(
            SPAWNING.replace("\n", "\r") + "Disallow: /", "spawning", {("*", RES, Scope.ORIGIN, None, BOTH)}, id="cr"
        ),
    ],
)
def test_ai_txt(text: str, dialect: str, expected: set[tuple[str, Stance, Scope, str | None, Interpretation]]) -> None:
    """3.1: "sniff the dialect, never score presence"."""
    found = read(AI_TXT, text)
    assert [s.value for s in found if isinstance(s, Fact)] == [dialect]
    assert stated(found) == expected


def test_ai_txt_strengths() -> None:
    """A copy of robots.txt grants no training; Spawning's own dialect may; key-value permissions are inferred only."""
    for text, strength in (
        ("User-agent: *\nAllow: /\n", Strength.INFERRED),
        (SPAWNING + "Allow: *\n", Strength.VENDOR),
        ("Allow-Training: yes\n", Strength.INFERRED),
        ("Allow-Training: no\n", Strength.INFORMAL),
        (SPAWNING + "Disallow: *\n", Strength.VENDOR),
    ):
        assert {s.strength for s in read(AI_TXT, text) if isinstance(s, Reading)} == {strength}, text


def test_ai_txt_media_and_conflict_are_told() -> None:
    """3.1: extensions map to media classes; the same thing allowed and disallowed is a conflict."""
    found = [s for s in read(AI_TXT, SPAWNING + "Disallow: *.mp3\nAllow: *.mp3\n") if isinstance(s, Reading)]
    assert all("media: audio" in (s.note or "") and "conflict" in (s.note or "") for s in found)


def test_real_ai_txt() -> None:
    """A published file of Spawning's generator: everything is reserved, for everybody."""
    path = SHARED / "healsdata+ai-training-opt-out/ai.txt"
    if not path.exists():
        pytest.skip("no real files beside the repository")
    found = read(AI_TXT, path.read_bytes())
    assert [s.value for s in found if isinstance(s, Fact)] == ["spawning"]
    assert ("*", RES, Scope.ORIGIN, None, BOTH) in stated(found)
    assert {r.stance for r in found if isinstance(r, Reading)} == {RES}
    assert not [s for s in found if isinstance(s, Fault)]


@pytest.mark.parametrize("signal", [TRUST_TXT, TRUST_TXT_WELL_KNOWN], ids=lambda signal: signal.id)
@pytest.mark.parametrize(
    ("text", "expected", "faults"),
    [
        pytest.param("datatrainingallowed=no\n", {(RES, BOTH)}, [], id="3.2-no"),
        pytest.param("DataTrainingAllowed=YES\n", {(PER, BOTH)}, [], id="3.2-case"),
        pytest.param("member=https://a.example/\n", set(), [], id="3.2-absent-attribute"),
        pytest.param("datatrainingallowed = no\n", {(RES, LENIENT)}, ["spaces"], id="3.2-spaces"),
        pytest.param("datatrainingallowed: no\n", {(RES, LENIENT)}, ["separator"], id="3.2-colon"),
        pytest.param("datatrainingallowed=false\n", set(), ["value"], id="3.2-false"),
        pytest.param(
            "datatrainingallowed=yes\ndatatrainingallowed=no\n",
            {(PER, LENIENT), (RES, LENIENT)},
            ["conflict: repeated with another value"] * 2,
            id="3.2-two-lines",
        ),
        pytest.param(
            "datatrainingallowed=no\ndatatrainingallowed=no\n",
            {(RES, LENIENT)},
            ["repeated"] * 2,
            id="3.2-at-most-once",
        ),
        pytest.param("#datatrainingallowed=no\n", set(), [], id="3.2-comment"),
        pytest.param("datatrainingallowed=no # for now\n", {(RES, BOTH)}, [], id="3.2-comment-behind"),
        pytest.param("some text\n", set(), [], id="3.2-other-text"),
    ],
)
def test_trust_txt(signal: Signal, text: str, expected: set[tuple[Stance, Interpretation]], faults: list[str]) -> None:
    """3.2: `name=value`, at most once, yes or no."""
    found = read(signal, text)
    readings = [s for s in found if isinstance(s, Reading)]
    assert {(r.stance, r.interpretation) for r in readings} == expected
    assert {r.use for r in readings} == (TRAINING if expected else set())
    assert {r.scope for r in readings} <= {Scope.ORIGIN}
    assert [s.reason for s in found if isinstance(s, Fault)] == faults


def test_trust_txt_places_can_conflict() -> None:
    """3.2: "both locations differ: conflict", which only families of their own can come to."""
    (root,), (well_known,) = TRUST_TXT.carriers, TRUST_TXT_WELL_KNOWN.carriers
    assert root.family != well_known.family


@pytest.mark.parametrize(
    ("text", "facts", "faults"),
    [
        ("# Example\n> about\n", ["Example"], []),
        ("\ufeff\n# Example", ["Example"], []),
        ("Example", [], ["no title"]),
        ("#Example", [], ["no title"]),
        ("", [], []),
        ("# Terms\n\nNo AI training.\n", ["Terms"], []),
    ],
    ids=["3.3-title", "3.3-bom", "3.3-no-title", "3.3-no-space", "3.3-empty", "3.3-no-rights-meaning"],
)
def test_llms_txt(text: str, facts: list[str], faults: list[str]) -> None:
    """3.3: presence only; "no rights meaning"."""
    found = read(LLMS_TXT, text)
    assert [s.value for s in found if isinstance(s, Fact)] == facts
    assert [s.reason for s in found if isinstance(s, Fault)] == faults
    assert LLMS_TXT.carriers[0].axis is Axis.FACT


SIGNALS = (AI_TXT, TRUST_TXT, TRUST_TXT_WELL_KNOWN, LLMS_TXT)


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=200)
    | st.lists(
        st.sampled_from(
            [
                "User-Agent: *",
                "Disallow: *.jpg",
                "Allow:",
                "Training: no",
                "datatrainingallowed=no",
                "# x",
                "\ud800=",
                "<",
            ]
        )
    ).map("\n".join)
)
def test_never_raises(text: str | bytes) -> None:
    """Any bytes give statements whose texts can be stored."""
    for signal in SIGNALS:
        for statement in read(signal, text):
            assert isinstance(statement, Reading | Fault | Fact)
            assert statement.raw.encode("utf-8") is not None


@pytest.mark.parametrize(
    "text",
    [
        SPAWNING + "Disallow: *.jpg\n" * 600_000,
        "User-agent: a\n" * 100_000 + "Disallow: /\n" * 100_000,
        "datatrainingallowed=no\n" * 400_000,
        "# " + "x" * 10_000_000,
        " " * 10_000_000,
        "a:" * 5_000_000,
    ],
    ids=["rules", "groups", "attributes", "one-line", "blank", "colons"],
)
def test_huge_files_in_bounded_time(text: str) -> None:
    """Ten megabytes cost bounded time and a bounded number of statements."""
    for signal in SIGNALS:
        started = time.monotonic()
        found = read(signal, text)
        assert time.monotonic() - started < 5.0
        assert len(found) < 25_000
