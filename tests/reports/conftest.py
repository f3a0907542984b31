"""A small archive's figures and evidence, made by hand: ten sites over three snapshots, some with hostile texts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from analysis.figures import AgentLine, ChangeLine, Evidence, Figure, SitePage, SnapshotLine, Unseen, VerdictLine
from crawler.vocabulary import Cause, State, Use
from reports.pages import Report

DAYS = (date(2026, 8, 15), date(2026, 9, 15), date(2026, 10, 15))
SEEN = datetime(2026, 10, 15, 4, 12, 9, tzinfo=UTC)
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
# Sites of ten in each state, in the order reserved, conditional, conflict, permitted, silent, unknown.
COUNTS = {
    Use.TRAIN_GENERATIVE: ((1, 1, 0, 0, 7, 1), (3, 1, 0, 1, 4, 1), (4, 1, 1, 1, 2, 1)),
    Use.TRAIN_OTHER: ((1, 0, 0, 0, 8, 1), (3, 0, 0, 0, 6, 1), (4, 0, 0, 0, 5, 1)),
    Use.AI_INPUT: ((0, 1, 0, 0, 8, 1), (1, 1, 0, 0, 7, 1), (1, 1, 0, 1, 6, 1)),
    Use.AI_INDEX: ((0, 0, 0, 0, 9, 1), (0, 0, 0, 0, 9, 1), (0, 0, 0, 0, 9, 1)),
    Use.SEARCH: ((0, 0, 0, 0, 9, 1), (0, 0, 0, 4, 5, 1), (0, 0, 0, 5, 4, 1)),
    Use.USER_FETCH: ((0, 0, 0, 0, 9, 1), (0, 1, 0, 0, 8, 1), (0, 2, 0, 0, 7, 1)),
    Use.ARCHIVE: ((1, 0, 0, 0, 8, 1), (1, 0, 0, 0, 8, 1), (0, 0, 0, 0, 9, 1)),
    Use.TDM: ((1, 0, 0, 0, 8, 1), (2, 0, 0, 0, 7, 1), (2, 0, 1, 0, 6, 1)),
}
TRENDS = {"GPTBot": (1, 2, 4), "CCBot": (1, 1, 3), "<i>\u202eBot": (0, 0, 1)}
STATES = (State.RESERVED, State.CONDITIONAL, State.CONFLICT, State.PERMITTED, State.SILENT, State.UNKNOWN)
# Wilson's 95 % interval for 4 of 10, from a published table of the method.
WILSON = {0: (0.0, 0.2775), 1: (0.0179, 0.4042), 4: (0.1682, 0.6873), 10: (0.7225, 1.0)}

HOSTILE = (
    "<script>alert(1)</script>\"'&amp;",
    '"><img src=x onerror=alert(2)>',
    "javascript:alert(3)",
    "{{ 7*7 }}{% raw %}",
    "\u202egnp.exe\u202c \u2066x\u2069 \x1b[31m\x00\x07 \u200b\ufeff",
    "</code></td><svg onload=alert(4)>",
    "]]><!--",
    '=HYPERLINK("http://evil.example/","x")',
)


def figure(day: date, n: int, what: dict[str, str], *, definition: str = "availability", unknown: int = 1) -> Figure:
    low, high = WILSON.get(n, (n / 20, min(1.0, n / 10 + 0.2)))
    return Figure(
        definition=definition, snapshot=day.isoformat(), date=day, what=what, n=n, N=10, denominator="frame", frame=10,
        unknown=unknown, rate=n / 10, low=low, high=high, bound_low=n / 10, bound_high=min(1.0, (n + unknown) / 10),
        registry="2026-11-01", reader="0a1b2c3d", rules="1", source="crawl", observed=9,
    )  # fmt: skip


def line(raw: str, *, use: Use | None = None, stance: str | None = None, number: int = 4, **more: object) -> Evidence:
    values: dict[str, object] = {
        "kind": "reading", "carrier": "content-signal", "url": "https://harbour.example/robots.txt",
        "locator": f"line {number}", "line": number, "raw": raw, "seen_at": SEEN, "content_sha256": SHA,
        "use": use, "stance": stance, "strength": "vendor", "agent": "*", "scope": "origin",
        "interpretation": "both", "vocabulary": "both", "provenance": "origin", "reader": "content-signal@1",
    }  # fmt: skip
    return Evidence(**(values | more))  # type: ignore[arg-type]


def verdict(site: str, use: Use, state: State, **more: object) -> VerdictLine:
    values: dict[str, object] = {
        "site": site, "snapshot": "2026-10-15", "date": DAYS[-1], "use": use, "state": state, "state_strict": state,
        "rule": "S1-silent", "reason": None, "strength": None, "agents_refused": 0, "agents_known": 12, "looked_at": 9,
        "rules": "1", "registry": "2026-11-01", "reader": "0a1b2c3d",
    }  # fmt: skip
    return VerdictLine(**(values | more))  # type: ignore[arg-type]


def site_page(site: str, *, raw: str = "Content-Signal: search=yes, ai-train=no", name: str | None = None) -> SitePage:
    train = line(raw, use=Use.TRAIN_GENERATIVE, stance="reserved", deciding=True)
    other = line(raw, use=Use.TRAIN_OTHER, stance="reserved", deciding=True)
    search = line(raw, use=Use.SEARCH, stance="permitted", deciding=True)
    refused = line(
        "Disallow: /", number=9, kind="access", carrier="robots-groups", agent="GPTBot", note="refused", deciding=True
    )
    also = line(
        "Disallow: /", number=9, kind="access", carrier="robots-groups", agent="CCBot", note="refused", deciding=True
    )
    missing = Unseen("tdmrep-file", "unobserved", "unreachable")
    verdicts = (
        verdict(site, Use.TRAIN_GENERATIVE, State.RESERVED, rule="E1-reserved", strength="vendor",
                evidence=(train, refused)),
        verdict(site, Use.TRAIN_OTHER, State.RESERVED, rule="E1-reserved", strength="vendor", evidence=(other,)),
        verdict(site, Use.AI_INPUT, State.CONDITIONAL, rule="D2-some", strength="derived", agents_refused=2,
                reason="2 of 12 known agents refused", evidence=(refused, also), state_strict=State.SILENT),
        verdict(site, Use.AI_INDEX, State.SILENT),
        verdict(site, Use.SEARCH, State.PERMITTED, rule="E3-permitted", strength="vendor", evidence=(search,)),
        verdict(site, Use.USER_FETCH, State.SILENT, looked_at=1),
        verdict(site, Use.ARCHIVE, State.CONFLICT, rule="E2-conflict", strength="normative"),
        verdict(site, Use.TDM, State.UNKNOWN, rule="S2-unknown", reason="unobserved: tdmrep-file (unreachable)",
                unseen=(missing,)),
    )  # fmt: skip
    licence = line(
        '<link rel="license" href="https://creativecommons.org/licenses/by/4.0/">', kind="licence",
        carrier="licence-html", locator="head > link:nth-of-type(3)", line=None, note="CC-BY-4.0, class A",
    )  # fmt: skip
    exchanges = (
        {"role": "robots.txt", "hop": 0, "url": f"https://{site}/robots.txt", "outcome": "ok", "status": 200,
         "detail": None, "fetched_at": SEEN, "body_sha256": SHA, "truncated": False, "redirect_to": None},
        {"role": "tdmrep.json", "hop": 0, "url": f"https://{site}/.well-known/tdmrep.json", "outcome": "unreachable",
         "status": None, "detail": "connection reset", "fetched_at": SEEN, "body_sha256": None, "truncated": False,
         "redirect_to": "javascript:alert(5)"},
    )  # fmt: skip
    history = tuple(
        {"snapshot": day.isoformat(), "date": day, "basis": basis, "states": {use.value: state.value for use in Use}}
        for day, basis, state in zip(DAYS, ("observed", "unchanged", "observed"),
                                     (State.SILENT, State.SILENT, State.RESERVED), strict=True)
    )  # fmt: skip
    return SitePage(site, name, "news", "GB", verdicts, (licence,), exchanges, history, access=(refused, also))


@pytest.fixture
def hostile() -> tuple[str, ...]:
    """Texts a site may serve to whoever shows them."""
    return HOSTILE


@pytest.fixture
def sites() -> list[SitePage]:
    """Ten sites in the order of their keys; names and lines are hostile on eight of them."""
    plain = [site_page("harbour.example", name="The Harbour News"), site_page("[2001:db8::1]:8443")]
    bad = [site_page(text, raw=text, name=text) for text in HOSTILE]
    return sorted(plain + bad, key=lambda page: page.site)


@pytest.fixture
def report(sites: list[SitePage]) -> Report:
    """The report of three snapshots, with an event on three sites, a change of ours and one of visibility."""
    figures = [
        figure(day, n, {"use": use.value, "state": state.value})
        for use, months in COUNTS.items()
        for day, counts in zip(DAYS, months, strict=True)
        for state, n in zip(STATES, counts, strict=True)
    ]
    agents = [
        AgentLine("GPTBot", "OpenAI", "training", 5, 4, 4, 9, "answered", rate=4 / 9, unknown=1, definition="agents"),
        AgentLine("CCBot", "Common Crawl", "archive, training", 4, 3, 2, 9, "answered", rate=3 / 9, unknown=1,
                  definition="agents"),
        AgentLine("<b>Bot</b>\u202e", "=Evil & Sons", "@x", 0, 0, 0, 9, "answered", rate=0.0, unknown=1,
                  definition="agents"),
    ]  # fmt: skip
    trends = {
        agent: [
            figure(day, n, {"agent": agent, "class": "root_blocked"}, definition="root_blocked")
            for day, n in zip(DAYS, counts, strict=True)
        ]
        for agent, counts in TRENDS.items()
    }
    spans: dict[str, Any] = {"from_snapshot": "2026-09-15", "to_snapshot": "2026-10-15"}
    statement = line("Content-Signal: search=yes, ai-train=no, use=reference", provenance="cdn_managed")
    changes = [
        ChangeLine(page.site, use, "silent", "reserved", cause=Cause.SITE_CHANGED, provenance="cdn_managed",
                   event="Managed robots.txt: Content-Signal added", together=3, lines=(statement,), **spans)
        for page in sites[:3]
        for use in (Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER)
    ]  # fmt: skip
    changes += [
        ChangeLine("harbour.example", "agent:GPTBot", "none", "root_blocked", cause=Cause.SITE_CHANGED,
                   lines=(line("Disallow: /", number=9),), **spans),
        ChangeLine(sites[3].site, Use.TDM, "silent", "reserved", cause=Cause.WE_CHANGED, **spans),
        ChangeLine(sites[4].site, Use.TDM, "silent", "unknown", cause=Cause.VISIBILITY_CHANGED, **spans),
    ]  # fmt: skip
    return Report(
        title="How open is the web to AI?",
        snapshots=[
            SnapshotLine(day.isoformat(), day, "crawl", "frame-1", "Helsinki", "0.1.0", 10, 9, {"ok": 8, "absent": 1,
                         "unreachable": 1})
            for day in DAYS
        ],
        figures=figures,
        agents=agents,
        agent_trends=trends,
        changes=changes,
        definitions=[
            ("denominator-frame", "Every site", "All sites, `frame`."),
            ("rule-silent", "Rule silent", "Nothing."),
            ("availability", "What was found", "Sites of the frame in each state, for one use."),
            ("agents", "Agents refused", "Sites whose robots.txt refuses the agent at the root."),
            ("root_blocked", "Refused at the root", "The agent may not fetch /, read as RFC 9309 says."),
        ],
        site_pages=2000,
    )  # fmt: skip


@pytest.fixture
def many(sites: list[SitePage]) -> Iterator[SitePage]:
    """The sites as a stream that can be read once."""
    return iter(sites)
