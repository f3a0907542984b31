"""The shapes in which analysis hands numbers and evidence to the surfaces; every number carries its definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from crawler.vocabulary import Cause, State, Use


@dataclass(frozen=True, slots=True)
class Figure:
    """One rate: `n` of `N` sites in `denominator` on one snapshot, with its interval and what is not known.

    `definition` is the id under which the method page explains it. `unknown` counts the sites of the frame for which
    it could not be told; `bound_low` and `bound_high` are the rates if none or all of them had counted (Manski).
    `low` and `high` are the 95 % Wilson interval; all rates are shares from 0 to 1, None where `N` is 0.
    `what` names the series (`{"agent": "GPTBot", "class": "root_blocked"}` or `{"use": ..., "state": ...}`).
    `observed` counts the sites of N looked at in this snapshot, the rest being recorded as unchanged.
    """

    definition: str
    snapshot: str
    date: date
    what: Mapping[str, str]
    n: int
    N: int
    denominator: str
    frame: int
    unknown: int
    rate: float | None
    low: float | None
    high: float | None
    bound_low: float | None
    bound_high: float | None
    registry: str
    reader: str
    rules: str
    source: str
    observed: int | None = None


@dataclass(frozen=True, slots=True)
class SnapshotLine:
    """One snapshot: its frame and how much of it answered; `outcomes` counts sites by the outcome of robots.txt."""

    snapshot: str
    date: date
    source: str
    frame_id: str | None
    vantage: str | None
    tool_version: str
    sites: int
    observed: int
    outcomes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One statement that took part in a verdict: where it stands, what it says, when it was seen.

    `kind` is `reading`, `access`, `licence`, `fault` or `fact`; `url`, `content_sha256`, `locator` and `raw` lead back
    to the bytes. `deciding` says whether the verdict rests on it.
    """

    kind: str
    carrier: str
    url: str
    locator: str
    raw: str
    seen_at: datetime
    content_sha256: str | None = None
    line: int | None = None
    use: str | None = None
    stance: str | None = None
    strength: str | None = None
    agent: str | None = None
    scope: str | None = None
    pattern: str | None = None
    interpretation: str | None = None
    vocabulary: str | None = None
    provenance: str | None = None
    reader: str | None = None
    note: str | None = None
    deciding: bool = False


