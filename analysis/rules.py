"""The rules that turn what was found into a verdict: data, in order, each with an id, a reason and its clause.

A rule sees one site's evidence for one use, summed up by family in the columns listed at `COLUMNS`; it never sees which
signal or carrier spoke. The first rule whose condition holds decides. A deny is final, an allow provisional: what could
not be looked at only ever turns `permitted` or `silent` into `unknown`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from crawler.vocabulary import State

RULES_VERSION = "2"
"""Raise it whenever any verdict would differ; a test holds the digest of RULES and of the resolving SQL against it."""

COLUMNS = {
    "reserved_explicit": "families whose own resolution is `reserved`, stated normatively or by a vendor's rule",
    "reserved_informal": "families resolved to `reserved` by custom or plain language only",
    "reserved_inferred": "families resolved to `reserved` by our own inference only",
    "conditional_explicit": "families resolved to `conditional`, normative or vendor",
    "conditional_informal": "families resolved to `conditional`, informal or inferred",
    "permitted_explicit": "families resolved to `permitted`, normative or vendor",
    "permitted_informal": "families resolved to `permitted`, informal or inferred",
    "malformed": "what statements about this use cannot be understood, as text; NULL where there is none",
    "unseen": "which places that could speak of this use were not read, as text; NULL where all were",
    "looked_at": "how many such places were read or are known to be absent",
    "refused": "agents whose principal purpose has this use and which robots.txt refuses at `/`",
    "known": "all agents of the registry whose principal purpose has this use",
}
"""The columns of the summary a condition may name; counts of families unless said otherwise."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: where `condition` (SQL over COLUMNS) holds and no earlier one does, the verdict is `state`.

    `reason` is a template over COLUMNS. `strength` is a word of Strength, or the name of the summed-up stance whose
    strongest statement gives it. `deciding` names the kinds of statements the verdict rests on: `reserved`,
    `conditional`, `permitted`, `malformed` readings, `access` rows. `softens` says what evidence would change it.
    """

    id: str
    condition: str
    state: State
    reason: str
    spec: str
    why: str
    strength: str | None = None
    deciding: tuple[str, ...] = ()
    softens: str = ""


_ANY_RESERVED = "reserved_explicit + reserved_informal + reserved_inferred > 0"
_ROBOTS = "signals-robots 9.3"

RULES: tuple[Rule, ...] = (
    Rule(
        "conflict",
        f"permitted_explicit > 0 AND {_ANY_RESERVED}",
        State.CONFLICT,
        "one family of statements permits, another reserves",
        f"{_ROBOTS} rows 2 and 3, 9.4 case 8",
        "No rule lets one family outrank another, so both are shown. A reservation of any strength stands against an"
        " explicit permission: custom and inference are enough to make the permission doubtful, never to cancel it.",
        strength="reserved",
        deciding=("reserved", "permitted"),
        softens="the site withdrawing one of the two statements",
    ),
    Rule(
        "reserved",
        "reserved_explicit > 0",
        State.RESERVED,
        "reserved by {reserved_explicit} family of statements",
        f"{_ROBOTS} row 1",
        "A deny is final: nothing that is missing, and no licence, softens it.",
        strength="reserved",
        deciding=("reserved",),
        softens="the site withdrawing the reservation",
    ),
    Rule(
        "reserved-informal",
        "reserved_informal > 0",
        State.RESERVED,
        "reserved informally: by custom or in plain language",
        f"{_ROBOTS} row 13",
        "What the publisher means is plain although no specification says how to read it; kept apart by its strength.",
        strength="reserved",
        deciding=("reserved",),
        softens="the site withdrawing the statement",
    ),
    Rule(
        "reserved-inferred",
        "reserved_inferred > 0",
        State.RESERVED,
        "reserved by inference from what the site states about other uses",
        "signals-robots 3.3, 4.3",
        "A list of permitted uses that is exhaustive by its specification, or a ceiling on kinds of use, reserves the"
        " rest; that this use is among the rest is our inference.",
        strength="reserved",
        deciding=("reserved",),
        softens="the site stating its position on this use",
    ),
    Rule(
        "reserved-derived",
        "conditional_explicit + permitted_explicit = 0 AND known > 0 AND refused = known",
        State.RESERVED,
        "all {known} known agents for this use are refused",
        f"{_ROBOTS} row 11",
        "Nothing is said of the use itself, but nobody known to come for it may fetch. Explicit statements win over"
        " this: they speak to everybody, a refusal to the agents it names.",
        strength="derived",
        deciding=("access",),
        softens="the site admitting one of these agents, or stating its position on this use",
    ),
    Rule(
        "malformed",
        "malformed IS NOT NULL",
        State.UNKNOWN,
        "malformed: {malformed}",
        f"{_ROBOTS} rows 9 and 14, 9.4 cases 7 and 10",
        "The site has said something about this use that cannot be understood, or only by a past revision of a draft:"
        " that is neither silence nor any stance.",
        deciding=("malformed",),
        softens="the site mending the statement",
    ),
    Rule(
        "conditional",
        "conditional_explicit > 0",
        State.CONDITIONAL,
        "tied to conditions",
        f"{_ROBOTS} rows 4 and 5",
        "Conditions hold beside a permission elsewhere: the permission may be the weaker text.",
        strength="conditional",
        deciding=("conditional", "permitted"),
        softens="a reservation, or the site dropping its conditions",
    ),
    Rule(
        "permitted",
        "permitted_explicit > 0 AND unseen IS NULL",
        State.PERMITTED,
        "permitted, and every one of the {looked_at} places that could say otherwise was checked",
        f"{_ROBOTS} row 6",
        "An allow is provisional: it stands only where nothing that could reserve was missed.",
        strength="permitted",
        deciding=("permitted",),
        softens="a reservation in any of the places checked",
    ),
    Rule(
        "permitted-provisional",
        "permitted_explicit > 0",
        State.UNKNOWN,
        "permitted provisionally; could not check {unseen}",
        f"{_ROBOTS} row 7",
        "A place that could hold a reservation was not read, so the permission alone settles nothing.",
        strength="permitted",
        deciding=("permitted",),
        softens="reading the places that could not be checked",
    ),
    Rule(
        "conditional-informal",
        "conditional_informal > 0",
        State.CONDITIONAL,
        "tied to conditions that are stated informally",
        f"{_ROBOTS} rows 4 and 13",
        "As conditional, but by custom or in plain language.",
        strength="conditional",
        deciding=("conditional",),
        softens="a reservation, or the site dropping its conditions",
    ),
    Rule(
        "conditional-derived",
        "refused > 0",
        State.CONDITIONAL,
        "{refused} of {known} known agents refused",
        f"{_ROBOTS} row 12",
        "The site tells agents that come for the same use apart: what holds depends on who asks.",
        strength="derived",
        deciding=("access",),
        softens="the site stating its position on this use",
    ),
    Rule(
        "unseen",
        "unseen IS NOT NULL",
        State.UNKNOWN,
        "could not check {unseen}",
        f"{_ROBOTS} row 9",
        "Silence and ignorance look alike unless every place that could speak was looked at.",
        softens="reading the places that could not be checked",
    ),
    Rule(
        "silent-informal",
        "permitted_informal > 0",
        State.SILENT,
        "only an informal or inferred permission among the {looked_at} places checked; it decides nothing",
        f"{_ROBOTS} row 8",
        "A permission nobody has specified binds nobody; that it is there is shown, that it permits is not concluded.",
        softens="any statement about this use that a specification defines",
    ),
    Rule(
        "silent",
        "true",
        State.SILENT,
        "none found in the {looked_at} places checked",
        f"{_ROBOTS} row 8, 9.4 case 5",
        "Every place that could speak of this use was checked and none does. Silence is not consent.",
        softens="any statement about this use",
    ),
)

KINDS = ("reserved", "conditional", "permitted", "malformed", "access")
"""The kinds of statements a rule can rest on; the summary has a list of ids for each."""


def cases() -> dict[str, str]:
    """The rules as SQL expressions over the summary's columns: `rule`, `state`, `reason`, `strength`, `deciding`."""
    return {
        "rule": _case(lambda rule: _text(rule.id)),
        "state": _case(lambda rule: _text(rule.state.value)),
        "reason": _case(lambda rule: _template(rule.reason)),
        "strength": _case(_strength),
        "deciding": _case(_deciding),
    }


def _case(result: Callable[[Rule], str]) -> str:
    arms = "\n".join(f"        WHEN {rule.condition} THEN {result(rule)}" for rule in RULES)
    return f"CASE\n{arms}\n    END"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _template(template: str) -> str:
    """A reason as SQL: its text and the columns it names, put together."""
    pieces = re.split(r"\{(\w+)\}", template)
    parts = [f"{piece}::VARCHAR" if number % 2 else _text(piece) for number, piece in enumerate(pieces) if piece]
    return " || ".join(parts)


def _strength(rule: Rule) -> str:
    if rule.strength is None:
        return "NULL"
    return f"{rule.strength}_strength" if rule.strength in KINDS else _text(rule.strength)


def _deciding(rule: Rule) -> str:
    lists = [f"{kind}_ids" for kind in rule.deciding]
    return " || ".join(lists) if lists else "[]::VARCHAR[]"
