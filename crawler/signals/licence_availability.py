"""Whether a page is free to read, and whose it says it is: marks of availability, plain facts and no licence."""

from __future__ import annotations

import json
from collections.abc import Iterator

from crawler.html import page
from crawler.html_items import Item, jsonld, microdata, walk
from crawler.licences.claims import clean
from crawler.records import Carrier, Exchange, Fact, Signal, Statement
from crawler.vocabulary import ROLE_PAGE, Axis, Part

_AVAILABILITY = Carrier(
    "availability",
    "Marks of availability",
    "https://schema.org/isAccessibleForFree",
    "schema.org vocabulary",
    axis=Axis.FACT,
)
_PROPERTIES = {
    "isAccessibleForFree": "is_accessible_for_free",
    "conditionsOfAccess": "conditions_of_access",
    "copyrightHolder": "copyright_holder",
    "copyrightNotice": "copyright_notice",
    "copyrightYear": "copyright_year",
    "creditText": "credit_text",
    "usageInfo": "usage_info",
    "acquireLicensePage": "acquire_license_page",
}
_METAS = {
    "article:content_tier": "content_tier",
    "citation_fulltext_world_readable": "citation_fulltext_world_readable",
    "dcterms.accessrights": "access_rights",
    "dc.accessrights": "access_rights",
    "access": "access",
}
_PARTS = ("Access", "copyright", "creditText", "usageInfo", "acquireLicense")
"""Parts without one of which none of the properties is named."""
MAX_FACTS = 100


def read(exchange: Exchange) -> list[Statement]:
    """The marks of the page's metas, JSON-LD and microdata, one fact each, those of nested nodes told by their path."""
    parsed = page(exchange.body or b"")
    out: list[Statement] = []
    for meta in parsed.metas:
        name = meta.name or meta.property or ""
        if (fact := _METAS.get(name)) and meta.content is not None:
            value = clean(meta.content.strip())[:500]
            out.append(Fact(_AVAILABILITY.id, fact, value, meta.locator, f"{name}: {value}"))
    if any(part in script.text for script in parsed.scripts for part in _PARTS):
        out.extend(_of_items(jsonld(parsed)[0]))
    out.extend(_of_items(microdata(parsed, frozenset(key.lower() for key in _PROPERTIES))))
    return out[:MAX_FACTS]


def _of_items(tops: list[Item]) -> Iterator[Statement]:
    for item in walk(tops):
        if _PROPERTIES.keys().isdisjoint(item.value):
            continue
        for key, name in _PROPERTIES.items():
            value = item.value.get(key)
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, dict):
                    each = next((each[field] for field in ("@id", "name", "url", "@value") if each.get(field)), None)
                if each is None or isinstance(each, dict | list):
                    continue
                text = clean(str(each).strip())[:500]
                if isinstance(each, bool):
                    text = text.lower()
                locator = f"{item.locator} {item.path}/{key}"
                yield Fact(_AVAILABILITY.id, name, text, clean(locator), clean(json.dumps({key: text}))[:500])


LICENCE_AVAILABILITY = Signal("licence-availability", 1, ROLE_PAGE, Part.BODY, (_AVAILABILITY,), read)
