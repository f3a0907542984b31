"""A crawl of thousands of virtual hosts, and the proof of its conduct from the server's own log.

`python -m tests.end_to_end.tenthousand --hosts 10000` serves the web of `many_hosts`, crawls it in a process of its own
and prints, as JSON, what was wrong (nothing) and what it cost: seconds, CPU seconds, and memory by sites visited.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from crawler.engine import crawl, open_snapshot
from crawler.frame import read_frame
from crawler.records import Visit
from crawler.settings import Settings, load
from crawler.sources.warc import read_visits
from crawler.spool import segments
from crawler.vocabulary import ROLE_PAGE
from tests.end_to_end.many_hosts import (
    CLOSED,
    CRAWL_DELAY_CAP,
    INSIDE,
    QUICK,
    SHARES,
    TRUNCATED,
    Host,
    allowed,
    expected,
    hosts,
    target,
)

CONTACT = "https://bot.openweb-audit-tests.net/"
ON = date(2026, 11, 1)
DELAY = 0.1
DELAY_PER_IP = 0.03
RETRY_AFTER = 1.0
BUDGET = 12
CAPS = {"policy_file_bytes": 65536, "page_bytes": 131072}
ROOT = Path(__file__).parents[2]


@contextmanager
def serving(count: int, folder: Path, *, quick: bool = False) -> Iterator[tuple[int, int]]:
    """Serve `count` hosts from a process of its own; gives its http and https port."""
    folder.mkdir(parents=True, exist_ok=True)
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.end_to_end.many_hosts_server", str(count), str(folder), *["quick"] * quick],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        assert server.stdout is not None
        http, https = json.loads(server.stdout.readline())
        yield http, https
    finally:
        server.terminate()
        server.communicate(timeout=60)


def settings_of(every: list[Host], ports: tuple[int, int], folder: Path, **more: object) -> dict[str, object]:
    """Settings by dotted key that reach this web and nothing else, its delays shortened."""
    names: dict[str, str] = dict(INSIDE)
    for host in every:
        secure = host.kind in ("tls", "tls-wrong")
        names[f"{host.name}:443"] = f"{host.address}:{ports[1] if secure else 1}"
        names[f"{host.name}:80"] = f"{host.address}:{1 if host.kind == 'dead' else ports[0]}"
        if host.kind.startswith("page-moved"):
            names[f"{target(host).name}:80"] = f"{host.address}:{ports[0]}"
    optout = folder / "optout.txt"
    optout.write_text("".join(f"{host.name}\n" for host in every if host.kind == "opted-out"))
    return {
        "identity.contact_url": CONTACT,
        "network.allow_addresses": ["127.0.0.0/8"],
        "network.ca_file": str(folder / "ca.pem"),
        "network.resolve": names,
        "politeness.delay": DELAY,
        "politeness.delay_per_ip": DELAY_PER_IP,
        "politeness.crawl_delay_cap": CRAWL_DELAY_CAP,
        "politeness.retry_after_cap": 2.0,
        "politeness.timeout": 4.0 if len(every) < 1000 else 10.0,
        "politeness.requests_per_site": BUDGET,
        **{f"politeness.{key}": value for key, value in CAPS.items()},
        "crawl.concurrency": 256,
        "crawl.optout_file": str(optout),
        "crawl.spool": str(folder / "spool"),
        **more,
    }


def run(count: int, folder: Path, *, quick: bool = False, **more: object) -> dict[str, Any]:
    """Serve, crawl and judge; `wrong` lists every difference from what is known, empty when there is none.

    `quick` takes a web of hosts that are done with after two requests. `more` are settings by dotted key, beside those
    that are right for this web.
    """
    every = hosts(count, QUICK if quick else SHARES)
    with serving(count, folder, quick=quick) as ports:
        (folder / "settings.json").write_text(json.dumps(settings_of(every, ports, folder, **more)))
        (folder / "sites.txt").write_text("".join(f"{host.name}\n" for host in every))
        crawler = subprocess.run(
            [sys.executable, "-m", "tests.end_to_end.tenthousand", "--crawl", str(folder)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            cwd=ROOT,
        )
    found: dict[str, Any] = json.loads(crawler.stdout.splitlines()[-1])
    hits = [tuple(json.loads(line)) for line in (folder / "hits.jsonl").read_text().splitlines()]
    wrong = [*wrong_outcomes(every, folder / "spool" / ON.isoformat()), *wrong_conduct(every, hits)]
    if found.pop("look_ups"):
        wrong.append("a name was looked up through the system's resolver")
    kinds = Counter(host.kind for host in every)
    return {"hosts": count, "kinds": kinds, "requests_seen": len(hits), **found, "wrong": wrong}


def wrong_outcomes(every: list[Host], folder: Path) -> Iterator[str]:
    """Sites whose visit is missing, twice there, or ends otherwise than is known."""
    known = {host.name: host for host in every}
    for path in segments(folder):
        for visit in read_visits(path):
            host = known.pop(visit.site, None)
            if host is None:
                yield f"{visit.site}: visited twice"
                continue
            outcomes = Counter((exchange.role, exchange.outcome.value) for exchange in visit.exchanges)
            if outcomes != (wanted := expected(host)):
                yield f"{host.name} ({host.kind}): {dict(outcomes - wanted)} instead of {dict(wanted - outcomes)}"
            yield from (f"{host.name} ({host.kind}): {what}" for what in wrong_details(host, visit))
    yield from (f"{name}: not visited" for name in known)


def wrong_details(host: Host, visit: Visit) -> Iterator[str]:
    """What the outcomes alone do not tell: bodies cut at their caps, and the reasons of what failed."""
    last = {exchange.role: exchange for exchange in visit.exchanges}
    if role := TRUNCATED.get(host.kind):
        cap = CAPS["page_bytes" if role == ROLE_PAGE else "policy_file_bytes"]
        if not last[role].truncated or len(last[role].body or b"") != cap:
            yield f"{role}: not cut at {cap} bytes"
    elif any(exchange.truncated for exchange in visit.exchanges):
        yield "cut although it was short"
    if host.kind == "tls-wrong" and not (visit.exchanges[0].detail or "").startswith("TLS"):
        yield f"TLS not told: {visit.exchanges[0].detail}"
    if host.kind == "page-private" and "address" not in (last[ROLE_PAGE].detail or ""):
        yield f"an inner address not told: {last[ROLE_PAGE].detail}"


def wrong_conduct(every: list[Host], hits: list[tuple[Any, ...]]) -> Iterator[str]:
    """What the server saw and should not have: by robots.txt, spacing, budget, method, and who was left alone."""
    known = {host.name: host for host in every}
    known |= {target(host).name: target(host) for host in every if host.kind.startswith("page-moved")}
    times: dict[str, list[float]] = defaultdict(list)
    addresses: dict[str, list[tuple[float, str]]] = defaultdict(list)
    paths: dict[str, list[str]] = defaultdict(list)
    for at, scheme, name, line, address in hits:
        times[name].append(at)
        addresses[address].append((at, name))
        method, path = line.split(" ")
        paths[name].append(path)
        host = known.get(name)
        if host is None or host.kind in ("opted-out", "dead"):
            yield f"{name}: must not be asked at all"
        elif method != "GET":
            yield f"{name}: {line}"
        elif path != "/robots.txt" and host.kind in CLOSED:
            yield f"{name} ({host.kind}): asked for {path} although robots.txt closes it"
        elif path != "/robots.txt" and host.robots and not allowed(host.robots, f"{scheme}://{name}{path}"):
            yield f"{name}: asked for {path}, which its robots.txt forbids"
    for name, moments in times.items():
        if len(moments) > BUDGET:
            yield f"{name}: asked {len(moments)} times"
        kind = known[name].kind if name in known else ""
        gap = 0.3 if kind == "crawl-delay" else DELAY
        if any(later - sooner < gap for sooner, later in pairwise(moments)):
            yield f"{name}: asked again within {gap} s"
        asked = paths[name].index("/ai.txt") if kind == "busy" and "/ai.txt" in paths[name] else None
        if asked is not None and any(at - moments[asked] < RETRY_AFTER for at in moments[asked + 1 :]):
            yield f"{name}: Retry-After was not waited for"
    for address, requests in addresses.items():
        # What leaves evenly may arrive less so, but of a host only one request is on its way at a time: in every second
        # no more than fit into it, and one for each host that is asked then.
        for first, (at, _) in enumerate(requests):
            within = requests[first : bisect_left(requests, (at + 1.0, ""))]
            if len(within) > 1.0 / DELAY_PER_IP + len({name for _, name in within}):
                yield f"{address}: {len(within)} requests in a second"
                break


def _crawl(folder: Path) -> dict[str, Any]:
    """Crawl the web that is being served, in this process."""
    look_ups: list[object] = []

    def heed(event: str, arguments: tuple[object, ...]) -> None:
        if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
            look_ups.append(arguments)

    sys.addaudithook(heed)
    (folder / "empty.toml").touch()
    settings: Settings = load(
        folder / "empty.toml", overrides=json.loads((folder / "settings.json").read_text()), environ={}
    )
    frame = read_frame(folder / "sites.txt")
    count = len(frame.sites)
    began = time.monotonic(), time.process_time()
    curve: list[tuple[int, int]] = []
    visited = 0

    def progress(_visit: Visit) -> None:
        nonlocal visited
        visited += 1
        if visited % max(1, count // 10) == 0:
            curve.append((visited, _resident()))

    result = crawl(settings, frame, open_snapshot(settings, frame, on=ON), resume=False, progress=progress)
    seconds, cpu = time.monotonic() - began[0], time.process_time() - began[1]
    return {
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu, 1),
        "requests": result.requests,
        "peak_mib": _peak(),
        "memory_mib": curve,
        "outcomes": dict(result.outcomes),
        "look_ups": len(look_ups),
    }


def _resident() -> int:
    """MiB of this process in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20


def _peak() -> int:
    """The most MiB this process had in memory; unlike getrusage, without what its parent had when it forked."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=10_000)
    parser.add_argument("--quick", action="store_true", help="hosts that are done with after two requests")
    parser.add_argument("--crawl", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if given.crawl is not None:
        sys.stdout.write(json.dumps(_crawl(given.crawl)) + "\n")
        return
    with tempfile.TemporaryDirectory() as folder:
        found = run(given.hosts, Path(folder), quick=given.quick)
    wrong = found.pop("wrong")
    sys.stdout.write(json.dumps({**found, "wrong": len(wrong), "first": wrong[:20]}, indent=1) + "\n")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    _main()
