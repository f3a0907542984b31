"""PDF and EPUB files, made here: TDMRep and licences in them, as 1.4 of the reference sheet and issue 4(8) rule."""

from __future__ import annotations

import io
import time
import zipfile
import zlib

import pytest

from crawler.media import read
from crawler.records import Fault, LicenceClaim, Reading, Statement

BY = "http://creativecommons.org/licenses/by/4.0/"
NAMESPACES = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"'
    ' xmlns:cc="http://creativecommons.org/ns#" xmlns:tdm="http://www.w3.org/ns/tdmrep/"'
)
Said = tuple[str, str]


def xmp(inside: str = "", attributes: str = "") -> bytes:
    """A packet with these properties in element and attribute form."""
    return (
        f'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {NAMESPACES}>'
        f'<rdf:Description rdf:about="" {attributes}>{inside}</rdf:Description></rdf:RDF></x:xmpmeta>'
        '<?xpacket end="w"?>'
    ).encode()


def said(found: list[Statement]) -> list[Said]:
    """Use and stance of the readings, in order."""
    return [(str(each.use), str(each.stance)) for each in found if isinstance(each, Reading)]


def claims(found: list[Statement]) -> list[tuple[str | None, str, str]]:
    """What the claims name, their class and subject."""
    return [(c.spdx, str(c.licence_class), str(c.subject)) for c in found if isinstance(c, LicenceClaim)]


def pdf(*, metadata: bytes | None = None, words: tuple[str, ...] = ("",), links: dict[int, str] | None = None) -> bytes:
    """A PDF with these pages of words, link annotations by page number, and metadata."""
    pikepdf = pytest.importorskip("pikepdf")
    document = pikepdf.Pdf.new()
    for number, text in enumerate(words):
        page = document.add_blank_page(page_size=(200, 200))
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        escaped = text.replace("(", "\\(").replace(")", "\\)")
        page.Contents = document.make_stream(f"BT /F1 9 Tf 10 100 Td ({escaped}) Tj ET".encode("cp1252"))
        if links and number in links:
            action = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String(links[number]))
            annotation = pikepdf.Dictionary(
                Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=pikepdf.Array([0, 0, 9, 9]), A=action
            )
            page.Annots = pikepdf.Array([document.make_indirect(annotation)])
    if metadata is not None:
        stream = document.make_stream(metadata)
        stream["/Type"], stream["/Subtype"] = pikepdf.Name.Metadata, pikepdf.Name.XML
        document.Root.Metadata = stream
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def test_pdf_tdmrep_and_licences() -> None:
    """1.4, issue 4(8): reservation, cc:license and web statement of the metadata are the document's."""
    inside = f'<cc:license rdf:resource="{BY}"/><xmpRights:WebStatement>{BY}</xmpRights:WebStatement>'
    found = read(pdf(metadata=xmp(inside, 'tdm:reservation="1" tdm:policy="https://x.example/p"')))
    assert said(found) == [("tdm", "reserved")]
    assert claims(found) == [("CC-BY-4.0", "A", "document"), ("CC-BY-4.0", "A", "document")]


def test_pdf_links_and_words() -> None:
    """Issue 4(8): deeds linked on the first or last page, licences in their words; other links are of nothing known."""
    words = ("This work is licensed under CC BY-SA 4.0", "inside", "the end")
    body = pdf(words=words, links={0: BY, 1: "http://creativecommons.org/licenses/by-nc/3.0/", 2: "https://x.example/"})
    assert claims(read(body)) == [
        ("CC-BY-4.0", "C", "document"),
        ("CC-BY-NC-3.0", "D", "other"),
        ("CC-BY-SA-4.0", "D", "document"),
    ]


