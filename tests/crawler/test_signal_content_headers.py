"""Content-Usage and Content-Signal as response headers: signals-page 2.3, signals-robots 2.3, 2.4, 2.6 and 3.1."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.records import Exchange, Fact, Fault, Reading, Statement
from crawler.signals.content_signal_header import CONTENT_SIGNAL_HEADER
from crawler.signals.content_usage_header import CONTENT_USAGE_HEADER
from crawler.signals.robots_content_signal import CONTENT_SIGNAL
from crawler.signals.robots_content_usage import CONTENT_USAGE_ROBOTS
from crawler.vocabulary import Outcome, Part, Provenance, Scope, Stance, Strength, Use, Vocabulary

SHARED = (Path(__file__).parents[2] / "../shared/data/conformance").resolve()
TG, TO, AI, SE = Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER, Use.AI_INPUT, Use.SEARCH
RES, PER, MAL = Stance.RESERVED, Stance.PERMITTED, Stance.MALFORMED


def exchange(name: str, *lines: str) -> Exchange:
    """An answered page with these field lines."""
    headers = tuple((name, line) for line in lines)
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return Exchange("s.example", "page", "https://s.example/", Outcome.OK, at, status=200, headers=headers, body=b"")


def usage(*lines: str) -> list[Statement]:
    """What Content-Usage lines state."""
    return list(CONTENT_USAGE_HEADER.read(exchange("Content-Usage", *lines)))


def current(*lines: str) -> dict[Use, Stance]:
    """The current meaning of Content-Usage lines by use."""
    found = [s for s in usage(*lines) if isinstance(s, Reading) and s.vocabulary is not Vocabulary.AS_OF]
    return {reading.use: reading.stance for reading in found}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(["train-ai=n"], {TG: RES}, id="page-2.3-train-ai"),
        pytest.param(["train-ai=n, search=y"], {TG: RES, SE: PER}, id="robots-2.3-two-keys"),
        pytest.param(["ai-use=n"], {AI: RES}, id="robots-2.2-vocab-08"),
        pytest.param(["Train-AI=n"], {TG: MAL, AI: MAL, SE: MAL}, id="page-2.3-upper-case-key"),
        pytest.param(["train-ai=N"], {TG: MAL}, id="page-2.3-token-N"),
        pytest.param(["train-ai"], {TG: MAL}, id="page-2.3-boolean"),
        pytest.param(['train-ai="n"'], {TG: MAL}, id="page-2.3-string"),
        pytest.param(["train-ai=?0"], {TG: MAL}, id="page-2.3-false"),
        pytest.param(["train-ai=no"], {TG: MAL}, id="robots-2.3-word"),
        pytest.param(["train-ai=n,"], {TG: MAL, AI: MAL, SE: MAL}, id="page-2.3-trailing-comma"),
        pytest.param(["train-ai=n search=y"], {TG: MAL, AI: MAL, SE: MAL}, id="page-2.3-missing-comma"),
        pytest.param(["train-ai = n"], {TG: MAL, AI: MAL, SE: MAL}, id="robots-2.3-spaces"),
        pytest.param(["train-ai=y, train-ai=n"], {TG: RES}, id="page-2.3-last-wins"),
        pytest.param(["train-ai=y, train-ai"], {TG: MAL}, id="robots-2.3-last-wins-boolean"),
        pytest.param(["train-ai;allow=n, train-ai=y"], {TG: PER}, id="robots-2.3-parameter"),
        pytest.param(["train-ai=n;exceptions=cc-cr"], {TG: RES}, id="page-2.3-cc-signals"),
        pytest.param(["search=y", "train-ai=n"], {SE: PER, TG: RES}, id="robots-2.4-lines-join"),
        pytest.param(["train-ai=y", "train-ai=n"], {TG: RES}, id="RFC9651-4.2-lines-are-one-dictionary"),
        pytest.param(["  train-ai=n\t"], {TG: RES}, id="RFC9110-5.5-white-space"),
        pytest.param([], {}, id="absent"),
    ],
)
def test_content_usage(lines: list[str], expected: dict[Use, Stance]) -> None:
    """The value of all field lines together is one RFC 9651 Dictionary of Tokens."""
    assert current(*lines) == expected


@pytest.mark.parametrize("value", ["bots=n, train-genai=n", "ai=n", "genai=n", "tdm=n", "all=n"])
def test_legacy_labels_are_unknown_now(value: str) -> None:
    """Page 2.3, robots 2.2: what only an older revision knows is never mapped silently; `as_of` it is read."""
    assert set(current(value).values()) == {MAL}
    then = [s for s in usage(value) if isinstance(s, Reading) and s.vocabulary is Vocabulary.AS_OF]
    assert {(reading.stance, reading.in_force_from is not None) for reading in then} == {(RES, True)}


def test_content_usage_speaks_of_this_response() -> None:
    """Robots 2.4: it "applies to that representation's content"."""
    (reading,) = usage("search=n")
    assert isinstance(reading, Reading)
    assert (reading.scope, reading.locator, reading.strength) == (
        Scope.RESPONSE,
        "header content-usage",
        Strength.NORMATIVE,
    )


def test_content_usage_is_equal_to_the_robots_rule() -> None:
    """Robots 2.6: "no carrier outranks another", so both stand in one family at one precedence."""
    (header,), (rule,) = CONTENT_USAGE_HEADER.carriers, CONTENT_USAGE_ROBOTS.carriers
    assert (header.family, header.precedence) == (rule.family, rule.precedence)


def test_cc_signals_are_kept_as_a_draft() -> None:
    """Page 6: the parameter is kept verbatim and labelled, and it changes no preference."""
    facts = [s for s in usage("train-ai=n;exceptions=cc-cr-dc") if isinstance(s, Fact)]
    assert [(fact.name, fact.value) for fact in facts] == [("cc_signals_draft", "cc-cr-dc")]


def test_draft_examples() -> None:
    """The drafts' own header examples and values, as their text says they are read."""
    path = SHARED / "aipref_draft_examples.json"
    if not path.exists():
        pytest.skip("no draft examples beside the repository")
    texts = [example["text"] for example in json.loads(path.read_text(encoding="utf-8"))["examples"]]
    (message,) = [text for text in texts if text.startswith("HTTP/")]
    (line,) = [line for line in message.splitlines() if line.startswith("Content-Usage:")]
    assert current(line.partition(":")[2]) == {TG: RES}
    assert current("train-ai=y, search=n") == {TG: PER, SE: RES}
    assert current('train-ai=y, train-ai, search=n, search="n"') == {TG: MAL, SE: MAL}
    assert current("train-ai;allow=n, train-ai=y") == {TG: PER}
    assert {text.strip() for text in texts} >= {"train-ai=y, search=n", "train-ai;allow=n, train-ai=y"}


