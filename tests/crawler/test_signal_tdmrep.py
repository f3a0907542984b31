"""TDMRep readings: every case of the reference sheet's section 1.7 that one carrier alone decides, and damage."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.records import Exchange, Fault, Headers, Reading, Statement
from crawler.signals.tdmrep import TDMREP_FILE, TDMREP_HEADER, TDMREP_META, match
from crawler.vocabulary import Interpretation, Outcome, Part, Scope, Stance, Strength, Use

REAL = (Path(__file__).parents[2] / "../shared/data/signals").resolve()
RESERVED, PERMITTED = Stance.RESERVED, Stance.PERMITTED
BOTH, LENIENT = Interpretation.BOTH, Interpretation.LENIENT


def exchange(body: bytes | None = None, headers: Headers = ()) -> Exchange:
    """An answered request with these bytes and headers."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return Exchange(
        "site.example", "r", "https://site.example/", Outcome.OK, at, status=200, headers=headers, body=body
    )


def of_file(text: str | bytes) -> tuple[list[Reading], list[Fault]]:
    """Readings and faults of a tdmrep.json."""
    return split(TDMREP_FILE.read(exchange(text.encode() if isinstance(text, str) else text)))


def split(statements: object) -> tuple[list[Reading], list[Fault]]:
    """Readings and faults apart."""
    found: list[Statement] = list(statements)  # type: ignore[call-overload]
    return [s for s in found if isinstance(s, Reading)], [s for s in found if isinstance(s, Fault)]


def test_precedence() -> None:
    """1.5: file, then header, then meta, each replacing the one before."""
    carriers = [signal.carriers[0] for signal in (TDMREP_FILE, TDMREP_HEADER, TDMREP_META)]
    assert {carrier.family for carrier in carriers} == {"tdmrep"}
    assert [carrier.precedence for carrier in carriers] == sorted({carrier.precedence for carrier in carriers})


def test_signals_name_their_place() -> None:
    """1.2 and 1.3: one well-known file, one response header, one meta."""
    assert (TDMREP_FILE.role, TDMREP_FILE.probe, TDMREP_FILE.part) == (
        "tdmrep.json",
        "/.well-known/tdmrep.json",
        Part.BODY,
    )
    assert (TDMREP_HEADER.role, TDMREP_HEADER.part) == ("page", Part.HEADERS)
    assert (TDMREP_META.role, TDMREP_META.part) == ("page", Part.BODY)


