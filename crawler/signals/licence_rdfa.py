"""Licences in RDFa properties: `cc:license`, `dct:license`, `xhv:license`, schema.org's, and Dublin Core rights."""

from __future__ import annotations

from crawler.html import page
from crawler.html_context import around
from crawler.html_rdfa import said
from crawler.licences.claims import MAX_CLAIMS, Standing, claim, is_url
from crawler.licences.names import named
from crawler.licences.phrases import spoken
from crawler.records import Carrier, Exchange, Signal, Statement
from crawler.vocabulary import ROLE_PAGE, Axis, LicenceClass, Part, Subject

_RDFA = Carrier("licence-rdfa", "RDFa license", "https://www.w3.org/TR/rdfa-core/", "W3C standard", axis=Axis.LICENCE)
_LICENCE = frozenset(
    {
        "http://creativecommons.org/ns#license",
        "https://creativecommons.org/ns#license",
        "http://web.resource.org/cc/license",
        "http://purl.org/dc/terms/license",
        "https://purl.org/dc/terms/license",
        "http://www.w3.org/1999/xhtml/vocab#license",
        "http://schema.org/license",
        "https://schema.org/license",
    }
)
_RIGHTS = frozenset(
    {"http://purl.org/dc/terms/rights", "http://purl.org/dc/elements/1.1/rights", "https://purl.org/dc/terms/rights"}
)
_MARKUP = frozenset({"http://schema.org/sdLicense", "https://schema.org/sdLicense"})


def read(exchange: Exchange) -> list[Statement]:
    """5.1(4): class A where the subject is the page, B where it is something else; rights in words are D."""
    out: list[Statement] = []
    parsed = page(exchange.body or b"")
    for each in said(parsed, ("license", "rights", "sdlicense")):
        if each.predicate not in _LICENCE | _RIGHTS | _MARKUP or not each.value or len(out) >= MAX_CLAIMS:
            continue
        url = is_url(each.value)
        licence = None if url else next((found for found, _, _ in named(each.value[:1000])), None)
        if each.predicate in _RIGHTS and not url and licence is None:
            continue
        standing: Standing
        note = None if each.is_page else f"about {each.subject[:200]}" if each.subject else "about another node"
        if each.predicate in _MARKUP:
            standing = LicenceClass.EXCLUDED, Subject.EXCLUDED, "licence of the markup, not of the content"
        elif not url:
            standing = LicenceClass.D, Subject.DOCUMENT if each.is_page else Subject.OTHER, "text, not a URL"
        elif each.is_page:
            standing = LicenceClass.A, Subject.DOCUMENT, note
        else:
            standing = LicenceClass.B, Subject.OTHER, note
        context = around(each.node)
        place = parsed.places.of(each.node)
        if each.is_page and place.within in ("figure", "caption"):
            # Its subject is the page for want of another; who writes it below a picture means the picture.
            standing = standing[0], Subject.OBJECT, f"within {place.within}"
        raw = f"{each.predicate} {each.value} {context.shown(200)}"
        partial = spoken(context.before, context.inside, context.after).partial
        out.append(
            claim(
                *(_RDFA.id, each.value, standing, each.locator, raw),
                location=place.region,
                partial=partial,
                licence=licence,
            )
        )
    return out


LICENCE_RDFA = Signal("licence-rdfa", 2, ROLE_PAGE, Part.BODY, (_RDFA,), read)
