"""An explanation as text for people and as records for programs, on its three axes and with its contradictions."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from analysis.figures import AccessLine, Contradiction, Evidence, Explanation, FooterLine, IntervalLine, LicenceLine
from crawler.signals import CARRIERS
from reports.terminal import as_record, verdict_text
from reports.verbs.options import clean
from reports.words import NEVER_CHECKED, USES, many

_WIDTH = 110
_RAW = 160
_ACCESS_LINES = 12
_FOOTERS = 3
_MANY = 5
"""Addresses named of pages with a footer's licence; pages below which it is said how few were looked at (5.2)."""


def records(found: Explanation) -> Iterator[dict[str, Any]]:
    """What `--json` prints: a line for each verdict (axis `use`), then access, licences, how far those in footers reach
    (axis `licence-scope`), and contradictions.
    """
    head = {"axis": "use", "url": found.url, "at": found.at, "words": found.words, "agents": found.agents}
    for line in found.verdicts:
        yield {**head, **as_record(line)}
    where = {"site": found.site, "snapshot": found.snapshot, "date": found.date}
    yield from ({"axis": "access", **where, **asdict(line)} for line in found.access)
    yield from ({"axis": "licence", **where, **asdict(line)} for line in found.licences)
    yield from ({"axis": "licence-scope", **where, **asdict(line)} for line in found.footers)
    yield from ({"axis": "contradiction", **where, **asdict(line)} for line in found.contradictions)


def explanation_text(name: str, found: Explanation) -> Iterator[str]:
    """Lines of text: a heading, each verdict with its evidence and gaps, then access, licences and contradictions."""
    if not found.verdicts:
        yield f"{clean(name)}: no verdict; nothing of it has been judged yet"
        return
    about = "the front page" if found.path == "/" else clean(found.path)
    to = "everybody" if found.agent == "*" else clean(found.agent)
    yield f"{clean(found.site)}, snapshot {clean(found.snapshot)} ({found.date}); about {about}, to {to}"
    if found.at is not None and found.staleness_days is not None:
        old = f"as of {found.at}: the evidence is {many(found.staleness_days, 'day')} old"
        yield (
            f"{old}, more than {found.max_age_days}: stale" if found.stale else f"{old} (at most {found.max_age_days})"
        )
    if found.words == "as_of":
        yield "drafts as they were worded then"
    if found.agents == "as-of":
        yield f"agents announced by {found.date}"
    if not found.page_seen:
        yield "not looked at: this URL itself; statements that stand on the page or in its headers are not counted"
    for verdict in found.verdicts:
        yield ""
        yield from verdict_text(verdict)
    yield ""
    yield from _access(found.access, found.path)
    yield from _licences(found.licences, found.footers)
    yield from _contradictions(found.contradictions)
    yield from _wrapped("Never looked at: " + "; ".join(NEVER_CHECKED) + ".", "")
    first = found.verdicts[0]
    yield f"Rules {clean(first.rules)}, registry {clean(first.registry)}, readers {clean(first.reader)}."


def history_text(lines: Sequence[IntervalLine]) -> Iterator[str]:
    """Lines of text about the spans of each state of a site, by use."""
    if not lines:
        yield "no verdict; nothing of it has been judged yet"
        return
    yield f"{clean(lines[0].site)}: each state with the snapshots that show it first and last"
    for number, line in enumerate(lines):
        if not number or line.use != lines[number - 1].use:
            yield f"{USES[line.use].title} [{line.use}]"
        begun = f"after {line.not_before}" if line.not_before else "before anything was seen"
        ended = f"before {line.not_after}" if line.not_after else "not seen to end"
        yield (
            f"  {line.state}, rule {clean(line.rule)}: seen {line.first_seen} to {line.last_seen}"
            f" ({many(line.visits, 'snapshot')}); began {begun}, ended {ended}"
        )
        for word, items in (("first", line.first[:2]), ("last", line.last[:2])):
            if word == "last" and line.first_snapshot == line.last_snapshot:
                continue
            for item in items:
                yield f"    {word}: {_place(item)}, seen {item.seen_at:%Y-%m-%d}: {_raw(item.raw)}"
                yield f"      sha256 {clean(item.content_sha256 or '-')}"


