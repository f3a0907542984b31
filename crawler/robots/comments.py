"""What people write into the comments of a robots.txt: reservations in natural language, rights notices.

Comments have no meaning to any specification (RFC 9309 section 2.2), so a reservation found here is informal and never
becomes more. Cloudflare's policy text speaks of signals and reserves nothing by itself; it is set aside first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.robots.model import RobotsFile
from crawler.vocabulary import Use

MAX_PARAGRAPHS = 200
MAX_PARAGRAPH = 4_000
WINDOW = 200
"""Characters before and after what is reserved in which the word that reserves it is looked for."""

_ART4 = re.compile(r"express reservations of rights under article 4", re.IGNORECASE)
_POLICY = re.compile(
    r"(?:as a condition of accessing this website.{0,1500}?following content signals|any restrictions expressed via"
    r" content signals.{0,300}?digital single market|\(\w\) if a content-signal.{0,1200}?not grant(?:ing|ed)?)",
    re.IGNORECASE,
)
_TRIGGERS = (
    *(b"mining", b"tdm", b"790", b"44b", b"122-5", b"reserv", b"vorbehal", b"riserv", b"r\xc3\xa9serv", b"r\xe9serv"),
    *(
        b"train",
        b"fouille",
        b"miner",
        b"estrazione",
        b"datamin",
        b"eksploracj",
        b"datautvinning",
        b"voorbeh",
        b"textos",
    ),
)
_WORDS = tuple(
    dict.fromkeys(trigger.decode("latin-1" if trigger == b"r\xe9serv" else "utf-8") for trigger in _TRIGGERS)
)

_TDM = r"text[\s\-]*(?:and|&|und|et|y|e|och|og|en)?[\s\-]*data[\s\-]*mining|\btdm\b"
_CITED = (
    r"2019\s*/\s*790|\bart(?:icle|ikel|icolo|[ií]culo|igo|\.)?\s*4\b(?=.{0,60}\b(?:cdsm|dsm|directive|richtlinie|"
    r"direttiva|directiva|richtlijn))|§?\s*44\s?b\b|\bL\.?\s*122-5-3\b"
)
_OWN_TERMS = {
    "de": r"text-?\s*und\s*data-?\s*mining",
    "fr": r"fouille\s+de\s+(?:textes?|donn[ée]es)",
    "es": r"miner[ií]a\s+de\s+(?:textos?|datos)",
    "it": r"estrazione\s+di\s+(?:testo|dati)",
    "nl": r"tekst-?\s*en\s*datamining",
    "pt": r"(?:prospe[cç][aã]o|minera[cç][aã]o)\s+de\s+(?:textos?|dados)",
    "sv": r"text-?\s*och\s*datautvinning",
    "da": r"tekst-?\s*og\s*data-?\s*mining",
    "pl": r"eksploracj\w+\s+tekst",
}
_MODEL = (
    r"\bA\.?I\.?\b|artificial\s+intelligence|machine[\s\-]+learning|\bLLMs?\b|language\s+models?|\bK\.?I\.?\b|\bI\.?A\.?\b|"
    r"intelligence\s+artificielle|k[üu]nstliche\w*\s+intelligenz|inteligencia\s+artificial|intelligenza\s+artificiale"
)
_TRAIN = r"\b(?:train(?:ing|ed|s)?|trainieren|entra[iî]ne\w*|entren\w+|addestr\w+|trenow\w+)\b"
_TRAINING = rf"(?:{_TRAIN})(?=.{{0,80}}(?:{_MODEL}))|(?:{_MODEL})(?=.{{0,40}}(?:{_TRAIN}))"
_RESERVING = {
    "en": r"\breserv(?:e[sd]?|ing|ations?)\b|"
    r"\b(?:not|never)\s+(?:\w+\s+)?(?:permit|allow|authori[sz]|consent|licen)\w*|"
    r"\bprohibit\w*|\bforbid\w*|\bopt(?:s|ed|ing)?[\s\-]?out\b|\b(?:may|must|shall|can)\s*not\b|"
    r"\bno\s+(?:text|data|tdm|ai|machine|training)\b|\bwithout\s+(?:\w+\s+){0,4}(?:permission|consent|licen|authori)",
    "de": r"vorbehalt|vorbeh[aä]lt|beh[aä]lt|untersagt|verboten|nicht\s+(?:gestattet|erlaubt)",
    "fr": r"r[ée]serv|interdi|oppos(?:e|ition)|n['’]autoris|droit\s+d['’]opposition",
    "es": r"\breserva|proh[ií]b|no\s+(?:se\s+)?(?:permite|autoriza)",
    "it": r"riserv|vietat|non\s+(?:[èe]\s+)?(?:consentit|autorizzat|permess)",
    "nl": r"voorbeh|verboden|niet\s+toegestaan",
    "pt": r"\breserva|proib|n[ãa]o\s+(?:[ée]\s+)?(?:permitid|autorizad)",
    "sv": r"f[öo]rbeh[åa]ll|f[öo]rbjud|inte\s+till[åa]t",
    "da": r"forbehold|forbud|ikke\s+till?ad",
    "pl": r"zastrze|zabron|zakaz",
}
_NOTICES = {
    "en": r"\ball\s+rights\s+reserved\b",
    "de": r"\balle\s+rechte\s+vorbehalten\b",
    "fr": r"\btous\s+droits\s+r[ée]serv[ée]s\b",
    "es": r"\btodos\s+los\s+derechos\s+reservados\b",
    "it": r"\btutti\s+i\s+diritti\s+riservati\b",
    "nl": r"\balle\s+rechten\s+voorbehouden\b",
    "pt": r"\btodos\s+os\s+direitos\s+reservados\b",
}
_MINING_RE = re.compile("|".join((_TDM, _CITED, *_OWN_TERMS.values())), re.IGNORECASE)
_TRAINING_RE = re.compile(_TRAINING, re.IGNORECASE)
_OWN_RE = {language: re.compile(term, re.IGNORECASE) for language, term in _OWN_TERMS.items()}
_RESERVING_RE = {language: re.compile(word, re.IGNORECASE) for language, word in _RESERVING.items()}
_NOTICES_RE = {language: re.compile(words, re.IGNORECASE) for language, words in _NOTICES.items()}


@dataclass(frozen=True, slots=True)
class Said:
    """A statement in a comment: the number of its line, the quote, its language, and what it is about.

    `uses` is empty for a rights notice that names no use. `offset` counts the octets of that line before the words
    that name the use (the notice).
    """

    line: int
    quote: str
    language: str
    uses: tuple[Use, ...]
    offset: int


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """Comment lines without a gap, `#` and white space folded; `starts` are where each line begins in `text`."""

    text: str
    numbers: tuple[int, ...]
    starts: tuple[int, ...]

    def line_at(self, position: int) -> tuple[int, int]:
        """The number of the line at a position of the text, and how far into it that is."""
        at = max(i for i, start in enumerate(self.starts) if start <= position)
        return self.numbers[at], position - self.starts[at]


def art4_line(file: RobotsFile) -> int | None:
    """The line on which the sentence that makes every `no` a claimed reservation under Art. 4 begins, or None."""
    if b"reservations" not in file.lowered:
        return None
    for paragraph in _paragraphs(file):
        if found := _ART4.search(paragraph.text):
            return paragraph.line_at(found.start())[0]
    return None


def said(file: RobotsFile) -> list[Said]:
    """The reservations and rights notices of a file's comments, at most one of each use and language a paragraph."""
    low = file.lowered
    if b"#" not in low or not any(trigger in low for trigger in _TRIGGERS):
        return []
    return [found for paragraph in _paragraphs(file) for found in _said_in(file, paragraph)]


