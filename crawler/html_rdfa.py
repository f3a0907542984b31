"""The statements of RDFa that are asked for: a subset of RDFa 1.1 over the page's one tree, exact for what it reads.

Read are elements with `property` and the subject they stand in; `prefix`, `xmlns:` and `vocab` are honoured, the
prefixes of the RDFa initial context are known. Chains of `rel` to new nodes are not built: an object with a name of its
own is told apart from the page, which is all that is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from crawler.html import MAX_VALUE, Page
from crawler.html_items import PAGE_TYPE, address

MAX_ELEMENTS = 5_000
MAX_SAID = 500
MAX_DEPTH = 300
"""Elements with a `property` looked at, statements read of them, and ancestors of one."""

INITIAL = {
    "cc": "http://creativecommons.org/ns#",
    "dc": "http://purl.org/dc/terms/",
    "dc11": "http://purl.org/dc/elements/1.1/",
    "dct": "http://purl.org/dc/terms/",
    "dcterms": "http://purl.org/dc/terms/",
    "schema": "http://schema.org/",
    "xhv": "http://www.w3.org/1999/xhtml/vocab#",
}
"""Prefixes known without a declaration (RDFa Core Initial Context), those that matter here; `dct` is customary."""

_TERM = "http://www.w3.org/1999/xhtml/vocab#license"


class Said(NamedTuple):
    """One RDFa statement: the predicate's IRI, its value, and whether its subject is the page or what else."""

    predicate: str
    value: str
    subject: str | None
    is_page: bool
    locator: str
    node: LexborNode


def said(page: Page, words: tuple[str, ...]) -> Iterator[Said]:
    """The statements of elements whose `property` holds one of `words`; `<meta>` is left to the readers of metas."""
    read = 0
    for number, node in enumerate(page.statements[:MAX_ELEMENTS], 1):
        attributes = node.attributes
        tokens = (attributes.get("property") or "")[:500].split()
        if not any(word in token.lower() for token in tokens for word in words):
            continue
        read += 1
        if read > MAX_SAID:
            return
        for token in tokens[:10]:
            predicate = _expand(token, node)
            if predicate is not None:
                subject, is_page = subject_of(node, page)
                yield Said(predicate, _value(node), subject, is_page, f"[property] #{number}", node)


def subject_of(node: LexborNode, page: Page) -> tuple[str | None, bool]:
    """What a statement on `node` is about, and whether that is the page: its name, None for a node without one."""
    current: LexborNode | None = node
    for _ in range(MAX_DEPTH):
        if current is None or current.tag in ("html", "-document", None):
            break
        attributes = current.attributes
        if "about" in attributes:
            return _named(attributes.get("about") or "", page)
        if current is not node:
            if "resource" in attributes:
                return _named(attributes.get("resource") or "", page)
            if "typeof" in attributes and current.tag not in ("body", "head"):
                name = attributes.get("href") or attributes.get("src")
                return _named(name, page) if name else (None, _sole(current, page))
        current = current.parent
    return "", True


_last: tuple[Page, int | None] | None = None


def _sole(node: LexborNode, page: Page) -> bool:
    """Whether a thing without a name is the page itself: of a type like a page's, the only such one at the top."""
    global _last
    cached = _last
    if cached is None or cached[0] is not page:
        root = node
        for _ in range(MAX_DEPTH):
            if root.parent is None:
                break
            root = root.parent
        tops = [each for each in root.css("[typeof]")[:MAX_SAID] if _is_top(each)]
        cached = _last = (page, tops[0].mem_id if len(tops) == 1 else None)
    return cached[1] == node.mem_id


def _is_top(node: LexborNode) -> bool:
    attributes = node.attributes
    kinds = re.split(r"\s+", (attributes.get("typeof") or "")[:500])
    if {"property", "rel", "rev"} & set(attributes) or node.tag in ("html", "body", "head"):
        return False
    if not any(PAGE_TYPE.fullmatch(re.split(r"[:/#]", kind)[-1]) for kind in kinds):
        return False
    current = node.parent
    for _ in range(MAX_DEPTH):
        if current is None or current.tag in ("html", "body", None):
            return True
        if "typeof" in current.attributes:
            return False
        current = current.parent
    return False


def _named(name: str, page: Page) -> tuple[str, bool]:
    own = name.strip()
    bare = own.split("#", 1)[0]
    if bare in ("", "."):
        return own, not own.startswith("#") or own == "#"
    canonical = address(page.canonical)
    if canonical and (address(own) == canonical or (own.startswith("/") and canonical.endswith(own.rstrip("/")))):
        return own, True
    return own, False


def _expand(token: str, node: LexborNode) -> str | None:
    if "://" in token:
        return token
    prefix, colon, name = token.partition(":")
    current: LexborNode | None = node
    for _ in range(MAX_DEPTH):
        if current is None:
            break
        attributes = current.attributes
        if colon:
            if (own := attributes.get(f"xmlns:{prefix.lower()}")) is not None:
                return own + name
            pairs = re.findall(r"([\w.-]+):\s+(\S+)", (attributes.get("prefix") or "")[:2000])
            for key, value in pairs:
                if key.lower() == prefix.lower():
                    return str(value) + name
        elif attributes.get("vocab"):
            return (attributes["vocab"] or "") + token
        current = current.parent
    if colon:
        known = INITIAL.get(prefix.lower())
        return known + name if known else None
    return _TERM if token.lower() == "license" else None


def _value(node: LexborNode) -> str:
    attributes = node.attributes
    for name in ("content", "resource", "href", "src"):
        if attributes.get(name) is not None:
            return (attributes[name] or "").strip()[:MAX_VALUE]
    return re.sub(r"\s+", " ", node.text(deep=True)).strip()[:MAX_VALUE]
