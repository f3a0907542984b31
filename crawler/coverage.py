"""Was a carrier looked at, and what was there: for one exchange and what the signals found in it.

Silence and ignorance never look alike: `absent` is what was looked for and is not there, `unobserved` what could not
be looked at, `malformed` what is there and cannot be read as its specification asks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from crawler.classify import ROLE_TDM_POLICY, is_rsl
from crawler.html import page
from crawler.media import UNREAD
from crawler.records import AccessRow, Carrier, Exchange, Fact, Fault, Reading, Signal, Statement
from crawler.signals import CARRIERS, SIGNALS, heard
from crawler.vocabulary import (
    ROLE_MEDIA,
    ROLE_PAGE,
    ROLE_ROBOTS,
    Axis,
    CoverageState,
    Interpretation,
    Outcome,
    Part,
    Stance,
    media_like,
    page_like,
    reads_as,
)

ROLES: dict[str, str] = {carrier.id: signal.role for signal in SIGNALS for carrier in signal.carriers}
"""Carrier id to the role of the exchange it stands in."""
_IN_BODY = frozenset(carrier.id for signal in SIGNALS if signal.part is Part.BODY for carrier in signal.carriers)
_OF_REFUSALS = frozenset(
    carrier.id for signal in SIGNALS if Outcome.OK not in signal.outcomes for carrier in signal.carriers
)
# A well-known file that a server refuses or answers with a page is a file it does not have.
_NO_FILE = frozenset({Outcome.ABSENT, Outcome.REFUSED, Outcome.NOT_THE_FILE})


@dataclass(frozen=True, slots=True)
class Covered:
    """One carrier's coverage; `reason` says why it is `unobserved` or `malformed`, else None."""

    carrier: str
    state: CoverageState
    reason: str | None = None


def cover(exchange: Exchange, found: Iterable[tuple[Signal, Statement]]) -> list[Covered]:
    """The coverage of every carrier there is, in the order of SIGNALS, as far as one exchange shows it.

    `found` is what `crawler.signals.read` found in it. Carriers of other roles are `unobserved`: `not_asked`, or
    declared where this exchange points to a document.
    """
    said: dict[str, list[Statement]] = defaultdict(list)
    declared = False
    for signal, statement in found:
        if not isinstance(statement, AccessRow):
            said[statement.carrier].append(statement)
        elif statement.line is not None:
            # The row for everybody else is there in an empty file too; it says nothing unless a line of it does.
            said[signal.carriers[0].id].append(statement)
        declared = declared or (isinstance(statement, Fact) and statement.name == "rsl_document")
    return [_covered(carrier, exchange, said[carrier.id], declared=declared) for carrier in CARRIERS.values()]


def _covered(carrier: Carrier, exchange: Exchange, found: list[Statement], *, declared: bool) -> Covered:
    role = ROLES[carrier.id]
    part = Part.BODY if carrier.id in _IN_BODY else Part.HEADERS
    if not _stands(role, part, exchange.role):
        reason = "declared, not in this input" if declared and carrier.id == "rsl-document" else "not_asked"
        return Covered(carrier.id, CoverageState.UNOBSERVED, reason)
    if exchange.redirect_to is not None:
        return Covered(carrier.id, CoverageState.UNOBSERVED, "redirect")
    if carrier.id in _OF_REFUSALS:
        if any(isinstance(statement, Fact) for statement in found):
            return Covered(carrier.id, CoverageState.PRESENT)
        if exchange.status is not None:
            return Covered(carrier.id, CoverageState.ABSENT)
        return Covered(carrier.id, CoverageState.UNOBSERVED, exchange.outcome.value)
    if heard(exchange.role, part, exchange.outcome) is Outcome.OK:
        return _answered(carrier, exchange, found)
    named = is_rsl(role) or role in (ROLE_TDM_POLICY, ROLE_MEDIA)
    if exchange.outcome is Outcome.ABSENT and not named:
        return Covered(carrier.id, CoverageState.ABSENT)
    probed = role not in (ROLE_ROBOTS, ROLE_PAGE) and not named
    if probed and exchange.outcome in _NO_FILE:
        return Covered(carrier.id, CoverageState.ABSENT)
    return Covered(carrier.id, CoverageState.UNOBSERVED, exchange.outcome.value)


def _stands(role: str, part: Part, asked: str) -> bool:
    """Whether what stands in that part of that role stands in what was asked for."""
    return role == reads_as(asked) or (media_like(asked) and role == ROLE_PAGE and part is Part.HEADERS)


def _answered(carrier: Carrier, exchange: Exchange, found: list[Statement]) -> Covered:
    readings = [statement for statement in found if isinstance(statement, Reading)]
    plain = [reading for reading in readings if reading.stance is not Stance.MALFORMED]
    strict = [reading for reading in plain if reading.interpretation is not Interpretation.LENIENT]
    faults = [statement.reason for statement in found if isinstance(statement, Fault)]
    faults += [reading.note or "malformed" for reading in readings if reading.stance is Stance.MALFORMED]
    others = [statement for statement in found if _says(statement, carrier)]
    if strict or others or (plain and not faults):
        return Covered(carrier.id, CoverageState.PRESENT)
    if faults:
        return Covered(carrier.id, CoverageState.MALFORMED, faults[0])
    if unread := [statement.raw for statement in found if _unread(statement)]:
        return Covered(carrier.id, CoverageState.UNOBSERVED, unread[0])
    if exchange.truncated or (carrier.id in _IN_BODY and _cut(exchange)):
        return Covered(carrier.id, CoverageState.UNOBSERVED, "truncated")
    return Covered(carrier.id, CoverageState.ABSENT)


def _says(statement: Statement, carrier: Carrier) -> bool:
    """Whether what is no reading is what its carrier is for: facts beside stances and our own remarks are not."""
    if isinstance(statement, Fact):
        return carrier.axis is not Axis.USE and not statement.name.startswith("note:") and not _unread(statement)
    return not isinstance(statement, (Reading, Fault))


def _unread(statement: Statement) -> bool:
    return isinstance(statement, Fact) and statement.name in UNREAD


def _cut(exchange: Exchange) -> bool:
    return page_like(exchange.role) and exchange.body is not None and page(exchange.body).truncated
