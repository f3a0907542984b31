"""The rules as data: whole, ordered, free of signals, and versioned."""

from __future__ import annotations

import hashlib
import re
from importlib import resources

import pytest

from analysis.rules import COLUMNS, KINDS, RULES, RULES_VERSION, cases
from crawler.signals import CARRIERS, SIGNALS
from crawler.vocabulary import State, Strength, Use

_SQL_WORDS = {"and", "or", "not", "is", "null", "true"}
_RESOLVING = (
    "judge_said",
    "judge_families",
    "judge_refusals",
    "judge_known",
    "judge_coverage",
    "judge_verdict",
    "judge_found",
)

DIGESTS = {"1": "556be82f21f6b02b", "2": "047c601b7228aea1"}
"""Version to the digest of everything a verdict follows from; a change of it needs a version of its own."""


def digest() -> str:
    """Rules without their explanations, the uses, and the SQL that resolves, without comments and blanks."""
    told = [(rule.id, rule.condition, rule.state, rule.reason, rule.strength, rule.deciding) for rule in RULES]
    texts = [(resources.files("analysis") / "sql" / f"{name}.sql").read_text(encoding="utf-8") for name in _RESOLVING]
    plain = " ".join(" ".join(re.sub(r"--[^\n]*", "", text).split()) for text in texts)
    return hashlib.sha256((repr(told) + repr(list(map(str, Use))) + plain).encode()).hexdigest()[:16]


def test_a_change_of_the_rules_is_a_version_of_its_own() -> None:
    assert DIGESTS[RULES_VERSION] == digest(), "verdicts may differ: raise RULES_VERSION and add its digest here"


def test_ids_are_unique_and_the_last_rule_always_holds() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert RULES[-1].condition == "true"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_names_only_columns_of_the_summary(rule: object) -> None:
    from analysis.rules import Rule

    assert isinstance(rule, Rule)
    words = set(re.findall(r"[a-z_]+", rule.condition.lower())) - _SQL_WORDS
    assert words <= COLUMNS.keys()
    assert set(re.findall(r"\{(\w+)\}", rule.reason)) <= COLUMNS.keys()
    assert set(rule.deciding) <= set(KINDS)
    assert rule.strength is None or rule.strength in KINDS or rule.strength in set(Strength)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_why_and_by_which_clause(rule: object) -> None:
    from analysis.rules import Rule

    assert isinstance(rule, Rule)
    assert len(rule.why) > 40
    assert rule.spec
    assert rule.softens


def test_no_rule_names_a_signal_or_carrier() -> None:
    names = {signal.id for signal in SIGNALS} | set(CARRIERS)
    for rule in RULES:
        for text in (rule.condition, rule.reason):
            assert not names & set(re.findall(r"[\w-]+", text)), rule.id


def test_every_state_has_a_rule() -> None:
    assert {rule.state for rule in RULES} == set(State)


def test_nothing_missing_outranks_a_reservation() -> None:
    """Whatever reads `unseen` stands below every rule that reserves."""
    reserving = [place for place, rule in enumerate(RULES) if rule.state is State.RESERVED]
    unseen = [place for place, rule in enumerate(RULES) if "unseen" in rule.condition]
    assert max(reserving) < min(unseen)


def test_the_cases_name_every_rule_in_order() -> None:
    found = re.findall(r"THEN '([\w-]+)'", cases()["rule"])
    assert found == [rule.id for rule in RULES]
