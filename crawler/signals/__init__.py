"""Every signal there is, in one tuple; a new one is a file in this folder, a line in SIGNALS, and its tests.

Readings are stored with the versions of their readers, so that a change of ours never looks like a change of the world.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType

from crawler.records import Carrier, Exchange, LicenceClaim, Reading, Signal, Statement
from crawler.signals.access import ACCESS_BODY, ACCESS_CHARGED, ACCESS_PAGE
from crawler.signals.content_signal_header import CONTENT_SIGNAL_HEADER
from crawler.signals.content_usage_header import CONTENT_USAGE_HEADER
from crawler.signals.licence import LICENCE_COMMUNITY, LICENCE_HEADER, LICENCE_HTML, LICENCE_LINK
from crawler.signals.licence_availability import LICENCE_AVAILABILITY
from crawler.signals.licence_feed import LICENCE_FEED
from crawler.signals.licence_items import LICENCE_JSONLD, LICENCE_MICRODATA
from crawler.signals.licence_meta import LICENCE_COMMENT, LICENCE_META
from crawler.signals.licence_rdfa import LICENCE_RDFA
from crawler.signals.licence_text import LICENCE_TEXT
from crawler.signals.media import MEDIA
from crawler.signals.robots_content_signal import CONTENT_SIGNAL
from crawler.signals.robots_content_usage import CONTENT_USAGE_ROBOTS
from crawler.signals.robots_directives import ROBOTS_META, X_ROBOTS_TAG
from crawler.signals.robots_folk import ROBOTS_FOLK
from crawler.signals.robots_groups import ROBOTS_GROUPS
from crawler.signals.robots_licence import RSL_LINE
from crawler.signals.rsl import (
    RSL_DOCUMENT,
    RSL_DOCUMENT_2,
    RSL_DOCUMENT_3,
    RSL_FEED,
    RSL_HEADER,
    RSL_INLINE,
    RSL_LINK,
)
from crawler.signals.site_files_ai import AI_TXT
from crawler.signals.site_files_llms import LLMS_TXT
from crawler.signals.site_files_trust import TRUST_TXT, TRUST_TXT_WELL_KNOWN
from crawler.signals.tdm_policy import TDM_POLICY
from crawler.signals.tdmrep import TDMREP_FILE, TDMREP_HEADER, TDMREP_META
from crawler.vocabulary import ROLE_MEDIA, ROLE_PAGE, Outcome, Part, Scope, Subject, addressees, media_like, reads_as

SIGNALS: tuple[Signal, ...] = (
    ROBOTS_GROUPS,
    CONTENT_SIGNAL,
    CONTENT_USAGE_ROBOTS,
    RSL_LINE,
    ROBOTS_FOLK,
    TDMREP_FILE,
    TDMREP_HEADER,
    TDMREP_META,
    ROBOTS_META,
    X_ROBOTS_TAG,
    CONTENT_USAGE_HEADER,
    CONTENT_SIGNAL_HEADER,
    AI_TXT,
    TRUST_TXT,
    TRUST_TXT_WELL_KNOWN,
    LLMS_TXT,
    RSL_HEADER,
    RSL_LINK,
    RSL_INLINE,
    RSL_FEED,
    RSL_DOCUMENT,
    RSL_DOCUMENT_2,
    RSL_DOCUMENT_3,
    TDM_POLICY,
    ACCESS_PAGE,
    ACCESS_BODY,
    ACCESS_CHARGED,
    LICENCE_HEADER,
    LICENCE_HTML,
    LICENCE_JSONLD,
    LICENCE_MICRODATA,
    LICENCE_RDFA,
    LICENCE_META,
    LICENCE_COMMENT,
    LICENCE_LINK,
    LICENCE_COMMUNITY,
    LICENCE_FEED,
    LICENCE_TEXT,
    LICENCE_AVAILABILITY,
    MEDIA,
)

CARRIERS: MappingProxyType[str, Carrier] = MappingProxyType(
    {carrier.id: carrier for signal in SIGNALS for carrier in signal.carriers}
)
"""Carrier by id, in the order of SIGNALS."""

PROBES: MappingProxyType[str, str] = MappingProxyType(
    {signal.role: signal.probe for signal in SIGNALS if signal.probe is not None}
)
"""Role to the path a crawler must ask for it to exist."""


def signals_of(role: str, part: Part | None = None) -> tuple[Signal, ...]:
    """The signals that read a role (one part of it): a sampled page is read as a page, a media file as itself with the
    header fields that a page could have.
    """
    base = reads_as(role)
    fields = ROLE_PAGE if base == ROLE_MEDIA else base
    return tuple(
        signal
        for signal in SIGNALS
        if (signal.role == base or (signal.role == fields and signal.part is Part.HEADERS))
        and part in (None, signal.part)
    )


def readers_of(role: str, part: Part, outcome: Outcome = Outcome.OK) -> str:
    """The readers of one part of one role as `id@version`, joined with `,`: what the read log records.

    Other signals read what was refused than what was answered, so the same bytes may have to be read for both.
    """
    came = heard(role, part, outcome)
    return ",".join(f"{signal.id}@{signal.version}" for signal in signals_of(role, part) if came in signal.outcomes)


def heard(role: str, part: Part, outcome: Outcome) -> Outcome:
    """The outcome as it counts for one part: of a media file that was too long the header fields came whole."""
    return Outcome.OK if outcome is Outcome.OVERSIZE and part is Part.HEADERS and media_like(role) else outcome


def readers_id() -> str:
    """Eight hexadecimal digits that change whenever any reader does: what every figure carries as `reader`."""
    every = ",".join(sorted(f"{signal.id}@{signal.version}" for signal in SIGNALS))
    return hashlib.sha256(every.encode("ascii")).hexdigest()[:8]


def read(exchange: Exchange, part: Part | None = None) -> Iterator[tuple[Signal, Statement]]:
    """What every signal finds in an exchange (in one part of it); nothing in a redirect.

    Where the outcome is not `ok` only the signals that name it in `outcomes` read: what refuses is access.
    """
    if exchange.redirect_to is not None:
        return
    for signal in signals_of(exchange.role, part):
        if heard(exchange.role, signal.part, exchange.outcome) in signal.outcomes:
            for statement in statements(signal, exchange):
                yield signal, statement


def statements(signal: Signal, exchange: Exchange) -> Sequence[Statement]:
    """What one signal finds in an exchange; of a file sampled from a page it is said of that object, nothing wider, and
    of a document declared for some crawlers to those alone.
    """
    found = signal.read(exchange)
    if media_like(exchange.role) and exchange.role != ROLE_MEDIA:
        return [_of_object(statement) for statement in found]
    if agents := addressees(exchange.role):
        return [said for statement in found for said in _said_to(agents, statement)]
    return found


def _said_to(agents: Sequence[str], found: Statement) -> Iterator[Statement]:
    if isinstance(found, Reading):
        yield from (replace(found, agent=agent) for agent in agents)
    else:
        yield found


def _of_object(found: Statement) -> Statement:
    if isinstance(found, Reading):
        return replace(found, scope=Scope.OBJECT, pattern=None)
    if isinstance(found, LicenceClaim) and found.subject is Subject.DOCUMENT:
        return replace(found, subject=Subject.OBJECT)
    return found
