"""The shared page parse: what it finds, where it says it stands, and that hostile pages cost bounded time."""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler import html
from crawler.html import page

PAGES = (Path(__file__).parents[2] / "../shared/data/html/pages.jsonl.zst").resolve()
SECONDS = 6.0
"""Generous for a loaded machine; unbounded, each of the hostile pages below takes minutes or all memory."""


def saved_pages() -> Iterator[bytes]:
    """The saved real pages, or a skip where they are not."""
    if not PAGES.exists():
        pytest.skip("no saved pages beside the repository")
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        zstd = pytest.importorskip("backports.zstd")
    with zstd.open(PAGES, "rb") as file:
        for line in io.TextIOWrapper(file, "utf-8"):
            yield json.loads(line)["html"].encode("utf-8", "surrogatepass")


def test_one_parse_for_the_same_body() -> None:
    """Two signals over the same bytes object share one parse, equal but other bytes do not share its identity."""
    body = b"<meta name=a content=b>"
    assert page(body) is page(body)
    assert page(bytes(bytearray(body))) == page(body)


@pytest.mark.parametrize(
    ("body", "content"),
    [
        pytest.param('<meta name=x content="é">'.encode(), "é", id="utf-8-default"),
        pytest.param("\ufeff<meta name=x content='é'>".encode(), "é", id="utf-8-bom"),
        pytest.param("<meta name=x content='é'>".encode("utf-16"), "é", id="utf-16-bom-le"),
        pytest.param(b"\xfe\xff" + "<meta name=x content='é'>".encode("utf-16-be"), "é", id="utf-16-bom-be"),
        pytest.param(b"<meta charset=windows-1252><meta name=x content='\xe9'>", "é", id="meta-charset"),
        pytest.param(
            "<meta http-equiv=content-type content='text/html; charset=windows-1251'><meta name=x content='Ж'>".encode(
                "cp1251"
            ),
            "Ж",
            id="meta-http-equiv",
        ),
        pytest.param(
            "<meta charset=iso-2022-jp><meta name=x content='日本'>".encode("iso2022_jp"), "日本", id="stateful"
        ),
        pytest.param(b"<meta name=x content='\xe9'>", "\ufffd", id="invalid-utf-8-replaced"),
    ],
)
def test_encoding_from_bytes_alone(body: bytes, content: str) -> None:
    """HTML 13.2.3: byte-order mark, then meta, and UTF-8 where nothing is said."""
    assert next(meta.content for meta in page(body).metas if meta.name == "x") == content


def test_metas_locations_and_locators() -> None:
    """Signals-page 2.4(9): metas in body and noscript are read with their location; locators count alike ones."""
    body = (
        b"<head><meta NAME=' Robots ' content=a><noscript><meta name=robots content=b></noscript>"
        b"<meta property='og:type' content=c><meta http-equiv=Refresh content=d></head>"
        b"<body><meta name=robots content=e><template><meta name=robots content=hidden></template>"
    )
    found = [(m.name or m.property or m.http_equiv, m.content, m.location, m.locator) for m in page(body).metas]
    assert found == [
        ("robots", "a", "head", 'meta[name="robots"] #1'),
        ("robots", "b", "noscript", 'meta[name="robots"] #2'),
        ("og:type", "c", "head", 'meta[property="og:type"] #1'),
        ("refresh", "d", "head", 'meta[http-equiv="refresh"] #1'),
        ("robots", "e", "body", 'meta[name="robots"] #3'),
    ]


@pytest.mark.parametrize(
    ("markup", "location", "within"),
    [
        ("<head><link rel=License href=u></head>", "head", None),
        ("<a rel=license href=u>", "body", None),
        ("<header><a rel=license href=u></header>", "header", None),
        ("<footer><p><a rel=license href=u></footer>", "footer", None),
        ("<div role=contentinfo><a rel=license href=u></div>", "footer", None),
        ("<main><a rel=license href=u></main>", "main", None),
        ("<main><figure><figcaption><a rel=license href=u></figure></main>", "figure", "figure"),
        ("<footer><blockquote><a rel=license href=u></blockquote></footer>", "footer", "quote"),
        ("<main><div about='/img.jpg'><a rel=license href=u></div></main>", "main", "about"),
        ("<main><div about><a rel=license href=u></div></main>", "main", None),
        ("<main><a rel=license about='/x' href=u></main>", "main", "about"),
        ("<main><div itemscope itemtype='https://schema.org/Book'><a rel=license href=u></div>", "main", "item"),
        ("<body itemscope itemtype='http://schema.org/WebPage'><footer><a rel=license href=u>", "footer", None),
    ],
)
def test_links_location_and_subject(markup: str, location: str, within: str | None) -> None:
    """Signals-page 5.1(7): a link's place and its nearest subject are told apart."""
    (link,) = page(markup.encode()).links
    assert (link.rel, link.href, link.location, link.within) == (("license",), "u", location, within)


