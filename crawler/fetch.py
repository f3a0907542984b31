"""One GET as Scrapy's download handler: over an address the guard has judged, within a time and a size.

aiohttp carries the request; redirects, cookies, proxies, retries and decoding are not its business here. Whatever
happens on the wire comes back as a `Received`, failures included, so nothing raises on account of a hostile server.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Protocol, cast

import aiohttp
import aiohttp.abc
import yarl
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.http import Request, Response

from crawler.guard import Guard, NoAddress, NotAsked
from crawler.records import Headers
from crawler.settings import Network, SettingsError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

RECEIVED = "received"
CAP = "cap"
CONDITIONS = "conditions"
"""Keys of `Request.meta`: where the answer is put, how many bytes of a body are wanted, fields that are sent too."""

_REDIRECT_BODY = 64 * 1024
_LONGEST_LINE = 64 * 1024
_MOST_FIELDS = 1000


@dataclass(slots=True)
class Received:
    """What came back from one request. `failure` says in plain words what went wrong, None when nothing did.

    `stale` marks a connection kept open that was found closed: the server has not seen the request.
    """

    started_at: datetime
    status: int | None = None
    headers: Headers = ()
    body: bytes | None = None
    truncated: bool = False
    failure: str | None = None
    stale: bool = False
    ip: str | None = None
    elapsed_ms: int = 0


class BodyDecoder:
    """Collects a body up to `cap` decoded bytes, whatever its coding promises; `full` says that more was there.

    Codings: gzip, deflate (zlib or raw) and identity; any other makes `fault`.
    """

    def __init__(self, coding: str, cap: int) -> None:
        self.cap = cap
        self.full = False
        self.fault: str | None = None
        self._wire = 0
        self._parts: list[bytes] = []
        self._size = 0
        self._coding = coding.strip().lower()
        self._inflate: Any = None
        if self._coding in ("gzip", "x-gzip"):
            self._inflate = zlib.decompressobj(31)
        elif self._coding == "deflate":
            self._inflate = zlib.decompressobj(15)
        elif self._coding not in ("", "identity"):
            self.fault = f"content coding {self._coding[:40]!r}, which was not asked for"

    @property
    def body(self) -> bytes:
        """The decoded bytes so far."""
        return b"".join(self._parts)

    def feed(self, chunk: bytes) -> bool:
        """Take a chunk from the wire; returns whether more is wanted."""
        self._wire += len(chunk)
        if self._inflate is None:
            self._keep(chunk)
        else:
            self._decode(chunk)
        if self._wire > 2 * self.cap + _REDIRECT_BODY:
            self.full = True
        return not self.full and self.fault is None

    def finish(self) -> None:
        """The wire has ended: a coded body that has not is damaged."""
        if self._inflate is not None and self._wire and not self._inflate.eof and not self.full and not self.fault:
            self.fault = f"the {self._coding} coding of the body ends too early"

    def _decode(self, chunk: bytes) -> None:
        while chunk and not self.full:
            try:
                self._keep(self._inflate.decompress(chunk, self.cap + 1 - self._size))
            except zlib.error as error:
                if self._coding == "deflate" and not self._parts:
                    # RFC 9110 8.4.1.2, note: some send the raw deflate data without the zlib wrapper.
                    self._coding, self._inflate = "raw deflate", zlib.decompressobj(-15)
                    continue
                self.fault = f"the {self._coding} coding of the body is damaged ({error})"
                return
            chunk = self._inflate.unconsumed_tail
            if self._inflate.eof:
                rest = self._inflate.unused_data
                if self._coding not in ("gzip", "x-gzip") or not rest.startswith(b"\x1f\x8b"):
                    return
                chunk, self._inflate = rest, zlib.decompressobj(31)

    def _keep(self, data: bytes) -> None:
        room = self.cap - self._size
        if len(data) > room:
            data, self.full = data[:room], True
        if data:
            self._parts.append(data)
            self._size += len(data)


def tls_context(network: Network) -> ssl.SSLContext:
    """The trust of every TLS connection: the system's certificates and those of `network.ca_file`."""
    context = ssl.create_default_context()
    if network.ca_file:
        try:
            context.load_verify_locations(cafile=str(Path(network.ca_file)))
        except (OSError, ssl.SSLError) as error:
            raise SettingsError(
                f"network.ca_file: {network.ca_file}: no certificates could be read ({error}); give a PEM file"
            ) from error
    context.set_alpn_protocols(["http/1.1"])
    return context


