"""The server of the web of many hosts, a process of its own.

`python -m tests.end_to_end.many_hosts_server COUNT FOLDER [quick]` writes `ca.pem` and, when SIGTERM ends it,
`hits.jsonl` into FOLDER: one line a request with the moment its head had been read (monotonic seconds), scheme, host,
path and the address it was sent to. Its ports are its only output.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import signal
import socket
import ssl
import struct
import sys
import time
from pathlib import Path
from typing import Any

import trustme

from tests.end_to_end.many_hosts import PRIVATE, QUICK, SHARES, Host, hosts, target

_PAGE = b"<!doctype html><html lang=en><title>A page</title><p>lorem ipsum dolor sit amet</p>" * 20
_LINE = b"# more of the same\n" * 500
_DRIP = 0.2


def message(status: int, body: bytes = b"", *fields: str, kind: str = "text/plain") -> bytes:
    """A response with a Content-Length."""
    head = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *fields, "", ""]
    return "\r\n".join(head).encode("ascii") + body


ABSENT = message(404, b"nothing here")
HTML = message(200, _PAGE, kind="text/html")
NOT_MODIFIED = b"HTTP/1.1 304 Not Modified\r\nETag: %s\r\n\r\n"
BOMB = message(200, gzip.compress(b"#" * 30_000_000, 9), "Content-Encoding: gzip")
_STATUS = {"robots-503": 503, "robots-401": 401, "robots-403": 403}


class Server(asyncio.Protocol):
    """One connection."""

    known: dict[str, Host]
    hits: list[tuple[float, str, str, str, str]]

    def __init__(self, scheme: str) -> None:
        self.scheme = scheme
        self.waiting = b""
        self.open = True
        self.paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.local = str(transport.get_extra_info("sockname")[0])

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False

    def pause_writing(self) -> None:
        self.paused = True

    def resume_writing(self) -> None:
        self.paused = False

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while (end := self.waiting.find(b"\r\n\r\n")) >= 0:
            lines = self.waiting[:end].decode("latin-1").split("\r\n")
            self.waiting = self.waiting[end + 4 :]
            method, path, _ = lines[0].split(" ")
            fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            name = fields.get("host", "")
            self.hits.append((time.monotonic(), self.scheme, name, f"{method} {path}", self.local))
            self._answer(self.known.get(name), path, fields.get("if-none-match"))

    def _answer(self, host: Host | None, path: str, held: str | None) -> None:
        if host is None:
            self.transport.write(message(421))
            return
        reply = _robots(host, held) if path == "/robots.txt" else _page(host) if path == "/" else _other(host, path)
        if isinstance(reply, bytes):
            self.transport.write(reply)
        elif reply == "reset":
            # A linger time of zero makes closing send RST instead of FIN.
            self.transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
            self.transport.abort()
        else:
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
            self._go_on(_LINE if reply == "endless" else b"#", 0.0 if reply == "endless" else _DRIP)

    def _go_on(self, piece: bytes, wait: float) -> None:
        if self.open:
            if not self.paused:
                self.transport.write(piece)
            asyncio.get_running_loop().call_later(0.005 if self.paused else wait, self._go_on, piece, wait)


def _robots(host: Host, held: str | None) -> bytes | str:
    match host.kind:
        case "plain" | "target":
            tag = f'"{hashlib.sha256(host.robots).hexdigest()[:16]}"'
            return message(200, host.robots, f"ETag: {tag}") if held != tag else NOT_MODIFIED % tag.encode()
        case "robots-429":
            return message(429, b"", "Retry-After: 120")
        case "robots-503" | "robots-401" | "robots-403":
            return message(_STATUS[host.kind], b"User-agent: *\nAllow: /\n")
        case "robots-html":
            return HTML
        case "robots-slow" | "robots-reset" | "robots-endless":
            return host.kind.removeprefix("robots-")
        case "robots-bomb":
            return BOMB
        case "crawl-delay":
            return message(200, b"User-agent: *\nCrawl-delay: 0.3\n")
        case "no-robots" | "soft-404":
            return ABSENT
    return message(200, b"User-agent: *\nDisallow:\n")


def _page(host: Host) -> bytes | str:
    match host.kind:
        case "page-503":
            return message(503, b"", "Retry-After: 1")
        case "page-loop":
            return message(302, b"", "Location: /loop")
        case "page-private":
            return message(302, b"", f"Location: {PRIVATE[len(host.name) % len(PRIVATE)]}")
        case "page-moved" | "page-moved-disallowed":
            return message(301, b"", f"Location: http://{target(host).name}/here")
        case "page-bomb":
            return BOMB
        case "page-endless" | "page-reset" | "page-slow":
            return host.kind.removeprefix("page-")
    return HTML


def _other(host: Host, path: str) -> bytes:
    if host.kind == "page-loop" and path == "/loop":
        return message(302, b"", "Location: /")
    if host.kind == "busy" and path == "/ai.txt":
        return message(429, b"", "Retry-After: 1")
    return HTML if host.kind in ("soft-404", "target") else ABSENT


async def serve(count: int, folder: Path, *, quick: bool = False) -> None:
    """Serve until SIGTERM, then write the log."""
    every = hosts(count, QUICK if quick else SHARES)
    moved = [target(host) for host in every if host.kind.startswith("page-moved")]
    Server.known = {host.name: host for host in (*every, *moved)}
    Server.hits = []
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("*.secure.test").configure_cert(context)
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    ports: list[Any] = []
    for scheme, tls in (("http", None), ("https", context)):
        server = await loop.create_server(lambda scheme=scheme: Server(scheme), "0.0.0.0", 0, backlog=4096, ssl=tls)
        ports.append(server.sockets[0].getsockname()[1])
    sys.stdout.write(json.dumps(ports) + "\n")
    sys.stdout.flush()
    await ended.wait()
    with (folder / "hits.jsonl").open("w") as log:
        log.writelines(json.dumps(hit) + "\n" for hit in Server.hits)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]), quick="quick" in sys.argv[3:]))
