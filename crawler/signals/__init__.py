"""Every signal there is, in one tuple; a new one is a file in this folder, a line in SIGNALS, and its tests.

Readings are stored with the versions of their readers, so that a change of ours never looks like a change of the world.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from types import MappingProxyType

from crawler.records import Carrier, Exchange, Signal, Statement
from crawler.signals.licence import LICENCE_HEADER, LICENCE_HTML, LICENCE_JSONLD
from crawler.signals.robots_directives import ROBOTS_META, X_ROBOTS_TAG
from crawler.signals.tdmrep import TDMREP_FILE, TDMREP_HEADER, TDMREP_META
from crawler.vocabulary import Outcome, Part

SIGNALS: tuple[Signal, ...] = (
    TDMREP_FILE,
    TDMREP_HEADER,
    TDMREP_META,
    ROBOTS_META,
    X_ROBOTS_TAG,
    LICENCE_HEADER,
    LICENCE_HTML,
    LICENCE_JSONLD,
)

CARRIERS: MappingProxyType[str, Carrier] = MappingProxyType(
    {carrier.id: carrier for signal in SIGNALS for carrier in signal.carriers}
)
"""Carrier by id, in the order of SIGNALS."""

PROBES: MappingProxyType[str, str] = MappingProxyType(
    {signal.role: signal.probe for signal in SIGNALS if signal.probe is not None}
)
"""Role to the path a crawler must ask for it to exist."""


def readers_of(role: str, part: Part) -> str:
    """The readers of one part of one role as `id@version`, joined with `,`: what the read log records."""
    return ",".join(f"{signal.id}@{signal.version}" for signal in SIGNALS if (signal.role, signal.part) == (role, part))


def readers_id() -> str:
    """Eight hexadecimal digits that change whenever any reader does: what every figure carries as `reader`."""
    every = ",".join(sorted(f"{signal.id}@{signal.version}" for signal in SIGNALS))
    return hashlib.sha256(every.encode("ascii")).hexdigest()[:8]


def read(exchange: Exchange, part: Part | None = None) -> Iterator[tuple[Signal, Statement]]:
    """What every signal finds in an exchange (in one part of it); nothing where the outcome is not `ok`."""
    if exchange.outcome is not Outcome.OK or exchange.redirect_to is not None:
        return
    for signal in SIGNALS:
        if signal.role == exchange.role and part in (None, signal.part):
            for statement in signal.read(exchange):
                yield signal, statement
