"""The words around a link or image: its sentence, its block and the heading above, read from the page's one tree.

Used for the few elements a signal asks about; every walk is bounded in characters and steps.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from selectolax.lexbor import LexborNode

REACH = 320
MAX_STEPS = 60
MARK = "\x1f"
LINK = "\x1e"
PICTURE = "\x1d"
"""Characters looked at on each side; nodes walked on each side; what stands on both sides of another licence's link,
and of a link to an address with a host, which mostly is somebody else's; what stands before a link to a picture."""

_MARKS = str.maketrans("", "", MARK + LINK + PICTURE)
_PICTURES = re.compile(
    r"/(?:File|Datei|Fichier|Archivo|Bild|Image):|commons\.wikimedia\.org|(?:flickr|unsplash|pexels)\.com/photo|pixabay\.com|flic\.kr/"
)

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "button",
        "caption",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "html",
        "select",
    ]
)
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_SILENT = frozenset({"script", "style", "noscript", "template", "svg", "head", "textarea"})
_SPACE = re.compile(r"[ \t\r\f\v\n\u00a0\u200b]+")
_BLANKS = re.compile(r"[ \t\r\f\v\u00a0\u200b]+")
_LINES = re.compile(r" *\n[ \n]*")
_LINKED = re.compile(r"creativecommons\.org/(?:licen|publicdomain)|/licen[sc]es?/|/licen[sc]e", re.IGNORECASE)


class Around(NamedTuple):
    """The words before, in and after an element: blocks divided by line feeds, links between marks."""

    before: str
    inside: str
    after: str

    @property
    def block(self) -> str:
        """The block the element stands in, as far as it was looked at."""
        return f"{self.before.rsplit(chr(10), 1)[-1]}{self.inside}{self.after.split(chr(10), 1)[0]}".translate(_MARKS)

    def shown(self, limit: int = 400) -> str:
        """All of it on one line, the element in brackets, with at most `limit` characters."""
        before, after = (_SPACE.sub(" ", text.translate(_MARKS)) for text in (self.before, self.after))
        side = max((limit - len(self.inside)) // 2, 0)
        return f"{before[-side:] if side else ''}[{self.inside[:limit]}]{after[:side]}".strip()


def around(node: LexborNode, reach: int = REACH) -> Around:
    """What stands around `node` in the order of the document, up to `reach` characters on each side."""
    before = "".join(reversed(_walk(node, reach, back=True)))
    after = "".join(_walk(node, reach, back=False))
    return Around(_squeeze(before)[-reach:], words(node), _squeeze(after)[:reach])


def words(node: LexborNode) -> str:
    """The text and title of an element and the alternative texts of its images, on one line of 500 at most."""
    if node.is_text_node:
        return _spaced(node.text_content or "").strip()[:500]
    images = (image.attrs.get("alt") or "" for image in node.css("img[alt]")[:3])
    parts = [node.text(deep=True), node.attrs.get("title") or "", *images]
    return _spaced(" ".join(parts)).strip()[:500]


def _walk(node: LexborNode, reach: int, *, back: bool) -> list[str]:
    pieces: list[str] = []
    length = 0
    current: LexborNode = node
    for _ in range(MAX_STEPS):
        sibling = current.prev if back else current.next
        if sibling is None:
            parent = current.parent
            if parent is None or parent.tag in ("body", "html", "-document"):
                break
            if parent.tag in _BLOCKS:
                pieces.append("\n")
            current = parent
            continue
        current = sibling
        piece = _piece(sibling, reach, back)
        pieces.append(piece)
        length += len(piece.strip())
        if length >= reach:
            break
    return pieces


def _piece(node: LexborNode, reach: int, back: bool) -> str:
    tag = node.tag or ""
    if tag == "-text":
        text = node.text_content or ""
    elif tag == "br":
        return " "
    elif tag in _SILENT or tag.startswith("-"):
        return ""
    else:
        text = node.text(deep=True, separator=" ")
    text = _spaced(text[-4 * reach :] if back else text[: 4 * reach])
    if tag == "a":
        href = node.attrs.get("href") or ""
        if _LINKED.search(href):
            return f"{MARK}{text}{MARK}"
        shown = PICTURE if _PICTURES.search(href) else ""
        return f"{shown}{LINK}{text}{LINK}" if href.startswith(("http:", "https:", "//")) else text
    if tag in _HEADINGS and _heads_elsewhere(node, text):
        text = f"{LINK}{text}{LINK}"
    return f"\n{text}\n" if tag in _BLOCKS else text


def _heads_elsewhere(heading: LexborNode, text: str) -> bool:
    """Whether a heading is one link to an address with a host."""
    link = heading.css_first("a[href]")
    href = link.attrs.get("href") or "" if link is not None else ""
    return link is not None and href.startswith(("http:", "https:", "//")) and link.text().strip() == text.strip()


def _spaced(text: str) -> str:
    """The text with each run of white space as one space."""
    if not text.isascii() or not text:
        return _SPACE.sub(" ", text)
    # The same several times faster, where white space is what `str.split` takes for it.
    head, tail = " " if text[0].isspace() else "", " " if text[-1].isspace() else ""
    return f"{head}{shown}{tail}" if (shown := " ".join(text.split())) else " "


def _squeeze(text: str) -> str:
    return _LINES.sub("\n", _BLANKS.sub(" ", text))
