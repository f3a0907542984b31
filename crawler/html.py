"""One bounded parse of a page, shared by every signal that reads it: its metas, links, data scripts and its tree.

A page is hostile text: what is read is bounded first (`crawler.html_bounds`), and `Page.truncated` says when that took
something away.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode, SelectolaxError

from crawler.html_bounds import MAX_BYTES, bounded, utf8
from crawler.html_places import Place, Places

MAX_ITEMS = 5_000
MAX_VALUE = 8_192
"""What is kept of one page: metas, links and scripts together; characters of one attribute value."""

JSON_LD = "application/ld+json"
RSL_XML = "application/rsl+xml"


class Meta(NamedTuple):
    """One `<meta>`: names lower-case and trimmed, `content` as written; `location` is head, body or noscript."""

    name: str | None
    property: str | None
    http_equiv: str | None
    content: str | None
    location: str
    locator: str


@dataclass(frozen=True, slots=True)
class Link:
    """One `<link>` with a `rel`, or an `<a>` or `<area>`; `rel` is lower-case, `type` the lower-case media type alone.

    `location` is the nearest of head, header, footer, main, figure, body (landmark roles count as their elements).
    `within` names what else than the page the link stands in (see `crawler.html_places`); None for nothing.
    """

    element: str
    rel: tuple[str, ...]
    href: str | None
    type: str | None
    location: str
    within: str | None
    locator: str
    aside: bool = False
    notice: bool = False
    node: LexborNode | None = field(default=None, compare=False, repr=False)


class Script(NamedTuple):
    """One data script (`application/ld+json` or `application/rsl+xml`) and its text as written."""

    type: str
    text: str
    location: str
    locator: str


@dataclass(frozen=True, slots=True)
class Page:
    """What signals read of a page, in document order; `truncated` when a bound took something away.

    `metas` are all but those that only say how a page is shared (`twitter:`, `og:image`).
    `links` are every `<link rel>` that does more than dress the page (stylesheets, icons), and the `<a>` and `<area>`
    whose `rel` speaks of a licence or copyright; `anchors` the `<a>` and `<area>` without such a `rel` whose address
    looks like a licence's. `properties` are the elements with an `itemprop`, `statements` those of the body with a
    `property`, `badges` images of the hosts of licence badges, `nosnippets` counts elements with `data-nosnippet`.
    `tree` is the parse itself without scripts and styles, None where there is none, `data` the UTF-8 or
    ASCII-compatible bytes it was made from.
    """

    metas: tuple[Meta, ...]
    links: tuple[Link, ...]
    scripts: tuple[Script, ...]
    truncated: bool
    anchors: tuple[Link, ...] = ()
    properties: tuple[LexborNode, ...] = field(default=(), compare=False, repr=False)
    statements: tuple[LexborNode, ...] = field(default=(), compare=False, repr=False)
    badges: tuple[LexborNode, ...] = field(default=(), compare=False, repr=False)
    nosnippets: int = 0
    data: bytes = field(default=b"", compare=False, repr=False)
    tree: LexborHTMLParser | None = field(default=None, compare=False, repr=False)
    places: Places = field(default_factory=Places, compare=False, repr=False)

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


_DRESS = frozenset(
    {None, "stylesheet", "preload", "prefetch", "dns-prefetch", "preconnect", "modulepreload", "icon", "shortcut icon"}
    | {"apple-touch-icon", "apple-touch-icon-precomposed", "mask-icon", "pingback", "edituri", "EditURI", "wlwmanifest"}
    | {"manifest", "profile", "search", "amphtml", "shortlink", "https://api.w.org/", "next", "prev"}
)
"""What `rel` says of links that only dress or serve a page."""

_PLAIN_RELS = frozenset(
    {"nofollow", "noopener", "noreferrer", "noopener noreferrer", "nofollow noopener", "tag", "bookmark"}
)
"""Usual `rel` of links, none of which speaks of rights."""

_SHARED = (
    *("og:image", "og:title", "og:description", "og:video", "og:locale", "og:site", "og:url"),
    *("twitter:", "fb:", "al:"),
)
"""How metas begin that only say how a page is shared."""

ADDRESSES = (
    *("licen", "lizenz", "creativecommons", "copyleft", "rightsstatements", "localcontexts", "attribution-sharealike"),
    *("/dl-de/", "/nlod", "cdla.", "/mpl/"),
)
"""Lower-case parts of addresses that may be a licence's."""

_WANTED = (
    "meta, link[rel], a, area, script[type], [itemprop], body [property],"
    " img[src*='licensebuttons.net'], img[src*='creativecommons.org/'], [data-nosnippet]"
)


