"""RSL inside files (signals-robots 4.1, last row): in XMP, in the metadata of an EPUB, in ID3, in PNG text."""

from __future__ import annotations

import struct
import time
import zlib

import pytest

from crawler.media import read
from crawler.records import Fault, Reading, Statement
from crawler.vocabulary import Scope
from tests.crawler.test_media import JPEG, png, xmp
from tests.crawler.test_media_documents import epub, pdf
from tests.crawler.test_media_documents import xmp as document_xmp

NAMESPACE = 'xmlns:rsl="https://rslstandard.org/rsl"'
RULE = '<rsl:license><rsl:prohibits type="usage">ai-train</rsl:prohibits></rsl:license>'
INSIDE = f'<rsl:content url="https://s.example/work">{RULE}</rsl:content>'
WORK = f"<rsl:rsl {NAMESPACE}>{INSIDE}</rsl:rsl>"
DECLARED_ABOVE = f"<rsl:rsl>{INSIDE}</rsl:rsl>"
PLAIN = WORK.replace("rsl:", "").replace("xmlns:rsl", "xmlns")


def chunk(kind: bytes, data: bytes) -> bytes:
    """A PNG chunk."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_chunk(made: bytes) -> bytes:
    """A grey pixel with one more chunk after its header."""
    picture = png()
    return picture[:33] + made + picture[33:]


def tagged(text: bytes) -> bytes:
    """The start of an MP3 whose tag has one user text frame."""
    frame = b"TXXX" + struct.pack(">IH", len(text), 0) + text
    size = len(frame)
    synchsafe = bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x04\x00\x00" + synchsafe + frame + b"\xff\xfb\x90\x00" * 50


def said(found: list[Statement]) -> set[tuple[str, str, str]]:
    """Use, stance and reading of what RSL in a file says."""
    return {
        (str(each.use), str(each.stance), str(each.interpretation))
        for each in found
        if isinstance(each, Reading) and each.carrier == "media-rsl"
    }


FORMS = [
    pytest.param(JPEG + xmp(WORK), id="xmp"),
    pytest.param(JPEG + xmp(DECLARED_ABOVE, NAMESPACE), id="xmp-namespace-above"),
    pytest.param(JPEG + xmp(PLAIN), id="xmp-default-namespace"),
    pytest.param(with_chunk(chunk(b"iTXt", b"rsl\x00\x00\x00\x00\x00" + WORK.encode())), id="png-itxt"),
    pytest.param(
        with_chunk(chunk(b"iTXt", b"rsl\x00\x01\x00en\x00\x00" + zlib.compress(WORK.encode()))), id="png-itxt-packed"
    ),
    pytest.param(with_chunk(chunk(b"zTXt", b"rsl\x00\x00" + zlib.compress(WORK.encode()))), id="png-ztxt"),
    pytest.param(tagged(b"\x03rsl\x00" + WORK.encode()), id="id3-utf8"),
    pytest.param(tagged(b"\x01" + "rsl\x00".encode("utf-16") + WORK.encode("utf-16")), id="id3-utf16"),
    pytest.param(tagged(b"\x02" + "rsl\x00".encode("utf-16-be") + WORK.encode("utf-16-be")), id="id3-utf16-be"),
    pytest.param(epub(WORK), id="epub"),
]


@pytest.mark.parametrize("data", FORMS)
def test_an_embedded_licence_speaks_of_its_file(data: bytes) -> None:
    """4.1: scope asset; 4.3: only `<prohibits>`, so the rest is permitted by our inference."""
    found = read(data)
    assert ("train-generative", "reserved", "both") in said(found)
    assert not [each for each in found if isinstance(each, Fault)]
    assert {each.scope for each in found if isinstance(each, Reading)} == {Scope.OBJECT}
    assert len([each for each in found if isinstance(each, Reading) and each.use == "train-generative"]) == 1


def test_in_a_pdf_it_stands_in_the_metadata() -> None:
    assert ("train-generative", "reserved", "both") in said(read(pdf(metadata=document_xmp(WORK))))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (WORK.replace("https://s.example/work", ""), "url_missing"),
        (WORK.replace("ai-train", "ai-training"), "unknown_usage"),
        (WORK.replace("</rsl:license>", ""), "invalid_xml"),
        (WORK.replace("</rsl:rsl>", ""), "invalid_xml"),
    ],
    ids=["4.1-no-address", "unknown-usage", "broken", "cut-off"],
)
def test_what_is_not_as_the_specification_asks_is_a_fault(text: str, reason: str) -> None:
    found = read(tagged(b"\x03rsl\x00" + text.encode()))
    faults = [each for each in found if isinstance(each, Fault)]
    assert faults[0].carrier == "media-rsl"
    assert faults[0].reason.startswith(reason)
    assert ("train-generative", "reserved", "both") not in said(found)


@pytest.mark.parametrize(
    "data",
    [
        JPEG + b"<rsl:rsl>" * 50_000,
        JPEG + f"<rsl:rsl {NAMESPACE}>".encode() + b"<rsl:content>" * 50_000,
        tagged(b"<rsl " + b"a" * 1_000_000),
        with_chunk(chunk(b"zTXt", b"rsl\x00\x00" + zlib.compress(b"<rsl>" * 10_000_000))),
        png()[:33] + b"\x00\x00\x00\x00iTXt\x00\x00\x00\x00" * 100_000,
        png()[:33] + b"\xff\xff\xff\xffiTXt",
    ],
    ids=["unclosed", "nested", "no-end", "bomb", "many-chunks", "size-of-4-GiB"],
)
def test_hostile_files_cost_little_and_raise_nothing(data: bytes) -> None:
    started = time.process_time()
    assert not said(read(data))
    assert time.process_time() - started < 3