class GuardedHandler(BaseDownloadHandler):
    """Scrapy download handler for http and https; the guard, trust, identity and timeout come from the spider."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        wire = cast(HasWire, crawler.spider).wire
        self._timeout = wire.timeout
        reuse = aiohttp.TraceConfig()
        reuse.on_connection_reuseconn.append(_note_reuse)
        connector = aiohttp.TCPConnector(
            limit=0,
            ssl=wire.trust,
            resolver=_JudgedResolver(wire.guard),
            use_dns_cache=False,
            keepalive_timeout=wire.keepalive,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            response_class=_Response,
            headers=wire.headers,
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
            max_line_size=_LONGEST_LINE,
            max_field_size=_LONGEST_LINE,
            max_headers=_MOST_FIELDS,
            trace_configs=[reuse],
        )
        # A request is never sent twice behind our back: the visit counts, spaces and repeats it itself.
        self._session._retry_connection = False

    async def download_request(self, request: Request) -> Response:
        """The answer to a request, in `request.meta[RECEIVED]`; the Response returned only carries its status."""
        received = await self._get(request.url, request.meta[CAP], request.meta.get(CONDITIONS, ()))
        request.meta[RECEIVED] = received
        return Response(request.url, status=received.status or 0, request=request)

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()

    async def _get(self, url: str, cap: int, conditions: Headers) -> Received:
        received = Received(datetime.now(UTC))
        began = time.monotonic()
        note = SimpleNamespace(reused=False)
        decoder: BodyDecoder | None = None
        try:
            async with asyncio.timeout(self._timeout or None):
                target = yarl.URL(url, encoded=True)
                async with self._session.get(
                    target, headers=conditions, allow_redirects=False, timeout=_NO_TIMEOUT, trace_request_ctx=note
                ) as response:
                    received.status = response.status
                    received.ip = cast(_Response, response).peer
                    received.headers = tuple(
                        (name.decode("latin-1"), value.decode("latin-1")) for name, value in response.raw_headers
                    )
                    if 300 <= response.status < 400:
                        cap = min(cap, _REDIRECT_BODY)
                    decoder = BodyDecoder(",".join(response.headers.getall("Content-Encoding", [])), cap)
                    await _read(response, decoder)
        except TimeoutError:
            received.failure = f"no complete answer in {self._timeout:g} s"
        except (aiohttp.ClientError, OSError, NotAsked, NoAddress, ValueError, EOFError) as error:
            received.failure = reason(error)
            received.stale = received.status is None and note.reused and isinstance(error, _STALE)
        received.elapsed_ms = round((time.monotonic() - began) * 1000)
        if decoder is not None:
            received.body, received.truncated = decoder.body, decoder.full
            if received.failure is not None:
                received.failure = f"{received.failure}, after {len(received.body)} bytes of the body"
            else:
                received.failure = decoder.fault
        return received


@dataclass(frozen=True, slots=True)
class Wire:
    """What the handler needs to know: the guard, the trust, the header fields sent, and seconds before giving up."""

    guard: Guard
    trust: ssl.SSLContext
    headers: dict[str, str] = field(default_factory=dict)
    timeout: float = 20.0
    keepalive: float = 5.0


class HasWire(Protocol):
    """A spider that brings its wire."""

    wire: Wire


_NO_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=None)
_STALE = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, ConnectionError)


class _Response(aiohttp.ClientResponse):
    """Keeps the address of the other side, which is lost once the connection is given back."""

    peer: str | None = None

    async def start(self, connection: Any) -> aiohttp.ClientResponse:
        if (transport := connection.transport) is not None and (name := transport.get_extra_info("peername")):
            self.peer = str(name[0])
        return await super().start(connection)


class _JudgedResolver(aiohttp.abc.AbstractResolver):
    """Hands aiohttp the addresses the guard has judged, and no others."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[aiohttp.abc.ResolveResult]:
        return [
            {
                "hostname": host,
                "host": address.ip,
                "port": address.port,
                "family": socket.AF_INET6 if ":" in address.ip else socket.AF_INET,
                "proto": socket.IPPROTO_TCP,
                "flags": socket.AI_NUMERICHOST,
            }
            for address in await self._guard.addresses(host, port)
        ]

    async def close(self) -> None:
        """Nothing is held."""


async def _note_reuse(_session: object, context: SimpleNamespace, _parameters: object) -> None:
    context.trace_request_ctx.reused = True


async def _read(response: aiohttp.ClientResponse, decoder: BodyDecoder) -> None:
    async for chunk in response.content.iter_any():
        if not decoder.feed(chunk):
            # More than we want, or not readable: the rest is left unread and the connection is closed.
            response.close()
            return
    decoder.finish()


def reason(error: BaseException) -> str:
    """What went wrong on the wire, in a few plain words."""
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return f"TLS: {_tls(error.certificate_error)}"
        case aiohttp.ClientConnectorError() | aiohttp.ClientOSError():
            inner = getattr(error, "os_error", None) or error
            return _of_os(inner)
        case aiohttp.ServerDisconnectedError():
            return "the connection was closed without an answer"
        case aiohttp.ClientPayloadError():
            return "the connection was closed before the end of the body"
        case aiohttp.ClientResponseError():
            return f"not HTTP: {error.message[:120]!r}"
        case NotAsked() | NoAddress():
            return str(error)
        case OSError():
            return _of_os(error)
    return f"{type(error).__name__}: {error}"[:200]


def _of_os(error: BaseException) -> str:
    if isinstance(error, ssl.SSLError):
        return f"TLS: {_tls(error)}"
    if isinstance(error, ConnectionResetError):
        return "the connection was reset"
    if isinstance(error, ConnectionRefusedError):
        return "the connection was refused"
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"no connection: {text}"[:200]


def _tls(error: BaseException) -> str:
    message = getattr(error, "verify_message", "") or getattr(error, "reason", "") or str(error)
    return str(message).replace("_", " ").lower()[:160] if message else type(error).__name__