@pytest.mark.parametrize(
    ("text", "readings", "faults"),
    [
        pytest.param('[{"location":"/","tdm-reservation":1}]', [("/0", RESERVED, None, BOTH)], [], id="1.2-array"),
        pytest.param("[]", [], [], id="1.2-empty-array"),
        pytest.param(
            '{"location":"/","tdm-reservation":1}',
            [("#", RESERVED, None, LENIENT)],
            ["wrong_shape"],
            id="1.7(1)-object",
        ),
        pytest.param(
            '[{"location":"/","tdm-reservation":"1"}]',
            [("/0", RESERVED, None, LENIENT)],
            ["json_type"],
            id="1.7(2)-string",
        ),
        pytest.param(
            '[{"location":"/","tdm-reservation":true}]', [("/0", RESERVED, None, LENIENT)], ["json_type"], id="1.2-true"
        ),
        pytest.param(
            '[{"location":"/","tdm-reservation":0.0}]',
            [("/0", PERMITTED, None, LENIENT)],
            ["json_type"],
            id="1.2-float",
        ),
        pytest.param('[{"location":"/","tdm-reservation":2}]', [], ["value"], id="1.2-two"),
        pytest.param('[{"location":"/","tdm-reservation":"yes"}]', [], ["value"], id="1.2-yes"),
        pytest.param('[{"location":"/","tdm-reservation":null}]', [], ["value"], id="1.2-null"),
        pytest.param(
            '[{"location":"/","tdm-reservation":1},{"location":"/open/","tdm-reservation":0}]',
            [("/0", RESERVED, None, BOTH), ("/1", PERMITTED, "/open/", BOTH)],
            [],
            id="1.7(3)-order",
        ),
        pytest.param(
            '[{"location":"/a/*.jpg$","tdm-reservation":1}]',
            [("/0", RESERVED, "/a/*.jpg$", BOTH)],
            [],
            id="1.7(6)-pattern-verbatim",
        ),
        pytest.param('{"error":"not found"}', [], ["wrong_shape"], id="1.7(7)-error-json"),
        pytest.param("<!doctype html><html>", [], ["html_body"], id="1.7(7)-html"),
        pytest.param('{"prohibitedAiGenerativeTraining": true}', [], ["wrong_shape"], id="1.7(9)-invented-key"),
        pytest.param(
            '[{"location":"https://www.x.org/","tdm-reservation":1}]',
            [("/0", RESERVED, None, LENIENT)],
            ["location_is_url"],
            id="1.7(12)-absolute-url",
        ),
        pytest.param(
            '[{"location":"https://www.x.org/a?b","tdm-reservation":1}]',
            [("/0", RESERVED, "/a?b", LENIENT)],
            ["location_is_url"],
            id="1.7(12)-absolute-url-path",
        ),
        pytest.param(
            '[{"tdm-reservation":1}]',
            [("/0", RESERVED, None, LENIENT)],
            ["location_missing"],
            id="1.2-location-required",
        ),
        pytest.param('[{"location":"/"}]', [], ["wrong_shape"], id="1.2-reservation-required"),
        pytest.param('[{"location":["/"],"tdm-reservation":1}]', [], ["location"], id="1.2-location-type"),
        pytest.param('[{"location":"mailto:a@b","tdm-reservation":1}]', [], ["location"], id="1.2-location-scheme"),
        pytest.param(
            '[{"location":"img/","tdm-reservation":1}]',
            [("/0", RESERVED, "/img/", LENIENT)],
            ["location_without_slash"],
            id="1.2-location-relative",
        ),
        pytest.param(
            '[{"location":"/","TDM_Reservation":1}]', [("/0", RESERVED, None, LENIENT)], ["key_spelling"], id="1.2-key"
        ),
        pytest.param(
            '[7, {"location":"/*","tdm-reservation":0}]',
            [("/1", PERMITTED, None, BOTH)],
            ["wrong_shape"],
            id="1.2-one-bad",
        ),
        pytest.param("", [], ["invalid_json"], id="empty"),
        pytest.param("null", [], ["wrong_shape"], id="null"),
        pytest.param('[{"location":"/","tdm-reservation":NaN}]', [], ["invalid_json"], id="RFC8259-nan"),
        pytest.param(
            '[{"location":"/","tdm-reservation":1,},]',
            [("/0", RESERVED, None, LENIENT)],
            ["invalid_json"],
            id="1.6-trailing-comma",
        ),
        pytest.param(
            '[ // ours: https://a.example/,\n{"location":"/b//,]","tdm-reservation":0}]',
            [("/0", PERMITTED, "/b//,]", LENIENT)],
            ["invalid_json"],
            id="RFC8259-comment-and-the-same-signs-in-a-string",
        ),
        pytest.param('[{"location":"/","tdm-reservation":1}', [], ["invalid_json"], id="RFC8259-cut-short"),
        pytest.param(
            '{"version":1,"a":{"rules":[{"location":"/a/*","tdm-reservation":1},{"location":"/b","tdm-reservation":0}]}}',
            [("/a/rules/0", RESERVED, "/a/*", LENIENT), ("/a/rules/1", PERMITTED, "/b", LENIENT)],
            ["wrong_shape"],
            id="1.2-array-inside-an-object",
        ),
        pytest.param('{"policies":[{"type":"tdm-reservation"}]}', [], ["wrong_shape"], id="1.7(9)-invented-rules"),
        pytest.param(
            '{"tdm:reservation":1}',
            [("#", RESERVED, None, LENIENT)],
            ["wrong_shape", "key_spelling", "location_missing"],
            id="1.4-prefixed-name",
        ),
        pytest.param(
            b'\xef\xbb\xbf[{"location":"/","tdm-reservation":1}]', [("/0", RESERVED, None, BOTH)], [], id="9-bom"
        ),
        pytest.param(
            '[{"location":"/","tdm-reservation":1}]'.encode("utf-16"),
            [("/0", RESERVED, None, LENIENT)],
            ["encoding"],
            id="9-utf-16",
        ),
        pytest.param(
            b'[{"location":"/\xff","tdm-reservation":1}]',
            [("/0", RESERVED, "/\ufffd", LENIENT)],
            ["encoding"],
            id="no-utf-8",
        ),
        pytest.param(
            '[{"location":"/\\ud800","tdm-reservation":1}]', [("/0", RESERVED, "/?", BOTH)], [], id="lone-surrogate"
        ),
        pytest.param("[" * 100_000, [], ["invalid_json: nested too deep"], id="nested-100000"),
        pytest.param('[{"location":"/","tdm-reservation":' + "1" * 5000 + "}]", [], ["invalid_json"], id="huge-number"),
        pytest.param(b" " * 5_000_000, [], ["oversize"], id="9-huge"),
    ],
)
def test_file(
    text: str | bytes, readings: list[tuple[str, Stance, str | None, Interpretation]], faults: list[str]
) -> None:
    """The strict reading stands as `both`; a lenient one stands beside a fault that names what is wrong."""
    found, wrong = of_file(text)
    assert [(r.locator, r.stance, r.pattern, r.interpretation) for r in found] == readings
    assert [any(fault.reason.startswith(reason) for fault in wrong) for reason in faults] == [True] * len(faults)
    assert len(wrong) == len(faults)
    for reading in found:
        assert (reading.use, reading.strength) == (Use.TDM, Strength.NORMATIVE)
        assert reading.scope is (Scope.PATH if reading.pattern else Scope.ORIGIN)
        for words in (reading.raw, reading.pattern or "", reading.note or ""):
            assert words.encode("utf-8") is not None


