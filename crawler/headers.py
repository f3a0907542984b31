"""Response headers: which ones the archive keeps, one fingerprint for a set of them, and `Link` (RFC 8288)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.records import Headers

RETAINED: frozenset[str] = frozenset(
    {
        "accept-signature",
        "cf-mitigated",
        "content-language",
        "content-signal",
        "content-type",
        "content-usage",
        "crawler-charged",
        "crawler-error",
        "crawler-price",
        "link",
        "payment-required",
        "retry-after",
        "server",
        "tdm-policy",
        "tdm-reservation",
        "www-authenticate",
        "x-amzn-waf-action",
        "x-robots-tag",
        "x-vercel-mitigated",
    }
)
"""Lower-case names of the response headers the archive keeps; the rest is in the WARC segment."""

MAX_LINKS = 1_000
_SPACE = " \t\r\n"


@dataclass(frozen=True, slots=True)
class LinkValue:
    """One link of a `Link` field: `rel` lower-case, `line` the 1-based number of the field line it stands on.

    `anchor` and `type` are None where not given; `raw` is the link-value as sent.
    """

    target: str
    rel: tuple[str, ...]
    type: str | None
    anchor: str | None
    line: int
    raw: str


def retained(headers: Headers) -> Headers:
    """The kept headers, names lower-case and sorted, lines of one name in the order received, values trimmed."""
    kept = [(name.lower(), value.strip(_SPACE)) for name, value in headers if name.lower() in RETAINED]
    return tuple(sorted(kept, key=lambda pair: pair[0]))


def fingerprint(headers: Headers) -> str:
    """The lower-case hex sha256 of the kept headers; equal for every header set that reads the same."""
    canonical = json.dumps(retained(headers), ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def links(values: Sequence[str]) -> list[LinkValue]:
    """The links of the `Link` field lines `values`, read as RFC 8288 appendix B.2 reads them; never raises.

    Where a line stops making sense, reading goes on behind the next comma outside quotes.
    """
    found: list[LinkValue] = []
    for number, value in enumerate(values, 1):
        at = 0
        while at < len(value) and len(found) < MAX_LINKS:
            start = _skip(value, at, _SPACE + ",")
            end = value.find(">", start) if value.startswith("<", start) else -1
            if end < 0:
                at = _to_comma(value, start)
                continue
            parameters, at = _parameters(value, end + 1)
            rel = tuple(parameters.get("rel", "").lower().split())
            kind = parameters.get("type")
            media_type = kind.split(";", 1)[0].strip().lower() if kind is not None else None
            target = value[start + 1 : end].strip()
            found.append(LinkValue(target, rel, media_type, parameters.get("anchor"), number, value[start:at].strip()))
    return found


def _parameters(value: str, at: int) -> tuple[dict[str, str], int]:
    """The parameters from `at` on and where the link-value ends; of a repeated one the first counts (RFC 8288 3.3)."""
    parameters: dict[str, str] = {}
    while at < len(value):
        at = _skip(value, at, _SPACE)
        if at >= len(value) or value[at] == ",":
            break
        if value[at] != ";":
            at = _to_comma(value, at)
            break
        start = _skip(value, at + 1, _SPACE + ";")
        at = start
        while at < len(value) and value[at] not in _SPACE + "=;,":
            at += 1
        name = value[start:at].lower()
        at = _skip(value, at, _SPACE)
        text = ""
        if at < len(value) and value[at] == "=":
            text, at = _text(value, _skip(value, at + 1, _SPACE))
        if name:
            parameters.setdefault(name, text)
    return parameters, at


def _text(value: str, at: int) -> tuple[str, int]:
    """The token or quoted string at `at` and what follows it; an unclosed quote runs to the end of the line."""
    if not value.startswith('"', at):
        start = at
        while at < len(value) and value[at] not in ";,":
            at += 1
        return value[start:at].strip(), at
    out: list[str] = []
    at += 1
    while at < len(value) and value[at] != '"':
        if value[at] == "\\" and at + 1 < len(value):
            at += 1
        out.append(value[at])
        at += 1
    return "".join(out), min(at + 1, len(value))


def _skip(value: str, at: int, characters: str) -> int:
    while at < len(value) and value[at] in characters:
        at += 1
    return at


def _to_comma(value: str, at: int) -> int:
    while at < len(value) and value[at] != ",":
        at = _text(value, at)[1] if value[at] == '"' else at + 1
    return at
