"""Bounds on what a page may cost to parse: how much of its bytes is read, and what is cut before the parser sees it.

A conforming HTML parser compares every attribute of a tag with those before it, and clones open formatting elements
into every later block, so a few kilobytes can ask for hours. What is cut is told, never silent.
"""

from __future__ import annotations

import re

MAX_BYTES = 2 * 1024 * 1024
MAX_TAGS = 30_000
MAX_ATTRIBUTES = 6_000
MAX_CROWDED = 100
MAX_CLONES = 1_000_000
MAX_TRIES = 8
"""What is read of one page: bytes, `<`, attributes a tag, tags with more, elements the tree builder may clone;
`>` looked at in one window."""

_ATTRIBUTE = rb"""(?:[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+)"""
_SHORTEST = 2 * MAX_ATTRIBUTES
_BLANK = b" \t\n\r\x0b\x0c"
_EQUALS = ord("=")
_TAG = re.compile(rb"<(?=[A-Za-z])")
_CROWDED = re.compile(rb"<[A-Za-z][^\s/>]*+" + _ATTRIBUTE + rb"{%d}" % MAX_ATTRIBUTES)
_FORMATTING_NAME = (
    rb"<(?=[bcefinstuBCEFINSTU])(?:[bB](?:[iI][gG])?|[cC][oO][dD][eE]|[eE][mM]|[fF][oO][nN][tT]|[iI]|[nN][oO][bB][rR]"
    rb"|[sS](?:[mM][aA][lL][lL]|[tT][rR](?:[iI][kK][eE]|[oO][nN][gG]))?|[tT][tT]|[uU])"
)
_FORMATTING = re.compile(_FORMATTING_NAME + rb"[\s/]")
_PLAIN_FORMATTING = re.compile(
    _FORMATTING_NAME + rb"""(?:\s++[\w-]++(?:=(?:"[^"<>]*+"|'[^'<>]*+'|[^\s"'<>=/]++))?+)++\s*+>"""
)


def utf8(data: bytes) -> bytes:
    """The same text as UTF-8 where its encoding would hide markup from a scan of the bytes."""
    encoding = None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif b"\x1b" in data and b"iso-2022-jp" in data[:1024].lower():
        encoding = "iso2022_jp"
    return b"\xef\xbb\xbf" + data.decode(encoding, "replace").encode("utf-8", "replace") if encoding else data


def bounded(data: bytes) -> tuple[bytes, bool]:
    """The part of `data` that can be parsed in bounded time and memory, and whether anything was taken away."""
    truncated = False
    tags = data.count(b"<")
    if tags > MAX_TAGS:
        data, truncated, tags = b"<".join(data.split(b"<", MAX_TAGS)[:-1]), True, MAX_TAGS
    crowded = _crowded(data)
    if len(crowded) > MAX_CROWDED:
        data, truncated = data[: crowded.pop()[0]], True
    ends = sorted({end for _, end in crowded if end < len(data)})
    if ends:
        # Close every crowded tag where it becomes one. In a script's text the extra `>` changes nothing we read.
        starts = [0, *ends]
        data, truncated = b">".join(data[a:b] for a, b in zip(starts, [*ends, len(data)], strict=True)), True
    while tags * tags > MAX_CLONES and _clones(data, tags) > MAX_CLONES:
        data, truncated = data[: len(data) // 2], True
        tags = data.count(b"<")
    return data, truncated


def _crowded(data: bytes) -> list[tuple[int, int]]:
    """Where tags with more than the allowed attributes begin, and where the last allowed one ends.

    An attribute takes two bytes at least, so such a tag covers _SHORTEST bytes in which every `>` stands in a quoted
    value. Whatever begins before a `>` that is certainly outside one is none; elsewhere every tag is looked at.
    """
    found: list[tuple[int, int]] = []
    begin, last = 0, (-1, -1)
    while begin + _SHORTEST <= len(data):
        end = at = begin + _SHORTEST
        for _ in range(MAX_TRIES):
            at = data.rfind(b">", begin, at)
            if at < 0 or (quotes := _outside(data, at, begin, last)) is not None:
                break
        else:
            at = -1
        if at >= 0 and quotes is not None:
            begin, last = at + 1, quotes
            continue
        # A comparison in a script may look like a tag around a real one, so every `<` is tried.
        for tag in _TAG.finditer(data, begin, end):
            first = data.find(b">", tag.end(), tag.end() + _SHORTEST)
            if first >= 0 and _outside(data, first, tag.end(), (-1, -1)) is not None:
                continue
            if match := _CROWDED.match(data, tag.start()):
                found.append(match.span())
                if len(found) > MAX_CROWDED:
                    return found
        begin, last = end, _quotes(data, end, begin, last)
    return found


def _outside(data: bytes, at: int, begin: int, last: tuple[int, int]) -> tuple[int, int] | None:
    """Where each kind of quote was last met before the `>` at `at`, if that certainly stands outside a quoted value.

    In one, the last quote of its kind opens it, and a quote that opens a value stands behind a `=`. `last` is where
    each was last met before `begin`.
    """
    met = _quotes(data, at, begin, last)
    for opening in met:
        if opening > 0:
            before = data[opening - 1]
            if before in _BLANK:
                spaced = data[max(0, opening - 8) : opening].rstrip()
                before = spaced[-1] if spaced else _EQUALS
            if before == _EQUALS:
                return None
    return met


def _quotes(data: bytes, at: int, begin: int, last: tuple[int, int]) -> tuple[int, int]:
    double, single = data.rfind(b'"', begin, at), data.rfind(b"'", begin, at)
    return (double if double >= 0 else last[0], single if single >= 0 else last[1])


def _clones(data: bytes, tags: int) -> int:
    """An upper bound of the elements the tree builder may clone: every open formatting element into every later block.

    WHATWG HTML 13.2.4.3 keeps at most three alike open, so equal tags count three times, others each.
    """
    openings = len(_FORMATTING.findall(data))
    if openings * tags <= MAX_CLONES:
        return 0
    plain = _PLAIN_FORMATTING.findall(data)
    return (3 * len(set(plain)) + openings - len(plain)) * tags
