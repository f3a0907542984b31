"""Responses per CPU-second of the crawler against bare Scrapy spiders on one loopback web, and memory by frame size.

`python tests/bench/bench_crawl.py rate --sites 600 --rounds 3` runs every contestant in turn, `rounds` times, each in a
process of its own, over the same hosts and paths of the same server, names looked up nowhere; the crawler does all it
always does (two robots parsers, spacing at zero, WARC on the disk), the others only fetch. The handler `scrapy-httpx`
takes part where httpx is installed. `... memory --sites 1000 10000 100000` prints the peak memory
of a run over frames of that size, stopped after 300 visits. One JSON object a line.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

ROBOTS = b"User-agent: GPTBot\nDisallow: /\n\nUser-agent: *\nDisallow: /private\nAllow: /private/open\n" * 8
PAGE = b"<!doctype html><html><title>A page</title>" + b"<p>lorem ipsum dolor sit amet, consectetur</p>\n" * 420
_BARE = ("scrapy-twisted", "scrapy-aiohttp", "scrapy-httpx")
CONTACT = "https://bot.openweb-audit-tests.net/"


def _message(status: str, kind: str, body: bytes) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


class _Server(asyncio.Protocol):
    answers: ClassVar = {
        b"/robots.txt": _message("200 OK", "text/plain", ROBOTS),
        b"/": _message("200 OK", "text/html", PAGE),
    }
    absent = _message("404 Not Found", "text/plain", b"nothing here")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.waiting = b""

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while (end := self.waiting.find(b"\r\n\r\n")) >= 0:
            path = self.waiting.split(b" ", 2)[1]
            self.waiting = self.waiting[end + 4 :]
            self.transport.write(self.answers.get(path, self.absent))  # type: ignore[attr-defined]


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Server, "0.0.0.0", 0, backlog=4096)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


def _address(number: int) -> str:
    return f"127.{1 + number // 62500}.{number // 250 % 250}.{1 + number % 250}"


@contextmanager
def _serving() -> Iterator[int]:
    process = subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


def _openweb(port: int, count: int, urls: Path | None, stop_after: int | None = None) -> dict[str, Any]:
    """Our crawler over `count` hosts; writes the URLs it was answered for to `urls`."""
    from crawler import engine
    from crawler.frame import Frame, FrameSite
    from crawler.records import Visit
    from crawler.settings import load

    names: dict[str, str] = {}
    hosts = [f"{_address(number)}:{port}" for number in range(count)]
    if stop_after is None:
        hosts = [f"s{number}.test" for number in range(count)]
        for number, host in enumerate(hosts):
            names |= {f"{host}:443": "127.0.0.1:1", f"{host}:80": f"{_address(number)}:{port}"}
    settings = load(
        overrides={
            "identity.contact_url": CONTACT,
            "network.allow_addresses": ["127.0.0.0/8"],
            "network.ports": [80, 443, port],
            "network.resolve": names,
            "politeness.delay": 0.0,
            "politeness.delay_per_ip": 0.0,
            "politeness.timeout": 2.0,
            "crawl.concurrency": 256,
            "crawl.spool": tempfile.mkdtemp(prefix="bench-crawl-"),
        },
        environ={},
    )
    sites = tuple(FrameSite(host, host, number) for number, host in enumerate(hosts))
    frame = Frame("0" * 12, "bench", "0" * 64, sites, ())
    asked: list[str] = []
    done = 0

    def progress(visit: Visit) -> None:
        nonlocal done
        done += 1
        if done == stop_after:
            os.kill(os.getpid(), signal.SIGTERM)
        if urls is not None:
            here, there = f"http://{visit.site}", f"http://{visit.site}:{port}"
            asked.extend(e.url.replace(here, there) for e in visit.exchanges if e.status is not None)

    began = time.process_time(), time.monotonic()
    snapshot = engine.open_snapshot(settings, frame, on=date(2026, 1, 1))
    result = engine.crawl(settings, frame, snapshot, resume=False, progress=progress)
    spent = time.process_time() - began[0], time.monotonic() - began[1]
    if urls is not None:
        urls.write_text("\n".join(asked))
    answered = sum(count for outcome, count in result.outcomes.items() if outcome in ("ok", "absent"))
    return _line("openweb", answered, *spent)


def _map_names() -> None:
    """Answer for `sN.test` in the resolver's place, before anything keeps a reference to it."""
    real = socket.getaddrinfo

    def mapped(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if isinstance(name, str) and name.endswith(".test"):
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (_address(int(name[1:-5])), int(port or 0)))]
        return real(host, port, *more, **named)

    socket.getaddrinfo = mapped
    socket.gethostbyname = lambda name: _address(int(name[1:-5]))


