"""Exchanges as WARC records and back, and records that other tools read as they should."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from crawler.records import Exchange, Headers, Visit
from crawler.sources.warc import read_visits
from crawler.vocabulary import Observed, Outcome
from crawler.warc import decode_exchange, encode_info, encode_visit, http_block, record_id, restored, split_http

# RFC 9110 5.6.2: a field name is a token; 5.5: a value has no CR, LF or NUL and no white space around it.
_TOKEN = st.text("!#$%&'*+-.^_`|~0123456789abcXYZ", min_size=1, max_size=12)
_COMMON = st.sampled_from(
    ["Content-Length", "content-ENCODING", "Transfer-Encoding", "X-Crawler-Content-Length", "Link"]
)
_VALUE = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=40).map(
    lambda text: text.strip(" \t\r\n")
)
_HEADERS = st.lists(st.tuples(_TOKEN | _COMMON, _VALUE), max_size=6).map(tuple)
_TEXT = st.text(max_size=30)
_MOMENT = st.integers(0, 10**15).map(
    lambda microseconds: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)


@st.composite
def exchanges(draw: st.DrawFn) -> Exchange:
    status = draw(st.none() | st.integers(100, 999))
    answered = status is not None
    return Exchange(
        site="site.test",
        role=draw(_TEXT),
        url=draw(_TEXT),
        outcome=draw(st.sampled_from(Outcome)),
        fetched_at=draw(_MOMENT),
        hop=draw(st.integers(0, 20)),
        status=status,
        headers=draw(_HEADERS) if answered else (),
        body=draw(st.none() | st.binary(max_size=200)) if answered else None,
        truncated=draw(st.booleans()),
        redirect_to=draw(st.none() | _TEXT),
        elapsed_ms=draw(st.none() | st.integers(0, 10**7)),
        detail=draw(st.none() | _TEXT),
        ip=draw(st.none() | st.ip_addresses().map(str)),
    )


@given(st.lists(exchanges(), max_size=5), _MOMENT, st.sampled_from(Observed))
def test_a_visit_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, found: list[Exchange], started: datetime, basis: Observed
) -> None:
    visit = Visit("site.test", tuple(found), started, started + timedelta(seconds=9), basis)
    path = tmp_path_factory.getbasetemp() / "round.warc.gz"
    ident = record_id()
    path.write_bytes(encode_info({"software": "test"}, started, "round.warc.gz", ident) + encode_visit(visit, ident))
    rejects: list[object] = []
    assert list(read_visits(path, rejects)) == [visit]  # type: ignore[arg-type]
    assert rejects == []


@given(st.lists(exchanges(), min_size=1, max_size=4))
def test_warcio_reads_our_records_and_finds_their_digests_true(found: list[Exchange]) -> None:
    ident = record_id()
    found = [replace(exchange, url="http://site.test/") for exchange in found]
    visit = Visit("site.test", tuple(found), found[0].fetched_at, found[0].fetched_at)
    octets = encode_info({"software": "test"}, found[0].fetched_at, "x.warc.gz", ident) + encode_visit(visit, ident)
    kinds = []
    for record in ArchiveIterator(io.BytesIO(octets), check_digests="raise"):
        record.raw_stream.read()
        kinds.append(record.rec_type)
    answers = ["response" if exchange.status is not None else "metadata" for exchange in found]
    assert kinds == ["warcinfo", *answers, "metadata"]


def test_a_coded_answer_is_stored_so_that_other_readers_see_its_payload() -> None:
    headers: Headers = (("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"), ("Content-Type", "text/plain"))
    exchange = Exchange(
        "s.test", "robots.txt", "https://s.test/robots.txt", Outcome.OK, datetime(2026, 1, 1, tzinfo=UTC), status=200,
        headers=headers, body=b"User-agent: *\n",
    )  # fmt: skip
    octets = encode_visit(Visit("s.test", (exchange,), exchange.fetched_at, exchange.fetched_at), record_id())
    (record, _) = [
        (record.http_headers, record.content_stream().read()) for record in ArchiveIterator(io.BytesIO(octets))
    ]
    assert record[1] == b"User-agent: *\n"
    assert record[0].get_header("X-Crawler-Content-Encoding") == "gzip"
    assert restored(split_http(http_block(200, headers, b"x"))[1]) == headers


@pytest.mark.parametrize(
    ("block", "status", "headers", "body"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody", 200, (("A", "b"),), b"body", id="RFC 9112 4"),
        pytest.param(b"HTTP/1.1 404 \r\n\r\n", 404, (), b"", id="RFC 9112 4, no reason"),
        pytest.param(b"HTTP/1.0 302\nLocation: /x\n\nhi", 302, (("Location", "/x"),), b"hi", id="RFC 9112 2.2, LF"),
        pytest.param(b"HTTP/1.1 200 OK\r\r\nA: b\r\r\n\r\r\nx", 200, (("A", "b"),), b"x", id="CR CR LF, as found"),
        pytest.param(b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", 200, (("A", "b c"),), b"", id="RFC 9112 5.2, folded"),
        pytest.param(b"HTTP/1.1 200 OK\r\nnot a field\r\n: x\r\n\r\n", 200, (), b"", id="lines that are no fields"),
        pytest.param(b"ICY 200 OK\r\n\r\nx", 200, (), b"x", id="ICY"),
        pytest.param(b"HTTP/2 200\r\n\r\nx", 200, (), b"x", id="HTTP/2 as some tools write it"),
        pytest.param(b"<html>no http</html>", None, (), b"", id="not HTTP"),
        pytest.param(b"", None, (), b"", id="empty"),
        pytest.param(b"HTTP/1.1 2000 OK\r\n\r\n", None, (), b"", id="RFC 9112 4, three digits"),
    ],
)
def test_http_blocks(block: bytes, status: int | None, headers: Headers, body: bytes) -> None:
    assert split_http(block) == (status, headers, body)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"site": 1}', "nonsense", '{"outcome": "lovely"}'])
def test_a_record_that_is_none_of_ours_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ValueError):
        decode_exchange({"openweb-exchange": text}, b"")


def test_a_hostile_url_cannot_break_a_record(tmp_path: Path) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    exchange = Exchange("s.test", "page", "https://s.test/\r\nWARC-Type: warcinfo\r\n\r\n", Outcome.NOT_ASKED, moment)
    visit = Visit("s.test", (exchange,), moment, moment)
    path = tmp_path / "x.warc.gz"
    path.write_bytes(encode_visit(visit, record_id()))
    assert list(read_visits(path)) == [visit]
