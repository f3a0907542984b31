"""What each page of the report shows: numbers and evidence come ready from analysis and are only arranged here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from markupsafe import Markup

from analysis.figures import AgentLine, ChangeLine, Figure, SitePage, SnapshotLine
from analysis.rules import RULES
from crawler.signals import CARRIERS, SIGNALS
from crawler.vocabulary import State, Use
from reports import charts, evidence, moves, render
from reports.standing import carrier_title, strength_said
from reports.words import STATES, USES, subject_title

AGENTS_ON_FRONT = 12
CHANGES_ON_FRONT = 12
AGENTS_IN_VERDICT = 5


@dataclass(frozen=True)
class Report:
    """Everything the report says about an archive, apart from its sites; `figures` are availability, oldest first.

    `site_pages` is the most pages of sites that are written; `agents` belong to the last snapshot.
    """

    title: str
    snapshots: Sequence[SnapshotLine]
    figures: Sequence[Figure]
    agents: Sequence[AgentLine]
    agent_trends: Mapping[str, Sequence[Figure]]
    changes: Sequence[ChangeLine]
    definitions: Sequence[tuple[str, str, str]]
    site_pages: int

    @property
    def last(self) -> SnapshotLine:
        """The newest snapshot."""
        return self.snapshots[-1]

    @property
    def first(self) -> SnapshotLine:
        """The oldest snapshot."""
        return self.snapshots[0]

    @cached_property
    def by_use(self) -> dict[Use, list[Figure]]:
        """Availability of each use that has figures, snapshots in order and states in the order they are stacked."""
        order = {state: rank for rank, state in enumerate(STATES)}
        place = {line.snapshot: rank for rank, line in enumerate(self.snapshots)}
        rows = sorted(self.figures, key=lambda row: (place[row.snapshot], order[State(row.what["state"])]))
        return {use: found for use in Use if (found := [row for row in rows if row.what["use"] == use])}

    @cached_property
    def at(self) -> dict[tuple[str, Use, State], Figure]:
        """Availability by snapshot, use and state."""
        return {(row.snapshot, Use(row.what["use"]), State(row.what["state"])): row for row in self.figures}

    def figure(self, snapshot: SnapshotLine, use: Use, state: State) -> Figure | None:
        """The figure of one snapshot, use and state, if there is one."""
        return self.at.get((snapshot.snapshot, use, state))

    @cached_property
    def standing(self) -> list[Figure]:
        """Availability of every use on the last snapshot."""
        return [row for rows in self.by_use.values() for row in rows if row.snapshot == self.last.snapshot]

    @cached_property
    def versions(self) -> Figure | None:
        """A figure of the last snapshot, for the versions of registry, rules and readers all of them carry."""
        return self.standing[0] if self.standing else None


@dataclass(frozen=True, slots=True)
class SiteLine:
    """A site as the index lists it."""

    site: str
    name: str | None
    category: str | None
    country: str | None
    states: Mapping[Use, State]

    @classmethod
    def of(cls, page: SitePage) -> SiteLine:
        """The line of a site's page."""
        return cls(page.site, page.name, page.category, page.country, {row.use: row.state for row in page.verdicts})


@dataclass(frozen=True)
class Written:
    """The sites that got a page, so that nothing links to a page that is not there."""

    sites: frozenset[str] = field(default_factory=frozenset)
    capped: bool = False


def front(report: Report, written: Written) -> str:
    """The first page: what was found in plain words, the trend of every use, agents, changes, snapshots."""
    return _page(
        "index.html",
        report,
        here="index",
        written=written,
        trends={use: _trend_chart(report, use, rows) for use, rows in report.by_use.items()},
        standing=charts.standing(
            report.standing,
            chart="standing",
            title=f"What was found for each use, {render.day(report.last.date)}",
            text="One bar a use, stacked from reservations found to what could not be checked; the table has the same.",
        ),
        agent_bars=_agent_chart(report.agents[:AGENTS_ON_FRONT]),
        most_refused=report.agents[:AGENTS_ON_FRONT],
        flips=moves.flips(report.changes),
        alone=moves.by_cause(report.changes),
        some=CHANGES_ON_FRONT,
        swatch=charts.swatch,
    )


def agents(report: Report) -> str:
    """Every agent of the registry and how it fares; the chosen agents over time."""
    highs = [row.high for rows in report.agent_trends.values() for row in rows if row.high is not None]
    return _page(
        "agents.html",
        report,
        here="agents",
        trends={
            agent: charts.agent_trend(
                rows,
                chart=f"agent-{render.file_name(agent)}",
                title=f"Sites that refuse {agent}",
                text="Share of sites whose robots.txt refuses this agent at the root, with its 95 % interval.",
                top=max(highs, default=1.0),
            )
            for agent, rows in report.agent_trends.items()
        },
    )


def changes(report: Report, written: Written) -> str:
    """Everything that differs between the last two snapshots, by cause."""
    return _page(
        "changes.html",
        report,
        here="changes",
        written=written,
        flips=moves.flips(report.changes),
        alone=moves.by_cause(report.changes),
        most=report.site_pages,
    )


def sites(report: Report, lines: Sequence[SiteLine], written: Written) -> str:
    """The index of sites, which can be searched and filtered, and read without scripts."""
    return _page("sites.html", report, here="sites", lines=lines, written=written)


def site(report: Report, page: SitePage) -> str:
    """One site: its verdicts, the lines they rest on, what could not be checked, licences, access, history."""
    found = evidence.statements(page)
    return _page(
        "site.html",
        report,
        here="site",
        root="../",
        page=page,
        statements=found,
        rule_ids={rule.id for rule in RULES},
        deciding={use: [row for row in found if use in row.decides] for use in Use},
        refusals=evidence.refusals(page),
        refusing=evidence.refusing,
        some=AGENTS_IN_VERDICT,
        unseen=evidence.unseen(page),
        history=evidence.history(page),
    )


def method(report: Report) -> str:
    """How the numbers are made: definitions, denominators, words, carriers, versions, snapshots."""
    return _page("method.html", report, here="method", signals=SIGNALS, carriers=CARRIERS, rules=RULES)


def _page(template: str, report: Report, *, here: str, root: str = "", **context: object) -> str:
    return render.page(
        template,
        report=report,
        here=here,
        root=root,
        answer=evidence.answer,
        carrier_title=carrier_title,
        strength_said=strength_said,
        subject_title=subject_title,
        uses=USES,
        states=STATES,
        **context,
    )


def _trend_chart(report: Report, use: Use, rows: Sequence[Figure]) -> Markup:
    reserved = report.figure(report.last, use, State.RESERVED)
    now = f" On the last one, {reserved.n} of {reserved.N} sites reserve it." if reserved else ""
    return charts.availability(
        rows,
        chart=f"trend-{use}",
        title=f"{USES[use].title}: what was found, by snapshot",
        text=f"One bar a snapshot, {render.day(report.first.date)} to {render.day(report.last.date)}, stacked from"
        f" reservations found to what could not be checked.{now} The table has the numbers.",
    )


def _agent_chart(lines: Sequence[AgentLine]) -> Markup:
    return charts.agents(
        lines,
        chart="agents",
        title="The agents most refused",
        text="One bar an agent: sites whose robots.txt refuses it at the root; the darker part refuses it by name.",
    )