def _scrapy(contestant: str, urls: Path) -> dict[str, Any]:
    """A bare spider tuned as the performance sheet says: 256 at once, one a host, no middleware that is not needed."""
    _map_names()
    import scrapy
    from scrapy.crawler import AsyncCrawlerProcess

    answered = 0

    class Bare(scrapy.Spider):
        name = "bare"

        async def start(self) -> Any:
            for url in urls.read_text().splitlines():
                yield scrapy.Request(url, dont_filter=True)

        def parse(self, response: Any) -> None:
            nonlocal answered
            answered += 1

    settings: dict[str, Any] = {
        "CONCURRENT_REQUESTS": 256,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": 0,
        "ROBOTSTXT_OBEY": False,
        "RETRY_ENABLED": False,
        "COOKIES_ENABLED": False,
        "REDIRECT_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_ENABLED": False,
        "HTTPERROR_ALLOW_ALL": True,
        "SCHEDULER_PRIORITY_QUEUE": "scrapy.pqueues.DownloaderAwarePriorityQueue",
        "TWISTED_REACTOR_ENABLED": contestant == "scrapy-twisted",
        # Ten thousand names are kept unless told otherwise; none is to be looked up twice.
        "DNSCACHE_SIZE": 200_000,
    }
    if contestant == "scrapy-httpx":
        handler = "scrapy.core.downloader.handlers._httpx.HttpxDownloadHandler"
        settings["DOWNLOAD_HANDLERS"] = {"http": handler, "https": handler}
    began = time.process_time(), time.monotonic()
    process = AsyncCrawlerProcess(settings)
    process.crawl(Bare)
    process.start()
    return _line(contestant, answered, time.process_time() - began[0], time.monotonic() - began[1])


def _line(contestant: str, answered: int, cpu: float, wall: float) -> dict[str, Any]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    rate = round(answered / cpu, 1)
    return {
        "contestant": contestant,
        "responses": answered,
        "cpu_s": round(cpu, 2),
        "wall_s": round(wall, 2),
        "responses_per_cpu_s": rate,
        "peak_mib": peak,
    }


def _in_process_of_its_own(*arguments: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, __file__, *arguments], capture_output=True, text=True, check=True)
    line: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return line


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["rate", "memory", "serve", "openweb", "held", *_BARE])
    parser.add_argument("--sites", type=int, nargs="+", default=[600])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--urls", type=Path)
    given = parser.parse_args()
    if given.what == "serve":
        asyncio.run(_serve())
    elif given.what == "openweb":
        _say(_openweb(given.port, given.sites[0], given.urls))
    elif given.what == "held":
        _say(_openweb(given.port, given.sites[0], None, stop_after=300) | {"sites": given.sites[0]})
    elif given.what in _BARE:
        _say(_scrapy(given.what, given.urls))
    elif given.what == "memory":
        with _serving() as port:
            for count in given.sites:
                _say(_in_process_of_its_own("held", "--port", str(port), "--sites", str(count)))
    else:
        with tempfile.TemporaryDirectory() as folder, _serving() as port:
            urls = str(Path(folder) / "urls.txt")
            for round_ in range(given.rounds):
                for contestant in ("openweb", *(_BARE if find_spec("httpx") else _BARE[:-1])):
                    sites = str(given.sites[0])
                    arguments = (contestant, "--port", str(port), "--sites", sites, "--urls", urls)
                    _say(_in_process_of_its_own(*arguments) | {"round": round_})


if __name__ == "__main__":
    _main()
