"""Licences of the items a page describes (schema.org, in JSON-LD or microdata), each with its own subject."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from crawler.html_items import Item, pointer, walk
from crawler.licences.claims import MAX_CLAIMS, Standing, claim, is_url
from crawler.licences.names import named
from crawler.records import LicenceClaim
from crawler.vocabulary import LicenceClass, Subject

KEYS = frozenset(
    {"license", "schema:license", "http://schema.org/license", "https://schema.org/license", "cc:license"}
    | {"dct:license", "dcterms:license", "http://purl.org/dc/terms/license", "http://creativecommons.org/ns#license"}
)
MARKUP_KEYS = frozenset(
    {"sdLicense", "schema:sdLicense", "http://schema.org/sdLicense", "https://schema.org/sdLicense"}
)
_OBJECT_TYPE = re.compile(
    r"\w+Object|Photograph|3DModel|SoftwareApplication|SoftwareSourceCode|MobileApplication|WebApplication"
)
_OFFERED_TYPE = re.compile(r"Product|ProductGroup|ProductModel|Offer|AggregateOffer")
_OFFERED_KEYS = frozenset({"offers", "makesOffer", "itemOffered"})
_SITE_TYPE = re.compile(r"WebSite|Blog|Periodical|DataCatalog")


def claims_of(tops: Sequence[Item], carrier: str) -> list[LicenceClaim]:
    """The licences of every node below `tops`; a nested node's licence is that node's only."""
    out: list[LicenceClaim] = []
    for item in walk(tops):
        for found in _claims(item, carrier):
            out.append(found)
            if len(out) >= MAX_CLAIMS:
                return out
    return out


def _claims(item: Item, carrier: str) -> Iterator[LicenceClaim]:
    for key, value in item.value.items():
        if key in KEYS:
            standing = _standing(item)
        elif key in MARKUP_KEYS:
            standing = LicenceClass.EXCLUDED, Subject.EXCLUDED, "licence of the markup, not of the content"
        else:
            continue
        for text in _texts(value):
            locator = f"{item.locator} {item.path}/{pointer(key)}"
            raw = json.dumps({key: text})
            if is_url(text):
                yield claim(carrier, text.strip(), standing, locator, raw)
            else:
                kind, subject, note = standing
                worse = kind if kind is LicenceClass.EXCLUDED else LicenceClass.D
                notes = f"{note}; text, not a URL" if note else "text, not a URL"
                licence = next((each for each, _, _ in named(text[:1000])), None)
                yield claim(carrier, text.strip(), (worse, subject, notes), locator, raw, licence=licence)


def _standing(item: Item) -> Standing:
    """Class and subject of a node's licence (5.1(3, 8), 5.2)."""
    if _OFFERED_KEYS & set(item.keys) or item.is_type(_OFFERED_TYPE):
        return LicenceClass.EXCLUDED, Subject.EXCLUDED, "of something offered"
    if item.is_page:
        return LicenceClass.A, Subject.DOCUMENT, None
    kind = next(iter(item.types), None)
    note = f"of {kind[:60]}" if kind else None
    if item.keys or item.is_type(_OBJECT_TYPE):
        return LicenceClass.A, Subject.OBJECT, note
    if item.is_type(_SITE_TYPE):
        return LicenceClass.B, Subject.DOCUMENT, note
    return LicenceClass.B, Subject.OTHER, note


def _texts(value: object) -> Iterator[str]:
    """The texts of a licence value: a string, a list, or a node with `@id`, `url` or `name`."""
    for member in value if isinstance(value, list) else [value]:
        if isinstance(member, dict):
            member = next((member[key] for key in ("@id", "url", "@value", "name") if member.get(key)), None)
            member = member[0] if isinstance(member, list) and member else member
        if isinstance(member, str) and member.strip():
            yield member
