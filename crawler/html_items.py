"""The items a page describes in JSON-LD and microdata, in one shape: nodes of properties, and which node is the page.

JSON-LD is read script by script, so that a broken one loses nothing else, and no context is ever fetched. Microdata is
the subset of WHATWG HTML 5 (items, properties, `itemref`) built over the page's one tree; it is only built where a
property that is asked for stands on the page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborNode

from crawler.html import JSON_LD, MAX_VALUE, Page

MAX_NODES = 20_000
MAX_RAW = 500
MAX_MICRODATA = 5_000
MAX_DEPTH = 300
"""Nodes looked at on one page; characters of a fault's raw text; elements of microdata, and ancestors of one."""

PAGE_TYPE = re.compile(
    r"CreativeWork|Dataset|\w*Article|\w*Page|\w*Posting|Report|Book|Chapter|\w*Thesis|Course|Recipe"
)
_PREFIX = re.compile(r"^(?:https?://(?:www\.)?schema\.org/|schema:)")


@dataclass(frozen=True, slots=True)
class Item:
    """A node: `path` its JSON pointer below `locator`, `keys` the properties that lead to it from the top.

    `is_page` says that the node is the page itself.
    """

    value: dict[str, object]
    locator: str
    path: str
    keys: tuple[str, ...] = ()
    is_page: bool = False

    @property
    def types(self) -> list[str]:
        """The node's types without schema.org's prefix."""
        kind = self.value.get("@type")
        kinds = kind if isinstance(kind, list) else [kind]
        return [_PREFIX.sub("", item) for item in kinds if isinstance(item, str)]

    def is_type(self, pattern: re.Pattern[str]) -> bool:
        """Whether one of its types is, as a whole, one of `pattern`."""
        return any(pattern.fullmatch(kind) for kind in self.types)


@dataclass(frozen=True, slots=True)
class Broken:
    """A data script that is not JSON: why, where, and how it begins."""

    reason: str
    locator: str
    raw: str


_last: tuple[Page, tuple[list[Item], list[Broken]]] | None = None


def jsonld(page: Page) -> tuple[list[Item], list[Broken]]:
    """The top nodes of the page's JSON-LD, arrays and `@graph` opened, and the scripts that could not be read."""
    global _last
    cached = _last
    if cached is not None and cached[0] is page:
        return cached[1]
    tops: list[Item] = []
    broken: list[Broken] = []
    for script in page.scripts:
        if script.type != JSON_LD or not (text := _unwrapped(script.text)):
            continue
        try:
            data = json.loads(text, strict=False)
        except RecursionError:
            broken.append(Broken("invalid_json: nested too deep", script.locator, text[:MAX_RAW]))
        except ValueError as error:
            broken.append(Broken(f"invalid_json: {error}", script.locator, text[:MAX_RAW]))
        else:
            tops.extend(_tops(data, script.locator))
    found = _marked(tops, page), broken
    _last = (page, found)
    return found


def walk(tops: Sequence[Item]) -> Iterator[Item]:
    """Every node below `tops` in document order, MAX_NODES at most."""
    stack = list(reversed(tops))
    for _ in range(MAX_NODES):
        if not stack:
            return
        item = stack.pop()
        yield item
        stack.extend(reversed(list(_children(item))))


def _tops(data: object, locator: str) -> Iterator[Item]:
    """The top-level nodes of a script: its items, those of an array, and those of every `@graph` at the top."""
    items = [("", data)] if not isinstance(data, list) else [(f"/{i}", item) for i, item in enumerate(data)]
    for path, item in items[:MAX_NODES]:
        if not isinstance(item, dict):
            continue
        yield Item({key: value for key, value in item.items() if key != "@graph"}, locator, path)
        graph = item.get("@graph")
        members = graph if isinstance(graph, list) else [graph]
        for index, member in enumerate(members[:MAX_NODES]):
            if isinstance(member, dict):
                yield Item(member, locator, f"{path}/@graph/{index}")


def _marked(tops: list[Item], page: Page) -> list[Item]:
    """`tops` with those that are the page itself marked.

    Those of a page-like type whose `url`, `@id` or `mainEntityOfPage` is the canonical address; without one to compare
    with, the only node with a `mainEntityOfPage`; else the sole page-like node, a `WebPage` beside it not counted.
    """
    likely = [index for index, item in enumerate(tops) if item.is_type(PAGE_TYPE)]
    canonical = address(page.canonical)
    chosen: list[int] = []
    if canonical:
        chosen = [i for i in likely if canonical in _addresses(tops[i].value)]
    if not chosen:
        named = [i for i in likely if tops[i].value.get("mainEntityOfPage")]
        if len(named) == 1 and not (canonical and _addresses({"url": tops[named[0]].value["mainEntityOfPage"]})):
            chosen = named
        else:
            plain = [i for i in likely if not tops[i].is_type(_WEB_PAGE)]
            chosen = likely if len(likely) == 1 else plain if len(plain) == 1 else []
    return [replace(item, is_page=True) if index in chosen else item for index, item in enumerate(tops)]


_WEB_PAGE = re.compile(r"\w*Page")


