"""AIPREF in robots.txt: the `Content-Usage:` rule (draft-ietf-aipref-attach-05 section 3).

Content-Usage is a `rule`, so it closes the list of tokens above it: groups are those of the AIPREF-aware reading. The
longest matching path selects the whole statement; of equal paths the most restrictive preference holds; a path the
group may not fetch has no preference at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from crawler import aipref
from crawler.records import Carrier, Exchange, Fact, Fault, Reading, Signal, Statement
from crawler.robots import AIPREF, RAW_LIMIT, RobotsFile, decide, parse, path_form
from crawler.robots.placing import Placed, placed
from crawler.vocabulary import ROLE_ROBOTS, Interpretation, Part, Scope, Use

_CARRIER = Carrier(
    "content-usage-robots",
    "Content-Usage rule",
    "https://datatracker.ietf.org/doc/draft-ietf-aipref-attach/",
    aipref.STANDING,
    aipref.USES,
    aipref.FAMILY,
)
_UNIVERSAL = re.compile(r"/\**\Z")


def read(exchange: Exchange) -> list[Statement]:
    """The preferences of every Content-Usage rule, one for each token of its group (lower-case; `*`: everybody).

    A statement that another one of the same group shadows on every path keeps lenient readings for the uses the other
    does not state, and one about a path the group may not fetch (`not_applicable`) lenient readings for all.
    """
    file = parse(exchange.body or b"")
    if "u" not in file.shape:
        return []
    file = file.grouped(AIPREF)
    out: list[Statement] = []
    found = list(placed(file, "u"))
    universal = _universal(found)
    for item in found:
        if item.outside:
            # RFC 9309 section 2.1: a rule before any user-agent line is in no group and is ignored.
            out.append(Fault(_CARRIER.id, "outside_group", f"line {item.line.number}", item.line.raw[:RAW_LIMIT]))
        out.extend(_statements(file, item, universal.get(item.agent, frozenset())))
    return out


def _universal(found: list[Placed]) -> dict[str, frozenset[Use]]:
    """Token to the uses stated for every path by a rule with a path: such a rule hides each path-less one."""
    hiding: dict[str, frozenset[Use]] = {}
    for item in found:
        path, preference = path_form(item.line.value)
        if path is not None and _UNIVERSAL.match(path) and not item.outside:
            uses = {meaning.use for meaning in aipref.meanings(preference)}
            hiding[item.agent] = hiding.get(item.agent, frozenset()) | uses
    return hiding


def _statements(file: RobotsFile, item: Placed, hidden: frozenset[Use]) -> Iterator[Statement]:
    line = item.line
    path, preference = path_form(line.value)
    everywhere = path is None or _UNIVERSAL.match(path) is not None
    shadowed = path is None and bool(hidden) and not item.outside
    refused = not item.outside and not decide(file, item.agent, (path or "/").rstrip("*$") or "/").allowed
    notes = [
        note
        for note, holds in (
            ("outside_group", item.outside),
            ("shadowed_statement", shadowed),
            ("not_applicable", refused),
        )
        if holds
    ]
    lenient = bool(notes)
    locator, raw = f"line {line.number}", line.raw[:RAW_LIMIT]
    if lenient and not item.outside:
        yield Fact(_CARRIER.id, f"note:{notes[-1]}", item.agent, locator, raw)
    for reading in aipref.readings(
        preference,
        carrier=_CARRIER.id,
        locator=locator,
        raw=raw,
        line=line.number,
        agent=item.agent,
        scope=Scope.ORIGIN if everywhere else Scope.PATH,
        pattern=None if everywhere else path,
        provenance=item.provenance,
        note="; ".join(notes) or None,
    ):
        if isinstance(reading, Reading) and lenient:
            if shadowed and reading.use in hidden:
                continue
            reading = replace(reading, interpretation=Interpretation.LENIENT)
        yield reading


CONTENT_USAGE_ROBOTS = Signal("content-usage-robots", 1, ROLE_ROBOTS, Part.BODY, (_CARRIER,), read)
