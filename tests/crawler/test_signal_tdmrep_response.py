"""TDMRep in a response: the header and the meta tags, sections 1.3 and 1.5 of the report."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.records import Exchange, Fault, Headers, Reading, Statement
from crawler.signals.tdmrep import TDMREP_HEADER, TDMREP_META
from crawler.vocabulary import Interpretation, Outcome, Scope, Stance

RESERVED, PERMITTED = Stance.RESERVED, Stance.PERMITTED
BOTH, LENIENT = Interpretation.BOTH, Interpretation.LENIENT


def exchange(body: bytes | None = None, headers: Headers = ()) -> Exchange:
    """An answered request with these bytes and headers."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return Exchange(
        "site.example", "r", "https://site.example/", Outcome.OK, at, status=200, headers=headers, body=body
    )


def split(statements: object) -> tuple[list[Reading], list[Fault]]:
    """Readings and faults apart."""
    found: list[Statement] = list(statements)  # type: ignore[call-overload]
    return [s for s in found if isinstance(s, Reading)], [s for s in found if isinstance(s, Fault)]


@pytest.mark.parametrize(
    ("lines", "stance", "interpretation", "fault", "note"),
    [
        pytest.param(["1"], RESERVED, BOTH, None, None, id="1.3"),
        pytest.param([" 0 "], PERMITTED, BOTH, None, None, id="1.3-zero"),
        pytest.param(["1, 1"], RESERVED, LENIENT, "repeated", "repeated", id="1.7(8)-joined"),
        pytest.param(["0, 1"], RESERVED, LENIENT, "repeated", "conflict: 0 and 1", id="1.7(8)-conflict"),
        pytest.param(["1", "1"], RESERVED, LENIENT, "repeated", "repeated", id="1.7(8)-two-lines"),
        pytest.param(["2"], None, None, "value", None, id="1.1-other-value"),
        pytest.param(["yes"], None, None, "value", None, id="1.1-word"),
        pytest.param([""], None, None, "value", None, id="1.1-empty"),
        pytest.param([], None, None, None, None, id="absent"),
    ],
)
def test_header(
    lines: list[str], stance: Stance | None, interpretation: Interpretation | None, fault: str | None, note: str | None
) -> None:
    """1.1, 1.3: one 0 or 1; field names are case-insensitive; the scope is this response."""
    found, faults = split(TDMREP_HEADER.read(exchange(headers=tuple(("TDM-Reservation", line) for line in lines))))
    assert [(r.stance, r.interpretation, r.note) for r in found] == ([(stance, interpretation, note)] if stance else [])
    assert [f.reason for f in faults] == ([fault] if fault else [])
    assert all(r.scope is Scope.RESPONSE and r.locator == "header tdm-reservation" for r in found)


def test_header_policy() -> None:
    """1.1, 1.7(10): the policy header is the condition of a reservation only."""
    reserved = TDMREP_HEADER.read(exchange(headers=(("tdm-reservation", "1"), ("tdm-policy", "/p"))))
    free = TDMREP_HEADER.read(exchange(headers=(("tdm-reservation", "0"), ("tdm-policy", "/p"))))
    assert [r.condition for r in split(reserved)[0]] == ["/p"]
    assert [r.condition for r in split(free)[0]] == [None]


@pytest.mark.parametrize(
    ("markup", "readings", "faults"),
    [
        pytest.param(
            '<meta name="TDM-Reservation" content=" 1 ">', [(RESERVED, BOTH, None)], [], id="1.3-name-case-trim"
        ),
        pytest.param('<meta name="tdm-reservation" content="0">', [(PERMITTED, BOTH, None)], [], id="1.3-zero"),
        pytest.param(
            '<meta http-equiv="tdm-reservation" content="1">',
            [(RESERVED, LENIENT, "http_equiv")],
            ["http_equiv"],
            id="1.7(11)-http-equiv",
        ),
        pytest.param(
            '<meta property="tdm-reservation" content="1">',
            [(RESERVED, LENIENT, "property")],
            ["property"],
            id="1.3-property",
        ),
        pytest.param('<meta name="tdm-reservation" content="yes">', [], ["value"], id="1.1-other-value"),
        pytest.param('<meta name="tdm-reservation">', [], ["value"], id="1.1-no-content"),
        pytest.param(
            '<meta name="tdm-reservation" content=1><body><meta name="tdm-reservation" content=0>',
            [(RESERVED, BOTH, "conflict: 0 and 1"), (PERMITTED, BOTH, "conflict: 0 and 1; location=body")],
            [],
            id="0-conflict",
        ),
        pytest.param('<meta name="tdm-policy" content="/p">', [], [], id="1.1-policy-alone"),
    ],
)
def test_meta(markup: str, readings: list[tuple[Stance, Interpretation, str | None]], faults: list[str]) -> None:
    """1.3: only `name` is TDMRep's; the scope is the HTML, not what it embeds."""
    found, wrong = split(TDMREP_META.read(exchange(f"<head>{markup}".encode())))
    assert [(r.stance, r.interpretation, r.note) for r in found] == readings
    assert [f.reason for f in wrong] == faults
    assert all(r.scope is Scope.DOCUMENT for r in found)


def test_meta_relative_policy_kept_raw() -> None:
    """1.3: relative policy addresses occur and are kept as written."""
    body = b'<meta name="tdm-reservation" content="1"><meta name="TDM-Policy" content=" ../p ">'
    (reading,) = split(TDMREP_META.read(exchange(body)))[0]
    assert (reading.condition, reading.locator) == ("../p", 'meta[name="tdm-reservation"] #1')
