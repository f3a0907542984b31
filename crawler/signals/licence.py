"""Licences a page links: the `Link` header, links with `rel=license`, plain links and badges.

A claim is a grant, never a reservation, and says what it speaks about: the page, an object on it, or something else.
Links typed `application/rsl+xml` share the `rel` but are no licences (RSL 1.0, 4.2) and belong to another signal.
"""

from __future__ import annotations

import re
from dataclasses import replace

from crawler.headers import links as link_values
from crawler.html import RSL_XML, Link, Page, page
from crawler.html_context import around
from crawler.html_items import address
from crawler.html_rdfa import subject_of
from crawler.licences import badge
from crawler.licences.claims import (
    MAX_CLAIMS,
    Standing,
    claim,
    licence_of_link,
    of_anchor,
    of_rel,
    read_around,
)
from crawler.licences.known import COMMUNITY
from crawler.licences.lists import Setting, listed_apart, setting
from crawler.licences.phrases import About, spoken
from crawler.records import Carrier, Exchange, LicenceClaim, Signal, Statement
from crawler.vocabulary import ROLE_PAGE, Axis, LicenceClass, Part, Subject

_HEADER = Carrier(
    "licence-header",
    "Link rel=license header",
    "https://www.rfc-editor.org/rfc/rfc8288",
    "IETF standard",
    axis=Axis.LICENCE,
)
_HTML = Carrier(
    "licence-html",
    "HTML rel=license",
    "https://html.spec.whatwg.org/multipage/links.html#link-type-license",
    "WHATWG",
    axis=Axis.LICENCE,
)
_LINK = Carrier(
    "licence-link",
    "plain link to a licence",
    "https://creativecommons.org/licenses/",
    "custom",
    axis=Axis.LICENCE,
)
_BADGE = Carrier(
    "licence-badge",
    "Creative Commons badge",
    "https://creativecommons.org/about/downloads/",
    "custom",
    axis=Axis.LICENCE,
)
_COMMUNITY = Carrier(
    "licence-community",
    "Labels, notices and licences of communities",
    "https://localcontexts.org/labels/about-the-labels/",
    "community practice",
    axis=Axis.LICENCE,
)

_RELS = frozenset(
    {"license", "licence", "copyright", "cc:license", "dct:license", "dcterms:license", "xhv:license", "dc:rights"}
    | {"dct:rights", "dcterms:rights", "http://creativecommons.org/ns#license", "http://purl.org/dc/terms/license"}
)
_SCHEME = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_COPYRIGHT = frozenset({"copyright", "dc:rights", "dct:rights", "dcterms:rights"})


def read_header(exchange: Exchange) -> list[Statement]:
    """Licence links of the response header; an `anchor` makes something else their subject (RFC 8288 3.2)."""
    out: list[Statement] = []
    for number, value in enumerate(link_values(exchange.header("link")), 1):
        if _RELS & set(value.rel) and value.type != RSL_XML and value.target and len(out) < MAX_CLAIMS:
            subject = Subject.OTHER if value.anchor else Subject.DOCUMENT
            note = f"anchor={value.anchor[:200]}" if value.anchor else None
            found = claim(
                _HEADER.id, value.target, (LicenceClass.A, subject, note), f"header link #{number}", value.raw
            )
            if found.family or not _only_copyright(value.rel):
                out.append(found)
    return out


def read_html(exchange: Exchange) -> list[Statement]:
    """Licence links of a page: A in the head or, about nothing narrower, in footer or main; else B, in a quote D.

    `rel=copyright` counts where its address names a licence: elsewhere it is a page about copyright.
    """
    out: list[LicenceClaim] = []
    parents: list[int | None] = []
    wordless: set[int] = set()
    parsed = page(exchange.body or b"")
    for link in _candidates(parsed):
        if len(out) >= MAX_CLAIMS or not (link.href and link.href.strip()):
            continue
        if not _RELS & set(link.rel) or link.type == RSL_XML:
            continue
        context, said = read_around(link)
        licence = licence_of_link(link, context.inside)
        if _only_copyright(link.rel) and not (licence and licence.family):
            continue
        standing = _of_about(link, parsed) or of_rel(link, said, licence)
        raw = f'<{link.element} rel="{" ".join(link.rel)}" href="{link.href}">'
        if link.element != "link":
            raw = f"{raw} {context.shown(300)}"
        out.append(
            claim(
                *(_HTML.id, link.href.strip(), standing, link.locator, raw),
                location=link.location,
                partial=said.partial,
                licence=licence,
            )
        )
        parents.append(link.node.parent.mem_id if link.node is not None and link.node.parent is not None else None)
        if said.about is About.NOTHING:
            wordless.add(len(out) - 1)
    return [*_explained(_as_said_beside(out, parents, wordless))]


def read_links(exchange: Exchange) -> list[Statement]:
    """Plain links to licences (C with a licensing phrase about the page, else D) and badges that are not linked (D)."""
    parsed = page(exchange.body or b"")
    out: list[LicenceClaim] = []
    settings: list[Setting] = []
    for link in parsed.anchors:
        if _RELS & set(link.rel) or len(out) >= MAX_CLAIMS:
            continue
        href = (link.href or "").strip()
        licence = licence_of_link(link, "")
        context = None
        if licence is None and not _SCHEME.match(href):
            # A page of the site's own about its licence: the link's words may name it.
            context = around(link.node) if link.node is not None else None
            licence = licence_of_link(link, context.inside) if context else None
        if licence is None or (licence.family is None and licence.note == "cc-mention"):
            continue
        context = context or (around(link.node) if link.node is not None else None)
        if context is None:
            continue
        said = spoken(context.before, context.inside, context.after)
        if COMMUNITY in (licence.note or ""):
            continue
        standing = of_anchor(link, said, context, licence)
        raw = f'<a href="{href}"> {context.shown(300)}'
        out.append(
            claim(
                *(_LINK.id, href, standing, link.locator, raw),
                location=link.location,
                partial=said.partial,
                licence=licence,
            )
        )
        settings.append(setting(link.node, said.about))
    return [*listed_apart(out, settings), *_badges(parsed)]