def _parse(body: bytes) -> Page:
    data, truncated = bounded(utf8(body[:MAX_BYTES]))
    try:
        tree = LexborHTMLParser(data, encoding=True, options=LexborDocumentOptions.WO_EVENTS)
        nodes = tree.css(_WANTED)
    except (SelectolaxError, ValueError):
        return Page((), (), (), True)
    places = Places()
    metas: list[Meta] = []
    links: list[Link] = []
    scripts: list[Script] = []
    anchors: list[Link] = []
    properties: list[LexborNode] = []
    statements: list[LexborNode] = []
    badges: list[LexborNode] = []
    seen: dict[str, int] = {}
    kept = last = nosnippets = 0
    linked: list[LexborNode] = []
    addresses: list[str] = []
    for node in nodes:
        if (ident := node.mem_id) == last:
            continue
        last = ident
        tag = node.tag
        attributes = node.attributes
        if tag == "a" or tag == "area":
            rel, href = attributes.get("rel"), attributes.get("href")
            if rel and rel not in _PLAIN_RELS and _names_rights(rel.lower()):
                links.append(_link(tag, _capped(attributes), places.of(node, attributes), seen, node))
                kept += 1
            elif href:
                linked.append(node)
                addresses.append(href)
        elif tag == "meta":
            if not (attributes.get("property") or attributes.get("name") or "").startswith(_SHARED):
                metas.append(_meta(_capped(attributes), places.of(node, attributes), seen))
                kept += 1
        elif tag == "link":
            if attributes.get("rel") not in _DRESS:
                links.append(_link(tag, _capped(attributes), places.of(node, attributes), seen, node))
                kept += 1
        elif tag == "script":
            if (kind := _media_type(attributes.get("type") or "")) in (JSON_LD, RSL_XML):
                location = places.of(node, attributes).region
                scripts.append(Script(kind, node.text(), location, _count(f'script[type="{kind}"]', seen)))
                kept += 1
        elif tag == "img" and ("creativecommons" in (src := attributes.get("src") or "") or "licensebuttons" in src):
            badges.append(node)
        if "data-nosnippet" in attributes:
            nosnippets += 1
        if "itemprop" in attributes:
            properties.append(node)
        if "property" in attributes and tag != "meta":
            statements.append(node)
        if kept >= MAX_ITEMS:
            truncated = True
            break
    telling = _telling(addresses)
    if telling:
        for node, href in zip(linked, addresses, strict=True):
            if _tells(href[:MAX_VALUE].lower(), telling) and len(anchors) < MAX_ITEMS:
                attributes = node.attributes
                anchors.append(_anchor(node.tag or "", _capped(attributes), places.of(node, attributes), seen, node))
    # Program text is nobody's words: without it every later walk is several times shorter.
    tree.strip_tags(["script", "style"], recursive=True)
    return Page(
        metas=tuple(metas),
        links=tuple(links),
        scripts=tuple(scripts),
        truncated=truncated or len(body) > MAX_BYTES,
        anchors=tuple(anchors),
        properties=tuple(properties[:MAX_ITEMS]),
        statements=tuple(statements[:MAX_ITEMS]),
        badges=tuple(badges[:MAX_ITEMS]),
        nosnippets=nosnippets,
        data=data,
        tree=tree,
        places=places,
    )


def _names_rights(rel: str) -> bool:
    """Whether a lower-case `rel` speaks of a licence; `copyright` is a synonym of `license` (WHATWG HTML 4.6.7.9)."""
    return "licen" in rel or "copyright" in rel


def _telling(addresses: list[str]) -> list[str]:
    """Those of ADDRESSES that stand in some of `addresses`, so that on most pages no single one need be looked at."""
    together = "\n".join(addresses).lower()
    return [word for word in ADDRESSES if word in together]


def _tells(address: str, words: list[str]) -> bool:
    for word in words:  # noqa: SIM110 - a generator costs more than the search
        if word in address:
            return True
    return False


def _capped(attributes: dict[str, str | None]) -> dict[str, str]:
    return {key: value[:MAX_VALUE] if value else "" for key, value in attributes.items()}


def _meta(attributes: dict[str, str], place: Place, seen: dict[str, int]) -> Meta:
    get = attributes.get
    name, prop, equiv = _name(get("name")), _name(get("property")), _name(get("http-equiv"))
    if name:
        selector = f'meta[name="{_shown(name)}"]'
    elif prop:
        selector = f'meta[property="{_shown(prop)}"]'
    elif equiv:
        selector = f'meta[http-equiv="{_shown(equiv)}"]'
    else:
        selector = "meta"
    location = "noscript" if place.noscript else "head" if place.region == "head" else "body"
    return Meta(name, prop, equiv, attributes.get("content"), location, _count(selector, seen))


def _link(tag: str, attributes: dict[str, str], place: Place, seen: dict[str, int], node: LexborNode) -> Link:
    rel = tuple(attributes["rel"].lower().split())
    kind = _media_type(attributes["type"]) if "type" in attributes else None
    locator = _count(f'{tag}[rel="{_shown(" ".join(rel))}"]', seen)
    return Link(tag, rel, attributes.get("href"), kind or None, place.region, place.within, locator, *place[3:], node)


def _anchor(tag: str, attributes: dict[str, str], place: Place, seen: dict[str, int], node: LexborNode) -> Link:
    rel = tuple(attributes.get("rel", "").lower().split())
    locator = _count(f'{tag}[href="{_shown(attributes["href"])}"]', seen)
    return Link(tag, rel, attributes["href"], None, place.region, place.within, locator, *place[3:], node)


def _name(value: str | None) -> str | None:
    return (value.strip().lower() or None) if value else None


def _media_type(value: str) -> str:
    return value.split(";", 1)[0].strip().lower()


_ODD = re.compile(r"[^\w .:+/-]")


@lru_cache(maxsize=4096)
def _shown(value: str) -> str:
    return _ODD.sub("?", value[:64])


def _count(selector: str, seen: dict[str, int]) -> str:
    seen[selector] = seen.get(selector, 0) + 1
    return f"{selector} #{seen[selector]}"
