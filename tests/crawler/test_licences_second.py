"""The second reading of a page by others: what each finds, that one failure costs nothing else, and its bounds."""

from __future__ import annotations

import pytest

from crawler.licences.second import MAX_SLOW_BYTES, Second, same, second_reading

URL = "https://page.example/at/page"
BY = "https://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize(
    ("page", "by", "raw"),
    [
        pytest.param(f'<a rel="license" href="{BY}">x</a>', "beautifulsoup rel", BY, id="rel"),
        pytest.param(f'<a href="{BY}">x</a>', "beautifulsoup href", BY, id="known address"),
        pytest.param('<meta name="DC.rights" content="CC BY">', "beautifulsoup meta", "CC BY", id="meta"),
        pytest.param(
            f'<script type="application/ld+json">{{"@type": "Article", "license": "{BY}"}}</script>',
            "extruct json-ld",
            BY,
            id="JSON-LD",
        ),
        pytest.param(
            f'<p itemscope itemtype="https://schema.org/Article"><link itemprop="license" href="{BY}"></p>',
            "extruct microdata",
            BY,
            id="microdata",
        ),
        pytest.param(
            f'<p vocab="http://schema.org/" typeof="Article"><a property="license" href="{BY}">x</a></p>',
            "extruct rdfa",
            BY,
            id="RDFa",
        ),
    ],
)
def test_each_finds_what_it_reads(page: str, by: str, raw: str) -> None:
    assert Second(by, raw) in second_reading(f"<html><body>{page}</body></html>".encode(), URL)


def test_a_failure_is_told_and_costs_nothing_else() -> None:
    page = f'<script type="application/ld+json">{{"license": </script><a rel="license" href="{BY}">x</a>'
    found = second_reading(page.encode(), URL)
    assert {one.by for one in found if one.failed} == {"extruct json-ld", "beautifulsoup json"}
    assert Second("beautifulsoup rel", BY) in found


def test_what_would_take_too_long_is_not_tried_and_says_so() -> None:
    page = f'<p property="x">{"<b>" * (MAX_SLOW_BYTES // 3)}</p>'.encode()
    (slow,) = (one for one in second_reading(page, URL) if one.by == "extruct rdfa")
    assert slow.failed is not None
    assert slow.failed.startswith("not tried: 250,")


@pytest.mark.parametrize(
    "page", [b"", b"\x00" * 9, b"<" * 5000, b"\xff\xfe<\x00p\x00", b'<p about="[x:y"><a rel="license" href="http://[">']
)
def test_hostile_pages_never_raise(page: bytes) -> None:
    assert all(isinstance(one, Second) for one in second_reading(page, URL))


def test_ways_of_writing_an_address_compare_equal() -> None:
    assert same(" //creativecommons.org/licenses/by/4.0 ", URL) == same(BY, URL)
    assert same("../licence", URL) == "https://page.example/licence"
    assert same("all rights reserved", URL) == "all rights reserved"
