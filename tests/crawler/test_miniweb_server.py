"""The miniature web over real sockets: what any client meets on loopback, site by site and month by month."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from crawler.miniweb.loading import load
from crawler.miniweb.server import MiniWeb
from crawler.miniweb.world import Behaviour, Transport, WorldError

WAIT = 2.0


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniWeb]:
    with MiniWeb(load(), "2025-11", ca_file=tmp_path_factory.mktemp("miniweb") / "authority.pem") as server:
        yield server


def place(web: MiniWeb, host: str, port: int) -> tuple[str, int]:
    address, _, number = web.resolve_map()[f"{host}:{port}"].rpartition(":")
    return address, int(number)


def ask(
    web: MiniWeb, host: str, path: str, *, method: str = "GET", timeout: float = WAIT
) -> tuple[int, list[tuple[str, str]], bytes]:
    """Ask as a client would that follows the resolve map and trusts the miniature web's authority."""
    if web.world.by_host[host].transport is Transport.HTTPS:
        raw = socket.create_connection(place(web, host, 443), timeout=timeout)
        context = ssl.create_default_context(cafile=str(web.ca_file))
        try:
            wrapped = context.wrap_socket(raw, server_hostname=host)
        except OSError:
            raw.close()
            raise
        connection = http.client.HTTPConnection(host)
        connection.sock = wrapped
    else:
        connection = http.client.HTTPConnection(*place(web, host, 80), timeout=timeout)
    with closing(connection):
        connection.request(method, path, headers={"Host": host, "User-Agent": "test"})
        response = connection.getresponse()
        return response.status, response.getheaders(), response.read()


