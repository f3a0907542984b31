"""What the wire may do to a crawl: resets, drips, bombs, codings, TLS, header fields; real sockets on loopback."""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.vocabulary import ROLE_PAGE, ROLE_ROBOTS, Outcome
from tests.crawler.loopback import Reply, Web, answer, open_site, take


@pytest.fixture
def web() -> Iterator[Web]:
    with Web().running() as running:
        yield running


async def _reset(writer: asyncio.StreamWriter) -> None:
    # A linger time of zero makes closing send RST instead of FIN.
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()


async def _drip(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    for _ in range(100):
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.1)


async def _silence(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(8)


async def _endless(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    while True:
        writer.write(b"# more of the same\n" * 1000)
        await writer.drain()


async def _short(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")
    await writer.drain()
    writer.close()


async def _garbage(writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    await writer.drain()
    writer.close()


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (_reset, "reset"),
        (_drip, "no complete answer in 0.6 s"),
        (_silence, "no complete answer in 0.6 s"),
        (_short, "closed before the end"),
        (_garbage, "not HTTP"),
    ],
    ids=["reset", "slow loris", "silence", "cut off", "not HTTP"],
)
def test_a_failing_page_is_unreachable_with_its_reason(web: Web, tmp_path: Path, act: Reply, words: str) -> None:
    web.site("bad.test", open_site(**{"": act}))
    taken = take(web, tmp_path, politeness__timeout=0.6)
    last = taken.last("bad.test", ROLE_PAGE)
    assert last.outcome is Outcome.UNREACHABLE
    assert words in (last.detail or "")
    assert web.paths("bad.test").count("/") <= 2


def test_an_endless_body_is_cut_at_the_cap(web: Web, tmp_path: Path) -> None:
    web.site("long.test", {"/robots.txt": _endless, "/": _endless, "/ai.txt": _endless})
    taken = take(web, tmp_path, politeness__policy_file_bytes=1000, politeness__page_bytes=5000)
    for role, size, outcome in (
        (ROLE_ROBOTS, 1000, Outcome.OK),
        (ROLE_PAGE, 5000, Outcome.OK),
        ("ai.txt", 1000, Outcome.OVERSIZE),
    ):
        exchange = taken.last("long.test", role)
        assert (exchange.outcome, len(exchange.body or b""), exchange.truncated) == (outcome, size, True)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_decompression_bomb_is_cut_at_the_cap(web: Web, tmp_path: Path, coding: str) -> None:
    zeros = bytes(50_000_000)
    packed = gzip.compress(zeros, 9) if coding == "gzip" else zlib.compress(zeros, 9)
    web.site("bomb.test", open_site(**{"": answer(200, packed, ("Content-Encoding", coding))}))
    exchange = take(web, tmp_path).last("bomb.test", ROLE_PAGE)
    assert (exchange.outcome, exchange.truncated, len(exchange.body or b"")) == (Outcome.OK, True, 2048 * 1024)


@pytest.mark.parametrize(
    ("packed", "coding", "body"),
    [
        pytest.param(gzip.compress(b"hello"), "gzip", b"hello", id="gzip"),
        pytest.param(gzip.compress(b"hel") + gzip.compress(b"lo"), "x-gzip", b"hello", id="RFC 1952 2.2, two members"),
        pytest.param(zlib.compress(b"hello"), "deflate", b"hello", id="RFC 9110 8.4.1.2, zlib"),
        pytest.param(zlib.compress(b"hello")[2:-4], "deflate", b"hello", id="RFC 9110 8.4.1.2, raw"),
        pytest.param(b"hello", "identity", b"hello", id="identity"),
        pytest.param(b"hello", "br", None, id="a coding not asked for"),
        pytest.param(gzip.compress(b"hello" * 99)[:-9], "gzip", None, id="gzip cut off"),
        pytest.param(b"hello", "gzip", None, id="gzip that is none"),
    ],
)
def test_content_codings(web: Web, tmp_path: Path, packed: bytes, coding: str, body: bytes | None) -> None:
    web.site("coded.test", open_site(**{"": answer(200, packed, ("Content-Encoding", coding), kind="text/html")}))
    exchange = take(web, tmp_path).last("coded.test", ROLE_PAGE)
    if body is None:
        assert exchange.outcome is Outcome.UNREACHABLE
        assert "coding" in (exchange.detail or "")
    else:
        assert (exchange.outcome, exchange.body) == (Outcome.OK, body)


def test_tls_failures_are_recorded_and_not_bypassed(web: Web, tmp_path: Path) -> None:
    web.site("good.test", https=True)
    web.site("wrong.test", https=True)
    web.certificate_of["wrong.test"] = "somebody-else.test"
    taken = take(web, tmp_path)
    assert taken.visits["good.test"].exchanges[0].outcome is Outcome.ABSENT
    first = taken.visits["wrong.test"].exchanges[0]
    assert first.outcome is Outcome.UNREACHABLE
    assert (first.detail or "").startswith("TLS: ")
    assert not [hit for hit in web.hits if hit.host == "wrong.test" and hit.scheme == "https"]


def test_a_certificate_nobody_vouches_for_is_refused(web: Web, tmp_path: Path) -> None:
    web.site("self.test", https=True)
    taken = take(web, tmp_path, network__ca_file="")
    first = taken.visits["self.test"].exchanges[0]
    assert first.outcome is Outcome.UNREACHABLE
    assert "TLS: " in (first.detail or "")


def test_headers_come_back_as_sent(web: Web, tmp_path: Path) -> None:
    raw = (
        b"HTTP/1.1 200 OK\r\nX-Robots-Tag: noai\r\nx-ROBOTS-tag: gptbot: noindex\r\nContent-Type: text/html\r\n"
        b"X-Odd: caf\xe9\r\nContent-Length: 2\r\n\r\nhi"
    )
    web.site("heads.test", open_site(**{"": raw}))
    exchange = take(web, tmp_path).last("heads.test", ROLE_PAGE)
    assert exchange.headers == (
        ("X-Robots-Tag", "noai"),
        ("x-ROBOTS-tag", "gptbot: noindex"),
        ("Content-Type", "text/html"),
        ("X-Odd", "caf\xe9"),
        ("Content-Length", "2"),
    )
