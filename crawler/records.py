"""The frozen records that flow through the house: Exchange in, Reading and LicenceClaim out, Visit and Snapshot around.

Imports the vocabulary only. Times are timezone-aware UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from crawler.vocabulary import (
    ANYONE,
    Axis,
    Basis,
    Interpretation,
    LicenceClass,
    Observed,
    Outcome,
    Part,
    Provenance,
    Scope,
    Stance,
    Strength,
    Subject,
    Use,
    Vocabulary,
)

Headers = tuple[tuple[str, str], ...]
"""Response header fields in the order received, names as sent, one pair a field line (never joined)."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came back, including nothing; each redirect hop is an exchange of its own.

    `site` is the frame's entry, `role` why it was asked, `hop` 0 for the first request and +1 a redirect.
    `body` is the decoded payload as received up to the size cap; None when nothing was received.
    `elapsed_ms` is wall time from request to last byte. `detail` is the reason of a failure, in plain words.
    `unchanged_since` is when the body was fetched where the server now said 304 Not Modified; `status` is as it was.
    """

    site: str
    role: str
    url: str
    outcome: Outcome
    fetched_at: datetime
    hop: int = 0
    status: int | None = None
    headers: Headers = ()
    body: bytes | None = None
    truncated: bool = False
    redirect_to: str | None = None
    elapsed_ms: int | None = None
    detail: str | None = None
    ip: str | None = None
    unchanged_since: datetime | None = None

    def header(self, name: str) -> tuple[str, ...]:
        """The values of every field line called `name` (case-insensitive), in order, never joined."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key.lower() == wanted)


@dataclass(frozen=True, slots=True)
class Reading:
    """One stance that one carrier states for one use and one addressee, with the line that says so.

    `locator` is `line N`, a CSS-like selector, a JSON pointer or `header NAME`; `raw` the text as found (capped).
    `pattern` limits the path when `scope` is `path`. `note` names what is odd about it (malformed reason, lint).
    `in_force_from`/`in_force_until` bound a draft revision where `vocabulary` is `as_of`.
    """

    carrier: str
    use: Use
    stance: Stance
    strength: Strength
    locator: str
    raw: str
    line: int | None = None
    agent: str = ANYONE
    scope: Scope = Scope.ORIGIN
    pattern: str | None = None
    interpretation: Interpretation = Interpretation.BOTH
    vocabulary: Vocabulary = Vocabulary.BOTH
    provenance: Provenance = Provenance.ORIGIN
    condition: str | None = None
    note: str | None = None
    in_force_from: date | None = None
    in_force_until: date | None = None


@dataclass(frozen=True, slots=True)
class LicenceClaim:
    """One licence a carrier declares; a grant is never a reservation and never cancels one.

    `spdx` is an SPDX id or a `LicenseRef-` id, None when the URL names no licence we know; `version` is None when
    none is stated. `licence_class` and `subject` say how far the claim may be trusted to speak for the page.
    """

    carrier: str
    url: str
    spdx: str | None
    licence_class: LicenceClass
    subject: Subject
    locator: str
    raw: str
    family: str | None = None
    version: str | None = None
    jurisdiction: str | None = None
    location: str | None = None
    partial: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """A carrier that is there but cannot be read as its specification asks; makes its coverage `malformed`."""

    carrier: str
    reason: str
    locator: str
    raw: str


class AccessRow(NamedTuple):
    """What one robots.txt lets one product token (lower-case; `*`: every token it does not name) fetch.

    A tuple, for its cheapness: a file may name thousands of tokens. `root_blocked`: `/` is refused. `full_exact`: the
    rules are exactly one `Disallow: /`. `full_probe`: `/`, a canary and every path the file names are refused by the
    rules (without the standing leave to fetch `/robots.txt`). `full_dpi`: leaving out rules with a `?`, some Disallow
    is exactly `/` and there is no Allow. `none`: no Disallow takes effect. `partial`: neither `full_probe` nor `none`.
    `explicit_allow`: the token's own group allows everything by name and `/` is allowed. `line` (1-based) and `raw`
    are the rule that decides for `/`, else where the group begins, else None. `profile` is the reading profile the row
    follows: `rfc9309` always, others only where they differ from it.
    """

    token: str
    basis: Basis
    root_blocked: bool
    full_exact: bool
    full_probe: bool
    full_dpi: bool
    partial: bool
    none: bool
    explicit_allow: bool
    line: int | None
    raw: str | None
    profile: str = "rfc9309"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something found beside the statements that is no stance: a crawl delay, a sitemap, a note, an availability mark.

    `name` says what (`crawl_delay`, `note:truncated`, `is_accessible_for_free`), `value` how much or which.
    """

    carrier: str
    name: str
    value: str
    locator: str
    raw: str


Statement = Reading | LicenceClaim | Fault | AccessRow | Fact


@dataclass(frozen=True, slots=True)
class Carrier:
    """A place a statement can stand, as shown in legends: id, title, specification and its standing.

    `axis` says whether it speaks about use, licence or access, or states plain facts. `uses` are the uses it can
    speak about (empty: any, on the axis `use`), so that an unread carrier makes only those unknown. Within a `family`
    the readings of the highest `precedence` replace the others (its own rule, where the
    specification has one); at equal precedence the most restrictive wins.
    """

    id: str
    title: str
    spec: str
    standing: str
    uses: tuple[Use, ...] = ()
    family: str = ""
    precedence: int = 0
    axis: Axis = Axis.USE


@dataclass(frozen=True, slots=True)
class Signal:
    """One family of statements in one part of one role's exchange, and the pure function that reads it.

    `read` takes an exchange whose outcome is one of `outcomes` and returns its statements: no clock, network, disk or
    database, and it depends on nothing of the exchange but `part`, because its readings are stored once per distinct
    part. A signal reads what was answered (`ok`) or what was refused, never both.
    `probe` is the path a crawler must ask for the role to exist (None: asked anyway). Raise `version` whenever the
    statements for any input would differ.
    """

    id: str
    version: int
    role: str
    part: Part
    carriers: tuple[Carrier, ...]
    read: Callable[[Exchange], Sequence[Statement]]
    probe: str | None = None
    outcomes: frozenset[Outcome] = frozenset({Outcome.OK})


@dataclass(frozen=True, slots=True)
class Visit:
    """Everything asked of one site in one snapshot; the unit of crash-safety and resume."""

    site: str
    exchanges: tuple[Exchange, ...]
    started_at: datetime
    ended_at: datetime
    basis: Observed = Observed.OBSERVED


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One dated run over one frame by one tool version from one vantage point.

    `id` is unique in an archive and sorts by date; `source` says which door the facts came through.
    """

    id: str
    on: date
    source: str
    frame_id: str | None = None
    vantage: str | None = None
    settings: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reject:
    """A piece of input that could not become an exchange; `place` is where it stands (`row 17`, `offset 2048`)."""

    place: str
    reason: str
    site: str | None = None
    raw: str | None = None