def test_links_rel_type_and_canonical() -> None:
    """RFC 8288: rel is a list, and the media type stands without its parameters."""
    parsed = page(
        b'<link rel="NoFollow License" type="Application/RSL+xml; charset=utf-8" href=u><link rel=canonical href=c>'
    )
    assert parsed.links[0].rel == ("nofollow", "license")
    assert parsed.links[0].type == "application/rsl+xml"
    assert parsed.links[0].locator == 'link[rel="nofollow license"] #1'
    assert parsed.canonical == "c"


def test_scripts_are_data_scripts_only() -> None:
    """Signals-page 5.4: a JSON-LD type with a charset parameter is one all the same; program text is none."""
    body = (
        b"<script type='application/ld+json; charset=utf-8'>{\"a\": 1}</script><script type=text/javascript>x</script>"
        b"<script type='Application/RSL+XML'><rsl/></script>"
    )
    assert [(s.type, s.text, s.locator) for s in page(body).scripts] == [
        ("application/ld+json", '{"a": 1}', 'script[type="application/ld+json"] #1'),
        ("application/rsl+xml", "<rsl/>", 'script[type="application/rsl+xml"] #1'),
    ]


SEEN = b"<meta name=robots content=noai>"
HOSTILE = {
    "deep-div": b"<div>" * 400_000,
    "deep-unclosed-lists": b"<ul><li>" * 200_000,
    "stray-end-tags": b"<span>" * 200_000 + b"</div>" * 200_000,
    "crowded-tag": b"<a " + b" ".join(b"a%d=1" % i for i in range(200_000)) + b">",
    "crowded-quoted-gt": b"<a " + b" ".join(b'a%d=">"' % i for i in range(150_000)) + b">",
    "crowded-quoted-gt-after-script": b'<script>a<b c="</script><a '
    + b" ".join(b"a%d='>'" % i for i in range(150_000))
    + b">",
    "crowded-utf-16": ("<a " + " ".join(f"a{i}=1" for i in range(90_000)) + ">").encode("utf-16"),
    "clones": b"<p>" + b"".join(b"<b id=%d>" % i for i in range(5_000)) + b"<p>x" * 30_000,
    "clones-odd-quotes": b"<p>" + b"".join(b"<b id='>%d'>" % i for i in range(5_000)) + b"<p>x" * 30_000,
    "one-mebibyte-attributes": b"<a " + b"x" * 2**20 + b'=1 href="' + b"y" * 2**20 + b'">',
    "ten-megabytes": b"<p>hello <a rel=next href=x>w</a></p>\n" * 270_000,
    "unclosed-quotes": b"<a b='" * 300_000,
    "many-metas": b"<meta name=robots content=noai>" * 60_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_page_is_bounded(name: str) -> None:
    """What a page may cost is bounded, what stands before the damage is read, and the cut is told."""
    prefix = SEEN.decode().encode("utf-16") if "utf-16" in name else SEEN
    body = prefix + (HOSTILE[name][2:] if "utf-16" in name else HOSTILE[name])
    started = time.process_time()
    parsed = page(body)
    assert time.process_time() - started < SECONDS
    assert parsed.truncated
    assert parsed.metas[0].content == "noai"
    assert all(len(link.href or "") <= html.MAX_VALUE for link in parsed.links)


def test_ordinary_page_is_not_truncated() -> None:
    """A page of ordinary size is read whole, its scripts' comparisons notwithstanding."""
    body = b"<html><script>for(i=0;i<n;i++){a(b)}</script>" + b"<p><b class=x>w</b></p>" * 2_000 + SEEN
    parsed = page(body)
    assert not parsed.truncated
    assert parsed.metas[0].content == "noai"


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=400),
        st.text("<>/=\"' abmeta\x00link-!\ud800", max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")),
    )
)
def test_never_raises(body: bytes) -> None:
    """Any bytes give a page whose texts can be stored."""
    parsed = page(body)
    for meta in parsed.metas:
        assert (meta.content or "").encode("utf-8") is not None


def test_saved_pages_parse_whole() -> None:
    """Real pages are read within the bounds, all but the odd one with a crowded comparison in a script."""
    results = [page(body).truncated for body in saved_pages()]
    assert len(results) > 300
    assert sum(results) <= len(results) * 0.02
