"""What the words around a licence say it covers: the page, something on it, or nothing; and what they leave out.

The words themselves, in some twenty languages, are data: words.toml beside this file.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

MARK = "\x1f"
"""Where another licence's link begins or ends: a boundary of what the words are about (`crawler.html_context`)."""


class About(StrEnum):
    """What a licensing sentence speaks about; `unsaid` where it licenses without naming a subject."""

    PAGE = "page"
    OBJECT = "object"
    CREDIT = "credit"
    TOOL = "tool"
    UNSAID = "unsaid"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Spoken:
    """How the words around a licence read.

    `about` is their subject, `determined` whether it is named as one's own (`this work`, `all content`), `partial`
    whether they leave something out (`unless otherwise noted`).
    """

    about: About
    determined: bool = False
    partial: bool = False


WORDS: dict[str, list[str]] = tomllib.loads(files("crawler.licences").joinpath("words.toml").read_text("utf-8"))
"""The lists of words.toml by name, each string a regular expression."""


def _any(name: str) -> str:
    """The alternatives of a list of words.toml, those of its whole words between word boundaries."""
    whole = WORDS.get(f"{name}_word")
    bounded = [rf"\b{_by_letter(whole)}\b"] if whole else []
    other = [_by_letter(WORDS[name])] if name in WORDS else []
    return "|".join([*bounded, *other])


def _by_letter(alternatives: list[str]) -> str:
    """The same alternatives, tried by their first letter: many times faster where none of them matches."""
    letters: dict[str, list[str]] = {}
    rest: list[str] = []
    for each in alternatives:
        if each[0].isalpha() and each[1:2] not in ("?", "*", "+", "{", ""):
            letters.setdefault(each[0].lower(), []).append(each[1:])
        else:
            rest.append(each)
    groups = [f"{letter}(?:{'|'.join(tails)})" for letter, tails in letters.items()]
    return f"(?:{'|'.join([*groups, *rest])})"


_LICENSING, _STRONG, _PAGE, _OBJECT, _TOOL, _DETERMINED, _CARVE_OUT = (
    re.compile(_any(name), re.IGNORECASE)
    for name in ("licensing", "licensing_verb", "page", "object", "tool", "determined", "carve_out")
)
_CREDIT = re.compile(rf"{_any('credited')}[^.;\n]{{0,12}}{_any('credit_sign')}|{_any('credit')}", re.IGNORECASE)
_PREPOSITION = _any("preposition")
_LOCATIVE = re.compile(_PREPOSITION + r"(?:\W+[\w'’]+){0,2}\W+$", re.IGNORECASE)
_JOINED = re.compile(r"^\W{0,3}(?:and|und|et|y|e|en|och|og|i|и|&|,|/|or|oder|ou|o)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+(?=[^\s\d.])(?<!\b(?:z|d|u|p)\.\s)|[|•·♦▪;]\s?|\s[–—]\s(?=©)|。")
_FULL_STOP = re.compile(r"(?<=[.!?。！？])\s+(?=[^\s\d.])|;\s?|。")
_INTO = re.compile(
    r"\b(?:under|unter|sous|bajo|sotto|con|sob|onder|under en|na|op|pod|по|на|lizenz|licence|license|licencia|licença)"
    r"\b(?: (?:a|an|the|une?|la|una|uma|der|die|einer?|een|de|en|ei))?[\s\"“„'(:]*$",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def spoken(before: str, inside: str, after: str) -> Spoken:
    """How the words `before`, `inside` and `after` a licence's link or name read."""
    lead, heading = _lead(before)
    tail = re.split(r"[\n\x1f]", after, maxsplit=1)[0]
    tail = _SENTENCE_END.split(tail, maxsplit=1)[0]
    clause = f"{lead} {inside} {tail}"
    block = f"{before.rsplit(chr(10), 1)[-1]} {inside} {after.split(chr(10), 1)[0]}"
    partial = _CARVE_OUT.search(block.replace(MARK, " ")) is not None
    wide = _FULL_STOP.split(before.rsplit("\n", 1)[-1].rsplit(MARK, 1)[-1])[-1]
    near = f"{wide[-110:]} {inside} {tail[:60]}"
    if _TOOL.search(f"{lead[-60:]} {inside} {tail[:40]}") and not _own(clause):
        return Spoken(About.TOOL, False, partial)
    about = _subject(clause)
    if about is not About.PAGE and _CREDIT.search(near):
        return Spoken(About.CREDIT, False, partial)
    if about is About.PAGE and not _own(lead) and _CREDIT.search(near):
        return Spoken(About.CREDIT, False, partial)
    licensing = (
        _LICENSING.search(f"{lead} {tail}")
        or _INTO.search(lead)
        or _STRONG.search(inside)
        or (heading and _LICENSING.search(heading))
    )
    if not licensing:
        return Spoken(About.NOTHING, False, partial)
    if about is About.OBJECT:
        return Spoken(About.OBJECT, False, partial)
    if about is About.PAGE:
        return Spoken(About.PAGE, _own(clause), partial)
    return Spoken(About.UNSAID, False, partial)


def _lead(before: str) -> tuple[str, str]:
    """The sentence that runs up to the link, and the short heading above its block."""
    blocks = before.rstrip().rsplit("\n", 2) if before.endswith("\n") else before.rsplit("\n", 2)
    line = blocks[-1] if not before.endswith("\n") else ""
    heading = ""
    above = blocks[-1] if before.endswith("\n") else (blocks[-2] if len(blocks) > 1 else "")
    if 0 < len(above.strip()) <= 60 and len(line.strip()) < 60:
        heading = above.strip()
    line = line.rsplit(MARK, 1)[-1] if MARK in line else line
    return _SENTENCE_END.split(line)[-1] or "", heading


def _own(text: str) -> bool:
    return _DETERMINED.search(text) is not None and _PAGE.search(text) is not None


def _subject(clause: str) -> About:
    """PAGE or OBJECT by the nouns of a clause: `images on this site` are objects, `text and images` are the page."""
    located = False
    objects = [match.span() for match in _OBJECT.finditer(clause)]
    for match in _PAGE.finditer(clause):
        earlier = [end for _, end in objects if end <= match.start()]
        if not earlier:
            return About.PAGE
        if _JOINED.match(clause[earlier[-1] : match.start()]):
            return About.PAGE
        if _LOCATIVE.search(clause[max(0, match.start() - 40) : match.start()]):
            located = True
            continue
        located = True
    if objects:
        return About.OBJECT
    return About.PAGE if located else About.UNSAID
