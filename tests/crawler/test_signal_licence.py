"""Licence claims: their subject and class as the reference sheet's sections 5.1 and 5.2 rule them."""

from __future__ import annotations

import io
import json
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.licences import normalise
from crawler.records import Exchange, Fault, LicenceClaim, Statement
from crawler.signals.licence import LICENCE_HEADER, LICENCE_HTML
from crawler.signals.licence_items import LICENCE_JSONLD
from crawler.vocabulary import LicenceClass, Outcome, Part, Subject

PAGES = (Path(__file__).parents[2] / "../shared/data/html/pages.jsonl.zst").resolve()
BY = "https://creativecommons.org/licenses/by/4.0/"
SA = "https://creativecommons.org/licenses/by-sa/4.0/"
A, B, D, X = LicenceClass.A, LicenceClass.B, LicenceClass.D, LicenceClass.EXCLUDED
DOC, OBJ, OTHER, EXC = Subject.DOCUMENT, Subject.OBJECT, Subject.OTHER, Subject.EXCLUDED
Standing = tuple[str | None, LicenceClass, Subject]


def exchange(body: bytes = b"", *links: str) -> Exchange:
    """An answered page with this body and these Link lines."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    headers = tuple(("Link", line) for line in links)
    return Exchange("s.example", "page", "https://s.example/", Outcome.OK, at, status=200, headers=headers, body=body)


def claims(statements: object) -> list[LicenceClaim]:
    """The claims among statements."""
    found: list[Statement] = list(statements)  # type: ignore[call-overload]
    return [s for s in found if isinstance(s, LicenceClaim)]


def of_jsonld(*nodes: object, head: str = "") -> list[LicenceClaim]:
    """Claims of a page with one JSON-LD script a node."""
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(node)}</script>' for node in nodes)
    return claims(LICENCE_JSONLD.read(exchange((head + scripts).encode())))


def standing(found: list[LicenceClaim]) -> list[Standing]:
    """What each claim names, its class and its subject."""
    return [(claim.spdx, claim.licence_class, claim.subject) for claim in found]


def test_signals_name_their_place() -> None:
    """All three speak about a page."""
    assert {s.role for s in (LICENCE_HEADER, LICENCE_HTML, LICENCE_JSONLD)} == {"page"}
    assert [s.part for s in (LICENCE_HEADER, LICENCE_HTML, LICENCE_JSONLD)] == [Part.HEADERS, Part.BODY, Part.BODY]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(f'<{BY}>; rel="license"', [("CC-BY-4.0", A, DOC)], id="5.1(1)"),
        pytest.param(f'<{BY}>; rel="LICENSE nofollow"', [("CC-BY-4.0", A, DOC)], id="5.1(1)-rel-list"),
        pytest.param(f'<{BY}>; rel=license; anchor="/img.png"', [("CC-BY-4.0", A, OTHER)], id="5.1(1)-anchor"),
        pytest.param(f'<{BY}>; rel=license; anchor=""', [("CC-BY-4.0", A, DOC)], id="5.1(1)-anchor-same"),
        pytest.param('</l.xml>; rel="license"; type="application/rsl+xml"', [], id="RSL-4.1"),
        pytest.param(f"<{BY}>; rel=next", [], id="5.1(1)-other-rel"),
        pytest.param("</terms>; rel=license", [(None, A, DOC)], id="5.5-custom"),
    ],
)
def test_header(line: str, expected: list[Standing]) -> None:
    """5.1(1): the response's own licence; RSL-typed links belong to another family (signals-robots 4.1)."""
    found = claims(LICENCE_HEADER.read(exchange(b"", line)))
    assert standing(found) == expected
    assert [claim.locator for claim in found] == ["header link #1"] * len(expected)


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        pytest.param(f"<head><link rel=license href={BY}>", [("CC-BY-4.0", A, DOC)], id="5.1(2)-head"),
        pytest.param(f"<p><a rel='license nofollow' href={BY}>", [("CC-BY-4.0", B, DOC)], id="5.1(7)-body"),
        pytest.param(f"<footer><a rel=license href={BY}></footer>", [("CC-BY-4.0", A, DOC)], id="5.1(7)-footer"),
        pytest.param(f"<main><a rel=license href={BY}></main>", [("CC-BY-4.0", A, DOC)], id="5.1(7)-main"),
        pytest.param(
            f"<main><div about='/img.jpg'><a rel=license href={BY}></div></main>",
            [("CC-BY-4.0", B, OTHER)],
            id="5.1(7)-nested-about",
        ),
        pytest.param(
            f"<main><div itemscope itemtype='https://schema.org/Book'><a rel=license href={BY}></div></main>",
            [("CC-BY-4.0", B, OTHER)],
            id="5.1(7)-nested-item",
        ),
        pytest.param(
            f"<main><figure><img><figcaption><a rel=license href={BY}></figcaption></figure></main>",
            [("CC-BY-4.0", A, OBJ)],
            id="5.1(8)-figure",
        ),
        pytest.param(
            f"<main><blockquote><a rel=license href={BY}></blockquote></main>",
            [("CC-BY-4.0", D, OTHER)],
            id="5.2-blockquote",
        ),
        pytest.param("<head><link rel=license type='application/rsl+xml' href=/l.xml>", [], id="RSL-4.1"),
        pytest.param(f"<p><a href={BY}>CC</a>", [], id="5.1(10)-no-rel"),
        pytest.param(
            f"<footer><a rel=license href='https://x.example/?u={BY}'></footer>", [(None, A, DOC)], id="5.2-share-url"
        ),
        pytest.param("<a rel=license href=' '>", [], id="empty-href"),
        pytest.param(
            f"<head><link rel=license href={BY}></head><footer><a rel=license href={SA}></footer>",
            [("CC-BY-4.0", A, DOC), ("CC-BY-SA-4.0", A, DOC)],
            id="5.2-conflict-both-kept",
        ),
    ],
)
def test_html(markup: str, expected: list[Standing]) -> None:
    """5.1(2), 5.1(7), 5.1(8), 5.2: class and subject of links by their place."""
    assert standing(claims(LICENCE_HTML.read(exchange(markup.encode())))) == expected


