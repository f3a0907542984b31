"""PDF documents: TDMRep and licences in their metadata, links to licence deeds, words of the first and last page."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from typing import Any

from crawler.licences import normalise
from crawler.licences.claims import claim
from crawler.licences.names import named
from crawler.licences.phrases import About, spoken
from crawler.media import IPTC, LICENCE, TDMREP, missing, of_packets, of_text, unreadable
from crawler.media_pdf_text import text_of
from crawler.media_rsl import RSL, read_rsl
from crawler.media_xmp import packet, packets
from crawler.records import LicenceClaim, Statement
from crawler.vocabulary import LicenceClass, Subject

MAX_PAGES = 300
MAX_LINKS = 2_000
MAX_STREAM = 4 * 1024 * 1024
"""Pages whose links are looked at; links; bytes of one decoded stream."""


def read_pdf(data: bytes) -> list[Statement]:
    """XMP rights, `cc:license` and TDMRep (A), deeds linked on the first or last page (C), licences in their words (D).

    Without pikepdf only an uncompressed metadata packet is read, and a fact names the extra. A document that cannot be
    opened is a Fault.
    """
    try:
        import pikepdf
    except ImportError:
        plain = [*of_packets(packets(data), Subject.DOCUMENT), *read_rsl(data, "file")]
        return [*plain, *missing("pikepdf", IPTC, TDMREP, RSL, LICENCE)]
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as document:
            metadata = document.Root.get("/Metadata")
            xmp = stream_of(metadata) if metadata is not None else None
            out: list[Statement] = of_packets([packet(_trimmed(xmp))] if xmp else [], Subject.DOCUMENT)
            out.extend(read_rsl(xmp or b"", "xmp"))
            out.extend(_info(document.trailer.get("/Info")))
            count = len(document.pages)
            out.extend(_links(document, count))
            for index in sorted({0, count - 1} if count else ()):
                out.extend(_words(text_of(document.pages[index], stream_of), index + 1))
    except pikepdf.PasswordError:
        return [*unreadable("encrypted", "pdf", "", IPTC, TDMREP, RSL, LICENCE)]
    except (pikepdf.PdfError, pikepdf.DataDecodingError, ValueError, TypeError, KeyError, RecursionError) as error:
        reason = f"unreadable document: {type(error).__name__}"
        return [*unreadable(reason, "pdf", str(error)[:300], IPTC, TDMREP, RSL, LICENCE)]
    return out


def stream_of(stream: Any) -> bytes:
    """The bytes of a PDF stream up to MAX_STREAM, unfiltered here where it is deflated so that no bomb goes off."""
    filters = stream.get("/Filter")
    names = [str(filters)] if filters is not None and not isinstance(filters, list) else []
    if (filters is not None and not names) or (names and names[0].startswith("[")):
        try:
            names = [str(each) for each in filters]
        except TypeError:
            names = [str(filters)]
    raw = bytes(stream.read_raw_bytes())
    if not names:
        return raw[:MAX_STREAM]
    if names == ["/FlateDecode"] and stream.get("/DecodeParms") is None:
        try:
            return zlib.decompressobj().decompress(raw, MAX_STREAM)
        except zlib.error:
            return b""
    if len(raw) > MAX_STREAM // 16:
        return b""
    return bytes(stream.read_bytes())[:MAX_STREAM]


def _trimmed(xmp: bytes) -> bytes:
    """The element of a metadata stream without the packet's processing instructions and padding."""
    match = re.search(rb"<(?:x:xmpmeta|rdf:RDF)\b.*</(?:x:xmpmeta|rdf:RDF)\s*>", xmp, re.DOTALL)
    return match[0] if match else xmp


def _info(info: Any) -> Iterator[Statement]:
    """The document information dictionary's custom rights entries."""
    if info is None:
        return
    for key in ("/License", "/Rights", "/Copyright", "/WebStatement"):
        value = info.get(key)
        if value is not None:
            yield from of_text(str(value)[:2000], Subject.DOCUMENT, f"pdf info {key[1:]}")


def _links(document: Any, count: int) -> Iterator[LicenceClaim]:
    """Link annotations to licences: C about the document on its first or last page, D about nothing known inside."""
    seen: set[tuple[str | None, bool]] = set()
    looked = 0
    for index in range(min(count, MAX_PAGES)) if count <= MAX_PAGES else [*range(MAX_PAGES - 1), count - 1]:
        annotations = document.pages[index].get("/Annots")
        for annotation in annotations if annotations is not None else ():
            looked += 1
            if looked > MAX_LINKS:
                return
            action = annotation.get("/A") if hasattr(annotation, "get") else None
            address = str(action.get("/URI")) if action is not None and action.get("/URI") is not None else ""
            licence = normalise(address) if address else None
            edge = index in (0, count - 1)
            if licence is None or not licence.family or (licence.spdx, edge) in seen:
                continue
            seen.add((licence.spdx, edge))
            standing = (
                (LicenceClass.C, Subject.DOCUMENT, "link on the first or last page")
                if edge
                else (LicenceClass.D, Subject.OTHER, "link inside the document")
            )
            yield claim(LICENCE, address, standing, f"page {index + 1} link", address, licence=licence)


def _words(text: str, number: int) -> Iterator[LicenceClaim]:
    seen: set[str | None] = set()
    for licence, start, end in named(text):
        said = spoken(text[max(0, start - 220) : start], text[start:end], text[end : end + 220])
        if licence.spdx in seen:
            continue
        seen.add(licence.spdx)
        about_page = said.about in (About.PAGE, About.UNSAID)
        subject = (
            Subject.DOCUMENT if about_page else Subject.OBJECT if said.about is not About.NOTHING else Subject.OTHER
        )
        raw = text[max(0, start - 150) : end + 150]
        yield claim(
            *(LICENCE, text[start:end], (LicenceClass.D, subject, "words of the page"), f"page {number} text", raw),
            partial=said.partial,
            licence=licence,
        )
