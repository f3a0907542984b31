"""One way to make a licence claim: from where it stands, what the words around it say, and what its address names."""

from __future__ import annotations

import re

from crawler.html import Link
from crawler.html_context import Around, around
from crawler.licences import normalise
from crawler.licences.cc import Licence
from crawler.licences.known import COMMUNITY, DATA, SOFTWARE, STATUS
from crawler.licences.names import named
from crawler.licences.phrases import About, Spoken, spoken
from crawler.records import LicenceClaim
from crawler.vocabulary import LicenceClass, Subject

MAX_RAW = 500
MAX_CLAIMS = 500
"""Characters of a claim's raw text; claims of one reader on one page."""

NAMED_PART = "in a part named after a licence"
"""The note of a claim whose only licensing word is the name its author gave that part of the page."""

LONG_BLOCK = 260
"""Characters of a block that is prose about something rather than a notice."""

Standing = tuple[LicenceClass, Subject, str | None]


def claim(
    carrier: str,
    url: str,
    standing: Standing,
    locator: str,
    raw: str,
    *,
    location: str | None = None,
    partial: bool = False,
    licence: Licence | None = None,
) -> LicenceClaim:
    """A claim of `url` (or of `licence`, where it was named and not linked); texts are capped and can be stored."""
    licence = licence or normalise(url)
    kind, subject, note = standing
    notes = [note, licence.note if licence is not None else "licence not recognised"]
    return LicenceClaim(
        carrier=carrier,
        url=clean(url)[:2048],
        spdx=licence.spdx if licence else None,
        licence_class=kind,
        subject=subject,
        locator=clean(locator),
        raw=clean(raw)[:MAX_RAW],
        family=licence.family if licence else None,
        version=licence.version if licence else None,
        jurisdiction=licence.jurisdiction if licence else None,
        location=location,
        partial=partial,
        note="; ".join(clean(part) for part in notes if part) or None,
    )


def clean(text: str) -> str:
    """`text` without lone surrogates and control characters, so that it can be stored and shown."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", text.encode("utf-8", "replace").decode("utf-8"))


def is_url(text: str) -> bool:
    """Whether a value reads as an address and not as prose."""
    return (
        re.match(r"\s*(?:[a-z][a-z0-9+.-]*:(?!\s)|/|\.|#)|\s*[\w-]+(?:\.[\w-]+)+(?:/|\s*$)", text, re.IGNORECASE)
        is not None
    )


def licence_of_link(link: Link, inside: str) -> Licence | None:
    """What a link names by its address, or, where that is a page of the site's own, by its words."""
    licence = normalise(link.href or "")
    if licence is None or (licence.family is None and licence.note == "cc-mention"):
        for candidate, _, _ in named(inside):
            return Licence(
                candidate.spdx, candidate.family, candidate.version, candidate.jurisdiction, "named in the link's words"
            )
    return licence


def of_rel(link: Link, said: Spoken, licence: Licence | None) -> Standing:
    """5.1(2, 7): a link with `rel=license`: A in the head or, about nothing narrower, in footer or main; else B.

    Outside the head a software licence is the page's only where the words say so: it mostly is that of what is shown.
    """
    place = _elsewhere(link)
    if place is not None:
        return place
    if link.within in ("figure", "caption") or link.location == "figure":
        return LicenceClass.A, Subject.OBJECT, f"within {link.within or 'figure'}"
    if link.within:
        return LicenceClass.B, Subject.OTHER, f"within {link.within}"
    spoken_of = _spoken_of(said)
    if spoken_of is not None:
        return (LicenceClass.EXCLUDED if said.about is About.TOOL else LicenceClass.B), *spoken_of
    software = licence is not None and SOFTWARE in (licence.note or "")
    if software and link.element != "link" and said.about is not About.PAGE:
        return LicenceClass.B, Subject.OTHER, None
    if (
        (link.element == "link" and link.location == "head")
        or link.location == "footer"
        or (link.location == "main" and not link.aside)
    ):
        return LicenceClass.A, Subject.DOCUMENT, None
    return LicenceClass.B, Subject.DOCUMENT, None


def of_anchor(link: Link, said: Spoken, context: Around, licence: Licence) -> Standing:
    """5.1(8-10): a plain link to a licence: C with a licensing phrase about the page, D without, X for a tool's."""
    place = _elsewhere(link)
    if place is not None:
        return place
    if link.within in ("figure", "caption") or link.location == "figure":
        kind = LicenceClass.A if link.within == "figure" or link.location == "figure" else LicenceClass.C
        return kind, Subject.OBJECT, f"within {link.within or 'figure'}"
    spoken_of = _spoken_of(said)
    if spoken_of is not None:
        return (LicenceClass.EXCLUDED if said.about is About.TOOL else LicenceClass.C), *spoken_of
    note = licence.note or ""
    if SOFTWARE in note or STATUS in note or COMMUNITY in note:
        return LicenceClass.D, Subject.OTHER, None
    if link.within:
        return LicenceClass.D, Subject.OTHER, f"within {link.within}"
    if licence.family in DATA and said.about is not About.PAGE:
        return LicenceClass.D, Subject.OTHER, "a licence for data"
    edge = link.location in ("footer", "header") or link.aside
    notice = len(context.block.strip()) <= LONG_BLOCK
    if said.about is About.PAGE and (said.determined or edge or notice):
        return LicenceClass.C, Subject.DOCUMENT, None
    if said.about is About.UNSAID and (edge or notice):
        return LicenceClass.C, Subject.DOCUMENT, None
    if said.about is About.NOTHING and link.notice and notice:
        return LicenceClass.C, Subject.DOCUMENT, NAMED_PART
    if said.about in (About.PAGE, About.UNSAID):
        return LicenceClass.D, Subject.OTHER, "in prose"
    return LicenceClass.D, (Subject.DOCUMENT if edge else Subject.OTHER), "no licensing phrase"


def read_around(link: Link) -> tuple[Around, Spoken]:
    """The words around a link and how they read; nothing for a `<link>` element."""
    if link.node is None or link.element == "link":
        return Around("", "", ""), Spoken(About.UNSAID)
    context = around(link.node)
    return context, spoken(context.before, context.inside, context.after)


def _elsewhere(link: Link) -> Standing | None:
    if link.within == "quote":
        return LicenceClass.D, Subject.OTHER, "within quote"
    if link.within == "comments":
        return LicenceClass.D, Subject.OTHER, "within comments"
    return None


def _spoken_of(said: Spoken) -> tuple[Subject, str] | None:
    if said.about is About.TOOL:
        return Subject.EXCLUDED, "of something the page is made with"
    if said.about is About.CREDIT:
        return Subject.OBJECT, "credit of something shown"
    if said.about is About.OBJECT:
        return Subject.OBJECT, "of something on the page"
    return None
