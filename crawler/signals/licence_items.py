"""schema.org `license` of the items a page describes, in JSON-LD and microdata, each claim about its own item."""

from __future__ import annotations

from crawler.html import page
from crawler.html_items import jsonld, microdata
from crawler.licences.claims import clean
from crawler.licences.items import claims_of
from crawler.records import Carrier, Exchange, Fault, Signal, Statement
from crawler.vocabulary import ROLE_PAGE, Axis, Part

_JSONLD = Carrier(
    "licence-jsonld", "JSON-LD license", "https://schema.org/license", "schema.org vocabulary", axis=Axis.LICENCE
)
_MICRODATA = Carrier(
    "licence-microdata", "Microdata license", "https://schema.org/license", "schema.org vocabulary", axis=Axis.LICENCE
)
_WANTED = frozenset({"license", "sdlicense"})


def read_jsonld(exchange: Exchange) -> list[Statement]:
    """Licences of schema.org nodes; a script that cannot be read is a Fault and the others are read all the same."""
    parsed = page(exchange.body or b"")
    tops, broken = jsonld(parsed)
    faults = [Fault(_JSONLD.id, clean(each.reason), each.locator, clean(each.raw)) for each in broken]
    # A key may be written with escapes (`\u006c`), so a script that has any is walked too.
    if not any("icense" in script.text or "\\u00" in script.text for script in parsed.scripts):
        return [*faults]
    return [*faults, *claims_of(tops, _JSONLD.id)]


def read_microdata(exchange: Exchange) -> list[Statement]:
    """Licences of microdata items."""
    return [*claims_of(microdata(page(exchange.body or b""), _WANTED), _MICRODATA.id)]


LICENCE_JSONLD = Signal("licence-jsonld", 3, ROLE_PAGE, Part.BODY, (_JSONLD,), read_jsonld)
LICENCE_MICRODATA = Signal("licence-microdata", 2, ROLE_PAGE, Part.BODY, (_MICRODATA,), read_microdata)
