"""Exchanges from somebody's JSON: every form of the fields, every way they can be wrong, and the role they tell."""

from __future__ import annotations

import base64
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.given import GivenError, exchange_of, moment, role_of
from crawler.records import Headers
from crawler.vocabulary import Outcome

NOW = datetime(2026, 11, 25, tzinfo=UTC)
URL = "https://s.example/"
RSL = b'<?xml version="1.0"?>\n<!-- ours -->\n<rsl xmlns="https://rslstandard.org/rsl"/>'


@pytest.mark.parametrize(
    ("url", "headers", "body", "role"),
    [
        ("https://s.example/robots.txt", (), b"", "robots.txt"),
        ("http://s.example:8080/robots.txt?x=1", (), b"", "robots.txt"),
        ("https://s.example/.well-known/tdmrep.json", (), b"", "tdmrep.json"),
        ("https://s.example/ai.txt", (), b"", "ai.txt"),
        ("https://s.example/trust.txt", (), b"", "trust.txt"),
        ("https://s.example/.well-known/trust.txt", (), b"", "well-known-trust.txt"),
        ("https://s.example/llms.txt", (), b"", "llms.txt"),
        ("https://s.example/about/robots.txt", (), b"", "page"),
        ("https://s.example/l", (("Content-Type", "application/rsl+xml; charset=utf-8"),), b"", "rsl"),
        ("https://s.example/l", (), RSL, "rsl"),
        ("https://s.example/l", (), b"\xef\xbb\xbf" + RSL, "rsl"),
        ("https://s.example/rsl.xml", (), b"<rsll><content>", "rsl"),
        ("https://s.example/", (), b"<!doctype html><script type='application/rsl+xml'><rsl>", "page"),
        ("https://s.example/feed", (), b'<rss xmlns:rsl="https://rslstandard.org/rsl">', "page"),
        ("https://s.example/p", (), b'{"profile":"http://www.w3.org/ns/tdmrep","permission":[]}', "tdm-policy"),
        ("https://s.example/p", (), b'{"a":1}', "page"),
        ("https://[", (), b"", "page"),
    ],
)
def test_roles(url: str, headers: Headers, body: bytes, role: str) -> None:
    """The path tells robots.txt and the probes, type or root an RSL document, its profile a policy; else a page."""
    assert role_of(url, headers, body) == role


def test_fields() -> None:
    """Headers as pairs or as an object, bodies as text or bytes, moments as ISO 8601."""
    pairs = exchange_of(
        {
            "url": URL,
            "status": 200,
            "headers": [["X-A", "1"], ["X-A", "2"]],
            "body": "x",
            "fetched_at": "2025-01-02T03:04:05Z",
        },
        now=NOW,
    )
    assert pairs.headers == (("X-A", "1"), ("X-A", "2"))
    assert (pairs.body, pairs.fetched_at) == (b"x", datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC))
    fields = exchange_of(
        {"url": URL, "headers": {"X-A": ["1", "2"], "B": "3"}, "body_b64": base64.b64encode(b"\xff").decode()}, now=NOW
    )
    assert fields.headers == (("X-A", "1"), ("X-A", "2"), ("B", "3"))
    assert (fields.body, fields.status, fields.fetched_at) == (b"\xff", 200, NOW)


def test_a_body_given_as_text_is_not_decoded_twice() -> None:
    """A page that names another encoding inside has been decoded already by whoever made the JSON."""
    found = exchange_of({"url": URL, "body": '<meta charset="windows-1252">é'}, now=NOW)
    assert found.body is not None
    assert found.body.startswith(b"\xef\xbb\xbf")
    assert exchange_of({"url": URL, "body": "plain"}, now=NOW).body == b"plain"


@pytest.mark.parametrize(
    ("record", "outcome"),
    [
        ({"status": 404}, Outcome.ABSENT),
        ({"status": "200", "body": ""}, Outcome.OK),
        ({"status": None}, Outcome.UNREACHABLE),
        ({"body": ""}, Outcome.OK),
        ({"status": 0}, Outcome.UNREACHABLE),
        ({"status": 301, "headers": {"location": "/x"}}, Outcome.OK),
        ({"status": 403, "headers": {"cf-mitigated": "challenge"}, "body": "x"}, Outcome.REFUSED),
    ],
)
def test_outcomes(record: dict[str, object], outcome: Outcome) -> None:
    """The outcome follows from the status as in a crawl."""
    assert exchange_of({"url": URL, **record}, now=NOW).outcome is outcome


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({}, "url"),
        ({"url": 3}, "url"),
        ({"url": "https://["}, "url"),
        ({"url": URL, "status": "ok"}, "status"),
        ({"url": URL, "status": True}, "status"),
        ({"url": URL, "status": 1.5}, "status"),
        ({"url": URL, "headers": "x"}, "headers"),
        ({"url": URL, "headers": [["a"]]}, "headers"),
        ({"url": URL, "headers": {"a": {"b": 1}}}, "headers"),
        ({"url": URL, "body": 3}, "body"),
        ({"url": URL, "body_b64": "!"}, "body_b64"),
        ({"url": URL, "body_b64": 3}, "body_b64"),
        ({"url": URL, "fetched_at": "yesterday"}, "fetched_at"),
        ({"url": URL, "fetched_at": 1e300}, "fetched_at"),
        ({"url": URL, "role": "no-such"}, "role"),
    ],
)
def test_errors(record: dict[str, object], words: str) -> None:
    """What cannot be used is told by its field."""
    with pytest.raises(GivenError, match=words):
        exchange_of(record, now=NOW)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2025-01-02T03:04:05+02:00", datetime(2025, 1, 2, 1, 4, 5, tzinfo=UTC)),
        ("2025-01-02", datetime(2025, 1, 2, tzinfo=UTC)),
        ("20250102030405", datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2025-01-02T03:04:05.123456789Z", datetime(2025, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)),
        (1735787045, datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)),
    ],
)
def test_moments(value: object, expected: datetime) -> None:
    """ISO 8601, 14 digits as ARC and Wayback write them, nine digits of a second (WARC 1.1), seconds since 1970."""
    assert moment(value) == expected


JSON = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.lists(st.text(max_size=5), max_size=3)
)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["url", "status", "headers", "body", "body_b64", "fetched_at", "role", "truncated"]),
        JSON,
        max_size=7,
    )
)
def test_never_raises_anything_else(record: dict[str, object]) -> None:
    """Any record is an exchange or a GivenError."""
    with suppress(GivenError):
        assert exchange_of({"url": URL, **record}, now=NOW).url
