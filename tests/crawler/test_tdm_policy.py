"""TDM policies, the ODRL profile of signals-page 1.6: who to ask and what is asked in return."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.records import Exchange, Fact, Fault, Statement
from crawler.signals.tdm_policy import TDM_POLICY
from crawler.tdm_policy import Permission, parse
from crawler.vocabulary import Axis, Outcome

POLICY = {
    "@context": ["http://www.w3.org/ns/odrl.jsonld", "http://www.w3.org/ns/tdmrep.jsonld"],
    "@type": "Offer",
    "profile": "http://www.w3.org/ns/tdmrep",
    "uid": "https://press.example/policies/1",
    "assigner": {
        "uid": "https://press.example",
        "vcard:fn": "A Press",
        "vcard:hasEmail": "mailto:rights@press.example",
        "vcard:hasURL": "https://press.example/rights",
    },
    "permission": [
        {
            "target": "https://press.example/news",
            "action": "tdm:mine",
            "duty": [{"action": "obtainConsent"}, {"action": "compensate"}],
            "constraint": [
                {
                    "leftOperand": "purpose",
                    "operator": "eq",
                    "rightOperand": {"@id": "tdm:non-research"},
                }
            ],
        }
    ],
}


def read(body: str | bytes) -> list[Statement]:
    """What the signal finds in a policy document."""
    data = body.encode() if isinstance(body, str) else body
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return list(
        TDM_POLICY.read(
            Exchange("s.example", "tdm-policy", "https://s.example/p", Outcome.OK, at, status=200, body=data)
        )
    )


def test_profile() -> None:
    """1.6: one assigner, `tdm:mine`, duties and the experimental purpose constraint."""
    found = parse(json.dumps(POLICY).encode())
    assert found.uid == "https://press.example/policies/1"
    assert dict(found.contacts) == {
        "name": "A Press",
        "email": "rights@press.example",
        "url": "https://press.example/rights",
        "uid": "https://press.example",
    }
    assert found.permissions == (
        Permission("mine", "https://press.example/news", ("obtainconsent", "compensate"), ("purpose eq non-research",)),
    )
    assert found.faults == ()


def test_facts() -> None:
    """1.6: who to ask and the duties are facts; nothing in a policy changes a reservation."""
    facts = {(s.name, s.value) for s in read(json.dumps(POLICY)) if isinstance(s, Fact)}
    assert facts >= {
        ("tdm_policy_format", "odrl"),
        ("tdm_contact:email", "rights@press.example"),
        ("tdm_permission", "mine"),
        ("tdm_duty", "obtainconsent"),
        ("tdm_duty", "compensate"),
        ("tdm_constraint", "purpose eq non-research"),
        ("tdm_target", "https://press.example/news"),
    }
    assert TDM_POLICY.carriers[0].axis is Axis.FACT


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<!doctype html><p>Ask us", "html"),
        ("\ufeff<html>", "html"),
        ("%PDF-1.7", "other"),
        ("Ask us first.", "other"),
        ("{}", "odrl"),
        ("", None),
    ],
)
def test_formats(text: str, kind: str | None) -> None:
    """1.1: a policy for people is as good as one for machines."""
    found = [s.value for s in read(text) if isinstance(s, Fact) and s.name == "tdm_policy_format"]
    assert found == ([kind] if kind else [])


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace("}", ",}", 1).replace(", ,", ","),
        lambda text: text.replace(
            '"uid": "https://press.example/policies/1",', '"uid": "https://press.example/policies/1"', 1
        ),
    ],
    ids=["trailing-comma", "missing-comma"],
)
def test_commas_are_mended(damage: object) -> None:
    """1.6: "Spec's own examples contain trailing commas/missing commas"."""
    text = damage(json.dumps(POLICY, indent=1))  # type: ignore[operator]
    with pytest.raises(ValueError):
        json.loads(text)
    found = parse(text.encode())
    assert found.permissions[0].duties == ("obtainconsent", "compensate")
    assert found.faults[0].startswith("invalid_json")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"profile": "https://other.example/"}, "profile: not the TDM profile"),
        ({"@type": "Set"}, "type: not an Offer"),
        ({"permission": None}, "permission: none"),
    ],
)
def test_not_the_profile(change: dict[str, object], fault: str) -> None:
    """1.6: `Offer`, the profile's address and a permission are what makes it one."""
    assert parse(json.dumps(POLICY | change).encode()).faults == (fault,)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"[" * 100_000, "invalid_json: nested too deep"),
        (b'{"a":' * 100_000, "invalid_json: nested too deep"),
        (b"{" + b" " * 10_000_000, "oversize"),
        (b"[]", "wrong_shape"),
        (b"\xff\xff\xff{", "invalid_json"),
        (b'{"a"\n "' * 50_000, "invalid_json"),
        (b'{"a"' + b"\n" * 400_000 + b":", "invalid_json"),
        (b'{"a": 1,' + b"\n" * 400_000 + b"b", "invalid_json"),
    ],
    ids=[
        *("nested-lists", "nested-objects", "10-megabytes", "list", "invalid-utf-8", "quotes"),
        *("empty-lines", "empty-lines-behind-a-comma"),
    ],
)
def test_hostile(data: bytes, reason: str) -> None:
    """Anything costs bounded time, never raises, and is told."""
    started = time.monotonic()
    assert parse(data).faults[0].startswith(reason)
    read(data)
    assert time.monotonic() - started < 2.0


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["@type", "profile", "assigner", "permission", "action", "duty", "constraint", "@id"]),
            inner,
        )
    ),
    max_leaves=15,
)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_never_raises(data: bytes) -> None:
    """Any bytes give facts and faults whose texts can be stored."""
    for statement in read(data):
        assert isinstance(statement, Fact | Fault)
        assert statement.raw.encode("utf-8") is not None