def read_community(exchange: Exchange) -> list[Statement]:
    """Local Contexts labels and notices, and the Kaitiakitanga Licence: conditions set by communities (C or D)."""
    out: list[Statement] = []
    for link in page(exchange.body or b"").anchors:
        licence = licence_of_link(link, "")
        if licence is None or COMMUNITY not in (licence.note or "") or not licence.family or len(out) >= MAX_CLAIMS:
            continue
        context, said = read_around(link)
        subject = Subject.OBJECT if said.about in (About.OBJECT, About.CREDIT) or link.within else Subject.DOCUMENT
        kind = LicenceClass.C if said.about in (About.PAGE, About.UNSAID) else LicenceClass.D
        raw = f'<a href="{link.href}"> {context.shown(300)}'
        out.append(
            claim(
                *(_COMMUNITY.id, (link.href or "").strip(), (kind, subject, None), link.locator, raw),
                location=link.location,
                partial=said.partial,
                licence=licence,
            )
        )
    return out


def _as_said_beside(found: list[LicenceClaim], parents: list[int | None], wordless: set[int]) -> list[LicenceClaim]:
    """A link without words of its own (a badge) is about what the words of the same link beside it are about."""
    out = list(found)
    for index in wordless:
        for other, parent in enumerate(parents):
            beside = found[other]
            if (
                other not in wordless
                and parent is not None
                and parent == parents[index]
                and beside.family is not None
                and beside.family == found[index].family
            ):
                out[index] = replace(
                    found[index],
                    licence_class=beside.licence_class,
                    subject=beside.subject,
                    note=beside.note,
                    partial=beside.partial,
                )
                break
    return out


def _explained(found: list[LicenceClaim]) -> list[LicenceClaim]:
    """Beside a licence we know, a link of the same kind to something else explains it (`attribution required`)."""
    if not any(each.family and each.subject is Subject.DOCUMENT for each in found):
        return found
    kind, note = LicenceClass.D, "licence not recognised; beside one that is"
    return [
        each if each.family else replace(each, licence_class=kind, subject=Subject.OTHER, note=note) for each in found
    ]


def _of_about(link: Link, parsed: Page) -> Standing | None:
    """Where RDFa's `about` names the page itself or its whole site, the claim is about the page."""
    if link.within != "about" or link.node is None:
        return None
    subject, is_page = subject_of(link.node, parsed)
    if is_page:
        return LicenceClass.A, Subject.DOCUMENT, None
    site = re.match(r"//[^/]+", address(parsed.canonical))
    if subject and site and address(subject) == site[0]:
        return LicenceClass.B, Subject.DOCUMENT, "about the whole site"
    return None


def _candidates(parsed: Page) -> list[Link]:
    return [*parsed.links, *(link for link in parsed.anchors if _RELS & set(link.rel))]


def _only_copyright(rel: tuple[str, ...]) -> bool:
    return not (_RELS - _COPYRIGHT) & set(rel)


def _badges(parsed: Page) -> list[LicenceClaim]:
    """Badges that stand by themselves: one inside a link to a licence says the same again."""
    out: list[LicenceClaim] = []
    for number, image in enumerate(parsed.badges[:MAX_CLAIMS], 1):
        src = image.attrs.get("src") or ""
        licence = badge(src)
        if licence is None:
            continue
        parent = image.parent
        for _ in range(3):
            if parent is None or parent.tag == "a":
                break
            parent = parent.parent
        linked = parent.attrs.get("href") if parent is not None and parent.tag == "a" else None
        if linked and ("creativecommons.org/" in linked or "licen" in linked):
            continue
        place = parsed.places.of(image)
        context = around(image)
        said = spoken(context.before, context.inside, context.after)
        link = Link("img", (), src, None, place.region, place.within, f"img[src] badge #{number}", *place[3:], image)
        kind, subject, note = of_anchor(link, said, context, licence)
        if kind is not LicenceClass.EXCLUDED:
            kind = LicenceClass.D
        raw = f'<img src="{src}"> {context.shown(300)}'
        out.append(
            claim(
                *(_BADGE.id, src, (kind, subject, note), link.locator, raw),
                location=place.region,
                partial=said.partial,
                licence=licence,
            )
        )
    return out


LICENCE_HEADER = Signal("licence-header", 2, ROLE_PAGE, Part.HEADERS, (_HEADER,), read_header)
LICENCE_HTML = Signal("licence-html", 3, ROLE_PAGE, Part.BODY, (_HTML,), read_html)
LICENCE_LINK = Signal("licence-link", 2, ROLE_PAGE, Part.BODY, (_LINK, _BADGE), read_links)
LICENCE_COMMUNITY = Signal("licence-community", 2, ROLE_PAGE, Part.BODY, (_COMMUNITY,), read_community)
