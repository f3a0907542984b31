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
LINK = "\x1e"
PICTURE = "\x1d"
"""Where another licence's link begins or ends, a boundary of what the words are about; the same of a link to an address
with a host of its own; what stands before a link to a picture (`crawler.html_context`)."""


MAX_HEADING = 60
"""Characters of a heading or label, and of a line that may have one."""


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
_HEADING = re.compile(
    r"\W*(?:\d+\W+)?(?:licen[cs]\w*|lizenz\w*|licenz\w*|licenç\w*|rechte|copyright|rights)\b.{0,30}$", re.IGNORECASE
)
_CREDIT = re.compile(rf"{_any('credited')}[^.;\n]{{0,12}}{_any('credit_sign')}|{_any('credit')}", re.IGNORECASE)
_COPY = re.compile(_any("copy"), re.IGNORECASE)
_BORROWED = re.compile(_any("borrowed"), re.IGNORECASE)
_ELSEWHERE = re.compile(_any("elsewhere"), re.IGNORECASE)
_EXAMPLE = re.compile(rf"{_any('example')}[\s(:\"'“«]*$", re.IGNORECASE)
_SOURCES = re.compile(rf"(?:^|\n)\W*(?:{_any('sources')})\W*\n(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_VERB = re.compile(r"\w.{0,80}\b(?:is|are|ist|sind|est|sont|è|é|está|es|jest|är|er)\b", re.IGNORECASE)
_LICENCE_NAME = re.compile(
    r"\b(?:open|free)\s+(?:database|documentation|content|publication|data commons)\b", re.IGNORECASE
)
_ANOTHER = re.compile(rf".*{_any('attributed')}\s[^,;\n]{{1,60}}?(?:[,;]|\b(?:and|und|et|y|e|en)\b)\s", re.IGNORECASE)
_NAMING = r"(?:by|von|par|por|de|di|do|da|door|av|af|od)"
_NO_VERB = r"(?!(?:is|are|was|ist|sind|est|sont|está|é|è|jest)\b)"
_NAME = r"(?:\b[A-Z]\.|[^.;,\n©]){2,60}"
_ATTRIBUTED = re.compile(
    rf"(?<=[^\W_])['\"”»)]*,?\s+{_NAMING}\s{_NAME},\s*(?:{_NO_VERB}\w+ ){{0,2}}{_any('attributed')}", re.IGNORECASE
)
_TITLED = re.compile(
    rf"{LINK}([^{LINK}]{{2,120}}){LINK}[^\w.]{{0,3}}{_any('attributed')}[^.;\n{LINK}{MARK}]{{0,30}}$", re.IGNORECASE
)
_PARENTHESISED = re.compile(rf"{LINK}([^{LINK}]{{2,120}}){LINK}\s?[(（]\s?$")
_LINKED_HEADING = re.compile(rf"(?:^|\n)\W*{LINK}[^{LINK}\n]{{2,150}}{LINK}\W*\n$")
_NUMBERED = re.compile(
    r"^\W{0,3}(?:figure|fig|table|plate|abb(?:ildung)?|tab(?:elle)?|tableau|figura|tabla|obr|rys|рис|图|圖|図)[.\s]{0,2}\d",
    re.IGNORECASE,
)
_SIGNED = re.compile(rf"{_any('signed')}\W*$|(?:©|\(c\)|copyright)[\W\d]*$|\b{_NAMING}\W*$", re.IGNORECASE)
_HOLDER = re.compile(
    r"(?:(?:©|\(c\)|copyright)\s*(?:©\s*)?\d{4}(?:\s*[-–]\s*\d{2,4})?|©)\s+([^,.;:|–—\n]{2,80})", re.IGNORECASE
)
_PREPOSITION = _any("preposition")
_LOCATIVE = re.compile(_PREPOSITION + r"(?:\W+[\w'’]+){0,2}\W+$", re.IGNORECASE)
_JOINED = re.compile(r"^\W{0,3}(?:and|und|et|y|e|en|och|og|i|и|&|,|/|or|oder|ou|o)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(
    r"(?<=[.!?。！？])(?<!\b[A-ZÄÖÜÉ]\.)\s+(?=[^\s\d.])(?<!\b(?:z|d|u|p)\.\s)|[|•·♦▪;]\s?|\s[–—]\s(?=©)|。"
)
_FULL_STOP = re.compile(r"(?<=[.!?。！？])(?<!\b[A-ZÄÖÜÉ]\.)\s+(?=[^\s\d.])|;\s?|。")
_INTO = re.compile(
    r"\b(?:under|unter|sous|bajo|sotto|con|sob|onder|under en|na|op|pod|по|на"
    r"|lizenz|licence|license|licencia|licença|licenza|licentie)"
    r"\b(?: (?:a|an|the|une?|la|una|uma|der|die|einer?|een|de|en|ei))?[\s\"“„'(:]*$",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def spoken(before: str, inside: str, after: str) -> Spoken:
    """How the words `before`, `inside` and `after` a licence's link or name read."""
    titled = _titled(before, after) or PICTURE in before.rsplit("\n", 1)[-1]
    heads_a_work = _LINKED_HEADING.search(before) is not None
    before, after = (re.sub(f"[{LINK}{PICTURE}]", "", text) for text in (before, after))
    lead, above = _lead(before)
    tail = re.split(r"[\n\x1f]", after, maxsplit=1)[0]
    tail = _SENTENCE_END.split(tail, maxsplit=1)[0]
    lead = _after_another(lead)
    clause = _LICENCE_NAME.sub(" ", f"{lead} {inside} {tail}")
    block = f"{before.rsplit(chr(10), 1)[-1]} {inside} {after.split(chr(10), 1)[0]}"
    partial = _CARVE_OUT.search(block.replace(MARK, " ")) is not None
    wide = _FULL_STOP.split(before.rsplit("\n", 1)[-1].rsplit(MARK, 1)[-1])[-1]
    near = f"{wide[-110:]} {inside} {tail[:60]}"
    if _TOOL.search(f"{lead[-60:]} {inside} {tail[:40]}") and not _own(clause):
        return Spoken(About.TOOL, False, partial)
    about = _subject(_without_holder(clause))
    if _ELSEWHERE.search(lead):
        return Spoken(About.CREDIT, False, partial)
    if _EXAMPLE.search(lead):
        return Spoken(About.NOTHING, False, partial)
    if (titled or _NUMBERED.search(block) or _of_others(lead)) and not _own(lead):
        return Spoken(About.CREDIT, False, partial)
    if about is not About.PAGE and _CREDIT.search(near):
        return Spoken(About.CREDIT, False, partial)
    if about is About.PAGE and not _own(lead) and _CREDIT.search(near):
        return Spoken(About.CREDIT, False, partial)
    if not _own(clause) and _among_sources(before):
        return Spoken(About.CREDIT, False, partial)
    licensing = (
        _LICENSING.search(f"{lead} {tail}")
        or _INTO.search(lead)
        or _STRONG.search(inside)
        or (len(above) <= MAX_HEADING and _alone(before) and "©" not in above and _LICENSING.search(above))
    )
    if not licensing:
        return Spoken(About.CREDIT if heads_a_work else About.NOTHING, False, partial)
    if about is About.OBJECT:
        return Spoken(About.OBJECT, False, partial)
    if about is About.PAGE:
        return Spoken(About.PAGE, _own(clause) or _HEADING.match(above) is not None, partial)
    if _VERB.match(lead.strip()) and _BORROWED.search(before.rsplit("\n", 1)[-1]):
        # `This work includes material of X. X is licensed under ...`
        return Spoken(About.CREDIT, False, partial)
    return Spoken(About.UNSAID, False, partial)


def _lead(before: str) -> tuple[str, str]:
    """The sentence that runs up to the link, and the block above its own."""
    if before.endswith("\n"):
        return "", before.rstrip().rsplit("\n", 1)[-1].strip()
    *above, line = before.rsplit("\n", 2)
    line = line.rsplit(MARK, 1)[-1]
    lead = _SENTENCE_END.split(line)[-1] or ""
    if _COPY.search(lead):
        # `To view a copy of this licence, visit ...` tells where to read what the sentence before it granted.
        lead = line
    return lead, above[-1].strip() if above else ""


def _alone(before: str) -> bool:
    """Whether little stands before the link in its block, so that the block above may be its label."""
    return before.endswith("\n") or len(before.rsplit("\n", 1)[-1].strip()) < MAX_HEADING


def _after_another(lead: str) -> str:
    """What a sentence says after it has licensed something else: `code is licensed under X, texts under ...`."""
    earlier = _ANOTHER.match(lead)
    if earlier is None:
        return lead
    rest = lead[earlier.end() :]
    return rest if _PAGE.search(rest) or _OBJECT.search(rest) else lead


def _titled(before: str, after: str) -> bool:
    """Whether a link to elsewhere is what is licensed: `ICONS, licensed under CC BY`, `ICONS (CC BY)`."""
    line = _TITLED.search(before)
    if line is None and re.match(r"[^\w)]{0,3}[)）]", after):
        line = _PARENTHESISED.search(before)
    return line is not None and not _SIGNED.search(before[: line.start()]) and not _PAGE.search(line[1])


def _among_sources(before: str) -> bool:
    """Whether the last heading above lists what others made: `Image credits`."""
    heading = _SOURCES.search(before)
    return heading is not None and not any(_HEADING.match(line) for line in heading["rest"].split("\n")[:-1])


def _of_others(lead: str) -> bool:
    """Whether a sentence names a work of somebody else: `based on`, `data from`, `TITLE by NAME, licensed under`."""
    if _BORROWED.search(lead):
        return True
    line = _ATTRIBUTED.search(lead)
    if line is None:
        return False
    title = lead[: line.start()]
    return not _SIGNED.search(title) and not _PAGE.search(title)


def _without_holder(clause: str) -> str:
    """A clause without the name in its copyright line: `© 2026 Music Lab, under ...` speaks of no music."""
    line = _HOLDER.search(clause)
    if line is None or _OBJECT.match(line[1]) or _DETERMINED.search(line[1]):
        return clause
    return f"{clause[: line.start(1)]}{clause[line.end(1) :]}"


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
