"""Media sampled by a crawl: chosen by seed, asked as politely as all else, told of each file and never of the site."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analysis.door import open_archive
from analysis.explain import explanation
from analysis.verdicts import judge
from crawler import sampling
from crawler.coverage import cover
from crawler.given import answer as given
from crawler.ingest import take_in
from crawler.records import AccessRow, Exchange
from crawler.settings import Archive
from crawler.signals import read
from crawler.sources.warc import portions
from crawler.vocabulary import ROLE_MEDIA, ROLE_PAGE, Outcome, Ruling, State
from tests.crawler.loopback import Reply, Web, answer, take
from tests.crawler.test_media import BY, JPEG, xmp
from tests.crawler.test_media_documents import epub, pdf
from tests.crawler.test_media_documents import xmp as document_xmp

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
PROHIBITED = JPEG + xmp(f'<plus:DataMining>DMI-PROHIBITED</plus:DataMining><cc:license rdf:resource="{BY}"/>')
RESERVED = '<meta property="tdm:reservation">1</meta>'


@pytest.fixture
def web() -> Iterator[Web]:
    with Web().running() as running:
        yield running


def site(web: Web, body: str, **paths: Reply) -> None:
    """A site without robots.txt whose landing page has this body."""
    html = answer(200, f"<!doctype html>{body}", kind="text/html")
    web.site("a.test", {"/robots.txt": answer(404), "/": html, **{f"/{name}": reply for name, reply in paths.items()}})


def taken_in(web: Web, folder: Path, **overrides: object) -> Archive:
    """The archive of one crawl of everything."""
    taken = take(web, folder, **overrides)
    archive = Archive(path=str(folder / "web.duckdb"), keep_pages=bool(overrides.get("archive__keep_pages")))
    for segment in taken.result.segments:
        for portion in portions(segment):
            take_in(archive, portion, after=judge)
    return archive


def asked(archive: Archive, statement: str) -> list[tuple[Any, ...]]:
    """The rows of a query, sorted."""
    with closing(duckdb.connect(archive.path, read_only=True)) as connection:
        return sorted(connection.execute(statement).fetchall())


def coverage(archive: Archive) -> dict[str, tuple[str, str | None]]:
    """State and reason of the media carriers."""
    found = asked(archive, "SELECT carrier, state, reason FROM coverage WHERE starts_with(carrier, 'media-')")
    return {carrier: (state, why) for carrier, state, why in found}


def carriers(exchange: Exchange) -> set[str]:
    """The carriers that say anything in an exchange."""
    return {found.carrier for _, found in read(exchange) if not isinstance(found, AccessRow)}


@pytest.mark.parametrize(
    ("element", "urls"),
    [
        ('<img src="/p.jpg">', ["http://a.example.com/p.jpg"]),
        ('<img src="/p.php?id=3&amp;x=1">', []),
        ('<img src="/picture/3">', ["http://a.example.com/picture/3"]),
        ('<img src="data:image/png;base64,AA" srcset="/s.webp 1x, /l.webp 2x">', ["http://a.example.com/s.webp"]),
        ('<img src="/speck.gif" width="1" height="1">', []),
        ('<img src="/drawing.svg">', []),
        ('<img src="http://img.example.com/p.png">', ["http://img.example.com/p.png"]),
        ('<img src="https://cdn.test/p.png">', []),
        ('<a href="paper.PDF#page=2">x</a>', ["http://a.example.com/paper.PDF"]),
        ('<a href="/book.epub">x</a><a href="/book.epub">y</a>', ["http://a.example.com/book.epub"]),
        ('<a href="/page.html">x</a><a href="/page">y</a>', []),
        ('<embed src="/e.pdf"><object data="/o.pdf"></object><iframe src="/i.pdf"></iframe>', 3),
        ('<base href="/deep/"><img src="p.jpg">', ["http://a.example.com/deep/p.jpg"]),
        (
            '<img src="http://[/p.jpg"><img src="http://u:p@a.example.com/p.jpg"><img src="ftp://a.example.com/p.jpg">',
            [],
        ),
        ('<img src="/' + "x" * 3000 + '.jpg"><img>', []),
    ],
)
def test_which_files_a_page_shows(element: str, urls: list[str] | int) -> None:
    body = f"<!doctype html>{element}".encode()
    landed = Exchange("a.example.com", ROLE_PAGE, "http://a.example.com/", Outcome.OK, NOON, status=200, body=body)
    found = sampling.shown(landed)
    assert len(found) == urls if isinstance(urls, int) else found == urls


def test_none_is_asked_unless_the_settings_want_some(web: Web, tmp_path: Path) -> None:
    site(web, '<img src="/p.jpg">', **{"p.jpg": answer(200, PROHIBITED, kind="image/jpeg")})
    archive = taken_in(web, tmp_path)
    assert "/p.jpg" not in web.paths("a.test")
    assert set(coverage(archive).values()) == {("unobserved", "not_asked")}


def test_a_file_speaks_of_itself_and_never_decides_for_the_site(web: Web, tmp_path: Path) -> None:
    """Signals-page 4.1 and design 1: scope and subject of what an embedded packet says are the object."""
    header = ("tdm-reservation", "1")
    site(web, '<img src="/p.jpg">', **{"p.jpg": answer(200, PROHIBITED, header, kind="image/jpeg")})
    archive = taken_in(web, tmp_path, crawl__media_per_site=2)
    assert asked(archive, "SELECT role, carrier, use, stance, scope FROM reading WHERE role <> 'robots.txt'") == [
        ("media-1", "media-iptc", "tdm", "reserved", "object"),
        ("media-1", "tdmrep-header", "tdm", "reserved", "object"),
    ]
    claims = asked(archive, "SELECT role, carrier, spdx, licence_class, subject FROM licence_claim")
    assert claims == [("media-1", "media-licence", "CC-BY-4.0", "A", "object")]
    assert coverage(archive)["media-iptc"] == coverage(archive)["media-licence"] == ("present", None)
    assert coverage(archive)["media-tdmrep"] == coverage(archive)["media-c2pa"] == ("absent", None)
    verdicts = asked(archive, "SELECT DISTINCT state, rule FROM verdict")
    assert verdicts == [("silent", "silent")]
    kept = asked(archive, "SELECT count(*) FROM body WHERE data IS NOT NULL AND bytes > 0")
    assert kept == [(0,)], "media files are kept in the segments only"


def test_the_verdict_is_the_same_with_and_without_media(web: Web, tmp_path: Path) -> None:
    site(web, '<img src="/p.jpg">', **{"p.jpg": answer(200, PROHIBITED, kind="image/jpeg")})
    columns = "SELECT use, state, state_strict, reason, rule, deciding FROM verdict"
    for name in ("without", "with"):
        (tmp_path / name).mkdir()
    without = asked(taken_in(web, tmp_path / "without"), columns)
    assert asked(taken_in(web, tmp_path / "with", crawl__media_per_site=1), columns) == without
    assert len(without) == 8


def test_a_policy_does_not_take_the_licence_of_a_picture_for_that_of_the_site(web: Web, tmp_path: Path) -> None:
    site(web, '<img src="/p.jpg">', **{"p.jpg": answer(200, PROHIBITED, kind="image/jpeg")})
    decided = []
    for name, wanted in (("without", 0), ("with", 1)):
        (tmp_path / name).mkdir()
        archive = taken_in(web, tmp_path / name, crawl__media_per_site=wanted)
        with open_archive(archive.path) as opened:
            decision = opened.decide("http://a.test/", "open-licence", at=date(2026, 11, 1))
            decided.append((decision.ruling, decision.reason, decision.lines))
    assert decided[0] == decided[1]
    assert decided[0][0] is Ruling.UNKNOWN or decided[0][0] is Ruling.DENY


def test_documents_are_read_where_the_extra_is_there(web: Web, tmp_path: Path) -> None:
    """Issue 4(8): TDMRep and licences of PDF and EPUB reach the rows, each of its own file."""
    pytest.importorskip("pikepdf")
    body = pdf(metadata=document_xmp(f'<cc:license rdf:resource="{BY}"/>', 'tdm:reservation="0"'))
    files = {"p.pdf": answer(200, body, kind="application/pdf"), "b.epub": answer(200, epub(RESERVED))}
    site(web, '<a href="/p.pdf">x</a><a href="/b.epub">y</a>', **files)
    archive = taken_in(web, tmp_path, crawl__media_per_site=2)
    urls = {
        url: role for role, url in asked(archive, "SELECT role, url FROM exchange WHERE starts_with(role, 'media-')")
    }
    found = dict(asked(archive, "SELECT role, stance FROM reading WHERE carrier = 'media-tdmrep' AND use = 'tdm'"))
    assert found == {urls["http://a.test/p.pdf"]: "permitted", urls["http://a.test/b.epub"]: "reserved"}
    assert asked(archive, "SELECT role, spdx, subject FROM licence_claim") == [
        (urls["http://a.test/p.pdf"], "CC-BY-4.0", "object")
    ]
    assert coverage(archive)["media-tdmrep"] == coverage(archive)["media-licence"] == ("present", None)


def test_what_needs_an_extra_that_is_missing_is_unobserved(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
    monkeypatch.setitem(sys.modules, "pikepdf", None)
    site(web, '<a href="/p.pdf">x</a>', **{"p.pdf": answer(200, body, kind="application/pdf")})
    archive = taken_in(web, tmp_path, crawl__media_per_site=1)
    states = coverage(archive)
    assert states["media-licence"][0] == states["media-tdmrep"][0] == states["media-iptc"][0] == "unobserved"
    assert "pikepdf is not installed; install openweb-audit[media]" in (states["media-licence"][1] or "")
    assert states["media-c2pa"] == ("absent", None)


BROKEN = JPEG + xmp("<plus:DataMining>DMI-NEW</plus:DataMining>")
SILENT = JPEG + b"\x00" * 100


@pytest.mark.parametrize(
    ("replies", "state", "reason"),
    [
        ([answer(200, SILENT, kind="image/jpeg")], "absent", None),
        ([answer(404)], "unobserved", "sampled, but absent"),
        ([answer(503)], "unobserved", "server_error"),
        ([answer(200, "<!doctype html>no", kind="image/jpeg")], "unobserved", "not_the_file"),
        ([answer(200, SILENT + b"\x00" * 9000, kind="image/jpeg")], "unobserved", "oversize"),
        ([answer(200, BROKEN, kind="image/jpeg")], "malformed", "unknown value of plus:DataMining"),
        ([answer(200, SILENT, kind="image/jpeg"), answer(503)], "unobserved", "server_error"),
        ([answer(200, BROKEN, kind="image/jpeg"), answer(503)], "malformed", "unknown value of plus:DataMining"),
        ([answer(200, PROHIBITED, kind="image/jpeg"), answer(503)], "present", None),
    ],
    ids=[
        "silent",
        "404",
        "503",
        "soft-404",
        "oversize",
        "malformed",
        "silent-and-503",
        "malformed-and-503",
        "one-speaks",
    ],
)
def test_coverage_of_what_came(web: Web, tmp_path: Path, replies: list[bytes], state: str, reason: str | None) -> None:
    """Issue 4(9): 5xx, and what is cut or no file, is unobserved; silence needs every file that was asked for."""
    names = [f"p{number}.jpg" for number in range(len(replies))]
    body = "".join(f'<img src="/{name}">' for name in names)
    site(web, body, **dict(zip(names, replies, strict=True)))
    archive = taken_in(web, tmp_path, crawl__media_per_site=3, politeness__media_bytes=9000)
    assert coverage(archive)["media-iptc"] == (state, reason)


def test_robots_budget_and_cap_hold_for_media(web: Web, tmp_path: Path) -> None:
    robots = "User-agent: *\nDisallow: /private/\n"
    shown = '<img src="/private/p.jpg">' + "".join(f'<img src="/p{number}.jpg">' for number in range(20))
    html = answer(200, f"<!doctype html>{shown}", kind="text/html")
    web.site("a.test", {"/robots.txt": answer(200, robots), "/": html, "*": answer(200, SILENT, kind="image/jpeg")})
    taken = take(web, tmp_path, crawl__media_per_site=20, politeness__media_bytes=50)
    media = {e.url: e for role, e in taken.roles("a.test").items() if role.startswith("media-")}
    assert len(media) == 20
    assert "/private/p.jpg" not in web.paths("a.test")
    # One request more was made: https, where nothing listens.
    assert len(web.paths("a.test")) == 11
    assert {hit.method for hit in web.hits} == {"GET"}
    outcomes = {exchange.outcome for exchange in media.values()}
    assert outcomes <= {Outcome.OVERSIZE, Outcome.NOT_ASKED, Outcome.DISALLOWED}
    assert Outcome.OVERSIZE in outcomes
    assert all(len(exchange.body or b"") <= 50 for exchange in media.values())


def test_a_sister_host_is_asked_for_its_robots_first(web: Web, tmp_path: Path) -> None:
    picture = answer(200, PROHIBITED, kind="image/jpeg")
    web.site("img.example.com", {"/robots.txt": answer(200, "User-agent: *\nDisallow: /p.jpg\n"), "/p.jpg": picture})
    html = answer(200, '<!doctype html><img src="http://img.example.com/p.jpg">', kind="text/html")
    web.site("example.com", {"/robots.txt": answer(404), "/": html})
    taken = take(web, tmp_path, "example.com", crawl__media_per_site=1)
    assert taken.roles("example.com")["media-1"].outcome is Outcome.DISALLOWED
    assert web.paths("img.example.com") == ["/robots.txt"]


def test_explain_shows_the_licence_of_the_object_with_its_address(web: Web, tmp_path: Path) -> None:
    site(web, '<img src="/p.jpg">', **{"p.jpg": answer(200, PROHIBITED, kind="image/jpeg")})
    archive = taken_in(web, tmp_path, crawl__media_per_site=1)
    with closing(duckdb.connect(archive.path, read_only=True)) as connection:
        for asked_about, shown in (("a.test", 1), ("http://a.test/p.jpg", 1), ("http://a.test/other", 0)):
            found = explanation(connection, asked_about)
            lines = [(line.url, line.spdx, line.subject) for line in found.licences]
            assert lines == [("http://a.test/p.jpg", "CC-BY-4.0", "object")] * shown
            assert not found.contradictions
            assert {line.state for line in found.verdicts} <= {State.SILENT, State.UNKNOWN}
            readings = {item.scope for line in found.verdicts for item in line.evidence if item.carrier == "media-iptc"}
            assert readings == ({"object"} if shown else set())


def test_a_file_at_hand_is_told_by_type_or_first_bytes_and_read_with_its_header_fields() -> None:
    """Issue 4(8): `read` takes media without being told; the file itself is then the document."""
    fields = (("Content-Type", "application/octet-stream"), ("X-Robots-Tag", "noai"))
    found = given("https://s.example/f", 200, fields, epub(RESERVED), at=NOON)
    assert found.role == ROLE_MEDIA
    assert carriers(found) == {"media-tdmrep", "x-robots-tag"}
    states = {item.carrier: (item.state.value, item.reason) for item in cover(found, list(read(found)))}
    assert states["media-tdmrep"] == states["x-robots-tag"] == ("present", None)
    assert states["tdmrep-header"] == states["media-licence"] == ("absent", None)
    assert states["robots-meta"] == ("unobserved", "not_asked")


def test_the_header_fields_of_a_file_that_was_cut_are_read() -> None:
    fields = (("Content-Type", "application/pdf"), ("tdm-reservation", "1"))
    found = given("https://s.example/f.pdf", 200, fields, b"%PDF-1.7", at=NOON, truncated=True)
    assert found.outcome is Outcome.OVERSIZE
    assert carriers(found) == {"tdmrep-header"}
    states = {item.carrier: (item.state.value, item.reason) for item in cover(found, list(read(found)))}
    assert states["media-tdmrep"] == ("unobserved", "oversize")
