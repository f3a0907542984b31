"""Where on a page an element stands: its region, and what else than the page it may belong to."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from selectolax.lexbor import LexborNode

_REGIONS = {"head": "head", "header": "header", "footer": "footer", "main": "main", "figure": "figure", "body": "body"}
_LANDMARKS = {"banner": "header", "contentinfo": "footer", "main": "main"}
_QUOTED = frozenset({"blockquote", "pre", "code", "textarea"})
_WHOLE = frozenset({"html", "body", "main", "article"})
_PAGE_ITEM = re.compile(
    r"schema\.org/(?:\w*Page|WPHeader|WPFooter|WPSideBar|SiteNavigationElement|WebPageElement|CreativeWork|\w*Article|\w*Posting"
    r"|Blog|WebSite|Dataset|Report)/?$"
)
_PAGE_TYPE = re.compile(r"(?:CreativeWork|Dataset|\w*Article|\w*Page|\w*Posting|Report|WebSite|Blog|Document)/?$")

# What authors call such parts in `class` and `id` where they do not use the element made for it.
_FOOTER = re.compile(r"footer|(?:^|[\s_-])(?:foot|colophon|site-?info|impressum|imprint)(?:$|[\s_-])", re.IGNORECASE)
_ASIDE = re.compile(r"sidebar|widget|(?:^|[\s_-])(?:side|aside|secondary|complementary)(?:$|[\s_-])", re.IGNORECASE)
_CAPTION = re.compile(
    r"caption|(?:image|img|photo|picture|foto|bild|media)s?[_-]{0,2}(?:licen|lizenz|credit|source|quelle|copy|right|author|autor|attrib|info)"
    r"|(?:^|[\s_-])(?:ph-license|thumbinner)(?:$|[\s_-])|(?:leaflet|maplibre|mapbox|ol)[\w-]*attrib",
    re.IGNORECASE,
)
_NOTICE = re.compile(r"licen[sc]e|lizenz|licenc|copyright|(?:^|[\s_-])rights?(?:$|[\s_-])", re.IGNORECASE)
_COMMENTS = re.compile(
    r"(?:^|\s)(?:[\w-]+[_-])?comments?(?:[_-]?(?:list|content|body|text|area|section|entry|wrapper|thread|\d+))?(?:$|\s)"
    r"|disqus",
    re.IGNORECASE,
)


class _Told(NamedTuple):
    within: str | None
    footer: bool
    aside: bool
    notice: bool


@lru_cache(maxsize=8192)
def _told(names: str) -> _Told:
    """What the `class` and `id` of an element tell of it."""
    within = "caption" if _CAPTION.search(names) else "comments" if _COMMENTS.search(names) else None
    found = (pattern.search(names) is not None for pattern in (_FOOTER, _ASIDE, _NOTICE))
    return _Told(within, *found)


MAX_LOOKS = 100
"""Elements of one page that are searched for the page's own matter; beyond them a telling name tells nothing."""


class Place(NamedTuple):
    """Where an element stands.

    `region` is the nearest of head, header, footer, main, figure, body: landmark roles and, for the footer, the names
    authors give such parts count as their elements. `aside` is true in a side bar or widget. `within` names what else
    than the page it may belong to: `about`, `item`, `figure`, `caption`, `quote`, `comments`; None for nothing.
    `notice` is true in a part its author calls one about licence or rights.
    """

    region: str
    noscript: bool
    within: str | None
    aside: bool = False
    notice: bool = False


class Places:
    """The places of one page's elements; every ancestor is looked at once."""

    def __init__(self) -> None:
        self._known: dict[int, Place] = {}
        self._looks = MAX_LOOKS

    def of(self, node: LexborNode, attributes: dict[str, str | None] | None = None) -> Place:
        """The place of `node`; its own `about` counts, its own element does not. `attributes`: its own, if at hand."""
        parent = node.parent
        place = self._known.get(parent.mem_id) if parent is not None else None
        if place is None:
            place = self._of_ancestors(node)
        attributes = node.attributes if attributes is None else attributes
        if "about" in attributes:
            return place._replace(within="about" if attributes["about"] else None)
        return place

    def _of_ancestors(self, node: LexborNode) -> Place:
        chain: list[LexborNode] = []
        place = Place("body", False, None)
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

    def _inside(self, node: LexborNode, outer: Place) -> Place:
        tag = node.tag or ""
        attributes = node.attributes
        region = _REGIONS.get(tag) or _LANDMARKS.get((attributes.get("role") or "").strip().lower(), outer.region)
        within, aside, notice = outer.within, outer.aside or tag == "aside", outer.notice
        if "about" in attributes or "resource" in attributes:
            # RDFa: an empty `about` is the page itself.
            within = "about" if attributes.get("about") or attributes.get("resource") else None
        elif "itemscope" in attributes:
            within = within if _PAGE_ITEM.search((attributes.get("itemtype") or "").strip()) else "item"
        elif "typeof" in attributes and tag not in ("html", "body"):
            within = within if _PAGE_TYPE.search((attributes.get("typeof") or "").strip()) else "item"
        elif tag == "figure":
            within = "figure"
        elif tag == "figcaption":
            within = within or "caption"
        elif tag in _QUOTED:
            within = "quote"
        elif tag not in _WHOLE and ("class" in attributes or "id" in attributes):
            told = _told(f"{(attributes.get('class') or '')[:300]} {(attributes.get('id') or '')[:100]}")
            within = told.within or within
            notice = notice or told.notice
            if told.footer and region != "footer" and not self._holds_content(node):
                region = "footer"
            aside = aside or (told.aside and not self._holds_content(node))
        return Place(region, outer.noscript or tag == "noscript", within, aside, notice)

    def _holds_content(self, node: LexborNode) -> bool:
        """Whether the page's own matter stands inside, so that a telling name says how it looks and not what it is."""
        self._looks -= 1
        return self._looks < 0 or node.css_first("main, article, h1") is not None
