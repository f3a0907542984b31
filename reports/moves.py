"""Changes as they are shown: what came to many sites at once is one event, the rest stands by cause and site."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from analysis.figures import ChangeLine, Evidence
from crawler.vocabulary import Cause
from reports.words import CAUSES, subject_title


@dataclass(frozen=True, slots=True)
class Move:
    """A verdict or access class that went from one word to another."""

    subject: str
    before: str
    after: str

    @property
    def title(self) -> str:
        """What moved, in words."""
        return subject_title(self.subject)


@dataclass(frozen=True, slots=True)
class Together:
    """Changes that belong together: one event on many sites, or everything that changed on one site."""

    title: str
    cause: Cause
    provenance: str | None
    sites: tuple[str, ...]
    moves: tuple[Move, ...]
    lines: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Flip:
    """The same sites changing at the same time by the same hand: one event, with a part for each text that came."""

    sites: tuple[str, ...]
    cause: Cause
    provenance: str | None
    parts: tuple[Together, ...]


def flips(changes: Iterable[ChangeLine]) -> list[Flip]:
    """Changes that came to many sites at once, one entry a set of sites and hand, widest first."""
    found: dict[tuple[tuple[str, ...], Cause, str | None], list[Together]] = {}
    for event in events(changes):
        found.setdefault((event.sites, event.cause, event.provenance), []).append(event)
    return [Flip(*key, tuple(parts)) for key, parts in found.items()]


def events(changes: Iterable[ChangeLine]) -> list[Together]:
    """Changes that came to many sites at once with the same text, one entry an event, widest first."""
    named = sorted((row for row in changes if row.event), key=lambda row: row.event or "")
    found = [_together(title, list(rows)) for title, rows in groupby(named, key=lambda row: row.event or "")]
    return sorted(found, key=lambda event: (-len(event.sites), event.title))


def by_cause(changes: Iterable[ChangeLine]) -> dict[Cause, list[Together]]:
    """Changes that came alone, by cause, one entry a site."""
    alone = sorted((row for row in changes if not row.event), key=lambda row: (row.cause, row.site))
    found: dict[Cause, list[Together]] = {}
    for (cause, site), rows in groupby(alone, key=lambda row: (row.cause, row.site)):
        found.setdefault(cause, []).append(_together(site, list(rows)))
    return {cause: found[cause] for cause in CAUSES if cause in found}


def _together(title: str, rows: Sequence[ChangeLine]) -> Together:
    return Together(
        title,
        rows[0].cause,
        next((row.provenance for row in rows if row.provenance), None),
        tuple(sorted({row.site for row in rows})),
        tuple(dict.fromkeys(Move(row.subject, row.before, row.after) for row in rows)),
        tuple(dict.fromkeys(item for row in rows for item in row.lines))[:3],
    )