def test_file_order_ambiguity_is_told() -> None:
    """1.7(3): first match and longest match differ, so the covered rule says so; where they agree nothing is said."""
    found, _ = of_file('[{"location":"/","tdm-reservation":1},{"location":"/open/","tdm-reservation":0}]')
    assert [reading.note for reading in found] == [None, "ambiguous_order: /0 matches first"]
    found, _ = of_file('[{"location":"/open/","tdm-reservation":0},{"location":"/","tdm-reservation":1}]')
    assert [reading.note for reading in found] == [None, None]


@pytest.mark.parametrize(
    ("text", "path", "first", "longest"),
    [
        pytest.param(
            '[{"location":"/","tdm-reservation":1},{"location":"/open/","tdm-reservation":0}]',
            "/open/a",
            RESERVED,
            PERMITTED,
            id="1.7(3)-order",
        ),
        pytest.param(
            '[{"location":"/open/","tdm-reservation":0},{"location":"/","tdm-reservation":1}]',
            "/open/a",
            PERMITTED,
            PERMITTED,
            id="1.2-specific-first",
        ),
        pytest.param('[{"location":"/a/*.jpg$","tdm-reservation":1}]', "/a/b/c.JPG", None, None, id="1.7(6)-case"),
        pytest.param('[{"location":"/a/*.jpg$","tdm-reservation":1}]', "/a/b.jpg?x=1", None, None, id="1.7(6)-end"),
        pytest.param('[{"location":"/a/*.jpg$","tdm-reservation":1}]', "/a/b.jpg", RESERVED, RESERVED, id="1.7(6)"),
        pytest.param('[{"location":"/%61/","tdm-reservation":1}]', "/a/x", RESERVED, RESERVED, id="1.2-unreserved"),
        pytest.param('[{"location":"/a%2A","tdm-reservation":1}]', "/ab", None, None, id="1.2-literal-star"),
        pytest.param('[{"location":"/a%2A","tdm-reservation":1}]', "/a*", RESERVED, RESERVED, id="1.2-literal-star-is"),
        pytest.param(
            '[{"location":"*.pdf","tdm-reservation":1}]', "/x/y.pdf?z", RESERVED, RESERVED, id="1.2-star-first"
        ),
        pytest.param("[]", "/", None, None, id="1.2-empty"),
    ],
)
def test_file_match(text: str, path: str, first: Stance | None, longest: Stance | None) -> None:
    """1.2: the first rule in file order decides; the longest is what Google's rules take; a difference is told."""
    found = match(of_file(text)[0], path)
    assert (found.first.stance if found.first else None) is first
    assert (found.longest.stance if found.longest else None) is longest
    assert found.ambiguous_order is (first is not longest)


