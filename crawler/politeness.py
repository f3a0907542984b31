"""Conduct, decided without a network: who we say we are, what robots.txt lets us ask, and when the next request may go.

Everything here is pure: times are handed in as seconds of one monotonic clock.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

from protego import Protego

from crawler import __version__
from crawler.frame import host_key
from crawler.frame_formats import FrameError
from crawler.records import Exchange, Headers
from crawler.robots import RobotsFile, decide, parse, path_of, select
from crawler.settings import Identity, Politeness, SettingsError
from crawler.vocabulary import Outcome

_PLACEHOLDERS = re.compile(
    r"(?:^|\.)(?:example\.(?:com|net|org)|example|test|invalid|localhost|local|internal|localdomain)$"
)
_LEFT_ALONE_STATUS = frozenset({401, 402, 403, 407, 429, 451})


def user_agent(identity: Identity) -> str:
    """The `User-Agent` of every request; raises SettingsError without a contact URL that can reach somebody."""
    return f"{identity.token}/{__version__} (+{identity.contact_url.strip()})"


def require_contact(identity: Identity, mapped: Iterable[str] = ()) -> None:
    """Raise SettingsError unless `identity.contact_url` is an http(s) or mailto URL whose host can be real.

    A placeholder host (example.org, *.test, localhost, an address) counts as real only when it is one of `mapped`,
    the names of `network.resolve`: then it answers on the net that is crawled.
    """
    contact = identity.contact_url.strip()
    remedy = "give the page or address webmasters can reach you at: --contact https://YOUR-HOST/bot"
    if not contact:
        raise SettingsError(f"identity.contact_url is empty; a crawler that cannot be reached does not start: {remedy}")
    try:
        parts = urlsplit(contact)
        host = parts.path.rpartition("@")[2].partition("?")[0] if parts.scheme == "mailto" else parts.hostname or ""
        known = parts.scheme in ("http", "https") or (parts.scheme == "mailto" and "@" in parts.path)
    except ValueError:
        known, host = False, ""
    if not known or not host or re.search(r"[\s()<>\"\x00-\x1f\x7f-\U0010ffff]", contact):
        raise SettingsError(
            f"identity.contact_url = {contact[:200]!r}: expected an http, https or mailto URL in ASCII; {remedy}"
        )
    host = host.lower().rstrip(".")
    if host in {name.lower().partition(":")[0] for name in mapped}:
        return
    try:
        key = host_key(host)
    except FrameError:
        key = ""
    last = key.rpartition(".")[2]
    if "." not in key or last.isdigit() or _PLACEHOLDERS.search(key):
        raise SettingsError(
            f"identity.contact_url = {contact[:200]!r}: {host!r} is a placeholder, not a host; {remedy}"
        )


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whether a URL may be asked; `detail` says which line or which reader forbids it, or that the readers differ."""

    allowed: bool
    detail: str | None = None


