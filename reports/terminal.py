"""Verdicts, changes and trends as text for people and as records for programs.

Wording follows signals-page section 6: a reservation was found (where, when), none was found in the places checked, or
it could not be checked; drafts are called drafts, what only a vendor documents is that vendor's word.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from analysis.explain import would_change
from analysis.figures import ChangeLine, Evidence, Figure, VerdictLine
from crawler.signals import CARRIERS
from crawler.vocabulary import State, Use
from reports.moves import Flip, flips
from reports.standing import carrier_title, strength_said
from reports.verbs.options import clean
from reports.words import CAUSES, NEVER_CHECKED, USES, many, subject_title

if TYPE_CHECKING:
    # Only their shapes are needed here, and what they import in turn takes longer than most answers.
    from analysis.changes import Moved
    from analysis.reread import Reread
    from analysis.waves import Wave

_WIDTH = 110
_RAW = 160
_ACCESS_LINES = 6
_NAMES = 20


def as_record(line: VerdictLine) -> dict[str, Any]:
    """A verdict as `--json` prints it: every field of VerdictLine, and `would_change`."""
    return {**asdict(line), "would_change": would_change(line.rule)}


def explained(site: str, verdicts: Sequence[VerdictLine]) -> Iterator[str]:
    """Lines of text about one site: a heading, then each verdict with its evidence, gaps and what would change it."""
    if not verdicts:
        yield f"{clean(site)}: no verdict; nothing of it has been judged yet"
        return
    first = verdicts[0]
    yield f"{clean(first.site)}, snapshot {clean(first.snapshot)} ({first.date}); about the front page, to everybody"
    for verdict in verdicts:
        yield ""
        yield from verdict_text(verdict)
    yield ""
    yield from _wrapped("Never looked at: " + "; ".join(NEVER_CHECKED) + ".", "")
    yield f"Rules {clean(first.rules)}, registry {clean(first.registry)}, readers {clean(first.reader)}."


def changed(lines: Sequence[ChangeLine]) -> Iterator[str]:
    """Lines of text about changes: events on many sites first, then what changed alone, by cause."""
    if not lines:
        yield "no verdict and no access class differs"
    for flip in flips(lines):
        yield f"On {len(flip.sites)} sites at once ({_hand(flip)}):"
        for part in flip.parts:
            yield f"  {clean(part.title)}"
            for move in part.moves:
                yield f"    {move.title}: {clean(move.before)} -> {clean(move.after)}"
        yield from _wrapped("sites: " + ", ".join(clean(site) for site in flip.sites), "  ")
    for cause, word in CAUSES.items():
        alone = [line for line in lines if line.cause is cause and not line.event]
        if alone:
            yield f"{word.title}:"
        for line in alone:
            yield f"  {clean(line.site)}: {subject_title(line.subject)}: {clean(line.before)} -> {clean(line.after)}"
            for item in line.lines[:3]:
                yield f"    {_place(item)}: {_raw(item.raw)}"


def entered(sites: Moved) -> Iterator[str]:
    """Lines of text about sites that are in one of two snapshots only."""
    for word, names in (("entered", sites.gained), ("left", sites.lost)):
        if names:
            shown = ", ".join(clean(name) for name in names[:_NAMES])
            more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
            yield from _wrapped(f"{many(len(names), 'site')} {word} (compared with nothing): {shown}{more}", "")


def again(found: Reread) -> Iterator[str]:
    """Lines of text about a second reading: how much was read and judged, then what that alone changed."""
    yield f"{found.contents:,} contents read, {found.readings:,} readings found, {found.judged:,} pictures judged"
    if not found.changed:
        yield "no verdict changed"
        return
    yield "we changed, the sites did not:"
    for row in found.changed:
        use = USES[Use(row.use)].title if row.use in set(Use) else clean(row.use)
        by = f" by {clean(row.reader)}" if row.reader else ""
        move = f"{row.before} ({clean(row.rule_before)}) -> {row.after} ({clean(row.rule_after)})"
        yield f"  {use}: {move}{by}: {many(row.sites, 'site')}"


def trended(figures: Sequence[Figure]) -> Iterator[str]:
    """An aligned table of one series that names its denominator, then what it rests on."""
    if not figures:
        yield "no snapshot in this archive or span"
        return
    first = figures[0]
    yield ", ".join(f"{key} {clean(value)}" for key, value in first.what.items())
    head = ("snapshot", "date", "n", "N", "rate", "95 % interval", "unknown", "bounds", "observed")
    yield from _aligned([head, *map(_cells, figures)])
    frames = sorted({figure.frame for figure in figures})
    span = f"{frames[0]:,}" if len(frames) == 1 else f"{frames[0]:,} to {frames[-1]:,}"
    yield ""
    yield f"N: {first.denominator}, of a frame of {span} sites; unknown: sites of the frame for which it could not be"
    yield "told; bounds: the rates if none and if all of the unknown had counted."
    last = figures[-1]
    yield f"Definition {last.definition}, rules {last.rules}, registry {last.registry}, readers {last.reader}."


def waved(found: Sequence[Wave]) -> Iterator[str]:
    """An aligned table of waves, then what its columns count."""
    if not found:
        yield "no two snapshots of one source in this archive or span: nothing to compare"
        return
    head = ("snapshot", "before", "sites", "sight", "readable", "bodies", "states", "access", "details", "neither")
    names = ("sites", "sight", "readable", "bodies", "states", "access", "details", "neither")
    counts = [[getattr(wave, name) for name in names] for wave in found]
    table = [
        (clean(wave.snapshot_id), clean(wave.before), *(f"{count:,}" for count in row))
        for wave, row in zip(found, counts, strict=True)
    ]
    whole = ("all", "", *(f"{sum(column):,}" for column in zip(*counts, strict=True)))
    yield from _aligned([head, *table, whole])
    yield ""
    yield "Sites seen in both snapshots. sight: robots.txt could be read, or was known to be absent, in one of them"
    yield "only; readable: it was read in both; bodies: its bytes differ. Of these: states: another state for some use;"
    yield "access: another access class for some agent; details: neither, but other rules for some path or crawler, or"
    yield "other statements; neither: comments, order, spelling, sitemaps and the like, without any other meaning."


def figure_record(figure: Figure) -> dict[str, Any]:
    """A figure as `--json` prints it: its fields, with those of `what` (agent, class, use, state) beside them."""
    record = asdict(figure)
    what = record.pop("what")
    return {**{key: record.pop(key) for key in ("snapshot", "date")}, **what, **record}


def _aligned(table: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows of text cells in columns, the first two to the left."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        yield "  ".join(
            cell.ljust(width) if i < 2 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()


def _cells(figure: Figure) -> tuple[str, ...]:
    return (
        clean(figure.snapshot),
        figure.date.isoformat(),
        f"{figure.n:,}",
        f"{figure.N:,}",
        _percent(figure.rate),
        f"{_percent(figure.low)} - {_percent(figure.high)}",
        f"{figure.unknown:,}",
        f"{_percent(figure.bound_low)} - {_percent(figure.bound_high)}",
        "" if figure.observed is None else f"{figure.observed:,}",
    )


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def verdict_text(verdict: VerdictLine) -> Iterator[str]:
    """Lines of text about one verdict: the answer, its rule, its evidence, its gaps and what would change it."""
    yield f"{USES[verdict.use].title} [{verdict.use}]: {_answer(verdict)}"
    if verdict.state_strict != verdict.state:
        yield f"  to the letter of the specifications: {verdict.state_strict}"
    if verdict.stale and verdict.staleness_days is not None:
        yield f"  stale: the evidence is {many(verdict.staleness_days, 'day')} old"
    yield f"  rule {clean(verdict.rule)}: {clean(verdict.reason or '')}"
    access = [item for item in verdict.evidence if item.kind == "access"]
    for item in verdict.evidence:
        if item.kind != "access":
            yield from _statement(item)
    yield from _access(access)
    if verdict.unseen:
        gaps = dict.fromkeys(f"{_title(item.carrier)} ({clean(item.reason)})" for item in verdict.unseen)
        yield from _wrapped("not checked: " + "; ".join(gaps), "  ")
    if change := would_change(verdict.rule):
        yield from _wrapped(f"would change it: {change}", "  ")


def _answer(verdict: VerdictLine) -> str:
    """The verdict in the wording that signals-page section 6 asks for."""
    deciding = [item for item in verdict.evidence if item.deciding]
    # The strength told is that of the strongest statement, so that one is named.
    first = next((item for item in deciding if item.strength == verdict.strength), next(iter(deciding), None))
    where = f" ({carrier_title(first.carrier)}, {_day(first.seen_at)})" if first is not None else ""
    strength = f", {verdict.strength}" if verdict.strength else ""
    places = f"{verdict.looked_at} {'place' if verdict.looked_at == 1 else 'places'} checked"
    return {
        State.RESERVED: f"reservation found{where}{strength}",
        State.CONFLICT: f"contradicting statements found{where}",
        State.CONDITIONAL: f"conditions found{where}{strength}",
        State.PERMITTED: f"permission stated{where}{strength}",
        State.SILENT: f"none found in the {places}",
        State.UNKNOWN: "could not check",
    }[verdict.state]


def _statement(item: Evidence) -> Iterator[str]:
    said = [
        "*" if item.deciding else "-",
        f"{_title(item.carrier)}{_standing(item)}, {_place(item)}, seen {_moment(item.seen_at)}",
    ]
    yield "  " + " ".join(said)
    yield f"      {_raw(item.raw)}"
    notes = [item.stance or item.kind, strength_said(item.strength, item.agent) if item.strength else None]
    if item.agent and item.agent != "*":
        notes.append(f"said to {item.agent} only")
    if item.scope == "path":
        notes.append(f"for paths {item.pattern}")
    if item.scope == "object":
        notes.append("about that object only")
    if item.interpretation and item.interpretation != "both":
        notes.append(f"{item.interpretation} reading")
    if item.vocabulary and item.vocabulary != "both":
        notes.append("as the draft was worded then" if item.vocabulary == "as_of" else "as the draft is worded now")
    if item.provenance and item.provenance != "origin":
        notes.append(f"written by {item.provenance.replace('_', ' ')}")
    notes.append(item.note)
    yield from _wrapped("; ".join(clean(note) for note in notes if note), "      ")
    yield f"      sha256 {clean(item.content_sha256 or '-')}"


def _access(items: Sequence[Evidence]) -> Iterator[str]:
    """Agents by the line that decides for them: access, kept apart from what is said of the use."""
    by_line: dict[tuple[str, str, str], list[Evidence]] = {}
    for item in items:
        by_line.setdefault((_place(item), item.raw, item.note or ""), []).append(item)
    for number, ((place, raw, note), found) in enumerate(by_line.items()):
        if number == _ACCESS_LINES:
            yield f"  - and {len(by_line) - number} more lines about access"
            return
        mark = "*" if any(item.deciding for item in found) else "-"
        yield f"  {mark} access, {place}, seen {_moment(found[0].seen_at)}: {_raw(raw)} ({clean(note)})"
        names = ", ".join("every agent not named" if item.agent == "*" else clean(item.agent or "") for item in found)
        yield from _wrapped(names, "      ")
        yield f"      sha256 {clean(found[0].content_sha256 or '-')}"


def _standing(item: Evidence) -> str:
    """`draft`, `proposal` or whose word it is, where the carrier is less than a standard."""
    carrier = CARRIERS.get(item.carrier)
    return f" ({carrier.standing})" if carrier is not None and carrier.standing else ""


def _title(carrier: str) -> str:
    return CARRIERS[carrier].title if carrier in CARRIERS else clean(carrier)


def _place(item: Evidence) -> str:
    return f"{clean(item.url)} {clean(item.locator)}"


def _raw(text: str) -> str:
    shown = clean(text).replace("\n", "\\n").replace("\t", " ")
    return shown if len(shown) <= _RAW else shown[: _RAW - 1] + "…"


def _hand(line: Flip) -> str:
    return f"{line.cause}{', ' + line.provenance.replace('_', ' ') if line.provenance else ''}"


def _day(moment: datetime | date) -> str:
    return f"{moment:%Y-%m-%d}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _wrapped(text: str, indent: str) -> Iterator[str]:
    yield from textwrap.wrap(
        text, _WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_long_words=False
    )
