"""Licences in a page's metas (Dublin Core and others) and in the RDF that Creative Commons once put into comments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from crawler.html import Page, page
from crawler.html_items import address
from crawler.licences import normalise
from crawler.licences.claims import MAX_CLAIMS, Standing, claim, clean, is_url
from crawler.licences.names import named
from crawler.licences.phrases import spoken
from crawler.records import Carrier, Exchange, Fault, LicenceClaim, Signal, Statement
from crawler.vocabulary import ROLE_PAGE, Axis, LicenceClass, Part, Subject

_DC = Carrier(
    "licence-dc",
    "Dublin Core rights and licence",
    "https://www.dublincore.org/specifications/dublin-core/dcmi-terms/#rights",
    "DCMI vocabulary",
    axis=Axis.LICENCE,
)
_META = Carrier(
    "licence-meta", "meta license, rights, copyright", "https://schema.org/license", "custom", axis=Axis.LICENCE
)
_COMMENT = Carrier(
    "licence-comment", "RDF in a comment", "http://web.resource.org/cc/", "custom of 2003 to 2008", axis=Axis.LICENCE
)

_DC_NAME = re.compile(
    r"(?:dc|dct|dcq|dc11|dcterms|dc\.terms)[.:](?:rights?|licen[sc]e|rights?\.licen[sc]e|licen[sc]e\.uri)"
)
_META_NAMES = frozenset(
    {"license", "licence", "rights", "copyright", "og:license", "cc:license", "schema:license", "license-url"}
    | {"license_url", "rights.license", "article:license", "web_author_license", "xhv:license"}
    | {"citation_license", "citation_license_url"}
)
_URL = re.compile(r"(?:https?:)?//[^\s\"'<>()]+", re.IGNORECASE)
_WORK = re.compile(r"<(?:\w+:)?Work\b([^>]*)>", re.IGNORECASE)
_WORK_END = re.compile(r"</(?:\w+:)?Work\s*>", re.IGNORECASE)
_ABOUT = re.compile(r"""\babout\s*=\s*["']([^"']*)["']""", re.IGNORECASE)
_RESOURCE = re.compile(r"""<(?:\w+:)?license\b[^>]*?\bresource\s*=\s*["']([^"']+)["']""", re.IGNORECASE)
_NAMESPACE = re.compile(r"web\.resource\.org/cc/|creativecommons\.org/ns#", re.IGNORECASE)
MAX_RDF = 65_536


def read_metas(exchange: Exchange) -> list[Statement]:
    """5.1(5, 6): a URL is class A, an address inside a text B, a text D; ordinary copyright lines name no licence."""
    out: list[Statement] = []
    parsed = page(exchange.body or b"")
    for meta in parsed.metas:
        content = (meta.content or "").strip()
        for name in dict.fromkeys((meta.name, meta.property)):
            if not name or not content or len(out) >= MAX_CLAIMS:
                continue
            carrier = _META if name in _META_NAMES else None
            if name[0] == "d" and _DC_NAME.fullmatch(name):
                carrier = _DC
            if carrier is not None:
                raw = f"{name}: {content}"
                names_licence = "licen" in name
                out.append(_of_text(carrier.id, content, meta.locator, raw, meta.location, names_licence))
    for link in parsed.links:
        if link.element == "link" and any(_DC_NAME.fullmatch(rel) for rel in link.rel) and (link.href or "").strip():
            href = (link.href or "").strip()
            raw = f'<link rel="{" ".join(link.rel)}" href="{href}">'
            standing = LicenceClass.A, Subject.DOCUMENT, None
            out.append(claim(_DC.id, href, standing, link.locator, raw, location=link.location))
    return out


def _of_text(carrier: str, content: str, locator: str, raw: str, location: str, names_licence: bool) -> LicenceClaim:
    partial = spoken("", content[:600], "").partial
    if is_url(content) and not re.search(r"\s", content):
        licence = normalise(content)
        if names_licence or (licence is not None and licence.family):
            return claim(carrier, content, (LicenceClass.A, Subject.DOCUMENT, None), locator, raw, location=location)
        # `copyright` or `rights` with an address names whose the page is.
        about = LicenceClass.D, Subject.OTHER, "an address about rights"
        return claim(carrier, content, about, locator, raw, location=location)
    for match in _URL.finditer(content[:2000]):
        licence = normalise(match[0])
        if licence is not None and licence.family:
            inside = LicenceClass.B, Subject.DOCUMENT, "address inside a text"
            return claim(carrier, match[0], inside, locator, raw, location=location, partial=partial)
    licence = next((each for each, _, _ in named(content[:1000])), None)
    standing: Standing = LicenceClass.D, Subject.DOCUMENT if licence else Subject.OTHER, "text, not a URL"
    return claim(carrier, content, standing, locator, raw, location=location, partial=partial, licence=licence)


def read_comments(exchange: Exchange) -> list[Statement]:
    """5.1(11): the `Work` of RDF/XML in comments (or stray in the page); a block without one is a fault."""
    parsed = page(exchange.body or b"")
    if parsed.tree is None or b"rdf:RDF" not in parsed.data:
        return []
    out: list[Statement] = []
    for number, text in enumerate(_blocks(parsed), 1):
        locator = f"comment rdf #{number}"
        works = list(_works(text[:MAX_RDF]))
        if not works and re.search(r"<(?:\w+:)?license\b", text, re.IGNORECASE):
            out.append(Fault(_COMMENT.id, "rdf without a readable Work", locator, clean(text[:500])))
        for work in works:
            about = _ABOUT.search(work[0])
            for resource in _RESOURCE.finditer(work[1]):
                if len(out) >= MAX_CLAIMS:
                    return out
                name = about[1].strip() if about else ""
                own = not name or (parsed.canonical is not None and address(name) == address(parsed.canonical))
                subject = Subject.DOCUMENT if own else Subject.OTHER
                note = "dated syntax" if own else f"dated syntax; about {about[1][:200] if about else ''}"
                kind = LicenceClass.A if own else LicenceClass.B
                raw = re.sub(r"\s+", " ", f"<Work{work[0]}>{work[1][:1000]}</Work>")
                out.append(claim(_COMMENT.id, resource[1].strip(), (kind, subject, note), locator, raw))
    return out


def _works(text: str) -> Iterator[tuple[str, str]]:
    """Attributes and content of every `Work` element that is closed, in order."""
    at = 0
    while (start := _WORK.search(text, at)) and (end := _WORK_END.search(text, start.end())):
        yield start[1], text[start.end() : end.start()]
        at = end.end()


def _blocks(parsed: Page) -> list[str]:
    """The texts of comments that hold Creative Commons RDF, and of RDF elements standing in the page itself."""
    if parsed.tree is None or parsed.tree.root is None:
        return []
    found: list[str] = []
    root: LexborNode = parsed.tree.root
    for node in [*_siblings(root), *root.traverse(include_text=True)]:
        if len(found) >= 50:
            break
        if node.is_comment_node:
            text = node.comment_content or ""
            if "rdf:RDF" in text and _NAMESPACE.search(text):
                found.append(text)
        elif node.tag == "rdf:rdf":
            found.append(node.html or "")
    return found


def _siblings(root: LexborNode) -> list[LexborNode]:
    """What stands beside the root element: comments before the doctype and behind the end."""
    found: list[LexborNode] = []
    for step in ("prev", "next"):
        node = getattr(root, step)
        while node is not None and len(found) < 100:
            found.append(node)
            node = getattr(node, step)
    return found


LICENCE_META = Signal("licence-meta", 2, ROLE_PAGE, Part.BODY, (_DC, _META), read_metas)
LICENCE_COMMENT = Signal("licence-comment", 2, ROLE_PAGE, Part.BODY, (_COMMENT,), read_comments)
