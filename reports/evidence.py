"""A site's evidence as it is shown: each statement once, each rule of robots.txt once, each place that was not read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from analysis.figures import Evidence, SitePage, Unseen, VerdictLine
from crawler.vocabulary import ANYONE, Observed, State, Use
from reports import render
from reports.words import STATES


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement found on a site, once, with every use it speaks of and every verdict it decided."""

    number: int
    evidence: Evidence
    stances: tuple[tuple[str, str], ...]
    decides: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Agents for which the same rule decides, each with the number of its line."""

    evidence: Evidence
    agents: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Snapshots in a row in which the same was found; `states` by use."""

    snapshots: tuple[Mapping[str, object], ...]
    states: Mapping[str, object]

    @property
    def looked_at(self) -> list[Mapping[str, object]]:
        """Those in which the site was asked, rather than recorded as unchanged."""
        return [row for row in self.snapshots if row["basis"] == Observed.OBSERVED]


@dataclass(frozen=True, slots=True)
class Missed:
    """Places that were not read for one reason, and the uses that stay open because of it."""

    carriers: tuple[str, ...]
    state: str
    reason: str
    uses: tuple[Use, ...]


def history(page: SitePage) -> list[Stretch]:
    """What was found over the snapshots, newest first, one entry for as long as nothing differed."""
    rows = groupby(page.history, key=lambda row: row["states"])
    found = [Stretch(tuple(items), states) for states, items in rows if isinstance(states, Mapping)]
    return found[::-1]


def statements(page: SitePage) -> list[Statement]:
    """The statements about use that took part in any verdict of a site, numbered in the order of carrier and line."""
    found: dict[tuple[object, ...], list[tuple[Use, Evidence]]] = {}
    for verdict in page.verdicts:
        for item in verdict.evidence:
            if item.kind in ("reading", "fault", "fact"):
                key = (item.carrier, item.url, item.line or 0, item.locator, item.raw, item.content_sha256 or "")
                found.setdefault(key, []).append((verdict.use, item))
    return [
        Statement(
            number,
            items[0][1],
            tuple(dict.fromkeys((item.use or use.value, item.stance) for use, item in items if item.stance)),
            tuple(dict.fromkeys(use for use, item in items if item.deciding)),
        )
        for number, (_, items) in enumerate(sorted(found.items(), key=lambda pair: _place(pair[0])), 1)
    ]


def refusals(page: SitePage) -> list[Refusal]:
    """Which rule decides for which agents, in the order of their lines; access, kept apart from use."""
    return _refusals(page.access or [item for verdict in page.verdicts for item in verdict.evidence])


def refusing(verdict: VerdictLine) -> list[Refusal]:
    """The rules that refuse agents and so decided a verdict that is derived from refusals."""
    return _refusals([item for item in verdict.evidence if item.deciding])


def _refusals(items: Iterable[Evidence]) -> list[Refusal]:
    found: dict[tuple[object, ...], list[Evidence]] = {}
    for item in sorted(items, key=lambda item: (item.line or 0, item.locator)):
        if item.kind == "access":
            key = (item.carrier, item.url, item.raw, item.note, item.stance, None if item.line else item.locator)
            found.setdefault(key, []).append(item)
    return [
        Refusal(items[0], tuple(dict.fromkeys((item.agent or ANYONE, item.line) for item in items)))
        for items in found.values()
    ]


def unseen(page: SitePage) -> list[Missed]:
    """The places that could have held a statement and were not read, by reason and by the uses they leave open."""
    open_uses: dict[Unseen, list[Use]] = {}
    for verdict in page.verdicts:
        for item in verdict.unseen:
            open_uses.setdefault(item, []).append(verdict.use)
    found: dict[tuple[str, str, tuple[Use, ...]], list[str]] = {}
    for item, uses in open_uses.items():
        found.setdefault((item.state, item.reason, tuple(uses)), []).append(item.carrier)
    return [Missed(tuple(carriers), *key) for key, carriers in found.items()]


def answer(verdict: VerdictLine) -> str:
    """A verdict in one sentence: what was found, never what anybody may do."""
    places = f"{verdict.looked_at} {'place' if verdict.looked_at == 1 else 'places'} checked"
    if verdict.state is State.SILENT:
        return f"None found in the {places}"
    if verdict.state in (State.RESERVED, State.CONDITIONAL) and verdict.strength == "derived":
        title = "Reservation found" if verdict.state is State.RESERVED else "Partial refusal found"
        return f"{title}: {verdict.agents_refused} of {verdict.agents_known} known agents for this use refused"
    if verdict.state is State.UNKNOWN and (verdict.reason or "").startswith("could not check"):
        return render.sentence(render.worded(verdict.reason or ""))
    return STATES[verdict.state].title


def _place(key: tuple[object, ...]) -> tuple[str, ...]:
    """A sort key that takes line numbers as numbers: they are written with leading zeros."""
    return tuple(f"{part:09d}" if isinstance(part, int) else str(part) for part in key)
