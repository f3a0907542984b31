"""The words of one PDF page, good enough to find a licence in: no layout, fonts read through their `ToUnicode` maps."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

MAX_TEXT = 20_000
MAX_OPERATORS = 200_000
MAX_MAP = 70_000
"""Characters of text; operators looked at; entries of one font's map."""

_BFCHAR = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")
_BFRANGE = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")
_SECTION = re.compile(rb"begin(bfchar|bfrange)(.*?)end(?:bfchar|bfrange)", re.DOTALL)


def text_of(page: Any, stream_of: Callable[[Any], bytes]) -> str:
    """The text of `page` (a pikepdf page); `stream_of` gives a stream's bytes in bounds. Raises what pikepdf does."""
    import pikepdf

    contents = page.get("/Contents")
    if contents is None:
        return ""
    streams = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    data = b"\n".join(stream_of(stream) for stream in streams[:50])
    resources = page.get("/Resources")
    fonts = resources.get("/Font") if resources is not None else None
    maps = {name: _font_map(font, stream_of) for name, font in (fonts.items() if fonts is not None else ())}
    # A stream lives no longer than its document.
    owner = pikepdf.Pdf.new()
    carrier = owner.make_stream(data)
    pieces: list[str] = []
    current: tuple[dict[int, str], int] | None = None
    length = 0
    for count, instruction in enumerate(pikepdf.parse_content_stream(carrier)):
        if length >= MAX_TEXT or count >= MAX_OPERATORS:
            break
        operands: Any = instruction.operands
        name = str(instruction.operator)
        if name == "Tf" and operands:
            current = maps.get(str(operands[0]))
        elif name in ("Tj", "'", '"') and operands:
            pieces.append(_decoded(bytes(operands[-1]), current))
        elif name == "TJ" and operands:
            for item in operands[0]:
                if isinstance(item, pikepdf.String):
                    pieces.append(_decoded(bytes(item), current))
                elif float(item) < -180:
                    pieces.append(" ")
        elif name in ("Td", "TD", "T*", "Tm", "ET"):
            pieces.append(" ")
        length += len(pieces[-1]) if pieces else 0
    return re.sub(r"\s+", " ", "".join(pieces))[:MAX_TEXT]


def _font_map(font: Any, stream_of: Callable[[Any], bytes]) -> tuple[dict[int, str], int] | None:
    """Code to text and the bytes a code takes, from a font's `ToUnicode` (PDF 32000-1, 9.10.3); None without one."""
    to_unicode = font.get("/ToUnicode")
    if to_unicode is None:
        return None
    data = stream_of(to_unicode)
    width = 2 if re.search(rb"begincodespacerange\s*<[0-9a-fA-F]{4}>", data) else 1
    found: dict[int, str] = {}
    for section in _SECTION.finditer(data):
        if section[1] == b"bfchar":
            for match in _BFCHAR.finditer(section[2]):
                found[int(match[1], 16)] = _text(match[2])
        else:
            for match in _BFRANGE.finditer(section[2]):
                first, last, start = int(match[1], 16), int(match[2], 16), int(match[3], 16)
                for code in range(first, min(last, first + 65_535) + 1):
                    if len(found) >= MAX_MAP or start + code - first > 0x10FFFF:
                        break
                    found[code] = chr(start + code - first)
    return found, width


def _text(hexadecimal: bytes) -> str:
    digits = hexadecimal.decode("ascii")
    return bytes.fromhex(digits if len(digits) % 2 == 0 else f"{digits}0").decode("utf-16-be", "replace")


def _decoded(data: bytes, font: tuple[dict[int, str], int] | None) -> str:
    if font is None:
        return data.decode("cp1252", "replace")
    table, width = font
    codes = (int.from_bytes(data[i : i + width], "big") for i in range(0, len(data), width))
    return "".join(table.get(code, "") for code in codes)
