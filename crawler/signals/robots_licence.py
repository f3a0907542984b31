"""RSL 1.0 in robots.txt: the `License:` line, which points to a licence document and states nothing itself.

RSL 1.0 section 4.1: the value is an absolute URI; lines in a group replace the global ones for that group's tokens.
"""

from __future__ import annotations

import re

from crawler.records import Carrier, Exchange, Fact, Fault, Signal, Statement
from crawler.robots import RAW_LIMIT, parse
from crawler.robots.placing import Placed, placed
from crawler.vocabulary import ANYONE, ROLE_ROBOTS, Axis, Part

SPEC = "https://rslstandard.org/rsl"
_CARRIER = Carrier("rsl-robots", "License line", SPEC, "RSL Collective recommendation", family="rsl", axis=Axis.LICENCE)
_KEYS = ("license", "licence")
_ABSOLUTE = re.compile(r"https?://[^\s/?#]+", re.IGNORECASE)
_PLAIN = re.compile(
    r"https?://(?:www\.)?(?:creativecommons|opensource|spdx|gnu|unlicense|opendatacommons)\.org/", re.IGNORECASE
)


def read(exchange: Exchange) -> list[Statement]:
    """A Fact for each declared document: `rsl_document`, for a named token `rsl_document@TOKEN` (lower-case).

    A global line that a `*` group replaces is `rsl_document_replaced`; the address of a licence text that is no RSL
    document (Creative Commons and the like) is `licence_url`. An address that is not absolute is a Fault,
    `relative_url` or `relative_url@TOKEN`.
    """
    file = parse(exchange.body or b"")
    if "o" not in file.shape or not file.fields.intersection(_KEYS):
        return []
    found = list(placed(file, "o", _KEYS.__contains__))
    replaced = any(item.agent == ANYONE and not item.outside for item in found)
    return list(dict.fromkeys(_statement(item, replaced) for item in found))


def _statement(item: Placed, replaced: bool) -> Statement:
    line = item.line
    locator, raw, url = f"line {line.number}", line.raw[:RAW_LIMIT], line.value
    if line.field != "license":
        return Fault(_CARRIER.id, "key_spelling: licence", locator, raw)
    if not _ABSOLUTE.match(url):
        reason = ("relative_url" if url else "empty") + ("" if item.agent == ANYONE else f"@{item.agent}")
        return Fault(_CARRIER.id, reason, locator, raw)
    name = "licence_url" if _PLAIN.match(url) else "rsl_document"
    if item.outside and replaced and name == "rsl_document":
        name = "rsl_document_replaced"
    if item.agent != ANYONE:
        name += f"@{item.agent}"
    return Fact(_CARRIER.id, name, url[:2_048], locator, raw)


RSL_LINE = Signal("rsl-line", 2, ROLE_ROBOTS, Part.BODY, (_CARRIER,), read)
