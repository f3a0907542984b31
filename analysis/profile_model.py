"""What a profile is and how it decides: verdicts, access and licences in, `allow`, `deny` or `unknown` out.

Three rules hold for every profile, its reader makes sure of them. Only `permitted` and `silent` can be mapped to
`allow`, because only these two say that every place was looked at; so a reservation more never helps, and evidence less
never does. The answer is the most restrictive of its parts. A deny is final, an allow is provisional: evidence older
than `max_age_days` takes an allow away, never a deny.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from crawler.licences.axes import open_axis
from crawler.vocabulary import ANYONE, LicenceClass, Ruling, State, Strength, Subject, Use

NOTICE = (
    "A profile turns what was found into an answer for one purpose. It is not legal advice, it knows neither contracts"
    " nor registries, and what holds is judged at the time of copying."
)

LICENCE = "licence"
"""The name of the part of a decision that is about licences; the others are named after uses and agents."""
FRONT_PAGE = "; judged at the front page and the host's policy files: what other pages say of themselves was not read"
"""What stands behind every allow about uses: they are judged once a host, not once a page."""

_ORDER = (Ruling.DENY, Ruling.UNKNOWN, Ruling.ALLOW)


class Access(StrEnum):
    """What robots.txt says to one token about one path, under RFC 9309."""

    ADMITTED = "admitted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Licensed(StrEnum):
    """What the licences a page declares come to, as far as a profile trusts them."""

    OPEN = "open"
    LIMITED = "limited"
    UNCLEAR = "unclear"
    SEVERAL = "several"
    PARTIAL = "partial"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one state comes to, and why."""

    ruling: Ruling
    why: str


@dataclass(frozen=True, slots=True)
class UseRule:
    """How the states of some uses are answered.

    `strict` reads to the letter of the specifications, else what publishers plainly meant counts. `answers` holds one
    for each state, and for a state by a strength (`reserved-informal`) where that matters.
    """

    uses: tuple[Use, ...]
    strict: bool
    why: str
    answers: Mapping[str, Answer]

    def of(self, fact: UseFact) -> Answer:
        """The answer to a verdict: by state and strength where the profile tells them apart, else by state."""
        state = fact.state_strict if self.strict else fact.state
        # The strength told is that of the plain reading; of another state it says nothing.
        strength = fact.strength if state is fact.state else None
        found = self.answers.get(f"{state}-{strength}") if strength else None
        return found or self.answers[state.value]


@dataclass(frozen=True, slots=True)
class AccessRule:
    """Which tokens are asked about, and how what robots.txt says to each is answered; `*` is any it does not name."""

    agents: tuple[str, ...]
    why: str
    answers: Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class LicenceRule:
    """Which licence claims count (how well they are tied to the page, what they speak of) and how they are answered."""

    classes: tuple[LicenceClass, ...]
    subjects: tuple[Subject, ...]
    why: str
    answers: Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class Ground:
    """A law, judgment, report or standard a profile rests on: where, of which day, what it says.

    `effect` is what follows for how profiles answer. `dated` is a year, month or day, as precise as it is known;
    `applies_from` the day it applies from, where that is another. `checked` is the day all this was held against the
    sources that `checked_in` names; the fields in `recalled` were not, and stand there from memory.
    """

    id: str
    title: str
    jurisdiction: str
    dated: str
    url: str
    says: str
    effect: str
    applies_from: str | None = None
    checked: str | None = None
    checked_in: str | None = None
    recalled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UseFact:
    """The verdict about one use; `lines` are the ids of the statements it rests on."""

    state: State
    state_strict: State
    strength: Strength | None = None
    rule: str = ""
    reason: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccessFact:
    """What robots.txt says to one token about the path asked for; `detail` says by which rule, or why it is unknown."""

    access: Access
    detail: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LicenceFact:
    """One licence the page declares."""

    spdx: str | None
    licence_class: LicenceClass
    subject: Subject
    family: str | None = None
    partial: bool = False
    line: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer: `reason` in words, `code` the same for programs (`tdm:reserved-normative`), `lines` what decides."""

    ruling: Ruling
    reason: str
    code: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Profile:
    """A named, versioned policy for somebody's purpose; `max_age_days` bounds the age of evidence for an allow.

    `definition` is all of it as JSON, from which it can be made again.
    """

    name: str
    version: str
    dated: str
    title: str
    purpose: str
    jurisdictions: tuple[str, ...]
    grounds: tuple[Ground, ...]
    max_age_days: int
    max_age_why: str
    uses: tuple[UseRule, ...]
    access: AccessRule | None
    licence: LicenceRule | None
    definition: str = field(repr=False)

    @cached_property
    def sha256(self) -> str:
        """The hash of the definition, so that a changed one never passes for the old."""
        return hashlib.sha256(self.definition.encode()).hexdigest()

    @property
    def id(self) -> str:
        """Name, version and the first eight digits of the definition's hash."""
        return f"{self.name}@{self.version}+{self.sha256[:8]}"

    @property
    def wanted(self) -> tuple[Use, ...]:
        """Every use it looks at."""
        return tuple(use for rule in self.uses for use in rule.uses)

    @property
    def agents(self) -> tuple[str, ...]:
        """Every token it asks about."""
        return self.access.agents if self.access else ()

    def decide(
        self,
        uses: Mapping[Use, UseFact],
        access: Mapping[str, AccessFact] | None = None,
        licences: Sequence[LicenceFact] = (),
        *,
        licences_seen: bool = True,
        age_days: int | None = None,
    ) -> Decision:
        """The decision on these facts; pure. A verdict or access fact that is missing is unknown.

        `licences_seen` says whether every place of licences was looked at, `age_days` how old the evidence is on the
        day the answer is for.
        """
        parts = self.parts(uses, access, licences, licences_seen=licences_seen)
        return self.aged(together(parts), age_days)

    def parts(
        self,
        uses: Mapping[Use, UseFact],
        access: Mapping[str, AccessFact] | None = None,
        licences: Sequence[LicenceFact] = (),
        *,
        licences_seen: bool = True,
    ) -> list[tuple[str, Decision]]:
        """The decision each use, each agent and the licence alone would come to, by its name, in their order."""
        found: list[tuple[str, Decision]] = []
        for rule in self.uses:
            found += [(use.value, use_part(rule, use, uses.get(use))) for use in rule.uses]
        for agent in self.agents:
            found.append((agent, self.access_part(agent, (access or {}).get(agent))))
        if self.licence is not None:
            found.append((LICENCE, licence_part(self.licence, licences, seen=licences_seen)))
        return found

    def access_part(self, agent: str, fact: AccessFact | None) -> Decision:
        """What robots.txt says to one of the profile's agents comes to."""
        assert self.access is not None
        fact = fact or AccessFact(Access.UNKNOWN, "not looked at")
        answer = self.access.answers[fact.access.value]
        said = _ACCESS_SAID[fact.access]
        reason = _joined(f"{said} ({fact.detail})" if fact.detail else said, answer)
        return Decision(answer.ruling, reason, f"access:{fact.access}", fact.lines)

    def for_host(self, decision: Decision) -> Decision:
        """The decision as it holds for a whole host: an allow about uses says on which page they were judged."""
        if decision.ruling is not Ruling.ALLOW or not self.uses:
            return decision
        return replace(decision, reason=decision.reason + FRONT_PAGE)

    def aged(self, decision: Decision, age_days: int | None) -> Decision:
        """The decision when its evidence is `age_days` old: an allow does not outlive `max_age_days`, a deny does."""
        if age_days is None or age_days <= self.max_age_days or decision.ruling is not Ruling.ALLOW:
            return decision
        reason = (
            f"the evidence is {age_days} days old, this profile takes at most {self.max_age_days}: {self.max_age_why}"
        )
        return Decision(Ruling.UNKNOWN, reason, "stale", decision.lines)


