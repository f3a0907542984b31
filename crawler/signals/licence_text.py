"""Licences named in a page's words without a link, and its reservation of all rights beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from crawler.html import Page, page
from crawler.html_context import Around, around
from crawler.licences import normalise
from crawler.licences.claims import LONG_BLOCK, MAX_CLAIMS, claim, clean
from crawler.licences.known import COMMUNITY, DATA, SOFTWARE
from crawler.licences.names import hints, named
from crawler.licences.phrases import About, spoken
from crawler.records import Carrier, Exchange, Fact, Signal, Statement
from crawler.vocabulary import ROLE_PAGE, Axis, LicenceClass, Part, Subject

_TEXT = Carrier(
    "licence-text", "Licence named in words", "https://creativecommons.org/licenses/", "custom", axis=Axis.LICENCE
)
_RIGHTS = Carrier(
    "rights-text",
    "All rights reserved, in words",
    "https://www.wipo.int/treaties/en/ip/berne/",
    "custom",
    axis=Axis.FACT,
)
_SILENT = frozenset({"script", "style", "noscript", "template", "svg", "title", "textarea", "option", "head"})
_RESERVED = tuple(
    words.encode()
    for words in (
        *("all rights reserved", "alle rechte vorbehalten", "tous droits réservés", "todos los derechos reservados"),
        *("tutti i diritti riservati", "todos os direitos reservados", "alle rechten voorbehouden"),
        *("wszelkie prawa zastrzeżone", "Все права защищены", "все права защищены"),
    )
)
_RESERVED_PARTS = tuple(part.encode() for part in ("serv", "vorbehalten", "voorbehouden", "zastrze", "защищ"))
_SPACE = re.compile(r"[ \t\r\n]+")
MAX_TEXTS = 20
MAX_LINKED = 50
"""Texts read on one page; links whose words are counted."""


def read(exchange: Exchange) -> list[Statement]:
    """5.1(15): class D; about the page where a licensing phrase says so or it stands in a footer or side bar.

    A name inside a link to a licence says nothing the link does not say, and is left to the reader of links.
    """
    parsed = page(exchange.body or b"")
    if parsed.tree is None or parsed.tree.body is None:
        return []
    lower = parsed.tree.body.text(deep=True).encode("utf-8", "replace").lower()
    out: list[Statement] = []
    found = hints(lower)
    if found and not _all_linked(lower, found, parsed):
        for node, words in _texts(parsed, found):
            for statement in _named_in(node, words, parsed):
                if len(out) < MAX_CLAIMS:
                    out.append(statement)
    out.extend(_reserved(lower, parsed))
    return out


def _all_linked(lower: bytes, found: frozenset[str], parsed: Page) -> bool:
    """Whether every such word stands in a link that another reader reads as a licence."""
    linked = [
        (link.node.text(deep=True) if link.node is not None else "").encode("utf-8", "replace").lower()
        for link in (*parsed.links, *parsed.anchors)[:MAX_LINKED]
        if link.element != "link" and (licence := normalise(link.href or "")) and licence.family
    ]
    words = [word.encode("utf-8", "replace") for word in found]
    return all(lower.count(word) <= sum(text.count(word) for text in linked) for word in words)


def _texts(parsed: Page, found: frozenset[str]) -> Iterator[tuple[LexborNode, str]]:
    """The text nodes of the body that may name a licence, outside links to licences and what is not shown."""
    body = parsed.tree.body if parsed.tree is not None else None
    if body is None:
        return
    count = 0
    words_of_licences = tuple(found)
    for node in body.traverse(include_text=True):
        if not node.is_text_node:
            continue
        words = node.text_content or ""
        lower = words.lower()
        if not _hits(lower, words_of_licences) or _silent(node):
            continue
        count += 1
        yield node, words
        if count >= MAX_TEXTS:
            return


def _hits(text: str, words: tuple[str, ...]) -> bool:
    for word in words:  # noqa: SIM110 - a generator costs more than the search
        if word in text:
            return True
    return False


def _silent(node: LexborNode) -> bool:
    """Whether a text is not shown, or stands inside a link that another reader reads as a licence."""
    parent = node.parent
    for _ in range(40):
        if parent is None:
            return False
        if parent.tag in _SILENT:
            return True
        if parent.tag == "a":
            licence = normalise(parent.attrs.get("href") or "")
            return licence is not None and licence.family is not None
        parent = parent.parent
    return False


def _named_in(node: LexborNode, words: str, parsed: Page) -> Iterator[Statement]:
    place = parsed.places.of(node)
    outer = around(node)
    for number, (licence, start, end) in enumerate(named(words[:4000]), 1):
        before = outer.before + _SPACE.sub(" ", words[max(0, start - 220) : start])
        after = _SPACE.sub(" ", words[end : end + 220]) + outer.after
        said = spoken(before, words[start:end], after)
        context = Around(before[-220:], words[start:end], after[:220])
        if COMMUNITY in (licence.note or "") or SOFTWARE in (licence.note or ""):
            subject, note = Subject.OTHER, None
        elif place.within in ("quote", "comments"):
            subject, note = Subject.OTHER, f"within {place.within}"
        elif place.within in ("figure", "caption") or said.about in (About.CREDIT, About.OBJECT):
            subject, note = Subject.OBJECT, f"within {place.within}" if place.within else "of something on the page"
        elif said.about is About.TOOL:
            subject, note = Subject.EXCLUDED, "of something the page is made with"
        elif place.within:
            subject, note = Subject.OTHER, f"within {place.within}"
        elif licence.family in DATA and said.about is not About.PAGE:
            subject, note = Subject.OTHER, "a licence for data"
        else:
            edge = place.region == "footer" or place.aside
            notice = len(context.block.strip()) <= LONG_BLOCK
            page_like = said.about is About.PAGE and (said.determined or edge)
            short = said.about is About.UNSAID and (edge or (notice and len(context.block.strip()) <= 120))
            bare = said.about is About.NOTHING and edge and len(context.block.strip()) <= 60
            subject = Subject.DOCUMENT if page_like or short or bare else Subject.OTHER
            note = None
        kind = LicenceClass.EXCLUDED if subject is Subject.EXCLUDED else LicenceClass.D
        locator = f"text in {_path(node)} #{number}"
        yield claim(
            *(_TEXT.id, words[start:end], (kind, subject, note), locator, context.shown(400)),
            location=place.region,
            partial=said.partial,
            licence=licence,
        )


def _path(node: LexborNode) -> str:
    parent = node.parent
    if parent is None:
        return "body"
    name = parent.attrs.get("id") or parent.attrs.get("class") or ""
    shown = re.sub(r"[^\w -]", "?", name[:40])
    return f"{parent.tag}[{shown}]" if shown else str(parent.tag)


def _reserved(lower: bytes, parsed: Page) -> Iterator[Statement]:
    """A fact that all rights are reserved in words; beside a licence it is a conflict of words, the licence stays."""
    if not any(part in lower for part in _RESERVED_PARTS):
        return
    words = next((words for words in _RESERVED if words in lower), None)
    if words is None:
        return
    at = lower.find(words)
    context = lower[max(0, at - 80) : at + len(words) + 80].decode("utf-8", "ignore")
    raw = clean(re.sub(r"\s+", " ", context))
    yield Fact(_RIGHTS.id, "rights_reserved_text", words.decode(), "text", raw)
    links = [*parsed.links, *parsed.anchors]
    if any(
        (licence := normalise(link.href or "")) and licence.family and licence.family.startswith("CC") for link in links
    ):
        yield Fact(_RIGHTS.id, "rights_text_conflict", words.decode(), "text", raw)


LICENCE_TEXT = Signal("licence-text", 2, ROLE_PAGE, Part.BODY, (_TEXT, _RIGHTS), read)
