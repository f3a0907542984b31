"""Sampled pages: chosen by seed, asked within gate and budget, read as pages, and no verdict rests on them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from analysis.verdicts import judge
from crawler import sampling
from crawler.ingest import take_in
from crawler.records import Exchange
from crawler.settings import Archive
from crawler.sources.warc import portions
from crawler.vocabulary import ROLE_PAGE, Outcome
from tests.crawler.loopback import Web, answer, page, take

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def web() -> Iterator[Web]:
    with Web().running() as running:
        yield running


def landed(body: str) -> Exchange:
    return Exchange("a.test", ROLE_PAGE, "http://a.test/", Outcome.OK, NOON, status=200, body=body.encode())


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("/piece/1", "http://a.test/piece/1"),
        ("work?id=2#top", "http://a.test/work?id=2"),
        ("http://A.test/x", "http://A.test/x"),
        ("", None),
        ("#top", None),
        ("/", None),
        ("https://a.test/other-scheme", None),
        ("http://b.test/other-host", None),
        ("/picture.JPG", None),
        ("mailto:x@a.test", None),
        ("javascript:void(0)", None),
        ("http://[", None),
        ("/caf\u00e9", None),
        ("/" + "x" * 3000, None),
    ],
)
def test_which_links_are_pages_of_the_site(href: str, url: str | None) -> None:
    found = sampling.linked(landed(f'<!doctype html><a href="{href}">x</a>'))
    assert found == ([url] if url else [])


def test_the_same_seed_chooses_the_same_pages_whatever_their_order() -> None:
    urls = [f"http://a.test/{number}" for number in range(50)]
    first = sampling.chosen(urls, 3, 0)
    assert [role for role, _ in first] == ["sample-1", "sample-2", "sample-3"]
    assert sampling.chosen(urls[::-1], 3, 0) == first
    assert sampling.chosen([*urls, "http://a.test/new"], 3, 0)[0] in [*first, ("sample-1", "http://a.test/new")]
    assert sampling.chosen(urls, 3, 1) != first
    assert sampling.chosen(urls[:2], 3, 0) == sampling.chosen(urls[:2], 2, 0)


SITEMAP = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>http://map.test/a?x=1&amp;y=2</loc></url><url><loc> http://map.test/b </loc></url>
<url><loc>http://elsewhere.test/c</loc></url></urlset>"""


def test_links_are_sampled_behind_the_robots_gate(web: Web, tmp_path: Path) -> None:
    robots = "User-agent: *\nDisallow: /private\n"
    links = "".join(f'<a href="/{name}">x</a>' for name in ("one", "private/two", "three"))
    html = answer(200, f"<!doctype html>{links}", kind="text/html")
    web.site("a.test", {"/robots.txt": answer(200, robots), "/": html, "/one": page("1"), "/three": page("3")})
    taken = take(web, tmp_path, crawl__pages_per_site=3)
    samples = {e.url: e.outcome for role, e in taken.roles("a.test").items() if role.startswith("sample-")}
    assert samples == {
        "http://a.test/one": Outcome.OK,
        "http://a.test/three": Outcome.OK,
        "http://a.test/private/two": Outcome.DISALLOWED,
    }
    assert "/private/two" not in web.paths("a.test")


def test_a_sitemap_is_asked_where_links_are_too_few(web: Web, tmp_path: Path) -> None:
    robots = "User-agent: *\nDisallow:\nSitemap: http://other.test/s.xml\nSitemap: http://map.test/s.xml\n"
    listing = answer(200, SITEMAP, kind="application/xml")
    web.site("map.test", {"/robots.txt": answer(200, robots), "/": page(), "/s.xml": listing, "*": page("x")})
    taken = take(web, tmp_path, crawl__pages_per_site=2)
    asked = web.paths("map.test")
    assert asked[-3] == "/s.xml"
    assert sorted(asked[-2:]) == ["/a?x=1&y=2", "/b"]
    assert taken.roles("map.test")["sitemap"].outcome is Outcome.OK


def test_the_budget_holds_for_samples_too(web: Web, tmp_path: Path) -> None:
    links = "".join(f'<a href="/p{number}">x</a>' for number in range(20))
    html = answer(200, f"<!doctype html>{links}", kind="text/html")
    web.site("a.test", {"/robots.txt": answer(404), "/": html, "*": page()})
    taken = take(web, tmp_path, crawl__pages_per_site=20)
    # One request more was made: https, where nothing listens.
    assert len(web.paths("a.test")) == 11
    last = taken.roles("a.test")["sample-20"]
    assert (last.outcome, "requests_per_site" in (last.detail or "")) == (Outcome.NOT_ASKED, True)


def test_a_sample_is_read_as_a_page_and_no_verdict_rests_on_it(web: Web, tmp_path: Path) -> None:
    html = answer(200, '<!doctype html><a href="/one">x</a>', kind="text/html")
    work = '<!doctype html><meta name="robots" content="noai"><a rel="license" href="%s">CC</a>'
    one = answer(200, work % "https://creativecommons.org/licenses/by/4.0/", kind="text/html")
    web.site("a.test", {"/robots.txt": answer(404), "/": html, "/one": one})
    taken = take(web, tmp_path, crawl__pages_per_site=1)
    archive = Archive(path=str(tmp_path / "web.duckdb"))
    for segment in taken.result.segments:
        for portion in portions(segment):
            take_in(archive, portion, after=judge)
    with duckdb.connect(archive.path, read_only=True) as connection:
        claims = connection.execute("SELECT DISTINCT role, spdx FROM licence_claim").fetchall()
        states = connection.execute("SELECT DISTINCT state FROM verdict").fetchall()
        kept = connection.execute("SELECT count(*) FROM body WHERE data IS NOT NULL AND bytes > 0").fetchall()
    assert claims == [("sample-1", "CC-BY-4.0")]
    assert ("reserved",) not in states
    assert kept == [(0,)], "pages are kept in the segments only"