def _children(item: Item) -> Iterator[Item]:
    for key, value in item.value.items():
        if not isinstance(value, dict | list):
            continue
        members = [("", value)] if not isinstance(value, list) else [(f"/{i}", each) for i, each in enumerate(value)]
        for suffix, member in members[:MAX_NODES]:
            if isinstance(member, dict):
                # "The primary entity described in a page": its licence is the page's.
                kin = Item(
                    member, item.locator, f"{item.path}/{pointer(key)}{suffix}"[:MAX_RAW], (*item.keys[-8:], key)
                )
                main = item.is_page and key == "mainEntity" and kin.is_type(PAGE_TYPE)
                yield replace(kin, is_page=main) if main else kin


def _addresses(value: dict[str, object]) -> set[str]:
    found = set()
    for key in ("@id", "url", "mainEntityOfPage"):
        members = value.get(key)
        for member in (members if isinstance(members, list) else [members])[:20]:
            if isinstance(member, dict):
                member = member.get("@id")
            if isinstance(member, str) and (own := address(member)):
                found.add(own)
    return found


def address(url: str | None) -> str:
    """`url` without scheme, fragment and closing slash, so that equal pages compare equal."""
    return re.sub(r"^https?:", "", (url or "").strip().split("#", 1)[0], flags=re.IGNORECASE).rstrip("/")


def pointer(key: str) -> str:
    """A property's name as one step of a JSON pointer (RFC 6901), capped."""
    return key[:100].replace("~", "~0").replace("/", "~1")


def _unwrapped(text: str) -> str:
    """The JSON of a script whose author hid it from old browsers (`<!-- -->`, CDATA), trimmed."""
    text = text.strip().removeprefix("\ufeff")
    if text[:1] in ("<", "/"):
        text = re.sub(r"^(?:<!--|(?://|/\*)?\s*<!\[CDATA\[(?:\s*\*/)?)", "", text)
    if text[-1:] in (">", "/"):
        head, tail = text[:-40], text[-40:]
        text = head + re.sub(r"(?:-->|(?://|/\*)?\s*\]\]>(?:\s*\*/)?)$", "", tail)
    return text.strip()


def microdata(page: Page, wanted: frozenset[str]) -> list[Item]:
    """The top items of the page's microdata; none where no property of `wanted` (lower-case) stands on the page."""
    if page.tree is None:
        return []
    properties = page.properties[:MAX_MICRODATA]
    if not properties or not _names(page) & wanted:
        return []
    scopes = page.tree.css("[itemscope]")[:MAX_MICRODATA]
    values: dict[int, dict[str, object]] = {}
    referred: dict[str, int] = {}
    for scope in scopes:
        attributes = scope.attributes
        kinds: list[object] = [*(attributes.get("itemtype") or "").split()[:10]]
        values[scope.mem_id] = {"@type": kinds}
        if identifier := (attributes.get("itemid") or "").strip():
            values[scope.mem_id]["@id"] = identifier[:MAX_VALUE]
        for reference in (attributes.get("itemref") or "").split()[:50]:
            referred.setdefault(reference, scope.mem_id)
    for node in properties:
        owner = _owner(node, values, referred)
        if owner is None:
            continue
        value: object = values.get(node.mem_id)
        if value is None:
            value = _value(node)
        for name in (node.attributes.get("itemprop") or "").split()[:10]:
            slot = values[owner].setdefault(_PREFIX.sub("", name), [])
            if isinstance(slot, list):
                slot.append(value)
    tops = [
        Item(values[scope.mem_id], f"[itemscope] #{number}", "")
        for number, scope in enumerate(scopes, 1)
        if "itemprop" not in scope.attributes
    ]
    return _marked(tops, page)


_last_names: tuple[Page, frozenset[str]] | None = None


def _names(page: Page) -> frozenset[str]:
    """Every property name on the page, lower-case and without schema.org's prefix."""
    global _last_names
    cached = _last_names
    if cached is not None and cached[0] is page:
        return cached[1]
    names = {name for node in page.properties[:MAX_MICRODATA] for name in (node.attrs.get("itemprop") or "").split()}
    found = frozenset(_PREFIX.sub("", name).lower() for name in names)
    _last_names = (page, found)
    return found


def _owner(node: LexborNode, values: dict[int, dict[str, object]], referred: dict[str, int]) -> int | None:
    """The item a property belongs to: the one that refers to its part of the page, else the nearest around it."""
    current: LexborNode | None = node
    for _ in range(MAX_DEPTH):
        if current is None:
            break
        if current is not node and current.mem_id in values:
            return current.mem_id
        if referred and (own := referred.get(current.id or "")) is not None and own != node.mem_id:
            return own
        current = current.parent
    return None


def _value(node: LexborNode) -> str:
    """A property's value (WHATWG HTML 5.2.4): the attribute its element keeps it in, else its text."""
    attributes = node.attributes
    names = {"meta": "content", "time": "datetime", "data": "value", "meter": "value", "object": "data"}
    for name in (
        "content",
        names.get(node.tag or ""),
        "href" if node.tag in ("a", "area", "link") else None,
        "src" if node.tag in ("audio", "embed", "iframe", "img", "source", "track", "video") else None,
    ):
        if name is not None and attributes.get(name) is not None:
            return (attributes[name] or "")[:MAX_VALUE]
    return re.sub(r"\s+", " ", node.text(deep=True)).strip()[:MAX_VALUE]