@dataclass(frozen=True, slots=True)
class Unseen:
    """A carrier that could have held a statement and was not read, with the reason."""

    carrier: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class VerdictLine:
    """What the rules conclude for one site, snapshot and use, and the evidence it rests on.

    `path` and `agent` are what was asked about: the front page and everybody unless told otherwise. `staleness_days`
    lie between the evidence and the day asked about (None: none was named); `stale` where they are more than may be.
    """

    site: str
    snapshot: str
    date: date
    use: Use
    state: State
    state_strict: State
    rule: str
    reason: str | None
    strength: str | None
    agents_refused: int
    agents_known: int
    looked_at: int
    evidence: tuple[Evidence, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    rules: str = ""
    registry: str = ""
    reader: str = ""
    path: str = "/"
    agent: str = "*"
    staleness_days: int | None = None
    stale: bool = False


@dataclass(frozen=True, slots=True)
class AccessLine:
    """May one agent (`*`: any that is not named) fetch a path: `allowed`, `refused`, `unstated` or `unknown`.

    `declared` is what robots.txt says; `effective` what RFC 9309 2.3.1 makes of it and of how the file answered (4xx:
    allowed, 5xx and no answer: refused); `by_operator` the same by the group `obeys` that the operator says it obeys.
    """

    agent: str
    path: str
    declared: str
    effective: str
    by_operator: str
    obeys: str | None
    basis: str | None
    why: str
    url: str | None = None
    content_sha256: str | None = None
    line: int | None = None
    raw: str | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LicenceLine:
    """One licence declared, and for what: `subject` document, object or other, `licence_class` from A to X."""

    subject: str
    spdx: str | None
    licence_class: str
    licence_url: str
    partial: bool
    carrier: str
    url: str
    locator: str
    raw: str
    content_sha256: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class FooterLine:
    """A licence in the footer of `pages` of the `looked_at` pages of a visit (landing page and samples; `urls`).

    `scope` is `site` where all of two or more pages carry it, else `page`: of those pages alone. `otherwise` counts
    those of them whose own main content declares another licence, which goes before a footer.
    """

    spdx: str
    scope: str
    pages: int
    looked_at: int
    otherwise: int
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Statements of one site that do not fit together; listed with both sides, never settled here.

    `kind` is `across families`, `within a family` (that family's own rule has settled it), `licence beside a
    reservation`, `managed block against the owner`, or `statement against enforcement`.
    """

    kind: str
    title: str
    uses: tuple[str, ...]
    sides: tuple[Evidence, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything known of a site or URL on three axes that never cancel each other: access, use and licence.

    `at` is the day asked about, `staleness_days` the days from the evidence to it; `page_seen` whether the URL is the
    page that was fetched. `words` is `current` or `as_of`, `agents` `pinned` or `as-of`.
    """

    site: str
    url: str | None
    path: str
    agent: str
    snapshot: str
    at: date | None
    date: date
    staleness_days: int | None
    max_age_days: int
    stale: bool
    page_seen: bool
    words: str
    agents: str
    verdicts: tuple[VerdictLine, ...]
    access: tuple[AccessLine, ...] = ()
    licences: tuple[LicenceLine, ...] = ()
    footers: tuple[FooterLine, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()


@dataclass(frozen=True, slots=True)
class IntervalLine:
    """A span over which a site was in one state for a use, between the first and the last snapshot that show it.

    The state began after `not_before` (the visit before, None: none) and ended before `not_after` (the visit after).
    `first` and `last` are the statements that decided then; `visits` counts the snapshots from first to last.
    """

    site: str
    use: Use
    state: State
    rule: str
    not_before: date | None
    first_seen: date
    last_seen: date
    not_after: date | None
    first_snapshot: str
    last_snapshot: str
    visits: int
    first: tuple[Evidence, ...] = ()
    last: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A verdict (`subject` a use) or access class (`subject` `agent:TOKEN`) that differs between two snapshots.

    `provenance` says whose hand wrote the deciding statement; `together` counts the sites on which the same change
    with the same deciding text came at the same time, and `event` names it where they are many.
    """

    site: str
    subject: str
    before: str
    after: str
    from_snapshot: str
    to_snapshot: str
    cause: Cause
    rule: str | None = None
    provenance: str | None = None
    event: str | None = None
    together: int = 1
    lines: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentLine:
    """How one agent fares in one snapshot: sites that refuse it at the root, by name or by the `*` group.

    `rate` is `refused` / `N`, a share from 0 to 1, None where `N` is 0; `unknown` counts the sites of the frame for
    which it could not be told.
    """

    agent: str
    operator: str
    purposes: str
    named: int
    refused: int
    refused_by_name: int
    N: int
    denominator: str
    rate: float | None = None
    unknown: int = 0
    definition: str = ""


@dataclass(frozen=True, slots=True)
class SitePage:
    """Everything the report shows of one site: verdicts of the last snapshot, its licences and its history.

    `exchanges` are mappings with role, hop, url, outcome, status, detail, fetched_at, body_sha256, truncated and
    redirect_to. `history` holds a mapping a snapshot, oldest first: snapshot, date, basis, states and reasons by use.
    `access` holds what the last snapshot's robots.txt says to each agent it names and to everybody else.
    """

    site: str
    name: str | None
    category: str | None
    country: str | None
    verdicts: tuple[VerdictLine, ...]
    licences: tuple[Evidence, ...]
    exchanges: tuple[Mapping[str, object], ...]
    history: tuple[Mapping[str, object], ...] = field(default=())
    access: tuple[Evidence, ...] = ()