class RobotsGate:
    """What one origin's robots.txt lets our token fetch: both RFC 9309 matchers must allow.

    `closed` is the reason why nothing at all may be asked of the origin, None where rules decide. `crawl_delay` is
    what the group that speaks to us asks for, in seconds, None where it asks for none.
    """

    def __init__(self, token: str, *, body: bytes = b"", closed: str | None = None) -> None:
        self.token = token
        self.closed = closed
        self._file: RobotsFile = parse(body)
        self._second = Protego.parse(body.decode("utf-8", "replace")) if body else None
        self.crawl_delay = _crawl_delay(self._file, token)

    @classmethod
    def of(cls, token: str, answer: Exchange) -> RobotsGate:
        """The gate that the last exchange of a robots.txt request gives.

        RFC 9309 2.3.1: 2xx is followed, also when it is a page in disguise; 4xx and too many redirects are
        "unavailable" and forbid nothing, but 401, 402, 403, 407, 429, 451 and a bot challenge close the origin here
        (stricter than the RFC asks), as "unreachable" must: 5xx, no answer, an answer cut off.
        """
        status = f" (HTTP {answer.status})" if answer.status is not None else ""
        reason = f"robots.txt: {answer.outcome}{status}{f', {answer.detail}' if answer.detail else ''}"
        match answer.outcome:
            case Outcome.OK | Outcome.NOT_THE_FILE if answer.status is not None and answer.status < 300:
                return cls(token, body=answer.body or b"")
            case Outcome.ABSENT | Outcome.REDIRECT_LIMIT:
                return cls(token)
            case Outcome.REFUSED if answer.status is not None and 400 <= answer.status < 500:
                if answer.status not in _LEFT_ALONE_STATUS and "challenge" not in (answer.detail or ""):
                    return cls(token)
        return cls(token, closed=reason)

    def rule(self, url: str) -> Ruling:
        """Whether `url` may be asked. `/robots.txt` itself always may (RFC 9309 2.2.2)."""
        if self.closed is not None:
            return Ruling(False, self.closed)
        path = path_of(url)
        if path == "/robots.txt":
            return Ruling(True)
        decision = decide(self._file, self.token, path)
        second = self._second is None or self._second.can_fetch(url, self.token)
        if not decision.allowed:
            line = f"robots.txt line {decision.line}: {(decision.raw or '').strip()[:200]}"
            return Ruling(False, line if not second else f"{line}; parser_disagreement: the second parser allows it")
        if not second:
            return Ruling(False, "robots.txt: parser_disagreement: the second parser forbids it")
        return Ruling(True)


def _crawl_delay(file: RobotsFile, token: str) -> float | None:
    """The longest Crawl-delay of the groups that speak to `token`; None where there is none or it is no number."""
    asked: list[float] = []
    for group in select(file, token).groups:
        for number in range(group.first + 1, group.end + 1):
            line = file.line(number)
            if line.field == "crawl-delay" and re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?", line.value.strip()):
                asked.append(float(line.value))
    return max(asked, default=None)


def retry_after(headers: Headers, now: datetime) -> float | None:
    """Seconds the answer asks us to wait (RFC 9110 10.2.3: seconds or a date), None where it does not say."""
    for name, value in headers:
        if name.lower() != "retry-after":
            continue
        text = value.strip()
        if re.fullmatch(r"\d{1,10}", text):
            return float(text)
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, OverflowError, TypeError):
            continue
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=now.tzinfo)
        return max(0.0, (moment - now).total_seconds())
    return None


def control_path(origin: str) -> str:
    """A path that exists nowhere, the same for an origin in every run: whatever answers there is a soft 404."""
    return f"/{hashlib.sha256(f'openweb control {origin}'.encode()).hexdigest()[:20]}"


@dataclass(slots=True)
class _Host:
    """When the last request to a host ended, until when it asked us to wait, and why it is left alone until then."""

    ended: float
    held_until: float = 0.0
    left_alone: str | None = None


@dataclass(slots=True)
class _Pace:
    """When the next request to an address may start, the gap then kept, and when the last one went."""

    free_at: float
    gap: float
    last: float = float("-inf")


