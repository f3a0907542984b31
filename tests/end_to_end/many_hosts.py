"""A web of any number of virtual hosts whose behaviour, and whose outcomes when crawled, are known beforehand.

The robots.txt files are real ones where the data folder beside the project is present. What they let us fetch is told
by Protego and by Google's own parser, and by neither of ours; bodies on which those two differ are not used.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice, pairwise
from pathlib import Path

from jwm.robotstxt import googlebot
from protego import Protego

from crawler.politeness import control_path
from crawler.signals import PROBES
from crawler.vocabulary import ROLE_CONTROL, ROLE_PAGE, ROLE_ROBOTS, Outcome

DATA = Path(__file__).parents[2] / "../shared/data/robots_snapshot_2024.parquet"
AGENT = "OpenWebAudit"
CRAWL_DELAY_CAP = 0.5
LEAST_AN_ADDRESS, MOST_ADDRESSES = 10, 40
ROLE_TARGET = "robots.txt of a redirect target"
LONGEST_BODY = 48 * 1024

SHARES = {
    "plain": 84,
    "no-robots": 10,
    "robots-503": 5,
    "robots-429": 3,
    "robots-401": 3,
    "robots-403": 3,
    "robots-html": 4,
    "robots-slow": 1,
    "robots-reset": 2,
    "robots-endless": 2,
    "robots-bomb": 1,
    "crawl-delay": 2,
    "busy": 2,
    "soft-404": 3,
    "page-503": 3,
    "page-loop": 3,
    "page-private": 3,
    "page-moved": 3,
    "page-moved-disallowed": 2,
    "page-endless": 1,
    "page-bomb": 1,
    "page-reset": 2,
    "page-slow": 1,
    "tls": 2,
    "tls-wrong": 2,
    "opted-out": 1,
    "dead": 1,
}
"""Hosts of each kind in every 150."""

QUICK = {"robots-403": 105, "opted-out": 30, "dead": 15}
"""The same for a web that is done with after two requests a host, to see what memory many hosts need."""

PRIVATE = ("http://10.0.0.1/", "http://[::ffff:10.1.2.3]/", "http://inside.test/", "http://169.254.169.254/latest/")
INSIDE = {"inside.test": "192.168.7.7"}

_OWN = (
    b"User-agent: *\nDisallow: /private\n",
    b"User-agent: GPTBot\nDisallow: /\n\nUser-agent: *\nAllow: /\n",
    b"User-agent: *\nDisallow: /\n",
    b"User-agent: *\nDisallow: /ai.txt\nDisallow: /.well-known/\n",
    b"User-agent: openwebaudit\nDisallow: /$\n",
    b"User-agent: *\nCrawl-delay: 30\nDisallow: /cgi-bin/\n",
)


@dataclass(frozen=True, slots=True)
class Host:
    """One virtual host: where it listens, how it behaves, and its robots.txt where that is a plain one."""

    name: str
    kind: str
    address: str
    robots: bytes = b""

    @property
    def origin(self) -> str:
        """Where the visit asks everything but the first robots.txt."""
        return f"{'https' if self.kind == 'tls' else 'http'}://{self.name}"


@cache
def bodies(wanted: int) -> tuple[bytes, ...]:
    """At most `wanted` robots bodies two independent parsers agree on for everything a visit asks for."""
    found: list[bytes] = list(_OWN)
    if DATA.exists():
        import pyarrow.parquet as pq

        table = pq.read_table(DATA, columns=["body", "status"]).to_pylist()
        texts = sorted({row["body"] for row in table if row["status"] == "ok" and row["body"]})
        random.Random(2024).shuffle(texts)
        found += [text.encode() for text in texts if len(text) < LONGEST_BODY and "\x00" not in text]
    return tuple(islice(filter(_undisputed, found), wanted))


def hosts(count: int, shares: Mapping[str, int] = SHARES) -> list[Host]:
    """The first `count` hosts of the web: the frame of the crawl."""
    sequence = [kind for kind, share in shares.items() for _ in range(share)]
    # Kinds are spread: neighbours, which share an address, behave differently.
    sequence = [sequence[at * 37 % len(sequence)] for at in range(len(sequence))]
    real = bodies(count * SHARES["plain"] // 150 + 1)
    plain = 0
    # Few addresses, as in shared hosting: several of their hosts are visited at once, so that the limit of each tells.
    tenants = LEAST_AN_ADDRESS if shares is QUICK else max(LEAST_AN_ADDRESS, count // MOST_ADDRESSES)
    made = []
    for number in range(count):
        kind = sequence[number % len(sequence)]
        name = f"h{number}.secure.test" if kind == "tls" else f"h{number}.test"
        group = number // tenants
        address = f"127.1.{group // 250}.{1 + group % 250}"
        made.append(Host(name, kind, address, real[plain % len(real)] if kind == "plain" else b""))
        plain += kind == "plain"
    return made


def target(host: Host) -> Host:
    """The host that a `page-moved` one redirects to; no site of the frame."""
    robots = (
        b"User-agent: *\nDisallow: /here\n" if host.kind == "page-moved-disallowed" else b"User-agent: *\nDisallow:\n"
    )
    return Host(f"to-{host.name}", "target", host.address, robots)


def asked_paths(origin: str) -> dict[str, str]:
    """Role to path of everything a visit asks for behind robots.txt."""
    return {ROLE_CONTROL: control_path(origin), **PROBES, ROLE_PAGE: "/"}


def allowed(robots: bytes, url: str) -> bool:
    """Whether Protego and Google's parser both let us fetch a URL."""
    return Protego.parse(robots.decode("utf-8", "replace")).can_fetch(url, AGENT) and _google(robots, url)