def vectors() -> list[dict[str, object]]:
    """The dictionary cases of the RFC 9651 test suite."""
    found: list[dict[str, object]] = []
    folder = SHARED / "structured-field-tests"
    for name in ("dictionary.json", "param-dict.json"):
        path = folder / name
        if path.exists():
            found += json.loads(path.read_text(encoding="utf-8"))
    return [case for case in found if case.get("header_type") == "dictionary"]


def test_rfc_9651_vectors() -> None:
    """A field that must fail leaves every preference unknown; one that parses leaves alone what it does not name."""
    cases = vectors()
    if not cases:
        pytest.skip("no structured field tests beside the repository")
    failed = read = 0
    for case in cases:
        raw = case["raw"]
        assert isinstance(raw, list)
        # The cases use keys of their own, which a Dictionary may hold beside ours: unknown members are ignored.
        stances = current(*[str(line) for line in raw])
        if case.get("must_fail"):
            failed += 1
            assert stances == {TG: MAL, AI: MAL, SE: MAL}, case["name"]
        elif not case.get("can_fail"):
            read += 1
            assert stances == {}, case["name"]
    assert failed > 10
    assert read > 20


def signal(*lines: str) -> list[Statement]:
    """What Content-Signal lines state."""
    return list(CONTENT_SIGNAL_HEADER.read(exchange("content-signal", *lines)))


