"""A small web on loopback whose log proves what a crawler did: real sockets, real TLS, behaviour by host and path."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import trustme

from crawler.engine import CrawlResult, crawl, open_snapshot
from crawler.frame import Frame, FrameSite
from crawler.records import Exchange, Visit
from crawler.settings import Settings, load
from crawler.sources.warc import read_visits

CONTACT = "https://bot.openweb-audit-tests.net/"

Act = Callable[[asyncio.StreamWriter], Awaitable[None]]
Reply = bytes | Act


@dataclass(frozen=True)
class Hit:
    """One request as the server saw it; `at` is monotonic seconds when its head had been read."""

    at: float
    scheme: str
    host: str
    path: str
    method: str
    fields: dict[str, str]


def answer(status: int = 200, body: bytes | str = b"", *fields: tuple[str, str], kind: str = "text/plain") -> bytes:
    """A response with a Content-Length."""
    octets = body.encode() if isinstance(body, str) else body
    head = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", f"Content-Length: {len(octets)}"]
    return "\r\n".join([*head, *(f"{name}: {value}" for name, value in fields), "", ""]).encode("latin-1") + octets


def page(text: str = "hello") -> bytes:
    """A small HTML page."""
    return answer(200, f"<!doctype html><title>{text}</title>", kind="text/html")


def moved(to: str, status: int = 301) -> bytes:
    """A redirect."""
    return answer(status, b"", ("Location", to))


def open_site(**paths: Reply) -> dict[str, Reply]:
    """The replies of a site without robots.txt, with a page, and what more is named: `name=reply` answers `/name`."""
    return {"/robots.txt": answer(404), "/": page(), **{f"/{name}": reply for name, reply in paths.items()}}


@dataclass
class Web:
    """Hosts and what they answer: host to path to reply; the path `*` answers every other one (else 404)."""

    hosts: dict[str, dict[str, Reply]] = field(default_factory=dict)
    hits: list[Hit] = field(default_factory=list)
    ports: dict[str, int] = field(default_factory=dict)
    address: dict[str, str] = field(default_factory=dict)
    tls: set[str] = field(default_factory=set)
    ca: trustme.CA = field(default_factory=trustme.CA)
    certificate_of: dict[str, str] = field(default_factory=dict)

    def site(self, host: str, replies: Mapping[str, Reply] | None = None, *, https: bool = False) -> str:
        """Add a host; without `https` its port 443 refuses connections."""
        self.hosts[host] = dict(replies or {"/robots.txt": answer(404), "/": page()})
        if https:
            self.tls.add(host)
        return host

    def resolve(self) -> dict[str, str]:
        """The names as `network.resolve` wants them."""
        names: dict[str, str] = {}
        for host in self.hosts:
            ip = self.address.get(host, "127.0.0.1")
            names[f"{host}:80"] = f"{ip}:{self.ports['http']}"
            names[f"{host}:443"] = f"{ip}:{self.ports['https' if host in self.tls else 'closed']}"
        return names

    def paths(self, host: str) -> list[str]:
        """The paths asked of a host, in order."""
        return [hit.path for hit in self.hits if hit.host == host]

    async def _serve(self, scheme: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, ssl.SSLError, asyncio.LimitOverrunError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.rstrip("\r\n").split("\r\n")
                method, path, _ = first.split(" ")
                fields = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in lines}
                host = fields.get("host", "")
                self.hits.append(Hit(time.monotonic(), scheme, host, path, method, fields))
                replies = self.hosts.get(host, {})
                reply = replies.get(path, replies.get("*", answer(404, b"nothing here")))
                if callable(reply):
                    await reply(writer)
                    break
                writer.write(reply)
                await writer.drain()
        writer.close()

    async def _run(self, ready: threading.Event, ended: asyncio.Event) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert("unknown.test").configure_cert(context)
        context.sni_callback = self._choose
        async with contextlib.AsyncExitStack() as stack:
            for scheme, tls in (("http", None), ("https", context)):

                async def serve(
                    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, scheme: str = scheme
                ) -> None:
                    await self._serve(scheme, reader, writer)

                server = await asyncio.start_server(serve, "0.0.0.0", self.ports.get(scheme, 0), ssl=tls, backlog=1024)
                await stack.enter_async_context(server)
                self.ports[scheme] = server.sockets[0].getsockname()[1]
            self.ports["closed"] = 1
            ready.set()
            await ended.wait()

    def _choose(self, connection: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(self.certificate_of.get(name or "", name or "unknown.test")).configure_cert(context)
        connection.context = context

    @contextlib.contextmanager
    def running(self) -> Iterator[Web]:
        """Serve in a thread while the block runs."""
        ready, ended = threading.Event(), asyncio.Event()
        loop = asyncio.new_event_loop()

        def serve() -> None:
            loop.run_until_complete(self._run(ready, ended))
            loop.run_until_complete(_cancelled())
            loop.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        assert ready.wait(10)
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(ended.set)
            thread.join(10)


async def _cancelled() -> None:
    """End what connections are still open."""
    pending = asyncio.all_tasks() - {asyncio.current_task()}
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)


def frame_of(*sites: str) -> Frame:
    """A frame of sites as they are named."""
    return Frame("f" * 12, "test", "0" * 64, tuple(FrameSite(site, site, at) for at, site in enumerate(sites, 1)), ())


def settings_for(web: Web, folder: Path, **overrides: object) -> Settings:
    """Settings that reach `web` and nothing else, hurried; `overrides` are `section__key=value`."""
    authority = folder / "ca.pem"
    web.ca.cert_pem.write_to_path(authority)
    values: dict[str, object] = {
        "identity.contact_url": CONTACT,
        "network.resolve": web.resolve(),
        "network.allow_addresses": ["127.0.0.0/8"],
        "network.ca_file": str(authority),
        "politeness.delay": 0.0,
        "politeness.delay_per_ip": 0.0,
        "politeness.timeout": 2.0,
        "crawl.spool": str(folder / "spool"),
    }
    values |= {key.replace("__", "."): value for key, value in overrides.items()}
    empty = folder / "settings.toml"
    empty.touch()
    return load(empty, overrides=values, environ={})


@dataclass(frozen=True)
class Taken:
    """What one run brought back: its counts and, from its segments, each site's visit."""

    result: CrawlResult
    visits: dict[str, Visit]

    def last(self, site: str, role: str) -> Exchange:
        """The last exchange of a role in a site's visit."""
        return [exchange for exchange in self.visits[site].exchanges if exchange.role == role][-1]

    def roles(self, site: str) -> dict[str, Exchange]:
        """The last exchange of every role of a site."""
        return {exchange.role: exchange for exchange in self.visits[site].exchanges}


def take(web: Web, folder: Path, *sites: str, **overrides: object) -> Taken:
    """Crawl `sites` (default: every host) of a running web and read the segments back."""
    settings = settings_for(web, folder, **overrides)
    frame = frame_of(*(sites or tuple(web.hosts)))
    snapshot = open_snapshot(settings, frame, on=date(2026, 11, 1))
    result = crawl(settings, frame, snapshot, resume=False)
    found = [visit for segment in result.segments for visit in read_visits(segment)]
    assert len({visit.site for visit in found}) == len(found)
    return Taken(result, {visit.site: visit for visit in found})