def _access(lines: Sequence[AccessLine], path: str) -> Iterator[str]:
    """Agents grouped by the line that decides for them and what follows."""
    if not lines:
        return
    yield f"Access to {clean(path)} (may an agent fetch it; says nothing about use):"
    groups: dict[tuple[object, ...], list[AccessLine]] = {}
    for line in lines:
        key = (line.declared, line.effective, line.by_operator, line.line, line.why)
        groups.setdefault(key, []).append(line)
    for number, found in enumerate(sorted(groups.values(), key=lambda group: group[0].line or 0)):
        if number == _ACCESS_LINES:
            yield f"  and {len(groups) - number} more groups of agents; --json lists all, --agent TOKEN one"
            break
        one = found[0]
        names = ", ".join("every agent not named" if line.agent == "*" else clean(line.agent) for line in found[:12])
        more = f" and {len(found) - 12} more" if len(found) > 12 else ""
        told = f"declared {one.declared}, effective {one.effective}"
        if one.by_operator != one.effective:
            told += f", {one.by_operator} by the operator's own word ({clean(one.obeys or 'no group')})"
        where = f"; line {one.line}: {_raw(one.raw or '')}" if one.line else ""
        yield from _wrapped(f"{told}: {names}{more}", "  ")
        yield from _wrapped(f"{clean(one.why)}{where}", "      ")
    known = next((line for line in lines if line.content_sha256), None)
    if known is not None and known.seen_at is not None:
        yield f"      {clean(known.url)}, seen {known.seen_at:%Y-%m-%d %H:%M:%S} UTC, sha256 {known.content_sha256}"
    yield ""


def _licences(lines: Sequence[LicenceLine], below: Sequence[FooterLine]) -> Iterator[str]:
    if not lines and not below:
        return
    yield "Licences declared (another axis: a licence cancels no reservation, nor the reverse):"
    for line in lines:
        part = ", for part of the content" if line.partial else ""
        name = clean(line.spdx or f"no licence we know: {line.licence_url}")
        yield f"  {name}; class {line.licence_class}, of {line.subject}{part}"
        yield f"      {_title(line.carrier)}, {clean(line.url)} {clean(line.locator)}: {_raw(line.raw)}"
        yield f"      seen {line.seen_at:%Y-%m-%d %H:%M:%S} UTC, sha256 {clean(line.content_sha256)}"
    for footer in below:
        yield from _wrapped(f"{clean(footer.spdx)} in the footer: {_reach(footer)}", "  ")
    yield ""


def _reach(line: FooterLine) -> str:
    """How far a footer's licence reaches, with the pages that show it."""
    if line.looked_at == 1:
        return "of this page; no other page was looked at, so whether it holds for the whole site is not known"
    counted = f"{line.pages} of {line.looked_at} pages looked at"
    told = (
        f"of the whole site as far as seen, on {counted}" if line.scope == "site" else f"on {counted}, not of the site"
    )
    if line.scope != "site" and line.pages <= _FOOTERS:
        told += f": only of {', '.join(clean(url) for url in line.urls)}"
    if line.scope == "site" and line.looked_at < _MANY:
        told += f" (fewer than {_MANY})"
    return told + (f"; {line.otherwise} of them declare another licence for what they show" if line.otherwise else "")


def _contradictions(lines: Sequence[Contradiction]) -> Iterator[str]:
    if not lines:
        return
    yield "Contradictions (listed, not settled):"
    for line in lines:
        uses = f" [{', '.join(line.uses)}]" if line.uses else ""
        yield from _wrapped(f"{line.kind}: {clean(line.title)}{uses}", "  ")
        for side in line.sides:
            yield f"      {_title(side.carrier)}, {_place(side)}: {_raw(side.raw)}"
        if line.note:
            yield from _wrapped(clean(line.note), "      ")
    yield ""


def _title(carrier: str) -> str:
    return CARRIERS[carrier].title if carrier in CARRIERS else clean(carrier)


def _place(item: Evidence) -> str:
    return f"{clean(item.url)} {clean(item.locator)}"


def _raw(text: str) -> str:
    shown = clean(text).replace("\n", "\\n").replace("\t", " ")
    return shown if len(shown) <= _RAW else shown[: _RAW - 1] + "…"


def _wrapped(text: str, indent: str) -> Iterator[str]:
    yield from textwrap.wrap(
        text, _WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_long_words=False
    )
