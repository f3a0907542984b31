"""One bounded parse of a page, shared by every signal that reads it: its metas, its links with a rel, its data scripts.

A page is hostile text. HTML's own rules let a few kilobytes ask for hours or gigabytes of a conforming parser (many
attributes on one tag, deep nesting, unclosed formatting elements that are cloned into every later block), so what is
read is bounded first and `Page.truncated` says when that took something away.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

MAX_BYTES = 2 * 1024 * 1024
MAX_TAGS = 30_000
MAX_ATTRIBUTES = 700
MAX_CROWDED = 100
MAX_CLONES = 1_000_000
MAX_ITEMS = 5_000
MAX_VALUE = 8_192
"""What is read of one page: bytes, `<`, attributes a tag, tags with more, cloned elements, items, value characters."""

JSON_LD = "application/ld+json"
RSL_XML = "application/rsl+xml"

_ATTRIBUTE = rb"""(?:[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+)"""
# A look-ahead, so that a tag start inside another's false match (a comparison in a script) is tried as well.
_CROWDED = re.compile(rb"(?=(<[A-Za-z][^\s/>]*+" + _ATTRIBUTE + rb"{%d}))" % MAX_ATTRIBUTES)
_FORMATTING_NAME = rb"<(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)"
_FORMATTING = re.compile(_FORMATTING_NAME + rb"[\s/]", re.IGNORECASE)
_PLAIN_FORMATTING = re.compile(
    _FORMATTING_NAME + rb"""(?:\s++[\w-]++(?:=(?:"[^"<>]*+"|'[^'<>]*+'|[^\s"'<>=/]++))?+)++\s*+>""", re.IGNORECASE
)
_REGIONS = {"head": "head", "header": "header", "footer": "footer", "main": "main", "figure": "figure", "body": "body"}
_LANDMARKS = {"banner": "header", "contentinfo": "footer", "main": "main"}
_QUOTED = frozenset({"blockquote", "pre", "code"})
_PAGE_ITEM = re.compile(r"schema\.org/(?:\w*Page|WPHeader|WPFooter|WPSideBar|SiteNavigationElement|WebPageElement)/?$")


@dataclass(frozen=True, slots=True)
class Meta:
    """One `<meta>`: names lower-case and trimmed, `content` as written; `location` is head, body or noscript."""

    name: str | None
    property: str | None
    http_equiv: str | None
    content: str | None
    location: str
    locator: str


@dataclass(frozen=True, slots=True)
class Link:
    """One `<link>`, `<a>` or `<area>` with a `rel`; `rel` is lower-case, `type` the lower-case media type alone.

    `location` is the nearest of head, header, footer, main, figure, body (landmark roles count as their elements).
    `within` names what else than the page the link stands in: `about`, `item`, `figure`, `quote`; None for nothing.
    """

    element: str
    rel: tuple[str, ...]
    href: str | None
    type: str | None
    location: str
    within: str | None
    locator: str


@dataclass(frozen=True, slots=True)
class Script:
    """One data script (`application/ld+json` or `application/rsl+xml`) and its text as written."""

    type: str
    text: str
    location: str
    locator: str


@dataclass(frozen=True, slots=True)
class Page:
    """What signals read of a page, in document order; `truncated` when a bound took something away."""

    metas: tuple[Meta, ...]
    links: tuple[Link, ...]
    scripts: tuple[Script, ...]
    truncated: bool

    @property
    def canonical(self) -> str | None:
        """The page's own address as its first `<link rel="canonical">` in the head gives it, unresolved."""
        for link in self.links:
            if link.element == "link" and link.location == "head" and "canonical" in link.rel and link.href:
                return link.href.strip()
        return None


_last: tuple[bytes, Page] | None = None


def page(body: bytes) -> Page:
    """The parse of `body`, kept for the next caller who brings the very same object; never raises.

    The encoding is told from the bytes alone (byte-order mark, then `<meta charset>`, else UTF-8; WHATWG HTML 13.2.3),
    because readings are keyed by the body's hash. Content of `<noscript>` is read, of `<template>` is not.
    """
    global _last
    cached = _last
    if cached is not None and cached[0] is body:
        return cached[1]
    parsed = _parse(body)
    _last = (body, parsed)
    return parsed


def _parse(body: bytes) -> Page:
    data, truncated = _bounded(_utf8(body[:MAX_BYTES]))
    try:
        tree = LexborHTMLParser(data, encoding=True)
        nodes = tree.css("meta, link[rel], a[rel], area[rel], script[type]")
    except (SelectolaxError, ValueError):
        return Page((), (), (), True)
    places = _Places()
    metas: list[Meta] = []
    links: list[Link] = []
    scripts: list[Script] = []
    seen: dict[str, int] = {}
    for node in nodes[:MAX_ITEMS]:
        attributes = {key: (value or "")[:MAX_VALUE] for key, value in node.attributes.items()}
        if node.tag == "meta":
            metas.append(_meta(attributes, places.of(node), seen))
        elif node.tag != "script":
            links.append(_link(node.tag or "", attributes, places.of(node), seen))
        elif (kind := _media_type(attributes["type"])) in (JSON_LD, RSL_XML):
            location = places.of(node).region
            scripts.append(Script(kind, node.text(), location, _count(f'script[type="{kind}"]', seen)))
    cut = truncated or len(body) > MAX_BYTES or len(nodes) > MAX_ITEMS
    return Page(tuple(metas), tuple(links), tuple(scripts), cut)


def _utf8(data: bytes) -> bytes:
    """The same text as UTF-8 where its encoding would hide markup from a scan of the bytes."""
    encoding = None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif b"\x1b" in data and b"iso-2022-jp" in data[:1024].lower():
        encoding = "iso2022_jp"
    return b"\xef\xbb\xbf" + data.decode(encoding, "replace").encode("utf-8", "replace") if encoding else data


def _bounded(data: bytes) -> tuple[bytes, bool]:
    """The part of `data` that can be parsed in bounded time and memory, and whether anything was taken away."""
    truncated = False
    if data.count(b"<") > MAX_TAGS:
        data, truncated = b"<".join(data.split(b"<", MAX_TAGS)[:-1]), True
    crowded = [match.span(1) for match in islice(_CROWDED.finditer(data), MAX_CROWDED + 1)]
    if len(crowded) > MAX_CROWDED:
        data, truncated = data[: crowded.pop()[0]], True
    ends = sorted({end for _, end in crowded if end < len(data)})
    if ends:
        # Close every crowded tag where it becomes one. In a script's text the extra `>` changes nothing we read.
        starts = [0, *ends]
        data, truncated = b">".join(data[a:b] for a, b in zip(starts, [*ends, len(data)], strict=True)), True
    while _clones(data) > MAX_CLONES:
        data, truncated = data[: len(data) // 2], True
    return data, truncated


def _clones(data: bytes) -> int:
    """An upper bound of the elements the tree builder may clone: every open formatting element into every later block.

    WHATWG HTML 13.2.4.3 keeps at most three alike open, so equal tags count three times, others each.
    """
    openings = sum(1 for _ in _FORMATTING.finditer(data))
    if openings * data.count(b"<") <= MAX_CLONES:
        return 0
    plain = _PLAIN_FORMATTING.findall(data)
    return (3 * len(set(plain)) + openings - len(plain)) * data.count(b"<")


@dataclass(frozen=True, slots=True)
class _Place:
    region: str
    noscript: bool
    within: str | None


class _Places:
    """Where elements stand; every ancestor is looked at once a page."""

    def __init__(self) -> None:
        self._known: dict[int, _Place] = {}

    def of(self, node: LexborNode) -> _Place:
        place = self._of_ancestors(node)
        about = node.attributes.get("about", place.within)
        if "about" in node.attributes:
            return _Place(place.region, place.noscript, "about" if about else None)
        return place

    def _of_ancestors(self, node: LexborNode) -> _Place:
        chain: list[LexborNode] = []
        place = _Place("body", False, None)
        parent = node.parent
        while parent is not None:
            known = self._known.get(parent.mem_id)
            if known is not None:
                place = known
                break
            chain.append(parent)
            parent = parent.parent
        for ancestor in reversed(chain):
            place = self._inside(ancestor, place)
            self._known[ancestor.mem_id] = place
        return place

    @staticmethod
    def _inside(node: LexborNode, outer: _Place) -> _Place:
        tag = node.tag or ""
        attributes = node.attributes
        region = _REGIONS.get(tag) or _LANDMARKS.get((attributes.get("role") or "").strip().lower(), outer.region)
        within = outer.within
        if "about" in attributes or "resource" in attributes:
            # RDFa: an empty `about` is the page itself.
            within = "about" if attributes.get("about") or attributes.get("resource") else None
        elif "itemscope" in attributes:
            within = within if _PAGE_ITEM.search((attributes.get("itemtype") or "").strip()) else "item"
        elif tag == "figure":
            within = "figure"
        elif tag in _QUOTED:
            within = "quote"
        return _Place(region, outer.noscript or tag == "noscript", within)


def _meta(attributes: dict[str, str], place: _Place, seen: dict[str, int]) -> Meta:
    name, prop, equiv = (_name(attributes.get(key)) for key in ("name", "property", "http-equiv"))
    selector = next(
        (
            f'meta[{key}="{_shown(value)}"]'
            for key, value in (("name", name), ("property", prop), ("http-equiv", equiv))
            if value
        ),
        "meta",
    )
    location = "noscript" if place.noscript else "head" if place.region == "head" else "body"
    return Meta(name, prop, equiv, attributes.get("content"), location, _count(selector, seen))


def _link(tag: str, attributes: dict[str, str], place: _Place, seen: dict[str, int]) -> Link:
    rel = tuple(attributes["rel"].lower().split())
    kind = _media_type(attributes["type"]) if "type" in attributes else None
    locator = _count(f'{tag}[rel="{_shown(" ".join(rel))}"]', seen)
    return Link(tag, rel, attributes.get("href"), kind or None, place.region, place.within, locator)


def _name(value: str | None) -> str | None:
    return value.strip().lower() if value is not None and value.strip() else None


def _media_type(value: str) -> str:
    return value.split(";", 1)[0].strip().lower()


def _shown(value: str) -> str:
    return re.sub(r"[^\w .:+/-]", "?", value[:64])


def _count(selector: str, seen: dict[str, int]) -> str:
    seen[selector] = seen.get(selector, 0) + 1
    return f"{selector} #{seen[selector]}"