_ACCESS_SAID = {
    Access.ADMITTED: "robots.txt does not refuse it",
    Access.REFUSED: "robots.txt refuses it",
    Access.UNKNOWN: "could not check robots.txt",
}


def together(parts: Sequence[tuple[str, Decision]]) -> Decision:
    """The most restrictive of the parts: all that come to it give their names, reasons and lines."""
    worst = min((decision.ruling for _, decision in parts), key=_ORDER.index)
    deciding = [(name, decision) for name, decision in parts if decision.ruling is worst]
    names: dict[str, list[str]] = {}
    for name, decision in deciding:
        names.setdefault(decision.reason, []).append("any other crawler" if name == ANYONE else name)
    reason = "; ".join(f"{', '.join(who)}: {why}" for why, who in names.items())
    codes = " ".join(dict.fromkeys(decision.code for _, decision in deciding))
    return Decision(worst, reason, codes, tuple(dict.fromkeys(line for _, one in deciding for line in one.lines)))


def use_part(rule: UseRule, use: Use, fact: UseFact | None) -> Decision:
    """What the verdict about one use comes to by a rule."""
    if fact is None:
        return Decision(Ruling.UNKNOWN, "not judged", f"{use}:unknown")
    answer = rule.of(fact)
    state = fact.state_strict if rule.strict else fact.state
    strength = fact.strength if state is fact.state else None
    told = fact.reason if state is fact.state and fact.reason else f"{state} to the letter of the specifications"
    reason = _joined(told + (f" ({strength})" if strength else ""), answer)
    return Decision(answer.ruling, reason, f"{use}:{state}" + (f"-{strength}" if strength else ""), fact.lines)


def licence_part(rule: LicenceRule, licences: Sequence[LicenceFact], *, seen: bool = True) -> Decision:
    """What the declared licences come to by a rule: two of different terms are never turned into one."""
    known = [fact for fact in licences if fact.licence_class in rule.classes and fact.subject in rule.subjects]
    whole = [fact for fact in known if not fact.partial]
    found = _licensed(known, whole, seen=seen)
    answer = rule.answers[found.value]
    names = ", ".join(sorted({fact.spdx or "a licence not known here" for fact in whole or known}))
    said = found.value + (f" ({names})" if names else "")
    lines = tuple(dict.fromkeys(fact.line for fact in known if fact.line))
    return Decision(answer.ruling, _joined(said, answer), f"licence:{found}", lines)


def elsewhere(decision: Decision) -> Decision:
    """What a licence the front page declares comes to for another page: it is the page's own, whatever it permits."""
    if decision.ruling is not Ruling.ALLOW:
        return decision
    reason = "declared by the front page for itself; what this page declares was not read"
    return Decision(Ruling.UNKNOWN, reason, "licence:elsewhere", decision.lines)


def _licensed(known: list[LicenceFact], whole: list[LicenceFact], *, seen: bool) -> Licensed:
    axes = [open_axis(fact.spdx).is_open for fact in whole]
    if False in axes:
        return Licensed.LIMITED
    if not seen:
        return Licensed.UNKNOWN
    if len({fact.family or fact.spdx for fact in whole}) > 1:
        return Licensed.SEVERAL
    if whole:
        return Licensed.OPEN if all(axes) else Licensed.UNCLEAR
    return Licensed.PARTIAL if known else Licensed.NONE


def _joined(said: str, answer: Answer) -> str:
    return f"{said}: {answer.why}" if answer.why else said
