"""Every signal there is, in one tuple; a new one is a file in this folder, a line in SIGNALS, and its tests.

Readings are stored with the versions of their readers, so that a change of ours never looks like a change of the world.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from types import MappingProxyType

from crawler.records import Carrier, Exchange, Signal, Statement
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
from crawler.vocabulary import ROLE_PAGE, Outcome, Part, page_like

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


def readers_of(role: str, part: Part, outcome: Outcome = Outcome.OK) -> str:
    """The readers of one part of one role as `id@version`, joined with `,`: what the read log records.

    Other signals read what was refused than what was answered, so the same bytes may have to be read for both.
    """
    return ",".join(
        f"{signal.id}@{signal.version}"
        for signal in SIGNALS
        if _speaks_in(signal, role) and signal.part is part and outcome in signal.outcomes
    )


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
    for signal in SIGNALS:
        if _speaks_in(signal, exchange.role) and part in (None, signal.part) and exchange.outcome in signal.outcomes:
            for statement in signal.read(exchange):
                yield signal, statement


def _speaks_in(signal: Signal, role: str) -> bool:
    return signal.role == role or (signal.role == ROLE_PAGE and page_like(role))
