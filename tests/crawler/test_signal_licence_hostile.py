"""Pages and feeds made to cost: readers take bounded time, raise nothing, and give texts that can be stored."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.records import AccessRow, Exchange, Statement
from crawler.signals import SIGNALS
from crawler.vocabulary import ROLE_PAGE, Outcome, Part

AT = datetime(2026, 11, 1, tzinfo=UTC)
READERS = [s for s in SIGNALS if s.role == ROLE_PAGE and s.part is Part.BODY and s.id.startswith("licence-")]
BY = b"https://creativecommons.org/licenses/by/4.0/"
SECONDS = 12.0
"""CPU seconds for all readers together, generous for a loaded machine; unbounded, some of these take hours."""

HOSTILE = {
    "ten-megabytes-nested": b"<div>" * 2_000_000,
    "nested-footers": b'<div class="footer"><a rel=license href=' + BY + b">x</a>" * 20_000,
    "nested-captions": b'<div class="caption widget footer">' * 29_000 + b"<a href=" + BY + b">CC BY</a>",
    "one-megabyte-attribute": b'<a rel="license" href="' + BY + b"x" * 1_000_000 + b'">x</a>',
    "one-megabyte-rel": b'<a rel="license ' + b"x " * 500_000 + b'" href="' + BY + b'">x</a>',
    "json-nested-100000": b'<script type="application/ld+json">' + b'{"license":' * 100_000 + b"</script>",
    "json-wide": b'<script type="application/ld+json">['
    + b'{"@type":"Article","license":"x"},' * 50_000
    + b"{}]</script>",
    "invalid-utf-8": b"\xff\xfe\xfd<a rel=license href='" + BY + b"'>\xc3\x28</a>" * 5_000,
    "many-anchors": (b"<p>This work is licensed under <a href=" + BY + b">CC BY 4.0</a>.</p>") * 9_000,
    "many-names": b"<p>" + b"CC BY-SA 4.0 Creative Commons Attribution " * 40_000 + b"</p>",
    "huge-siblings": (b"<p>" + b"word " * 380_000 + b"</p>") + (b"<a href=" + BY + b">CC</a>") * 500,
    "deep-microdata": b"<div itemscope>" * 9_000 + b"<p itemprop=license>x</p>" * 9_000,
    "itemref-ring": b'<div itemscope itemref="a a b" id=a></div>' * 2_000 + b"<p id=b itemprop=license>x</p>" * 2_000,
    "deep-rdfa": b"<div about=x>" * 9_000 + b"<p property=cc:license>x</p>" * 9_000,
    "comments-rdf": b"<!-- rdf:RDF web.resource.org/cc/ <Work" * 20_000,
    "comment-rdf-unclosed": b"<!-- rdf:RDF web.resource.org/cc/ " + b"<Work rdf:about=''>" * 50_000 + b"-->",
    "feed-nested": b"<rss>" + b"<source>" * 200_000,
    "feed-laughs": b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rss>&b;</rss>',
    "feed-entries": b'<rss xmlns:c="http://creativecommons.org/ns#">'
    + b"<item><c:license>x</c:license></item>" * 50_000,
    "badges": b"<img src='https://licensebuttons.net/l/by/4.0/88x31.png'>" * 29_000,
    "metas": b"<meta name=dc.rights content='" + b"CC BY " * 1_000 + b"'>" * 20_000,
    "dots": b'<script type="application/ld+json">{"@type":"Article","license":"' + b"a." * 400_000 + b'!"}</script>',
}


def read(body: bytes) -> list[Statement]:
    """The statements of every licence reader."""
    exchange = Exchange("s.example", ROLE_PAGE, "https://s.example/", Outcome.OK, AT, status=200, body=body)
    return [statement for signal in READERS for statement in signal.read(exchange)]


@pytest.mark.parametrize("name", HOSTILE)
def test_bounded(name: str) -> None:
    """Issue 4: hostile input costs bounded time and yields bounded, storable statements."""
    started = time.process_time()
    found = read(HOSTILE[name])
    assert time.process_time() - started < SECONDS
    assert len(found) < 3_000
    for statement in found:
        assert not isinstance(statement, AccessRow)
        assert len(statement.raw) <= 2_500
        assert (statement.raw + statement.locator).encode("utf-8") is not None


PIECES = st.sampled_from(
    [
        *(
            "<div class=footer>",
            "</div>",
            "<figure>",
            "<a rel=license href=",
            BY.decode(),
            ">",
            "<a href='",
            "'>CC BY</a>",
        ),
        *(
            "<p itemscope itemprop=license>",
            "<b property=cc:license>",
            "about=''",
            "<!-- rdf:RDF ",
            "-->",
            "<Work rdf:about=''",
        ),
        *(
            "licensed under",
            "\ud800",
            "\x00",
            "<script type=application/ld+json>",
            '{"license":',
            "</script>",
            "<img src=",
        ),
        *(
            "https://licensebuttons.net/l/by/4.0/88x31.png",
            "<rss>",
            "<item>",
            "<?xml version='1.0'?>",
            "© all rights reserved",
        ),
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES | st.text(max_size=8), max_size=25))
def test_never_raises(pieces: list[str]) -> None:
    """Any mixture of markup gives statements whose texts can be stored."""
    for statement in read("".join(pieces).encode("utf-8", "surrogatepass")):
        assert not isinstance(statement, AccessRow)
        assert (statement.raw + statement.locator).encode("utf-8") is not None
