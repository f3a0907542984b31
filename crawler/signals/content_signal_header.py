"""The `Content-Signal` response header: no specification defines it, so it is recorded and carries little weight.

A `no` there is a publisher's word all the same and is read as an informal reservation. A `yes` is what a content
delivery network adds to the pages it converts (Cloudflare's Markdown for Agents, February 2026), so it is only
inferred. Both stand in the family of the robots.txt line at equal precedence, where the most restrictive holds: a
header's `yes` never cancels a robots.txt `no`.
"""

from __future__ import annotations

from collections.abc import Iterator

from crawler.records import Carrier, Exchange, Fault, Reading, Signal, Statement
from crawler.vocabulary import ROLE_PAGE, Part, Provenance, Scope, Stance, Strength, Use

SPEC = "https://contentsignals.org"
STANDING = "header without a specification"
LOCATOR = "header content-signal"
MAX_VALUE = 8_192
MAX_RAW = 500

USES: dict[str, tuple[Use, ...]] = {
    "search": (Use.SEARCH,),
    "ai-input": (Use.AI_INPUT,),
    "ai-train": (Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER),
}
_STANCES = {"yes": Stance.PERMITTED, "no": Stance.RESERVED}
_CDN_DEFAULT = {"search": "yes", "ai-input": "yes", "ai-train": "yes"}
_USES = (Use.SEARCH, Use.AI_INPUT, Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER)
_HEADER = Carrier("content-signal-header", "Content-Signal header", SPEC, STANDING, _USES, "content-signal")


def read_header(exchange: Exchange) -> list[Statement]:
    """The signals of every field line; keys and values case-insensitive, of a repeated key the last counts.

    `use=` is a ceiling on the kind of use, not a stance, and is left to the raw text. A value that is neither `yes`
    nor `no` states nothing and is a Fault.
    """
    lines = exchange.header("content-signal")
    if not lines:
        return []
    value = ", ".join(lines)
    raw = _clean(value)[:MAX_RAW]
    said: dict[str, str] = {}
    repeated: set[str] = set()
    for member in value[:MAX_VALUE].split(","):
        key, equals, word = (piece.strip().lower() for piece in member.partition("="))
        if equals and key:
            repeated |= {key} & said.keys()
            said[key] = word.strip('"')
    out = [
        Fault(_HEADER.id, f"invalid_value: {key}", LOCATOR, raw)
        for key, word in said.items()
        if key in USES and word not in _STANCES
    ]
    if not said and value.strip(", \t"):
        out.append(Fault(_HEADER.id, "unparseable", LOCATOR, raw))
    return [*out, *_readings(said, repeated, raw)]


def _readings(said: dict[str, str], repeated: set[str], raw: str) -> Iterator[Reading]:
    signals = {key: word for key, word in said.items() if key in USES and word in _STANCES}
    managed = signals == _CDN_DEFAULT
    for key, word in signals.items():
        stance = _STANCES[word]
        for use in USES[key]:
            yield Reading(
                carrier=_HEADER.id,
                use=use,
                stance=stance,
                strength=Strength.INFORMAL if stance is Stance.RESERVED else Strength.INFERRED,
                locator=LOCATOR,
                raw=raw,
                scope=Scope.RESPONSE,
                provenance=Provenance.CDN_MANAGED if managed else Provenance.ORIGIN,
                note="header_unspecified" + ("; duplicate_key: the last counts" if key in repeated else ""),
            )


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


CONTENT_SIGNAL_HEADER = Signal("content-signal-header", 1, ROLE_PAGE, Part.HEADERS, (_HEADER,), read_header)
