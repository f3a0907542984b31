"""RSL licences embedded in a file (RSL 1.0 4.1): `<rsl:rsl>` in XMP, in the metadata of an EPUB, in ID3, in PNG text.

They speak of the asset they are embedded in, whose canonical address their `<content url>` must give.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress

from crawler.licences.claims import clean
from crawler.media_xmp import MAX_PACKET, SCANNED
from crawler.records import Fault, Reading, Statement
from crawler.rsl import NAMESPACE, parse
from crawler.rsl_terms import rulings
from crawler.vocabulary import Interpretation, Scope, Stance, Strength

RSL = "media-rsl"
"""Id of the carrier."""

MAX_RAW = 500
MAX_DOCUMENTS = 3
MAX_READINGS = 400
MAX_CHUNKS = 2_000
"""Characters kept of a licence; licences of one file that are read, readings of all of them; chunks of a PNG passed."""

_START = re.compile(rb"<((?:[A-Za-z_][\w.-]*:)?rsl)(\s[^<>]*)?>")
_NAME = NAMESPACE.encode()
_WIDE_NAME = NAMESPACE.encode("utf-16-le")[:-1]


def embedded(data: bytes) -> bytes:
    """The part of a file in which text can stand that is not there as it is: ID3 in UTF-16, PNG text that is packed."""
    if data.startswith(b"ID3"):
        tag = data[:SCANNED]
        return tag.replace(b"\x00", b"") if _WIDE_NAME in tag else b""
    return b"\n".join(_unpacked(data)) if data.startswith(b"\x89PNG\r\n\x1a\n") else b""


def read_rsl(data: bytes, place: str) -> list[Statement]:
    """The readings of the RSL elements in `data`, said of the file; a licence that names no address is lenient."""
    out: list[Statement] = []
    at = 0
    for _ in range(MAX_DOCUMENTS):
        if (found := _next(data, at)) is None:
            break
        at, text = found
        out.extend(_said(text, f"{place} rsl"))
    return out[:MAX_READINGS]


def _next(data: bytes, at: int) -> tuple[int, bytes] | None:
    """Where the next RSL element ends, and its text, which names its namespace even where the file does so above it."""
    if data.find(_NAME, 0, SCANNED + MAX_PACKET) < 0 or (start := _START.search(data, at, SCANNED)) is None:
        return None
    name, attributes = start[1], start[2] or b""
    close = b"</" + name + b">"
    end = data.find(close, start.end(), start.start() + MAX_PACKET)
    stop = start.end() if end < 0 else end + len(close)
    text = data[start.end() : start.start() + MAX_PACKET if end < 0 else stop]
    prefix = name.rpartition(b":")[0]
    declaration = b"xmlns:" + prefix if prefix else b"xmlns"
    if not re.search(re.escape(declaration) + rb"\s*=", attributes):
        attributes += b" " + declaration + b'="' + _NAME + b'"'
    return stop, b"<" + name + attributes + b">" + text


def _said(text: bytes, place: str) -> Iterator[Statement]:
    document = parse(text)
    raw = clean(text.decode("utf-8", "replace"))[:MAX_RAW]
    faults = [reason for reason, _ in document.faults]
    if any(not content.url for content in document.contents):
        faults.append("url_missing: an embedded licence names its asset")
    yield from (Fault(RSL, clean(reason)[:200], place, raw) for reason in faults)
    for content in document.contents:
        for ruling in rulings(content):
            yield Reading(
                carrier=RSL,
                use=ruling.use,
                stance=ruling.stance,
                strength=Strength.INFERRED if ruling.inferred else Strength.NORMATIVE,
                locator=f"{place} line {ruling.line}",
                raw=raw,
                scope=Scope.OBJECT,
                interpretation=Interpretation.LENIENT if faults else Interpretation.BOTH,
                condition=clean(ruling.condition or "") or None if ruling.stance is Stance.CONDITIONAL else None,
                note=clean(ruling.note) if ruling.note else None,
            )


def _unpacked(data: bytes) -> Iterator[bytes]:
    """The texts of a PNG's compressed `iTXt` and `zTXt` chunks (PNG 11.3.3), each up to MAX_PACKET bytes."""
    at = 8
    for _ in range(MAX_CHUNKS):
        if len(data) < at + 8:
            return
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind in (b"iTXt", b"zTXt"):
            _, _, rest = data[at + 8 : at + 8 + min(size, MAX_PACKET)].partition(b"\x00")
            # A damaged text says nothing; the picture may be whole.
            with suppress(zlib.error):
                yield zlib.decompressobj().decompress(rest[1:] if kind == b"zTXt" else _text_of(rest), MAX_PACKET)
        at += size + 12


def _text_of(rest: bytes) -> bytes:
    """What follows the language tag and the translated keyword of an `iTXt` chunk that is flagged as compressed."""
    return rest[2:].partition(b"\x00")[2].partition(b"\x00")[2] if rest[:1] == b"\x01" else b""
