"""Licences of feeds and image sitemaps, where such a document stands in the place of a page."""

from __future__ import annotations

import re
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from crawler.html_bounds import MAX_BYTES, utf8
from crawler.licences.claims import MAX_CLAIMS, Standing, claim, clean
from crawler.records import Carrier, Exchange, Fault, LicenceClaim, Signal, Statement
from crawler.vocabulary import ROLE_PAGE, Axis, LicenceClass, Part, Subject

_FEED = Carrier(
    "licence-feed", "Feed licence", "https://www.rfc-editor.org/rfc/rfc4946", "IETF experimental", axis=Axis.LICENCE
)
_SITEMAP = Carrier(
    "licence-sitemap",
    "Image sitemap licence",
    "https://developers.google.com/search/docs/crawling-indexing/sitemaps/image-sitemaps",
    "vendor, dropped 2022",
    axis=Axis.LICENCE,
)
_ROOTS = frozenset({"rss", "feed", "RDF", "urlset", "sitemapindex"})
_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml|<rss|<feed|<rdf:RDF|<urlset|<sitemapindex)", re.IGNORECASE)
_CC = re.compile(
    r"backend\.userland\.com/creativecommonsrssmodule|/creativecommonsrssmodule|web\.resource\.org/cc|creativecommons\.org/ns",
    re.IGNORECASE,
)
_IMAGE = "http://www.google.com/schemas/sitemap-image/1.1"
_ATOM = "http://www.w3.org/2005/Atom"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_UNSPECIFIED = "http://purl.org/atompub/license#unspecified"


class _Reader:
    """Collects licences while the parser reads, so that no tree is built whatever the nesting."""

    def __init__(self) -> None:
        self.root: str | None = None
        self.claims: list[LicenceClaim] = []
        self._stack: list[tuple[str, str, dict[str, str]]] = []
        self._entries = 0
        self._inside = dict.fromkeys(("item", "entry", "source"), 0)
        self._text: list[str] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        space, name = _split(tag)
        if self.root is None:
            self.root = name
        self._stack.append((space, name, attributes))
        if name in self._inside:
            self._inside[name] += 1
            self._entries += name != "source"
        self._text = [] if name == "license" else None

    def data(self, text: str) -> None:
        if self._text is not None and len(self._text) < 50:
            self._text.append(text[:2048])

    def end(self, tag: str) -> None:
        space, name, attributes = self._stack.pop()
        if name == "license":
            text = "".join(self._text or []).strip() or attributes.get(f"{_RDF}resource", "").strip()
            if text and space == _IMAGE:
                self._add(_SITEMAP.id, text, (LicenceClass.B, Subject.OBJECT, "of an image"), f"<image:license>{text}")
            elif text and _CC.search(space):
                self._add(_FEED.id, text, self._standing(), f"<license>{text}")
        elif name == "link" and space == _ATOM and "license" in attributes.get("rel", "").lower().split():
            href = attributes.get("href", "").strip()
            if href == _UNSPECIFIED:
                standing = LicenceClass.EXCLUDED, Subject.EXCLUDED, "explicitly no licence (RFC 4946, 2)"
                self._add(_FEED.id, href, standing, f'<link rel="license" href="{href}">')
            elif href:
                self._add(_FEED.id, href, self._standing(), f'<link rel="license" href="{href}">')
        if name in self._inside:
            self._inside[name] -= 1
        self._text = None

    def comment(self, data: str) -> None:
        """A comment says nothing here."""

    def pi(self, target: str, data: str | None = None) -> None:
        """A processing instruction says nothing here."""

    def close(self) -> None:
        """The end of the document."""

    def _standing(self) -> Standing:
        """5.1(12, 13): the feed's own licence is the document's, an entry's its own, a source's another feed's."""
        if self._inside["source"]:
            return LicenceClass.A, Subject.OTHER, "of the feed an entry was taken from"
        if self._inside["item"] or self._inside["entry"]:
            return LicenceClass.A, Subject.OBJECT, f"of entry {self._entries}"
        return LicenceClass.A, Subject.DOCUMENT, None

    def _add(self, carrier: str, url: str, standing: Standing, raw: str) -> None:
        if len(self.claims) < MAX_CLAIMS:
            locator = "/".join(name for _, name, _ in self._stack[-6:])
            entry = f" entry {self._entries}" if any(self._inside.values()) else ""
            self.claims.append(claim(carrier, url, standing, f"/{locator or self.root}{entry}", raw))


def read(exchange: Exchange) -> list[Statement]:
    """Licences of an RSS, RSS 1 or Atom feed and of an image sitemap; nothing for any other document.

    A document that is one and breaks off is a Fault; what stands before the break is kept. DTDs are refused.
    """
    body = utf8((exchange.body or b"")[:MAX_BYTES])
    if not _START.match(body):
        return []
    reader = _Reader()
    try:
        parser = DefusedXMLParser(target=reader, forbid_dtd=True, forbid_entities=True, forbid_external=True)
        parser.feed(body)
        parser.close()
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        if reader.root in _ROOTS:
            carrier = _SITEMAP if reader.root in ("urlset", "sitemapindex") else _FEED
            reason = f"invalid_xml: {type(error).__name__} {error}"[:200]
            fault = Fault(carrier.id, clean(reason), "document", clean(body[:500].decode("utf-8", "replace")))
            return [*reader.claims, fault]
        return []
    return [*reader.claims] if reader.root in _ROOTS else []


def _split(tag: str) -> tuple[str, str]:
    space, brace, name = tag.rpartition("}")
    return (space[1:], name) if brace else ("", tag)


LICENCE_FEED = Signal("licence-feed", 1, ROLE_PAGE, Part.BODY, (_FEED, _SITEMAP), read)