def _google(robots: bytes, url: str) -> bool:
    return bool(googlebot.RobotsMatcher().OneAgentAllowedByRobots(robots, AGENT.encode(), url.encode()))


def _undisputed(robots: bytes) -> bool:
    text = robots.decode("utf-8", "replace")
    lower = text.lower()
    if "license" in lower or "<html" in lower or "<!doctype" in lower or not text[:1].isascii():
        return False
    if text.lstrip().startswith("<"):
        return False  # a page in disguise, which these hosts have a kind of their own for
    if "crawl-delay" in lower and (lower.count("crawl-delay") > 1 or _shared_delay(lower)):
        return False
    second = Protego.parse(text)
    origin = "http://h.test"
    urls = [origin + path for path in asked_paths(origin).values()]
    return all(second.can_fetch(url, AGENT) == _google(robots, url) for url in urls)


def _shared_delay(text: str) -> bool:
    """Whether a delay stands straight after its user-agent: do the next group's agents share it? Readers differ."""
    keys = [line.partition(":")[0].strip() for line in text.splitlines() if line.strip() and line.lstrip()[0] != "#"]
    return any(pair == ("user-agent", "crawl-delay") for pair in pairwise(keys))


def expected(host: Host) -> Counter[tuple[str, str]]:
    """How often each role must end in each outcome in the visit of a host."""
    found: Counter[tuple[str, str]] = Counter()

    def note(role: str, *outcomes: Outcome) -> None:
        found.update((role, outcome.value) for outcome in outcomes)

    if host.kind == "opted-out":
        for role in (ROLE_ROBOTS, *asked_paths(host.origin)):
            note(role, Outcome.NOT_ASKED)
        return found
    if host.kind != "tls":
        note(ROLE_ROBOTS, Outcome.UNREACHABLE)  # https, where nothing listens or the certificate is another's
    note(ROLE_ROBOTS, _ROBOTS.get(host.kind, Outcome.OK))
    if host.kind in CLOSED or _too_slow(host.robots):
        for role in asked_paths(host.origin):
            note(role, Outcome.NOT_ASKED)
        return found
    for role, path in asked_paths(host.origin).items():
        if host.robots and not allowed(host.robots, host.origin + path):
            note(role, Outcome.DISALLOWED)
        elif role == ROLE_PAGE:
            for more, outcome in _PAGE.get(host.kind, ((ROLE_PAGE, Outcome.OK),)):
                note(more, outcome)
        elif host.kind == "soft-404":
            note(role, Outcome.OK if role == ROLE_CONTROL else Outcome.NOT_THE_FILE)
        elif host.kind == "busy" and path == "/ai.txt":
            note(role, Outcome.RATE_LIMITED)
        else:
            note(role, Outcome.ABSENT)
    return found


def _too_slow(robots: bytes) -> bool:
    delay = Protego.parse(robots.decode("utf-8", "replace")).crawl_delay(AGENT)
    return delay is not None and delay > CRAWL_DELAY_CAP


_ROBOTS = {
    "no-robots": Outcome.ABSENT,
    "robots-503": Outcome.SERVER_ERROR,
    "robots-429": Outcome.RATE_LIMITED,
    "robots-401": Outcome.REFUSED,
    "robots-403": Outcome.REFUSED,
    "robots-html": Outcome.NOT_THE_FILE,
    "robots-slow": Outcome.UNREACHABLE,
    "robots-reset": Outcome.UNREACHABLE,
    "soft-404": Outcome.ABSENT,
    "dead": Outcome.UNREACHABLE,
}
TRUNCATED = {
    "robots-endless": ROLE_ROBOTS,
    "robots-bomb": ROLE_ROBOTS,
    "page-endless": ROLE_PAGE,
    "page-bomb": ROLE_PAGE,
}
"""Kinds to the role whose body goes on beyond its cap: it must be cut there."""

CLOSED = frozenset({"robots-503", "robots-429", "robots-401", "robots-403", "robots-slow", "robots-reset", "dead"})
"""Kinds of which nothing but robots.txt may be asked."""

_PAGE = {
    "page-503": ((ROLE_PAGE, Outcome.SERVER_ERROR),),
    "page-loop": ((ROLE_PAGE, Outcome.OK), (ROLE_PAGE, Outcome.OK), (ROLE_PAGE, Outcome.REDIRECT_LIMIT)),
    "page-private": ((ROLE_PAGE, Outcome.OK), (ROLE_TARGET, Outcome.NOT_ASKED), (ROLE_PAGE, Outcome.NOT_ASKED)),
    "page-moved": ((ROLE_PAGE, Outcome.OK), (ROLE_TARGET, Outcome.OK), (ROLE_PAGE, Outcome.OK)),
    "page-moved-disallowed": ((ROLE_PAGE, Outcome.OK), (ROLE_TARGET, Outcome.OK), (ROLE_PAGE, Outcome.DISALLOWED)),
    "page-reset": ((ROLE_PAGE, Outcome.UNREACHABLE),),
    "page-slow": ((ROLE_PAGE, Outcome.UNREACHABLE),),
}
