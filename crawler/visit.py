"""One visit: everything asked of one site, in order, each hop an Exchange, and what was not asked and why.

robots.txt over https (over http only if https is unreachable), the control path, the probes of the signals, the landing
page, the documents that any of these declare, and last what is sampled. The network stands behind `Ask`; what is
decided here is conduct.
"""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler import sampling
from crawler.addresses import origin_of, target_of, twins
from crawler.classify import ROLE_SITEMAP, outcome_of
from crawler.declared import declared_documents
from crawler.guard import DEFAULT_PORTS, Guard, NoAddress, NotAsked
from crawler.politeness import OptOuts, RobotsGate, Spacing, control_path, retry_after
from crawler.records import Exchange, Headers, Visit
from crawler.settings import Settings
from crawler.vocabulary import ROLE_CONTROL, ROLE_MEDIA, ROLE_PAGE, ROLE_ROBOTS, Outcome, media_like, page_like

if TYPE_CHECKING:
    from crawler.fetch import Received
    from crawler.known_files import KnownFile, KnownFiles

ROLE_TARGET_ROBOTS = "robots.txt of a redirect target"
"""Role of the robots.txt of another origin, to which a redirect or a picture's address led: asked before that is."""

_ROBOTS_ROLES = (ROLE_ROBOTS, ROLE_TARGET_ROBOTS)
_FOR_THE_PAGE = 2
_STRAINED = frozenset({429, 500, 502, 503, 504})
_REMEMBERED = 1024


@dataclass(frozen=True, slots=True)
class Request:
    """One request to make, no sooner than `gap` seconds after the last one to its host; `cap` bytes are wanted.

    `conditions` are header fields that ask for a file only if it has changed.
    """

    url: str
    host: str
    port: int
    cap: int
    gap: float
    conditions: Headers = ()


Ask = Callable[[Request], Awaitable["Received"]]


class Gates:
    """robots.txt of origins that redirects led to, kept for other visits, the longest unused forgotten first."""

    def __init__(self, max_age: float) -> None:
        self._max_age = max_age
        self._kept: OrderedDict[str, tuple[float, RobotsGate]] = OrderedDict()

    def get(self, origin: str) -> RobotsGate | None:
        """The gate of an origin, unless it is older than `politeness.robots_max_age`."""
        kept = self._kept.get(origin)
        if kept is None or time.monotonic() - kept[0] > self._max_age:
            return None
        self._kept.move_to_end(origin)
        return kept[1]

    def put(self, origin: str, gate: RobotsGate) -> None:
        """Keep a gate."""
        self._kept[origin] = (time.monotonic(), gate)
        if len(self._kept) > _REMEMBERED:
            self._kept.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Conduct:
    """What all visits of a run share; `probes` maps a role to the path asked for it, `known` holds earlier answers."""

    settings: Settings
    guard: Guard
    gates: Gates
    optouts: OptOuts
    spacing: Spacing
    probes: Mapping[str, str]
    known: KnownFiles | None = None