def test_pdf_words_through_a_unicode_map() -> None:
    """PDF 32000-1, 9.10.3: the codes of a font with a ToUnicode map are read through it."""
    pikepdf = pytest.importorskip("pikepdf")
    text = "licensed under CC BY 4.0"
    document = pikepdf.Pdf.new()
    page = document.add_blank_page(page_size=(200, 200))
    codes = {letter: number + 1 for number, letter in enumerate(sorted(set(text)))}
    rows = "".join(f"<{code:04X}> <{ord(letter):04X}>\n" for letter, code in codes.items())
    cmap = f"1 begincodespacerange <0000> <FFFF> endcodespacerange {len(codes)} beginbfchar\n{rows}endbfchar".encode()
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type0, ToUnicode=document.make_stream(cmap))
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    written = "".join(f"{codes[letter]:04X}" for letter in text)
    page.Contents = document.make_stream(f"BT /F1 9 Tf <{written}> Tj ET".encode())
    target = io.BytesIO()
    document.save(target)
    assert claims(read(target.getvalue())) == [("CC-BY-4.0", "D", "document")]


def test_pdf_damage() -> None:
    """A PDF that cannot be opened is a fault; a bomb in its metadata costs bounded memory."""
    pytest.importorskip("pikepdf")
    found = read(b"%PDF-1.7\n" + b"garbage" * 100)
    assert {type(each) for each in found} == {Fault}
    assert {each.carrier for each in found if isinstance(each, Fault)} == {
        "media-iptc",
        "media-tdmrep",
        "media-rsl",
        "media-licence",
    }
    bomb = zlib.compress(b" " * 200_000_000, 9)
    body = pdf(metadata=xmp())
    import pikepdf

    with pikepdf.open(io.BytesIO(body)) as document:
        stream = document.Root.Metadata
        stream.write(bomb, filter=pikepdf.Name.FlateDecode)
        target = io.BytesIO()
        document.save(target, stream_decode_level=pikepdf.StreamDecodeLevel.none, recompress_flate=False)
    started = time.process_time()
    read(target.getvalue())
    assert time.process_time() - started < 5


def epub(metadata: str, version: str = "3.0", opf: str = "OPS/book.opf") -> bytes:
    """A package with this metadata."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("mimetype", "application/epub+zip")
        package.writestr(
            "META-INF/container.xml", f'<container><rootfiles><rootfile full-path="{opf}"/></rootfiles></container>'
        )
        package.writestr(
            "OPS/book.opf",
            f'<package version="{version}" prefix="tdm: http://www.w3.org/ns/tdmrep#"><metadata'
            f' xmlns:dc="http://purl.org/dc/elements/1.1/">{metadata}</metadata></package>',
        )
    return target.getvalue()


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ('<meta name="tdm:reservation" content="1"/>', [("tdm", "reserved")]),
        ('<meta property="tdm:reservation">1</meta>', [("tdm", "reserved")]),
        ('<meta property="tdm:reservation">0</meta>', [("tdm", "permitted")]),
        ("<dc:title>x</dc:title>", []),
    ],
    ids=["1.4-epub2", "1.4-epub3", "1.4-zero", "1.4-silent"],
)
def test_epub_tdmrep(metadata: str, expected: list[Said]) -> None:
    """1.4: TDMRep in EPUB 2 and EPUB 3 package metadata."""
    assert said(read(epub(metadata))) == expected


def test_epub_licences() -> None:
    """Issue 4(8): rights of the package are the publication's."""
    metadata = (
        f'<dc:rights>{BY}</dc:rights><link rel="cc:license" href="{BY}"/><dc:rights>© 2020 A. N. Author</dc:rights>'
    )
    assert claims(read(epub(metadata))) == [("CC-BY-4.0", "A", "document"), ("CC-BY-4.0", "A", "document")]


@pytest.mark.parametrize(
    "body",
    [
        epub('<meta property="tdm:reservation">1'),
        epub("", opf="missing.opf"),
        epub('<meta property="tdm:reservation">maybe</meta>'),
        epub("<dc:title>x</dc:title>")[:200],
    ],
    ids=["bad-xml", "no-package-document", "value", "cut-off"],
)
def test_epub_damage(body: bytes) -> None:
    """A package that cannot be read is a fault."""
    assert {type(each) for each in read(body)} == {Fault}