def _said_in(file: RobotsFile, paragraph: _Paragraph) -> Iterator[Said]:
    text, low = paragraph.text, paragraph.text.lower()
    if not any(word in low for word in _WORDS):
        return
    if "content" in low:
        # Blanked, not cut, so that positions stay true.
        text = _POLICY.sub(lambda found: " " * len(found[0]), text)
    reserved = False
    for pattern, uses in ((_MINING_RE, (Use.TDM,)), (_TRAINING_RE, (Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER))):
        languages = set()
        for found in pattern.finditer(text):
            window = text[max(0, found.start() - WINDOW) : found.end() + WINDOW]
            language = _language(found[0], window)
            if language and language not in languages:
                languages.add(language)
                yield _found(file, paragraph, found, window.strip(), language, uses)
                reserved = True
    if not reserved:
        for language, pattern in _NOTICES_RE.items():
            if notice := pattern.search(text):
                yield _found(file, paragraph, notice, notice[0], language, ())
                break


def _language(term: str, window: str) -> str | None:
    """The language in which the window reserves, that of the term first; None where it reserves nothing."""
    own = [language for language, pattern in _OWN_RE.items() if pattern.search(term)]
    for language in (*own, *_RESERVING_RE):
        if _RESERVING_RE[language].search(window):
            return language
    return None


def _found(
    file: RobotsFile, paragraph: _Paragraph, match: re.Match[str], quote: str, language: str, uses: tuple[Use, ...]
) -> Said:
    number, into = paragraph.line_at(match.start())
    line = file.octet_lines[number - 1]
    at = line.find(match[0].split(" ")[0].encode("utf-8"), into)
    return Said(number, quote, language, uses, max(at, 0))


def _paragraphs(file: RobotsFile) -> list[_Paragraph]:
    """The comments of a file, kept with it: several readers ask for them."""
    if file.comments is None:
        file.comments = list(_gather(file))
    return [paragraph for paragraph in file.comments if isinstance(paragraph, _Paragraph)]


def _gather(file: RobotsFile) -> Iterator[_Paragraph]:
    texts: list[str] = []
    numbers: list[int] = []
    count = 0
    for number, (octets, letter) in enumerate(zip(file.octet_lines, file.shape, strict=True), 1):
        _, mark, comment = octets.partition(b"#")
        words = comment.decode("utf-8", "replace").strip("#*-=_ \t") if mark else ""
        if texts and (letter != "." or not words):
            yield _paragraph(texts, numbers)
            texts, numbers, count = [], [], count + 1
        if words and count < MAX_PARAGRAPHS:
            texts.append(" ".join(words[:MAX_PARAGRAPH].split()))
            numbers.append(number)
            if letter != "." or sum(map(len, texts)) > MAX_PARAGRAPH:
                yield _paragraph(texts, numbers)
                texts, numbers, count = [], [], count + 1
    if texts:
        yield _paragraph(texts, numbers)


def _paragraph(texts: list[str], numbers: list[int]) -> _Paragraph:
    starts, at = [], 0
    for text in texts:
        starts.append(at)
        at += len(text) + 1
    return _Paragraph(" ".join(texts), tuple(numbers), tuple(starts))