def test_file_url_location_names_its_host() -> None:
    """1.7(12): whether the address is the origin's own is for whoever knows the origin."""
    found, _ = of_file('[{"location":"https://www.x.org/","tdm-reservation":1}]')
    assert found[0].note == "location_is_url: www.x.org"


@pytest.mark.parametrize(
    ("value", "condition", "note"),
    [(1, "https://x.example/p", None), (0, None, "policy ignored")],
    ids=["1.1-reserved", "1.7(10)-not-reserved"],
)
def test_file_policy(value: int, condition: str | None, note: str | None) -> None:
    """1.1: a policy is the condition of a reservation and ignored without one."""
    rule = {"location": "/", "tdm-reservation": value, "tdm-policy": "https://x.example/p"}
    found, faults = of_file(json.dumps([rule]))
    assert [(r.condition, r.note) for r in found] == [(condition, note)]
    assert not faults


def test_a_shortened_policy_name_counts_only_in_a_rule_that_is_misspelt_anyway() -> None:
    """1.1: the name is `tdm-policy`; `policy` beside it in a well written rule is none of the protocol's names."""
    loose, _ = of_file('{"tdm-reservation":1,"policy":"https://x.example/p"}')
    exact, _ = of_file('[{"location":"/","tdm-reservation":1,"policy":"https://x.example/p"}]')
    assert [reading.condition for reading in (*loose, *exact)] == ["https://x.example/p", None]


@pytest.mark.parametrize(
    "body",
    [
        b"[" + b"{}," * 170_000 + b"{}]",
        b'[{"location":"/","tdm-reservation":1}' + b',{"location":"/' + b"a" * 2000 + b'","tdm-reservation":0}' * 1,
    ],
    ids=["faults", "broken"],
)
def test_file_many_faults_are_summed(body: bytes) -> None:
    """A file of nothing but faults costs bounded time and gives a bounded number of them."""
    started = time.monotonic()
    _, faults = of_file(body)
    assert time.monotonic() - started < 5.0
    assert 1 <= len(faults) <= 52


def test_file_many_rules_in_bounded_time() -> None:
    """Thousands of long patterns are compared for order in bounded time."""
    rules = [{"location": f"/{i % 2}/" + "a" * 1000 + str(i), "tdm-reservation": i % 2} for i in range(480)]
    started = time.monotonic()
    found, _ = of_file(json.dumps(rules))
    assert time.monotonic() - started < 5.0
    assert [reading.locator for reading in found] == [f"/{i}" for i in range(480)]


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers(-2, 2) | st.floats() | st.text(max_size=6),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["location", "tdm-reservation", "tdm-policy", "x"]), inner, max_size=4)
        ),
        max_leaves=12,
    ).map(lambda value: json.dumps(value).encode()),
    st.text(max_size=30),
)
def test_never_raises(body: bytes, value: str) -> None:
    """Any bytes and any header give statements; what is read leniently never comes without a fault."""
    for signal in (TDMREP_FILE, TDMREP_HEADER, TDMREP_META):
        readings, faults = split(signal.read(exchange(body, (("tdm-reservation", value), ("tdm-policy", value)))))
        if any(reading.interpretation is LENIENT for reading in readings):
            assert faults


def test_no_body() -> None:
    """An exchange without a body is read as an empty one."""
    assert split(TDMREP_FILE.read(exchange())) == split(TDMREP_FILE.read(exchange(b"")))
    assert list(TDMREP_META.read(exchange())) == []


@pytest.mark.parametrize(
    ("name", "stance"),
    [
        ("FormosanBank+FormosanBank__.well-known__tdmrep.json", RESERVED),
        ("djibe+recommandations-medicales__static__.well-known__tdmrep.json", RESERVED),
        ("xlr8harder+xlr8harder.github.io__.well-known__tdmrep.json", PERMITTED),
        ("healsdata+ai-training-opt-out/.well-known__tdmrep.json", RESERVED),
    ],
)
def test_real_files(name: str, stance: Stance) -> None:
    """Files found in the wild: one rule each for the whole origin."""
    if not REAL.exists():
        pytest.skip("no real files beside the repository")
    found, faults = of_file((REAL / name).read_bytes())
    assert [(r.stance, r.scope, r.interpretation) for r in found] == [(stance, Scope.ORIGIN, BOTH)]
    assert not faults
