"""What the registry of crawler tokens is made of, and what can be asked of it; `crawler.agents` reads its file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from crawler.vocabulary import ANYONE, Basis, Use


@dataclass(frozen=True, slots=True)
class Purpose:
    """One thing a crawler is run for, the uses a rule for its token therefore speaks about, and why."""

    id: str
    uses: tuple[Use, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Agent:
    """One crawler token and what is publicly known of it.

    `announced` is the earliest public evidence, as precise as it is known (a year, month or day); `announced_by` the
    last day of that period, taken from `named_since` where no announcement was found, None where nothing is known.
    `aliases` are other spellings of this token; `related` are other tokens of the registry that it succeeds, precedes
    or falls back on. `valid_token` says whether RFC 9309 2.2 can express it. `falls_back_on` are the tokens whose
    groups the operator says it obeys, in that order, where no group names its own; `ignores_wildcard` that it does not
    obey `*`. Crawlers of one name are told apart by `valid_from` and `valid_until`, the first and last day the token
    means this one (None: no bound).
    """

    token: str
    operator: str
    country: str
    purposes: tuple[str, ...]
    uses: tuple[Use, ...]
    control_only: bool
    announced: str | None
    named_since: str | None
    announced_by: date | None
    retired: str | None
    respects_robots: str
    aliases: tuple[str, ...]
    related: tuple[str, ...]
    studies: tuple[str, ...]
    valid_token: bool
    confidence: str
    sources: tuple[str, ...]
    note: str
    falls_back_on: tuple[str, ...] = ()
    ignores_wildcard: bool = False
    valid_from: date | None = None
    valid_until: date | None = None

    def meant_on(self, day: date) -> bool:
        """Whether the token means this crawler on that day, its name being known by then."""
        return (
            self.announced_by is not None
            and self.announced_by <= day
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_until is None or day <= self.valid_until)
        )


@dataclass(frozen=True, slots=True)
class PurposeToken:
    """A user-agent value that names a purpose and no crawler: a group for it speaks to everybody with that purpose.

    `token` is None while the draft's spelling is not known here; `since` is the day of the draft.
    """

    token: str | None
    purpose: str
    uses: tuple[Use, ...]
    since: str
    standing: str
    sources: tuple[str, ...]
    note: str


class Effective(NamedTuple):
    """Which group an operator says its crawler obeys: the lower-case token (`*` too; None: no group) and the basis."""

    token: str | None
    basis: Basis


def effective(agent: Agent, named: Collection[str]) -> Effective:
    """The group `agent` obeys in a file that names the lower-case tokens `named`, by its operator's own word.

    Its own token first, then the tokens it falls back on in their order, then `*`; RFC 9309 knows the first and the
    last only, so both answers are reported apart. Basis `explicit` means some group names it or what it falls back on.
    """
    for token in (agent.token, *agent.falls_back_on):
        if token.lower() in named:
            return Effective(token.lower(), Basis.EXPLICIT)
    if ANYONE in named and not agent.ignores_wildcard:
        return Effective(ANYONE, Basis.WILDCARD)
    return Effective(None, Basis.DEFAULT)


@dataclass(frozen=True, slots=True)
class Registry:
    """Every agent in one version of the registry; `sha256` is that of the file's bytes."""

    version: str
    sha256: str
    agents: tuple[Agent, ...]
    purposes: Mapping[str, Purpose]
    studies: Mapping[str, str]
    purpose_tokens: tuple[PurposeToken, ...]
    _by_name: Mapping[str, tuple[Agent, ...]] = field(repr=False, compare=False)

    @property
    def id(self) -> str:
        """Version and first eight digits of the hash: what every figure that rests on the registry carries."""
        return f"{self.version}+{self.sha256[:8]}"

    def get(self, token: str, on: date | None = None) -> Agent | None:
        """The agent called `token`, compared ignoring case (RFC 9309 2.2.1), by its token or else by an alias.

        Two operators may have used one token: `on` picks the one it meant that day (the last announced, should their
        intervals meet); without it the same spelling wins, then the one announced last.
        """
        found = self._by_name.get(token.casefold(), ())
        if on is None:
            found = tuple(agent for agent in found if agent.token == token) or found
        elif len(found) > 1:
            found = tuple(agent for agent in found if agent.meant_on(on))
        return max(found, key=lambda agent: agent.announced_by or date.min, default=None)

    def for_use(self, use: Use) -> tuple[Agent, ...]:
        """The agents whose purposes make a rule for them speak about `use`, control tokens included."""
        return tuple(agent for agent in self.agents if use in agent.uses)

    def basket(self, on: date | None = None) -> tuple[Agent, ...]:
        """The agents a file written on that day could have named; all of them where no day is given.

        Retired agents stay in (files go on naming them); agents whose beginning is unknown are in no dated basket.
        """
        if on is None:
            return self.agents
        return tuple(agent for agent in self.agents if agent.announced_by is not None and agent.announced_by <= on)

    def named_by(self, day: date, token: str) -> bool | None:
        """Whether a file of that day could have named `token`; None where its beginning is not known here."""
        found = [agent.announced_by for agent in self._by_name.get(token.casefold(), ())]
        known = [by for by in found if by is not None]
        return any(by <= day for by in known) if known else None
