"""Changes as feeds: Atom (RFC 4287) and JSON Feed 1.1, one entry an event or a site, the same bytes every time."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from analysis.figures import ChangeLine
from crawler import __version__
from crawler.vocabulary import Cause
from reports import moves, render
from reports.standing import carrier_title

JSON_FEED = "https://jsonfeed.org/version/1.1"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://openweb-audit.invalid/changes")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: `id` depends on nothing but what changed where between which snapshots."""

    id: str
    title: str
    text: str
    updated: str
    cause: Cause
    sites: tuple[str, ...]


def entries(changes: Sequence[ChangeLine], dates: Mapping[str, date]) -> Iterator[Entry]:
    """Entries of `changes`, newest snapshot first, then events before single sites; `dates` is snapshot to its day."""
    for to in sorted({row.to_snapshot for row in changes}, key=lambda name: (dates[name], name), reverse=True):
        rows = [row for row in changes if row.to_snapshot == to]
        together = [
            *(_whole(item) for item in moves.flips(rows)),
            *(item for items in moves.by_cause(rows).values() for item in items),
        ]
        span = (rows[0].from_snapshot, to)
        yield from (_entry(item, span, dates[to]) for item in together)


def atom(changes: Sequence[ChangeLine], dates: Mapping[str, date], *, title: str, link: str | None = None) -> str:
    """The changes as an Atom feed; `link` is where the report can be read, if it is published."""
    return render.page(
        "changes.atom",
        id=_urn(title, link or ""),
        title=title,
        updated=_midnight(max(dates.values())),
        version=__version__,
        link=link,
        entries=entries(changes, dates),
    )


def json_feed(changes: Sequence[ChangeLine], dates: Mapping[str, date], *, title: str, link: str | None = None) -> str:
    """The changes as a JSON Feed; `_openweb` of an item names its cause and every site."""
    feed = {
        "version": JSON_FEED,
        "title": render.clean(title),
        **({"home_page_url": link} if link else {}),
        "items": [
            {
                "id": item.id,
                "title": item.title,
                "content_text": item.text,
                "date_published": item.updated,
                "tags": [item.cause.value],
                "_openweb": {"cause": item.cause.value, "sites": list(item.sites)},
            }
            for item in entries(changes, dates)
        ],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1) + "\n"


def _whole(flip: moves.Flip) -> moves.Together:
    """A flip as one entry: everything that moved, with the line of each text."""
    return moves.Together(
        "; ".join(part.title for part in flip.parts),
        flip.cause,
        flip.provenance,
        flip.sites,
        tuple(move for part in flip.parts for move in part.moves),
        tuple(line for part in flip.parts for line in part.lines[:1]),
    )


def _entry(item: moves.Together, span: tuple[str, str], on: date) -> Entry:
    moved = "; ".join(f"{move.title}: {move.before} → {move.after}" for move in item.moves)
    many = f"{len(item.sites):,} sites" if len(item.sites) != 1 else item.sites[0]
    lines = [
        f"Between {span[0]} and {span[1]}, on {many}: {moved}. Cause: {item.cause}.",
        *(
            f"{carrier_title(line.carrier)}, {line.locator}, {line.url}, seen {render.moment(line.seen_at)}: {line.raw}"
            for line in item.lines
        ),
        *(["Sites: " + ", ".join(item.sites)] if len(item.sites) > 1 else []),
    ]
    return Entry(
        id=_urn(*span, item.cause, item.title, *item.sites, moved),
        title=render.clean(f"{item.title}: {moved}"),
        text=render.clean("\n".join(lines)),
        updated=_midnight(on),
        cause=item.cause,
        sites=tuple(render.clean(site) for site in item.sites),
    )


def _urn(*parts: str) -> str:
    return uuid.uuid5(_NAMESPACE, json.dumps(parts)).urn


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
