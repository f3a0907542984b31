"""The miniature web on loopback: real HTTP/1.1 and TLS, virtual hosts by name, one month of the world at a time.

Everything is bound to 127.0.0.1 on ports the system chooses; names reach it through `resolve_map`, never through DNS.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from crawler.miniweb.authority import Authority
from crawler.miniweb.world import Answer, Behaviour, Site, Transport, World, WorldError
from crawler.records import Headers

LOOPBACK = "127.0.0.1"
_HEAD_BYTES = 32_768
_IDLE = 30.0
_DEFAULT_PORT = {Transport.HTTP: 80, Transport.HTTPS: 443}


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it arrived: what the tests read to see how a crawler behaved."""

    at: datetime
    month: str
    scheme: Transport
    host: str
    method: str
    path: str
    user_agent: str
    peer: str


class MiniWeb:
    """A server of one world in a thread of its own, from `with` to the end of the block.

    `month` may be set at any time and holds for the next request; ports, authority and map stay. `requests` is the log.
    `ca_file` is where the authority's certificate is written. Raises WorldError for a month there is not.
    """

    def __init__(self, world: World, month: str, *, ca_file: Path) -> None:
        self.world = world
        self.ca_file = ca_file
        self.requests: list[Request] = []
        self.month = month
        self._ports: dict[Transport, int] = {}
        self._closed = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._loop = asyncio.new_event_loop()
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="miniweb", daemon=True)

    @property
    def month(self) -> str:
        """The month of the world that is being served."""
        return self._month

    @month.setter
    def month(self, month: str) -> None:
        if month not in self.world.months:
            raise WorldError(f"{month}: no such month; there are {self.world.months[0]} to {self.world.months[-1]}")
        self._month = month

    @property
    def http_port(self) -> int:
        """The port that answers plain HTTP."""
        return self._ports[Transport.HTTP]

    @property
    def https_port(self) -> int:
        """The port that answers TLS."""
        return self._ports[Transport.HTTPS]

    def resolve_map(self) -> dict[str, str]:
        """`host:80` and `host:443` of every site to `address:port`; a closed port is one that nobody listens on."""
        closed = f"{LOOPBACK}:{self._closed.getsockname()[1]}"
        return {
            f"{site.host}:{port}": f"{LOOPBACK}:{self._ports[scheme]}" if scheme is site.transport else closed
            for site in self.world.sites
            for scheme, port in _DEFAULT_PORT.items()
        }

    def __enter__(self) -> MiniWeb:
        known, unknown = Authority.new("Miniature web authority"), Authority.new("An authority nobody knows")
        self.ca_file.write_bytes(known.pem)
        secure = [site.host for site in self.world.sites if site.transport is Transport.HTTPS]
        contexts = {host: (known.context_for(host), unknown.context_for(host)) for host in secure}
        # Bound and never listened on: connecting is refused, and nobody else can be given the port.
        self._closed.bind((LOOPBACK, 0))
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(self._context(contexts)), self._loop).result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._closed.close()

    def _context(self, contexts: Mapping[str, tuple[ssl.SSLContext, ssl.SSLContext]]) -> ssl.SSLContext:
        def choose(connection: ssl.SSLSocket | ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
            if name is None or name not in contexts:
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            connection.context = contexts[name][self.world.face(name, self.month).untrusted]
            return None

        front = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        front.minimum_version = ssl.TLSVersion.TLSv1_2
        front.sni_callback = choose
        return front

    async def _open(self, context: ssl.SSLContext) -> None:
        for scheme, secure in ((Transport.HTTP, None), (Transport.HTTPS, context)):
            accept = partial(self._accept, scheme=scheme)
            server = await asyncio.start_server(accept, LOOPBACK, 0, ssl=secure, limit=_HEAD_BYTES)
            self._ports[scheme] = server.sockets[0].getsockname()[1]
            self._servers.append(server)

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, scheme: Transport) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while await self._serve(reader, writer, scheme):
                continue
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError, ssl.SSLError, asyncio.CancelledError):
            # The caller has gone or fell silent, or the web is being closed: there is nobody left to answer.
            writer.transport.abort()
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, scheme: Transport) -> bool:
        """One request and its answer; whether the connection stays open for another."""
        try:
            async with asyncio.timeout(_IDLE):
                head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            return await _send(writer, _plain(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE), head=False, keep=False)
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        method, target, version = (*first.split(" "), "", "", "")[:3]
        if target.startswith(("http://", "https://")):
            # RFC 9112 3.2.2: a server MUST accept the absolute-form, and its host is the one that counts.
            parts = urlsplit(target)
            fields["host"], target = parts.netloc, parts._replace(scheme="", netloc="").geturl() or "/"
        if version != "HTTP/1.1" or not target.startswith("/") or "host" not in fields:
            return await _send(writer, _plain(HTTPStatus.BAD_REQUEST), head=False, keep=False)
        host = fields["host"].rpartition(":")[0] or fields["host"]
        month = self.month
        peer = "{}:{}".format(*writer.get_extra_info("peername"))
        self.requests.append(
            Request(datetime.now(UTC), month, scheme, host, method, target, fields.get("user-agent", ""), peer)
        )
        answer = self._answer(self.world.by_host.get(host.lower()), method, target, month, scheme)
        if answer.behaviour is Behaviour.HANG:
            await reader.read()
            return False
        if answer.behaviour is Behaviour.RESET:
            # A linger time of zero turns the closing of the socket into a reset.
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            return False
        bodiless = not ({"content-length", "transfer-encoding"} & fields.keys())
        keep = bodiless and fields.get("connection", "").lower() != "close"
        return await _send(writer, answer, head=method == "HEAD", keep=keep)

    def _answer(self, site: Site | None, method: str, target: str, month: str, scheme: Transport) -> Answer:
        if site is None or site.transport is not scheme:
            return _plain(HTTPStatus.MISDIRECTED_REQUEST)
        if method not in ("GET", "HEAD"):
            return _plain(HTTPStatus.METHOD_NOT_ALLOWED, (("Allow", "GET, HEAD"),))
        return self.world.answer(site.host, target, month)


def _plain(status: HTTPStatus, headers: Headers = ()) -> Answer:
    return Answer(status, (*headers, ("Content-Type", "text/plain; charset=utf-8")), f"{status.phrase}\n".encode())


async def _send(writer: asyncio.StreamWriter, answer: Answer, *, head: bool, keep: bool) -> bool:
    """Write an answer as HTTP/1.1 and give `keep` back."""
    fields = [
        *answer.headers,
        ("Content-Length", str(len(answer.body))),
        ("Date", format_datetime(datetime.now(UTC), usegmt=True)),
        ("Connection", "keep-alive" if keep else "close"),
    ]
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}", *(f"{n}: {v}" for n, v in fields), "", ""]
    writer.write("\r\n".join(lines).encode("latin-1"))
    if not head:
        writer.write(answer.body)
    await writer.drain()
    return keep
