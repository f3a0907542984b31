"""JSON written by hand: the slips whose meaning stays plain, mended where a strict parser refuses the text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

from crawler.html_items import pointer

_STRING = r'("(?:[^"\\\n]|\\.)*")'
_COMMENT = re.compile(rf"{_STRING}|//[^\n]*")
_LAST_COMMA = re.compile(rf"{_STRING}|,(?=\s*[}}\]])")
_MISSING_COMMA = re.compile(r'(["}\]0-9el])([^\S\n]*\n\s*")')


def mended(text: str) -> str:
    """`text` without `//` comments and commas behind a last member, with commas where a line break alone divides.

    What stands in strings is kept. The result need not be JSON: whoever asks parses it and tells of the mending.
    """
    for pattern in (_COMMENT, _LAST_COMMA):
        text = pattern.sub(lambda found: found[1] or "", text)
    return _MISSING_COMMA.sub(r"\1,\2", text)


def decoded(body: bytes) -> tuple[str, str | None]:
    """The text and what is odd about its encoding: JSON between systems is UTF-8, a byte-order mark may be ignored
    (RFC 8259 8.1).
    """
    encoding = json.detect_encoding(body)
    if encoding not in ("utf-8", "utf-8-sig"):
        return body.decode(encoding, "replace").removeprefix("\ufeff"), encoding
    try:
        return body.decode(encoding), None
    except UnicodeDecodeError:
        return body.decode(encoding, "replace"), "invalid UTF-8"


def within(
    data: dict[str, object], wanted: Callable[[dict[str, object]], bool], locator: str = "", depth: int = 2
) -> Iterator[tuple[str, object]]:
    """The wanted objects among an object's members and in its arrays, `depth` levels deep, with their JSON pointers."""
    for name, member in data.items():
        where = f"{locator}/{pointer(name)}"
        members = enumerate(member) if isinstance(member, list) else [(None, member)]
        for index, each in members:
            place = where if index is None else f"{where}/{index}"
            if isinstance(each, dict) and wanted(each):
                yield place, each
            elif isinstance(each, dict) and depth > 1:
                yield from within(each, wanted, place, depth - 1)
