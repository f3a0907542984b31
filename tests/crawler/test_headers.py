"""Retained headers, their fingerprint, and the `Link` field."""

from __future__ import annotations

import hashlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.headers import RETAINED, fingerprint, links, retained

HEADER_PAIRS = st.lists(st.tuples(st.text(max_size=12) | st.sampled_from(sorted(RETAINED)), st.text(max_size=20)))


def test_retained_lower_sorted_lines_kept() -> None:
    """Names are lower-case and sorted, lines of one name stay apart and in order, the rest goes."""
    headers = (("X-Robots-Tag", "b"), ("Date", "now"), ("x-robots-tag", " a "), ("Content-Type", "text/html"))
    assert retained(headers) == (("content-type", "text/html"), ("x-robots-tag", "b"), ("x-robots-tag", "a"))


def test_fingerprint_known_value() -> None:
    """The canonical encoding is the JSON array of pairs, so the hash can be recomputed anywhere."""
    expected = hashlib.sha256(b'[["link","<\\u00e9>"],["server","x"]]').hexdigest()
    assert fingerprint((("Server", "x"), ("Link", "<é>"), ("Date", "1"))) == expected


def test_fingerprint_tells_order_of_lines() -> None:
    """Two lines are not the same as one joined line, nor as the lines swapped."""
    prints = {
        fingerprint(h)
        for h in (
            (("link", "a"), ("link", "b")),
            (("link", "b"), ("link", "a")),
            (("link", "a,b"),),
            (("link", "a"), ("server", "b")),
        )
    }
    assert len(prints) == 4


@given(HEADER_PAIRS)
def test_retained_is_idempotent(pairs: list[tuple[str, str]]) -> None:
    """Reading a stored header set again gives the same set and the same fingerprint."""
    once = retained(tuple(pairs))
    assert retained(once) == once
    assert fingerprint(once) == fingerprint(tuple(pairs))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param('<u>; rel="license"', [("u", ("license",), None, None)], id="RFC8288-3-plain"),
        pytest.param("<u>;rel=license", [("u", ("license",), None, None)], id="RFC8288-3-token"),
        pytest.param(
            '<a>; rel=next, <b,c>; rel="License  start"; type="text/html; x=1"',
            [("a", ("next",), None, None), ("b,c", ("license", "start"), "text/html", None)],
            id="RFC8288-3-several-links-and-rels",
        ),
        pytest.param(
            '<u>; title="a, <b>; rel=\\"x\\""; rel=license; anchor="#fig"',
            [("u", ("license",), None, "#fig")],
            id="RFC8288-3.2-anchor-and-quoted-comma",
        ),
        pytest.param(
            "<u>; rel=license; rel=next", [("u", ("license",), None, None)], id="RFC8288-3.3-first-rel-counts"
        ),
        pytest.param("<u>", [("u", (), None, None)], id="RFC8288-no-parameters"),
        pytest.param("<u>; REL = license ; ", [("u", ("license",), None, None)], id="RFC8288-B.2-spaces"),
        pytest.param("<u>; rel", [("u", (), None, None)], id="RFC8288-B.2-valueless"),
        pytest.param('<u>; rel="license', [("u", ("license",), None, None)], id="malformed-unclosed-quote"),
        pytest.param("nonsense, <u>; rel=license", [("u", ("license",), None, None)], id="malformed-then-link"),
        pytest.param('x "a, b" y, <u>; rel=license', [("u", ("license",), None, None)], id="malformed-quoted-comma"),
        pytest.param(
            "<u> junk; rel=x, <v>; rel=license",
            [("u", (), None, None), ("v", ("license",), None, None)],
            id="malformed-parameters",
        ),
        pytest.param("<u", [], id="malformed-unclosed-target"),
        pytest.param(",,;<>", [], id="malformed-empty"),
    ],
)
def test_links(value: str, expected: list[tuple[str, tuple[str, ...], str | None, str | None]]) -> None:
    """RFC 8288 3 and B.2: links of one field line, damage skipped to the next comma."""
    assert [(link.target, link.rel, link.type, link.anchor) for link in links([value])] == expected


def test_links_number_their_lines() -> None:
    """Every field line is parsed by itself and numbered from 1."""
    assert [(link.target, link.line) for link in links(["<a>, <b>", '<c>; rel="x', "<d>"])] == [
        ("a", 1),
        ("b", 1),
        ("c", 2),
        ("d", 3),
    ]


@given(st.lists(st.text('<>;,="\\ relicns', max_size=60), max_size=4))
def test_links_never_raise(values: list[str]) -> None:
    """Any text gives links that stand on one of its lines."""
    assert all(1 <= link.line <= len(values) for link in links(values))


@pytest.mark.parametrize(
    "value", ["<" * 300_000, '"' * 300_001, "<a>;" * 80_000, "<a>;rel=" + "x" * 300_000, "," * 300_000]
)
def test_links_are_linear(value: str) -> None:
    """A field line of 300 kB costs bounded time."""
    started = time.monotonic()
    links([value])
    assert time.monotonic() - started < 3.0
