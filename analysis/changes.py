"""What differs between two snapshots, and why: the site, our sight of it, or we ourselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import pyarrow as pa

from analysis import coverage
from analysis.figures import ChangeLine, Evidence
from analysis.hands import Hands
from analysis.latest import views
from analysis.lines import deciding_lines
from analysis.query import rows, sql
from analysis.trends import token_of
from crawler.errors import InputError
from crawler.settings import Report
from crawler.vocabulary import Cause, Provenance

MANY = 3
"""Sites on which one text must come at once to be an event."""
TELLING = 60
"""Characters from which a text is taken to be copied rather than written twice by chance."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Sites that entered or left between two snapshots; their appearance changes no verdict of anybody else's."""

    gained: tuple[str, ...]
    lost: tuple[str, ...]


def changes(
    connection: duckdb.DuckDBPyConnection,
    before: str | None = None,
    after: str | None = None,
    *,
    agents: Sequence[str] | None = None,
) -> list[ChangeLine]:
    """Every verdict, and every access class `root_blocked` of `agents`, that differs between two snapshots.

    `before` and `after` are snapshot ids or dates (the last snapshot up to that day); by default the last two. One
    line a site and subject, by site. Sites in one of the two only are `moved`'s matter. `agents` are by default those
    of the report's settings. Raises InputError for a snapshot that is not there, or fewer than two.
    """
    pair = between(connection, before, after)
    if pair is None:
        return []
    views(connection)
    coverage.register(connection)
    connection.execute(sql("changes_pair"), {"before": pair[0], "after": pair[1]})
    found = rows(connection, sql("changes_use"))
    connection.execute(sql("picture_now"))
    tokens = {name: token_of(name).lower() for name in (Report().agents if agents is None else agents)}
    names = pa.array([token_of(name) for name in tokens], type=pa.string())
    connection.register(
        "wanted_token", pa.table({"agent": names, "token": pa.array(list(tokens.values()), pa.string())})
    )
    refused = rows(connection, sql("changes_agent"))
    connection.unregister("wanted_token")
    found += [{**row, "use": f"agent:{row['agent']}", "rule": None} for row in refused]
    return _together(connection, [_line(row, pair) for row in found], found, pair)


def between(
    connection: duckdb.DuckDBPyConnection, before: str | None = None, after: str | None = None
) -> tuple[str, str] | None:
    """The two snapshots that `before` and `after` name, the last two by default; None where there is only one.

    Raises InputError for one that is not there, or for a pair in the wrong order.
    """
    listed = rows(connection, "SELECT snapshot_id, taken_on FROM snapshot ORDER BY taken_on, snapshot_id")
    ids = [row["snapshot_id"] for row in listed]
    last = len(ids) - 1 if after is None else place_of(listed, after)
    if before is None and last < 1:
        return None
    first = last - 1 if before is None else place_of(listed, before)
    if first >= last:
        raise InputError(f"{ids[first]} is not before {ids[last]}; name an earlier snapshot with --from")
    return ids[first], ids[last]


def moved(connection: duckdb.DuckDBPyConnection, before: str | None = None, after: str | None = None) -> Moved:
    """The sites visited in only one of two snapshots, named as in `changes`."""
    pair = between(connection, before, after)
    if pair is None:
        return Moved((), ())
    found = rows(connection, sql("changes_frame"), {"before": pair[0], "after": pair[1]})
    return Moved(
        tuple(row["site"] for row in found if row["gained"]), tuple(row["site"] for row in found if not row["gained"])
    )


def place_of(listed: list[dict[str, Any]], name: str) -> int:
    """Where in a list of snapshots (by day) the one is that an id or a day names: of a day, the last up to it.

    Raises InputError for one that is not there.
    """
    for place, row in enumerate(listed):
        if row["snapshot_id"] == name:
            return place
    dated = [place for place, row in enumerate(listed) if row["taken_on"].isoformat() <= name]
    if not dated or len(name) != 10:
        known = ", ".join(row["snapshot_id"] for row in listed[-5:]) or "none"
        raise InputError(f"{name}: no such snapshot, and none up to that day; the last ones are {known}")
    return dated[-1]


def _line(row: dict[str, Any], pair: tuple[str, str]) -> ChangeLine:
    return ChangeLine(
        site=row["site"],
        subject=row["use"],
        before=row["before"],
        after=row["after"],
        from_snapshot=pair[0],
        to_snapshot=pair[1],
        cause=Cause(row["cause"]),
        rule=row["rule"],
    )


def _together(
    connection: duckdb.DuckDBPyConnection,
    lines: list[ChangeLine],
    found: list[dict[str, Any]],
    pair: tuple[str, str],
) -> list[ChangeLine]:
    """The lines with the statements that decide, whose hand wrote them, and who else changed so with the same text."""
    wanted = [_deciding(row, pair) for row in found]
    stood = deciding_lines(connection, [(row["site"], *side) for row, side in zip(found, wanted, strict=True)])
    access = (item for items in stood.values() for item in items if item.kind == "access")
    hands = Hands(
        connection, ((item.content_sha256, item.line) for item in access if item.content_sha256 and item.line)
    )
    texts: list[str] = []
    full: list[ChangeLine] = []
    for line, (snapshot, ids) in zip(lines, wanted, strict=True):
        evidence = tuple(dict.fromkeys(item for key in ids for item in stood[line.site, snapshot, key]))
        text, provenance = _text(hands, evidence)
        texts.append(text)
        full.append(replace(line, lines=evidence, provenance=provenance))
    sites: dict[tuple[str, ...], set[str]] = defaultdict(set)
    keys = [
        (line.subject, line.before, line.after, line.cause.value, line.provenance or "", text)
        for line, text in zip(full, texts, strict=True)
    ]
    for line, key in zip(full, keys, strict=True):
        sites[key].add(line.site)
    out = []
    for line, key in zip(full, keys, strict=True):
        count = len(sites[key]) if key[-1] else 1
        out.append(replace(line, together=count, event=_event(line, key[-1]) if count >= MANY else None))
    return sorted(out, key=lambda line: (line.site, line.subject))


def _deciding(row: dict[str, Any], pair: tuple[str, str]) -> tuple[str, list[str]]:
    """The snapshot whose statements tell the change, and their ids: the new ones, or those that went."""
    if row["deciding_after"] and not (row["after"] == "not refused" and row["deciding_before"]):
        return pair[1], row["deciding_after"]
    return pair[0], row["deciding_before"]


def _text(hands: Hands, evidence: Sequence[Evidence]) -> tuple[str, str | None]:
    """The deciding text, with the block it stands in where it is a rule for agents, and whose hand wrote it."""
    texts, written = [], set()
    for item in evidence:
        provenance, text = item.provenance, item.raw
        if item.kind == "access" and item.content_sha256 and item.line:
            provenance = hands.of_line(item.content_sha256, item.line).value
            text = hands.block(item.content_sha256, item.line) or text
        texts.append(text)
        written.add(provenance or Provenance.ORIGIN.value)
    order = (Provenance.CDN_MANAGED, Provenance.TEMPLATE, Provenance.ORIGIN)
    return "\n".join(dict.fromkeys(texts)), next((hand.value for hand in order if hand.value in written), None)


def _event(line: ChangeLine, text: str) -> str | None:
    """The name of an event: its text, where it is long enough, or known, not to have been written twice by chance."""
    if line.provenance in (Provenance.CDN_MANAGED, Provenance.TEMPLATE) or len(text) >= TELLING:
        shown = " / ".join(part.strip() for part in text.splitlines() if part.strip())
        return shown if len(shown) <= 160 else shown[:159] + "…"
    return None