class Visitor:
    """The visit of one site; `ask` makes one request, when its turn has come."""

    def __init__(self, site: str, conduct: Conduct, ask: Ask) -> None:
        self.site = site
        self._conduct = conduct
        self._politeness = conduct.settings.politeness
        self._token = conduct.settings.identity.token
        self._ask = ask
        self._gaps: dict[str, float] = {}
        self._limited: Counter[str] = Counter()
        self._exchanges: list[Exchange] = []
        self._gates: dict[str, RobotsGate] = {}
        self._used = 0

    async def visit(self) -> Visit:
        """Ask everything there is to ask of the site."""
        started = datetime.now(UTC)
        if (entry := self._conduct.optouts.covers(self.site)) is not None:
            self._nothing(f"on our own opt-out list ({entry})")
        else:
            origin = await self._robots()
            await self._chain(ROLE_CONTROL, origin + control_path(origin))
            for role, path in self._conduct.probes.items():
                await self._chain(role, origin + path)
            await self._chain(ROLE_PAGE, origin + "/")
            for role, url in declared_documents(self._exchanges):
                await self._chain(role, url)
            await self._samples()
            await self._media()
        return Visit(self.site, tuple(self._exchanges), started, datetime.now(UTC))

    async def _samples(self) -> None:
        """Ask for `crawl.pages_per_site` more pages, from the links of the landing page, else from a sitemap."""
        wanted, seed = self._conduct.settings.crawl.pages_per_site, self._conduct.settings.crawl.sample_seed
        if not wanted or (landing := sampling.landing(self._exchanges)) is None:
            return
        found = sampling.linked(landing)
        if len(found) < wanted and (listed := sampling.sitemap(self._exchanges, landing)) is not None:
            found += sampling.located(await self._chain(ROLE_SITEMAP, listed), landing)
        for role, url in sampling.chosen(found, wanted, seed):
            await self._chain(role, url)

    async def _media(self) -> None:
        """Ask for `crawl.media_per_site` of the media files that the landing page shows or links to."""
        wanted, seed = self._conduct.settings.crawl.media_per_site, self._conduct.settings.crawl.sample_seed
        if wanted and (landing := sampling.landing(self._exchanges)) is not None:
            for role, url in sampling.chosen(sampling.shown(landing), wanted, seed, ROLE_MEDIA):
                await self._chain(role, url)

    def _nothing(self, detail: str) -> None:
        origin = f"https://{self.site}"
        paths = {ROLE_ROBOTS: "/robots.txt", ROLE_CONTROL: control_path(origin), **self._conduct.probes, ROLE_PAGE: "/"}
        for role, path in paths.items():
            self._note(role, origin + path, 0, Outcome.NOT_ASKED, detail)

    async def _robots(self) -> str:
        """Ask for robots.txt; returns the origin everything else is asked of.

        That is the site's own, or its `www.` twin where robots.txt itself moved there: then the site lives there, and
        asking it directly spares it a redirect a request.
        """
        origin = f"https://{self.site}"
        first = len(self._exchanges)
        last = await self._chain(ROLE_ROBOTS, f"{origin}/robots.txt")
        opening = self._exchanges[first]
        if opening.outcome in (Outcome.UNREACHABLE, Outcome.NOT_ASKED) and not (opening.detail or "").startswith("DNS"):
            origin = f"http://{self.site}"
            first = len(self._exchanges)
            last = await self._chain(ROLE_ROBOTS, f"{origin}/robots.txt")
        self._gates[origin] = self._gate_of(last)
        for hop in self._exchanges[first:]:
            # RFC 9309 2.3.1.2: the rules found at the end of the redirects are those of the initial authority; and of
            # every origin whose own /robots.txt was a hop on the way.
            if urlsplit(hop.url).path == "/robots.txt" and hop.outcome is not Outcome.REDIRECT_LIMIT:
                self._gates.setdefault(origin_of(hop.url), self._gates[origin])
        home = origin_of(last.url)
        if last.status is not None and home in self._gates and twins(self.site, urlsplit(home).netloc):
            return home
        return origin

    def _gate_of(self, answer: Exchange) -> RobotsGate:
        gate = RobotsGate.of(self._token, answer)
        cap = self._politeness.crawl_delay_cap
        if gate.closed is None and gate.crawl_delay is not None and gate.crawl_delay > cap:
            gate.closed = f"Crawl-delay {gate.crawl_delay:g} s is more than politeness.crawl_delay_cap, {cap:g} s"
        return gate

    async def _gate(self, url: str) -> RobotsGate:
        """The gate of the origin of `url`, asked for if it is not known yet."""
        origin = origin_of(url)
        gate = self._gates.get(origin) or self._conduct.gates.get(origin)
        if gate is None:
            last = await self._chain(ROLE_TARGET_ROBOTS, f"{origin}/robots.txt")
            gate = self._gate_of(last)
            if last.outcome is not Outcome.NOT_ASKED:
                self._conduct.gates.put(origin, gate)
        self._gates[origin] = gate
        return gate

    async def _chain(self, role: str, url: str) -> Exchange:
        """Ask for a URL and follow its redirects; returns the last exchange."""
        seen = set()
        for hop in range(self._politeness.redirects + 1):
            seen.add(url)
            exchange = await self._one(role, url, hop)
            if exchange.redirect_to is None:
                return exchange
            if exchange.redirect_to in seen:
                return self._note(role, exchange.redirect_to, hop + 1, Outcome.REDIRECT_LIMIT, "a redirect loop")
            url = exchange.redirect_to
        limit = f"more than {self._politeness.redirects} redirects"
        return self._note(role, url, self._politeness.redirects + 1, Outcome.REDIRECT_LIMIT, limit)

    async def _one(self, role: str, url: str, hop: int) -> Exchange:
        """One exchange: asked, or noted as not asked, with the reason."""
        try:
            parts = self._conduct.guard.check(url)
            host = parts.hostname or ""
            port = parts.port or DEFAULT_PORTS[parts.scheme]
            if (entry := self._conduct.optouts.covers(host)) is not None:
                raise NotAsked(f"{host} is on our own opt-out list ({entry})")
            if role not in _ROBOTS_ROLES:
                gate = await self._gate(url)
                ruling = gate.rule(url)
                if not ruling.allowed:
                    outcome = Outcome.NOT_ASKED if gate.closed is not None else Outcome.DISALLOWED
                    return self._note(role, url, hop, outcome, ruling.detail)
                if gate.crawl_delay is not None:
                    self._gaps[host] = max(self._gap(host), gate.crawl_delay)
            self._may_go_on(role, host)
            await self._conduct.guard.addresses(host, port)
            known = self._known(role, url)
            conditions = known.conditions if known is not None else ()
            request = Request(url, host, port, self._cap(role), self._gap(host), conditions)
            return await self._asked(role, url, hop, request, known)
        except NotAsked as error:
            return self._note(role, url, hop, Outcome.NOT_ASKED, str(error))
        except NoAddress as error:
            return self._note(role, url, hop, Outcome.UNREACHABLE, str(error))

    def _may_go_on(self, role: str, host: str) -> None:
        if (why := self._conduct.spacing.left_alone(host, time.monotonic())) is not None:
            raise NotAsked(why)
        budget = self._politeness.requests_per_site
        last = role in _ROBOTS_ROLES or page_like(role) or media_like(role)
        kept_back = 0 if last else min(_FOR_THE_PAGE, budget - 1)
        if self._used >= budget - kept_back:
            raise NotAsked(f"the budget of {budget} requests a site (politeness.requests_per_site) is used up")

    def _known(self, role: str, url: str) -> KnownFile | None:
        """What a policy file was last time; the bytes of pages and media are not kept, so those are asked for anew."""
        known = self._conduct.known
        if known is None or not self._politeness.conditional:
            return None
        return None if page_like(role) or media_like(role) or role == ROLE_CONTROL else known.get(url)

    async def _asked(self, role: str, url: str, hop: int, request: Request, known: KnownFile | None) -> Exchange:
        self._used += 1
        received = await self._ask(request)
        if received.stale and self._used < self._politeness.requests_per_site:
            # RFC 9112 9.3.1: a kept connection that turned out closed; the server has not seen this request.
            self._used += 1
            received = await self._ask(request)
        since = None
        if received.status == 304 and received.failure is None and known is not None and request.conditions:
            if known.confirmed_by(received.headers):
                # RFC 9110 15.4.5: it would have been the same 200 again, so it is: the body is the one of that day.
                since, headers = known.fetched_at, known.renewed(received.headers)
                received = replace(received, status=known.status, headers=headers, body=known.body, truncated=False)
            elif self._used < self._politeness.requests_per_site:
                self._exchanges.append(self._exchange(role, url, hop, received))
                self._used += 1
                received = await self._ask(replace(request, conditions=()))
        exchange = self._exchange(role, url, hop, received)
        if since is not None:
            exchange = replace(exchange, unchanged_since=since)
        self._exchanges.append(exchange)
        self._heed(request.host, exchange)
        return exchange

    def _exchange(self, role: str, url: str, hop: int, received: Received) -> Exchange:
        outcome, detail = Outcome.UNREACHABLE, received.failure
        redirect_to = None
        if received.failure is None:
            seen_as = ROLE_ROBOTS if role == ROLE_TARGET_ROBOTS else role
            outcome, detail = outcome_of(received.status, seen_as, received.headers, received.body, received.truncated)
            if outcome is Outcome.OK and received.status is not None and 300 <= received.status < 400:
                redirect_to = target_of(url, received.headers)
        return Exchange(
            site=self.site,
            role=role,
            url=url,
            outcome=outcome,
            fetched_at=received.started_at,
            hop=hop,
            status=received.status,
            headers=received.headers,
            body=received.body,
            truncated=received.truncated,
            redirect_to=redirect_to,
            elapsed_ms=received.elapsed_ms,
            detail=detail,
            ip=received.ip,
        )

    def _heed(self, host: str, exchange: Exchange) -> None:
        """Do as the answer asks: Retry-After up to its cap, half the pace after a 429 or 503, no third 429."""
        if exchange.status not in (429, 503):
            return
        now = time.monotonic()
        spacing, cap = self._conduct.spacing, self._politeness.retry_after_cap
        wait = retry_after(exchange.headers, datetime.now(UTC))
        if wait is not None and wait > cap:
            why = f"Retry-After {wait:g} s is more than politeness.retry_after_cap, {cap:g} s"
            spacing.hold(host, now + min(wait, self._politeness.robots_max_age), leave=why)
        elif wait is not None:
            spacing.hold(host, now + wait)
        self._gaps[host] = min(2 * self._gap(host), max(cap, self._gap(host)))
        if exchange.status == 429:
            self._limited[host] += 1
            if self._limited[host] > 1:
                spacing.hold(host, now + self._politeness.robots_max_age, leave="answered 429 twice")

    def _gap(self, host: str) -> float:
        return self._gaps.get(host, self._politeness.delay)

    def _cap(self, role: str) -> int:
        if media_like(role):
            return self._politeness.media_bytes
        return self._politeness.page_bytes if page_like(role) else self._politeness.policy_file_bytes

    def _note(self, role: str, url: str, hop: int, outcome: Outcome, detail: str | None) -> Exchange:
        exchange = Exchange(self.site, role, url, outcome, datetime.now(UTC), hop=hop, detail=detail)
        self._exchanges.append(exchange)
        return exchange


def strained(received: Received) -> bool:
    """Whether an answer says that its server has enough to do as it is."""
    return received.status in _STRAINED or (received.status is None and not (received.failure or "").startswith("TLS"))