class Spacing:
    """When the next request to a host and to an address may start; the caller keeps one request a host at a time.

    Host gaps run from the end of one request to the start of the next, address gaps from start to start. An address
    that answers 429 or 5xx, or not at all, is given twice the gap each time, up to `slowest` seconds, and half of it
    back with every good answer. Shared by all visits of a run: two sites may lead to one host.
    """

    def __init__(self, politeness: Politeness) -> None:
        self._politeness = politeness
        self._hosts: dict[str, _Host] = {}
        self._addresses: dict[str, _Pace] = {}
        self._next_sweep = 0.0
        self._longest = max(politeness.delay, politeness.crawl_delay_cap, politeness.retry_after_cap)
        self.slowest = max(politeness.delay_per_ip, min(politeness.crawl_delay_cap, 16 * politeness.delay_per_ip))

    def ready(self, host: str, now: float, *, gap: float) -> float:
        """When `host` may be asked again, `gap` seconds after its last answer and not while it is to be waited for."""
        self._sweep(now)
        known = self._hosts.get(host)
        return now if known is None else max(now, known.ended + gap, known.held_until)

    def reserve(self, address: str, now: float) -> float:
        """Reserve the next free moment of `address`, for a request whose host is ready."""
        pace = self._addresses.get(address)
        if pace is None:
            pace = self._addresses[address] = _Pace(now, self._politeness.delay_per_ip)
        at = max(now, pace.free_at)
        pace.free_at = at + pace.gap
        return at

    def start(self, address: str, now: float) -> float:
        """The seconds still to wait before a request whose moment has come; 0.0 where it goes now, and is noted.

        A busy machine may come to two reserved moments at once: what counts is when the last request really went.
        """
        pace = self._addresses.get(address)
        if pace is None:
            pace = self._addresses[address] = _Pace(now, self._politeness.delay_per_ip)
        if (left := pace.last + pace.gap - now) > 0:
            return left
        pace.last = now
        pace.free_at = max(pace.free_at, now + pace.gap)
        return 0.0

    def end(self, host: str, now: float) -> None:
        """A request to `host` has ended."""
        self._hosts.setdefault(host, _Host(now)).ended = now

    def hold(self, host: str, until: float, *, leave: str | None = None) -> None:
        """Ask nothing of `host` before `until`; with a reason to `leave`, what would have been asked is not asked."""
        known = self._hosts.setdefault(host, _Host(until))
        known.held_until = max(known.held_until, until)
        known.left_alone = known.left_alone or leave

    def left_alone(self, host: str, now: float) -> str | None:
        """Why `host` is left alone, None where it is not."""
        known = self._hosts.get(host)
        return known.left_alone if known is not None and known.held_until > now else None

    def judge(self, address: str, *, strained: bool) -> None:
        """Slow down an address that is strained, and speed it up again when it is not."""
        if (pace := self._addresses.get(address)) is not None:
            gap = pace.gap * 2 if strained else pace.gap / 2
            pace.gap = min(max(gap, self._politeness.delay_per_ip), self.slowest)

    def _sweep(self, now: float) -> None:
        """Forget who may be asked at once anyway, so that a long run needs no more memory than a short one."""
        if now < self._next_sweep:
            return
        self._next_sweep = now + 30.0
        hosts = self._hosts.items()
        self._hosts = {host: it for host, it in hosts if max(it.ended + self._longest, it.held_until) > now}
        self._addresses = {
            address: pace
            for address, pace in self._addresses.items()
            if pace.free_at > now or pace.gap > self._politeness.delay_per_ip
        }


class OptOuts:
    """Hosts that asked us to stay away, with everything below them; read before any name is looked up."""

    def __init__(self, hosts: Iterable[str] = ()) -> None:
        self._hosts = frozenset(hosts)

    @classmethod
    def read(cls, path: str) -> OptOuts:
        """The list in a file, one host a line, `#` begins a comment; raises SettingsError when it cannot be read.

        An empty `path` is an empty list. An entry that names no host stops the run: it was meant to protect one.
        """
        if not path:
            return cls()
        try:
            text = Path(path).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"crawl.optout_file: {path} cannot be read ({error}); mend it or name another"
            ) from error
        hosts = set()
        for number, line in enumerate(text.splitlines(), 1):
            if entry := line.partition("#")[0].strip():
                try:
                    hosts.add(_bare(host_key(entry)))
                except FrameError as error:
                    raise SettingsError(f"{path}:{number}: {entry[:60]!r}: {error}; one host a line") from error
        return cls(hosts)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every entry, sorted."""
        return tuple(sorted(self._hosts))

    def covers(self, host: str) -> str | None:
        """The entry that covers `host`: the host itself or a domain above it; None where there is none."""
        name = _bare(host)
        while name:
            if name in self._hosts:
                return name
            name = name.partition(".")[2]
        return None


def add_opt_out(path: Path, host: str, note: str, on: date) -> None:
    """Append a host to an opt-out list, made if there is none; raises SettingsError when it cannot be written."""
    comment = " ".join(f"{on.isoformat()} {note}".replace("#", " ").split())
    try:
        begun = path.exists() and path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{chr(10) if begun else ''}{host}  # {comment}\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise SettingsError(f"crawl.optout_file: {path} cannot be written ({error.strerror or error})") from error


def _bare(host: str) -> str:
    """A host key without its port."""
    return host if host.endswith("]") else re.sub(r":\d+$", "", host)
