"""The `Content-Usage` response header of AIPREF: preferences about the representation that carries it.

It shares a family with the robots.txt rule at equal precedence: "no carrier outranks another", the most restrictive
statement of each preference holds (draft-ietf-aipref-vocab section 5.1, draft-ietf-aipref-attach section 3.1).
"""

from __future__ import annotations

import re

from crawler import aipref
from crawler.records import Carrier, Exchange, Fact, Signal, Statement
from crawler.vocabulary import ROLE_PAGE, Part, Scope

SPEC = "https://datatracker.ietf.org/doc/draft-ietf-aipref-attach/"
LOCATOR = "header content-usage"
MAX_RAW = 500

_HEADER = Carrier(
    "content-usage-header", "Content-Usage header", SPEC, aipref.STANDING, aipref.USES, aipref.FAMILY, precedence=0
)
# CC signals, 2025 draft: a parameter such as `train-ai=n;exceptions=cc-cr`; it changes no preference.
_CC_SIGNAL = re.compile(r";\s*exceptions=\(?\s*\"?(cc-cr(?:-dc|-ec|-op)?)\b", re.IGNORECASE)


def read_header(exchange: Exchange) -> list[Statement]:
    """The preferences of every field line together, as RFC 9651 section 4.2 joins them; scope is this response."""
    lines = exchange.header("content-usage")
    if not lines:
        return []
    value = ", ".join(line.strip(" \t") for line in lines)
    raw = _clean(value)[:MAX_RAW]
    note = f"{len(lines)} field lines" if len(lines) > 1 else None
    found = aipref.readings(value, carrier=_HEADER.id, locator=LOCATOR, raw=raw, scope=Scope.RESPONSE, note=note)
    for match in _CC_SIGNAL.finditer(value[: aipref.MAX_VALUE]):
        found.append(Fact(_HEADER.id, "cc_signals_draft", match[1].lower(), LOCATOR, raw))
    return found


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


CONTENT_USAGE_HEADER = Signal("content-usage-header", 1, ROLE_PAGE, Part.HEADERS, (_HEADER,), read_header)