def test_html_evidence() -> None:
    """A claim shows where it stands and what it says."""
    body = f"<footer><a rel=license href={BY}>x</a><a rel=license href=/terms>y</a></footer>".encode()
    first, second = claims(LICENCE_HTML.read(exchange(body)))
    assert (first.locator, first.location, first.version, first.note) == ('a[rel="license"] #1', "footer", "4.0", None)
    assert first.raw == f'<a rel="license" href="{BY}"> [x]y'
    assert (second.url, second.note) == ("/terms", "licence not recognised; beside one that is")


ARTICLE = {"@context": "https://schema.org", "@type": "NewsArticle", "license": BY}


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        pytest.param(ARTICLE, [("CC-BY-4.0", A, DOC)], id="5.1(3)-sole-article"),
        pytest.param({**ARTICLE, "@type": ["Thing", "schema:Dataset"]}, [("CC-BY-4.0", A, DOC)], id="5.1(3)-type-list"),
        pytest.param(
            {**ARTICLE, "license": [BY, SA]}, [("CC-BY-4.0", A, DOC), ("CC-BY-SA-4.0", A, DOC)], id="5.1(3)-list"
        ),
        pytest.param(
            {**ARTICLE, "license": {"@type": "CreativeWork", "url": BY}}, [("CC-BY-4.0", A, DOC)], id="5.3-dict-url"
        ),
        pytest.param({**ARTICLE, "license": {"@id": BY}}, [("CC-BY-4.0", A, DOC)], id="5.3-dict-id"),
        pytest.param({**ARTICLE, "license": "All rights reserved"}, [(None, D, DOC)], id="5.1(5)-text"),
        pytest.param({**ARTICLE, "license": [None, 7, "", {}]}, [], id="5.3-odd-values"),
        pytest.param({"@type": "WebPage", "sdLicense": BY}, [("CC-BY-4.0", X, EXC)], id="5.2-sdLicense"),
        pytest.param(
            {"@type": "Article", "image": {"@type": "ImageObject", "license": BY}},
            [("CC-BY-4.0", A, OBJ)],
            id="5.2-image",
        ),
        pytest.param({"@type": "ImageObject", "license": BY}, [("CC-BY-4.0", A, OBJ)], id="5.1(8)-ImageObject"),
        pytest.param({"@type": "Article", "isBasedOn": [{"license": BY}]}, [("CC-BY-4.0", A, OBJ)], id="5.2-isBasedOn"),
        pytest.param({"@type": "Article", "citation": {"license": BY}}, [("CC-BY-4.0", A, OBJ)], id="5.2-citation"),
        pytest.param({"@type": "Product", "license": BY}, [("CC-BY-4.0", X, EXC)], id="5.2-Product"),
        pytest.param(
            {"@type": "Article", "offers": {"@type": "Thing", "x": {"license": BY}}},
            [("CC-BY-4.0", X, EXC)],
            id="5.2-offers",
        ),
        pytest.param({"@type": "SoftwareApplication", "license": BY}, [("CC-BY-4.0", A, OBJ)], id="5.2-software"),
        pytest.param({"@type": "WebSite", "license": BY}, [("CC-BY-4.0", B, DOC)], id="5.1-WebSite"),
        pytest.param(
            {"@type": "WebPage", "mainEntity": {"@type": "Dataset", "license": BY}},
            [("CC-BY-4.0", A, DOC)],
            id="mainEntity",
        ),
        pytest.param(
            {"@context": "x", "@graph": [{"@type": "WebSite"}, {"@type": "WebPage", "license": BY}]},
            [("CC-BY-4.0", A, DOC)],
            id="5.4-graph",
        ),
        pytest.param([{"@type": "Person"}, ARTICLE], [("CC-BY-4.0", A, DOC)], id="5.4-array"),
        pytest.param(
            [ARTICLE, {**ARTICLE, "license": SA}],
            [("CC-BY-4.0", B, OTHER), ("CC-BY-SA-4.0", B, OTHER)],
            id="5.1(3)-listing",
        ),
        pytest.param(
            [{**ARTICLE, "mainEntityOfPage": "https://s.example/a"}, {**ARTICLE, "license": SA}],
            [("CC-BY-4.0", A, DOC), ("CC-BY-SA-4.0", B, OTHER)],
            id="5.1(3)-mainEntityOfPage",
        ),
        pytest.param(7, [], id="number"),
        pytest.param({"@graph": 7}, [], id="graph-number"),
    ],
)
def test_jsonld(node: object, expected: list[Standing]) -> None:
    """5.1(3), 5.2: the item that is the page is class A; a nested licence is that node's; markup and offers are out."""
    assert standing(of_jsonld(node)) == expected


