"""Licences named in running text, without a link: `CC BY-SA 4.0`, `Creative Commons Namensnennung 3.0`, and the like.

A version that is not written is never assumed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawler.licences.cc import Licence, from_path
from crawler.licences.known import licence_of
from crawler.licences.phrases import WORDS

MAX_NAMES = 50

_CODE = re.compile(
    r"\b(?:CC|Creative\s+Commons)[\s:_(\"„“-]{0,3}"
    r"(?:(?P<zero>0|zero)\b|(?P<code>BY(?:[\s/_.-]{1,3}(?:NC|ND|SA))*)\b|(?P<short>(?:NC|ND|SA)(?:[\s/_-]{1,3}(?:NC|ND|SA))*)\b)"
    r"[\s)\"“”]{0,3}-?\s?(?:v(?:er(?:sion)?)?\.?\s?)?(?P<version>[1-4]\.[015])?\b"
    r"(?:[\s/(-]{1,2}(?P<port>AT|AU|BR|CA|CH|DE|ES|FI|FR|IE|IGO|IT|JP|NL|NO|NZ|PL|PT|UK|US)\b)?",
    re.IGNORECASE,
)
_LONG = re.compile(
    r"creative[\s-]+commons(?P<rest>[^.;|\n<>]{0,140}(?:\.\d[^.;|\n<>]{0,40})?)"
    r"|(?:^|[\s(\[])(?P<pd>public domain mark)",
    re.IGNORECASE,
)
_TOKENS = tuple(
    (token, re.compile("|".join(WORDS[f"name_{token}"]), re.IGNORECASE)) for token in ("by", "nc", "nd", "sa")
)
_VERSION = re.compile(r"(?<![\w.])v?([1-4]\.[015])\b")
_SHORT = re.compile(r"\s*\(?\s*CC[\s-]BY(?:[\s-](?:NC|ND|SA))*[\s-]?([1-4]\.[015])\)?", re.IGNORECASE)
_LICENCE_WORD = re.compile(r"licen[sc]e|lizenz\b|licencia|licenza|licença", re.IGNORECASE)
_PLAIN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), family)
    for pattern, family in (
        (r"\bCC0\b(?:[\s-]?(?P<v>1\.0))?", "CC0"),
        (r"open government licen[cs]e(?:[\s,-]*(?:version|v)?\.?\s?(?P<v>[123])(?:\.0)?\b)?", "OGL-UK"),
        (r"licence ouverte(?:[\s/,-]*(?:open licence)?[\s/,-]*(?:version|v)?\.?\s?(?P<v>[12])(?:\.0)?\b)?", "etalab"),
        (r"gnu free documentation licen[cs]e(?:[\s,-]*(?:version|v)?\.?\s?(?P<v>1\.[123]))?|\bGFDL\b", "GFDL"),
        (r"open (?:data commons open )?database licen[cs]e|\bODbL\b", "ODbL"),
        (r"datenlizenz deutschland[\s–-]*namensnennung[\s–-]*(?:version\s?)?(?P<v>2\.0)?", "DL-DE-BY"),
        (r"datenlizenz deutschland[\s–-]*zero[\s–-]*(?:version\s?)?(?P<v>2\.0)?", "DL-DE-ZERO"),
        (r"\bNLOD\b|norsk lisens for offentlige data|norwegian licen[cs]e for open government data", "NLOD"),
        (r"kaitiakitanga licen[cs]e", "Kaitiakitanga"),
        (r"free art licen[cs]e(?:\W{0,2}(?:version|v)?\.?\s?(?P<v>1\.[23]))?", "LAL"),
        (r"licence art libre(?:\W{0,2}(?:version|v)?\.?\s?(?P<v>1\.[23]))?", "LAL"),
    )
)
_HINTS = tuple(word.encode() for word in ("gfdl", "odbl", "nlod", "datenlizenz", "norsk lisens", "public domain mark"))
_LICENCE_HINTS = tuple(
    word.encode()
    for word in (
        "open government licen",
        "licence ouverte",
        "free documentation licen",
        "database licen",
        "kaitiakitanga",
        "free art licen",
        "licence art libre",
    )
)
# Literal beginnings, so that texts without them are passed over quickly.
_HINT_CC = re.compile(rb"cc(?:[\s:_/(\"-]|\xc2\xa0|\xe2\x80.){0,3}(?:by|0|zero|nc|nd|sa)\b")
_LICEN = re.compile(b"licen")
_HINT_CREATIVE = re.compile(rb"creative(?:[\s-]|\xc2\xa0)+commons")


MAX_PLACES = 200
"""Times the beginning of `licence` stands in a text whose surroundings are looked at instead of the whole."""


def hints(lower: bytes) -> frozenset[str]:
    """The words in a lower-case UTF-8 text without one of which none of its parts names a licence; cheap mostly."""
    found = {*_HINT_CC.findall(lower), *_HINT_CREATIVE.findall(lower)}
    for word in _HINTS:
        if word in lower:
            found.add(word)
    if (places := lower.count(b"licen")) > MAX_PLACES:
        found.update(word for word in _LICENCE_HINTS if word in lower)
    elif places:
        # Where the word is rare, what stands around it is soon looked at.
        around = b"\0".join(lower[max(0, at.start() - 24) : at.end() + 16] for at in _LICEN.finditer(lower))
        found.update(word for word in _LICENCE_HINTS if word in around)
    return frozenset(word.decode("utf-8", "replace") for word in found)


def named(text: str) -> Iterator[tuple[Licence, int, int]]:
    """The licences `text` names and where, in order and not overlapping; at most MAX_NAMES."""
    found: list[tuple[int, int, Licence]] = []
    # `CC by Somebody` names an author, not a licence.
    found.extend(
        (match.start(), match.end(), _from_code(match))
        for match in _CODE.finditer(text)
        if match["version"] or match["code"] not in ("by", "By")
    )
    for match in _LONG.finditer(text):
        if match["pd"]:
            found.append((match.start("pd"), match.end(), from_path("/publicdomain/mark/")))
        elif licence := _from_words(match["rest"]):
            found.append((match.start(), match.end(), licence))
    for pattern, family in _PLAIN:
        for match in pattern.finditer(text):
            version = match.groupdict().get("v")
            found.append((match.start(), match.end(), licence_of(family, version)))
    found.sort(key=lambda item: (item[0], -item[1]))
    reach = count = 0
    for start, end, licence in found:
        if start >= reach and count < MAX_NAMES:
            yield licence, start, end
            reach, count = end, count + 1


def _from_code(match: re.Match[str]) -> Licence:
    version, port = match["version"], match["port"]
    if match["zero"]:
        return from_path("/publicdomain/zero/" + (f"{version}/" if version else ""))
    tokens = re.split(r"[\s/_.-]+", (match["code"] or f"BY-{match['short']}").lower())
    code = "-".join(dict.fromkeys(tokens))
    path = f"/licenses/{code}/" + (f"{version}/" if version else "")
    if version and port and version != "4.0":
        ported = from_path(f"{path}{port.lower()}/")
        if ported.spdx:
            return ported
    return from_path(path)


def _from_words(rest: str) -> Licence | None:
    cut = re.split(r"creative[\s-]+commons", rest, maxsplit=1, flags=re.IGNORECASE)[0]
    if (end := _LICENCE_WORD.search(cut)) and _TOKENS[0][1].search(cut[: end.start()]):
        # `Attribution License, which permits non-commercial use`: what follows the word is no part of the name.
        cut = cut[: end.end() + 24]
        tail = cut[end.end() :]
        short = _SHORT.match(tail)
        cut = cut[: end.end()] + (tail if _VERSION.match(tail.lstrip(" vV(-")) else f" {short[1]}" if short else "")
    tokens = [token for token, words in _TOKENS if words.search(cut)]
    version = _VERSION.search(cut)
    if re.match(r"[\s\"(:-]*(?:CC0|zero)\b", cut, re.IGNORECASE):
        return from_path("/publicdomain/zero/" + (f"{version[1]}/" if version else ""))
    if "by" not in tokens:
        return None
    licence = from_path(f"/licenses/{'-'.join(tokens)}/" + (f"{version[1]}/" if version else ""))
    return licence if licence.family else None