def talk(port: int, text: str, *, end: bool = True) -> bytes:
    """Send octets and read to the end of the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT) as connection:
        connection.sendall(text.encode("latin-1"))
        if end:
            connection.shutdown(socket.SHUT_WR)
        received = b""
        while part := connection.recv(65_536):
            received += part
        return received


@pytest.mark.parametrize("month", load().months)
def test_every_site_in_every_month_answers_over_the_wire_what_the_world_says(web: MiniWeb, month: str) -> None:
    web.month = month
    for site in web.world.sites:
        for path in ("/robots.txt", "/", "/.well-known/tdmrep.json"):
            told = web.world.answer(site.host, path, month)
            if told.behaviour is not Behaviour.ANSWER or web.world.face(site.host, month).untrusted:
                continue
            status, headers, body = ask(web, site.host, path)
            assert (status, body) == (told.status, told.body)
            assert tuple(headers[: len(told.headers)]) == told.headers
            assert dict(headers)["Content-Length"] == str(len(told.body))


def test_a_torn_connection(web: MiniWeb) -> None:
    web.month = "2026-07"
    with pytest.raises(ConnectionResetError):
        ask(web, "glasshouse-podcast.example", "/robots.txt")


def test_a_request_that_is_never_answered(web: MiniWeb) -> None:
    web.month = "2026-02"
    with pytest.raises(TimeoutError):
        ask(web, "weather-almanac.example", "/", timeout=0.3)
    assert web.requests[-1].host == "weather-almanac.example"


def test_an_https_only_site_has_a_certificate_of_the_authority_and_no_port_80(web: MiniWeb) -> None:
    web.month = "2025-11"
    assert ask(web, "river-registry.example", "/robots.txt")[0] == 200
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(place(web, "river-registry.example", 80), timeout=WAIT)


def test_an_http_only_site_has_no_port_443(web: MiniWeb) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(place(web, "harbour-news.example", 443), timeout=WAIT)


@pytest.mark.parametrize("month", ["2026-05", "2026-06"])
def test_the_customs_office_signs_its_own_certificate_in_june(web: MiniWeb, month: str) -> None:
    web.month = month
    if month == "2026-05":
        assert ask(web, "customs-almanac.example", "/robots.txt")[0] == 200
    else:
        with pytest.raises(ssl.SSLCertVerificationError):
            ask(web, "customs-almanac.example", "/robots.txt")


def test_without_the_authority_no_certificate_is_trusted(web: MiniWeb) -> None:
    web.month = "2025-11"
    with (
        socket.create_connection(place(web, "river-registry.example", 443), timeout=WAIT) as raw,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        ssl.create_default_context().wrap_socket(raw, server_hostname="river-registry.example")


def test_a_certificate_speaks_for_its_own_host_only(web: MiniWeb) -> None:
    with socket.create_connection(place(web, "river-registry.example", 443), timeout=WAIT) as raw:
        context = ssl.create_default_context(cafile=str(web.ca_file))
        with pytest.raises(ssl.SSLError):
            context.wrap_socket(raw, server_hostname="harbour-news.example")


def test_a_cdn_block_comes_in_february_and_goes_where_it_is_switched_off(web: MiniWeb) -> None:
    found = {}
    for month in ("2026-01", "2026-02", "2026-07", "2026-09"):
        web.month = month
        found[month] = ask(web, "velvet-gear-cycling.example", "/robots.txt")[2]
    assert b"Content-Signal" not in found["2026-01"]
    assert b"Content-Signal: search=yes,ai-train=no\n" in found["2026-02"]
    assert b"Content-Signal: search=yes,ai-train=no,use=reference\n" in found["2026-07"]
    assert found["2026-09"] == found["2026-01"]


def test_one_connection_serves_many_requests(web: MiniWeb) -> None:
    web.month = "2025-11"
    with closing(http.client.HTTPConnection(*place(web, "knot-wiki.example", 80), timeout=WAIT)) as connection:
        for _ in range(3):
            connection.request("GET", "/robots.txt", headers={"Host": "knot-wiki.example"})
            assert connection.getresponse().read().startswith(b"User-agent: *")


def test_a_head_request_has_no_body(web: MiniWeb) -> None:
    web.month = "2025-11"
    status, headers, body = ask(web, "knot-wiki.example", "/", method="HEAD")
    assert (status, body) == (200, b"")
    assert int(dict(headers)["Content-Length"]) > 100


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        pytest.param("GET / HTTP/1.1\r\nHost: knot-wiki.example\r\n\r\n", 200, id="a host"),
        pytest.param("GET / HTTP/1.1\r\nHost: Knot-Wiki.example:80\r\n\r\n", 200, id="RFC 9110 7.2 case and port"),
        pytest.param("GET http://knot-wiki.example/ HTTP/1.1\r\nHost: x\r\n\r\n", 200, id="RFC 9112 3.2.2 absolute"),
        pytest.param("GET http://knot-wiki.example HTTP/1.1\r\nHost: x\r\n\r\n", 200, id="absolute, no path"),
        pytest.param("GET /lost HTTP/1.1\r\nHost: knot-wiki.example\r\n\r\n", 404, id="lost"),
        pytest.param("GET / HTTP/1.1\r\nHost: nobody.example\r\n\r\n", 421, id="RFC 9110 15.5.20 not ours"),
        pytest.param("GET / HTTP/1.1\r\nHost: river-registry.example\r\n\r\n", 421, id="https only"),
        pytest.param("GET / HTTP/1.1\r\n\r\n", 400, id="RFC 9112 3.2 no host"),
        pytest.param("POST / HTTP/1.1\r\nHost: knot-wiki.example\r\n\r\n", 405, id="RFC 9110 15.5.6 method"),
        pytest.param("nonsense\r\n\r\n", 400, id="nonsense"),
        pytest.param("GET / HTTP/1.0\r\nHost: knot-wiki.example\r\n\r\n", 400, id="version"),
        pytest.param(f"GET / HTTP/1.1\r\nX: {'x' * 70_000}\r\n\r\n", 431, id="too large"),
    ],
)
def test_what_a_server_says_to_odd_requests(web: MiniWeb, request_text: str, status: int) -> None:
    web.month = "2025-11"
    received = talk(web.http_port, request_text)
    assert received.startswith(b"HTTP/1.1 %d " % status)


def test_half_a_request_gets_no_answer(web: MiniWeb) -> None:
    assert talk(web.http_port, "GET / HTTP/1.1\r\nHost: knot") == b""


def test_the_log_says_who_asked_what(web: MiniWeb) -> None:
    web.month = "2026-01"
    before = len(web.requests)
    ask(web, "harbour-news.example", "/robots.txt?x=1")
    (request,) = web.requests[before:]
    assert (request.month, request.scheme, request.host) == ("2026-01", Transport.HTTP, "harbour-news.example")
    assert (request.method, request.path, request.user_agent) == ("GET", "/robots.txt?x=1", "test")
    assert request.peer.startswith("127.0.0.1:")
    assert request.at.tzinfo is not None


def test_the_map_has_every_site_twice_and_loopback_only(web: MiniWeb) -> None:
    mapped = web.resolve_map()
    assert mapped.keys() == {f"{site.host}:{port}" for site in web.world.sites for port in (80, 443)}
    for value in mapped.values():
        address, _, port = value.partition(":")
        assert ipaddress.ip_address(address) in ipaddress.ip_network("127.0.0.0/8")
        assert int(port) > 1024


def test_a_month_there_is_not(web: MiniWeb) -> None:
    with pytest.raises(WorldError, match="no such month"):
        web.month = "2024-01"


def test_two_webs_at_once_and_nothing_left_behind(tmp_path: Path) -> None:
    with (
        MiniWeb(load(), "2025-11", ca_file=tmp_path / "a.pem") as one,
        MiniWeb(load(), "2026-10", ca_file=tmp_path / "b.pem") as other,
    ):
        assert len({one.http_port, one.https_port, other.http_port, other.https_port}) == 4
        assert b"GPTBot" in ask(one, "valley-courier.example", "/robots.txt")[2]
        assert b"GPTBot" not in ask(other, "valley-courier.example", "/robots.txt")[2]
        assert one.ca_file.read_bytes() != other.ca_file.read_bytes()
        # One connection is left open in the middle of a request: closing must not wait for it.
        left = socket.create_connection(("127.0.0.1", one.http_port), timeout=WAIT)
        left.sendall(b"GET /")
    with closing(left), pytest.raises(OSError):  # noqa: PT012
        left.sendall(b" HTTP/1.1\r\n\r\n")
        if left.recv(1) == b"":
            raise ConnectionResetError
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", one.http_port), timeout=WAIT)