@pytest.mark.parametrize(
    ("own", "other"),
    [
        ({"url": "https://s.example/a"}, {"url": "https://s.example/b"}),
        ({"@id": "http://s.example/a/#webpage"}, {"@id": "https://s.example/b#webpage"}),
        ({"mainEntityOfPage": {"@id": "https://s.example/a"}}, {"mainEntityOfPage": {"@id": "https://s.example/b"}}),
    ],
    ids=["5.1(3)-url", "5.1(3)-id", "5.1(3)-mainEntityOfPage"],
)
def test_jsonld_canonical(own: dict[str, object], other: dict[str, object]) -> None:
    """5.1(3): among several, the item whose address is the canonical one is the page."""
    head = '<link rel="canonical" href="https://s.example/a">'
    found = of_jsonld([{**ARTICLE, **other, "license": SA}, {**ARTICLE, **own}], head=head)
    assert standing(found) == [("CC-BY-SA-4.0", B, OTHER), ("CC-BY-4.0", A, DOC)]


def test_jsonld_locator() -> None:
    """A claim's locator is its script and a JSON pointer in it."""
    found = of_jsonld({}, {"@graph": [{"@type": "WebPage", "image": [{"a/b": {"license": BY}}]}]})
    assert [c.locator for c in found] == ['script[type="application/ld+json"] #2 /@graph/0/image/0/a~1b/license']