@pytest.mark.parametrize(
    ("lines", "expected", "faults"),
    [
        pytest.param(["ai-train=no"], {(TG, RES), (TO, RES)}, [], id="robots-3.1-no"),
        pytest.param(["Search=YES , AI-Input=No"], {(SE, PER), (AI, RES)}, [], id="robots-3.1-case-and-space"),
        pytest.param(["ai-train=yes,ai-train=no"], {(TG, RES), (TO, RES)}, [], id="robots-3.1-last-counts"),
        pytest.param(["search=true"], set(), ["invalid_value: search"], id="robots-3.1-invalid-value"),
        pytest.param(["search-ai=no, use=reference"], set(), [], id="robots-3.1-unknown-keys"),
        pytest.param(["no training please"], set(), ["unparseable"], id="robots-3.1-words"),
        pytest.param(["search=yes", "ai-train=no"], {(SE, PER), (TG, RES), (TO, RES)}, [], id="lines-join"),
        pytest.param([""], set(), [], id="empty"),
        pytest.param([], set(), [], id="absent"),
    ],
)
def test_content_signal(lines: list[str], expected: set[tuple[Use, Stance]], faults: list[str]) -> None:
    """Lenient, since no specification defines the header; what is absent is neither granted nor restricted."""
    found = signal(*lines)
    assert {(s.use, s.stance) for s in found if isinstance(s, Reading)} == expected
    assert [s.reason for s in found if isinstance(s, Fault)] == faults


def test_content_signal_is_weak() -> None:
    """Robots 3.1 and 3.2(d): recorded as unspecified; a `yes` is no more than inferred, a `no` an informal word."""
    found = [s for s in signal("ai-train=yes, ai-input=no") if isinstance(s, Reading)]
    assert {(r.stance, r.strength) for r in found} == {(PER, Strength.INFERRED), (RES, Strength.INFORMAL)}
    assert all(r.note == "header_unspecified" and r.scope is Scope.RESPONSE for r in found)


def test_content_signal_never_outranks_robots() -> None:
    """Robots 3.2(d): in one family at one precedence the most restrictive holds, so `yes` cancels no `no`."""
    (header,), (line,) = CONTENT_SIGNAL_HEADER.carriers, CONTENT_SIGNAL.carriers
    assert (header.family, header.precedence) == (line.family, line.precedence)


def test_content_signal_of_the_network_is_told() -> None:
    """Robots 3.1: Markdown for Agents adds all three as `yes`; that is the network's hand, not the site's."""
    managed = signal("ai-train=yes, search=yes, ai-input=yes")
    own = signal("ai-train=yes, search=yes")
    assert {s.provenance for s in managed if isinstance(s, Reading)} == {Provenance.CDN_MANAGED}
    assert {s.provenance for s in own if isinstance(s, Reading)} == {Provenance.ORIGIN}


def test_places() -> None:
    """Both stand in the headers of the page."""
    assert {(s.role, s.part) for s in (CONTENT_USAGE_HEADER, CONTENT_SIGNAL_HEADER)} == {("page", Part.HEADERS)}


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text('trainseychu-=;, ?"n\ud800é', max_size=40) | st.text(max_size=40), max_size=3))
def test_never_raises(lines: list[str]) -> None:
    """Any lines give statements whose texts can be stored."""
    for statement in [*usage(*lines), *signal(*lines)]:
        assert isinstance(statement, Reading | Fault | Fact)
        assert statement.raw.encode("utf-8") is not None


@pytest.mark.parametrize(
    "value", ["train-ai=n," * 100_000, "a=" + "(" * 500_000, ";exceptions=" * 90_000, "=" * 1_000_000]
)
def test_long_values_in_bounded_time(value: str) -> None:
    """A field of a megabyte costs bounded time."""
    started = time.monotonic()
    usage(value)
    signal(value)
    assert time.monotonic() - started < 2.0