def test_jsonld_broken_script_leaves_the_others() -> None:
    """5.4: one malformed script is a fault and the others are read."""
    body = (
        b'<script type="application/ld+json">{"a": 1,}</script>'
        b'<script type="application/ld+json; charset=utf-8">//<![CDATA[\n'
        + json.dumps(ARTICLE).encode()
        + b'\n//]]></script><script type="application/ld+json"> </script>'
    )
    statements = list(LICENCE_JSONLD.read(exchange(body)))
    faults = [s for s in statements if isinstance(s, Fault)]
    assert [(f.locator, f.reason.split(":")[0]) for f in faults] == [
        ('script[type="application/ld+json"] #1', "invalid_json")
    ]
    assert standing(claims(statements)) == [("CC-BY-4.0", A, DOC)]


def test_jsonld_raw_newlines_in_strings_are_read() -> None:
    """Template engines leave raw line breaks in strings; the script is read all the same."""
    body = (
        b'<script type="application/ld+json">{"@type": "Article", "x": "a\nb", "license": "'
        + BY.encode()
        + b'"}</script>'
    )
    assert standing(claims(LICENCE_JSONLD.read(exchange(body)))) == [("CC-BY-4.0", A, DOC)]


@pytest.mark.parametrize(
    "script",
    [
        b"[" * 100_000,
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b"[" + b'{"license":"x"},' * 100_000 + b"{}]",
        b'{"a":"\\ud800","license":"\\ud800"}',
        b'{"license":' + b"1" * 5000 + b"}",
    ],
    ids=["nested-100000", "nested-900", "many", "lone-surrogate", "huge-number"],
)
def test_jsonld_hostile(script: bytes) -> None:
    """Damage is data: bounded time, bounded claims, texts that can be stored."""
    started = time.process_time()
    statements = list(LICENCE_JSONLD.read(exchange(b'<script type="application/ld+json">' + script + b"</script>")))
    assert time.process_time() - started < 5.0
    assert len(statements) <= 501
    for statement in statements:
        assert isinstance(statement, LicenceClaim | Fault)
        assert json.dumps([statement.raw, statement.locator], ensure_ascii=False).encode("utf-8") is not None


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(BY),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["@graph", "@type", "license", "image", "url", "@id", "mainEntityOfPage", "sdLicense", "offers"]
                )
                | st.text(max_size=3),
                inner,
                max_size=4,
            )
        ),
        max_leaves=15,
    ),
    st.text(max_size=40),
    st.binary(max_size=60),
)
def test_never_raises(node: object, link: str, noise: bytes) -> None:
    """Any JSON, any header and any bytes give statements whose texts can be stored."""
    script = json.dumps(node).replace("<", "\\u003c").encode()
    body = noise + b'<script type="application/ld+json">' + script + b"</script><a rel=license href='" + noise + b"'>"
    ex = exchange(body, link)
    for statement in [*LICENCE_JSONLD.read(ex), *LICENCE_HTML.read(ex), *LICENCE_HEADER.read(ex)]:
        assert isinstance(statement, LicenceClaim | Fault)
        assert (statement.raw + statement.locator).encode("utf-8") is not None


class RelLicence(HTMLParser):
    """The standard library's reading of a page's licence links, to compare with."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the address of a link whose rel list has `license`."""
        values = dict(reversed(attrs))
        href = (values.get("href") or "").strip()
        rel = (values.get("rel") or "").lower().split()
        known = (licence := normalise(href)) is not None and licence.family is not None
        # `copyright` is a synonym (WHATWG HTML 4.6.7.9), used mostly for pages about copyright.
        if tag in ("a", "link", "area") and href and ("license" in rel or ("copyright" in rel and known)):
            self.found.append(href)


def test_saved_pages() -> None:
    """Real pages give exactly the licence links the standard library's parser finds in them."""
    if not PAGES.exists():
        pytest.skip("no saved pages beside the repository")
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        zstd = pytest.importorskip("backports.zstd")
    total = 0
    with zstd.open(PAGES, "rb") as file:
        for line in io.TextIOWrapper(file, "utf-8"):
            text = json.loads(line)["html"]
            ex = exchange(text.encode("utf-8", "surrogatepass"))
            reference = RelLicence()
            reference.feed(text)
            assert Counter(claim.url for claim in claims(LICENCE_HTML.read(ex))) == Counter(reference.found)
            total += len(reference.found)
            for claim in claims(LICENCE_JSONLD.read(ex)):
                assert claim.carrier == "licence-jsonld"
    assert total > 50
