"""What webmasters should know of the crawler, from the settings it runs under; and the addresses it comes from."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from crawler import __version__
from crawler.errors import InputError
from crawler.politeness import require_contact, user_agent
from crawler.settings import Settings
from crawler.signals import PROBES

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class BotPage:
    """The facts of the page: times in seconds, sizes in KiB, `robots_hours` in hours.

    `probes` are the paths asked beside `/robots.txt` and `/`, each once; `pages` and `media` how many more pages and
    files are asked of a site; `mail` is the address of a mailto contact.
    """

    token: str
    version: str
    agent: str
    contact: str
    mail: str | None
    probes: tuple[str, ...]
    ranges: tuple[str, ...]
    delay: str
    delay_per_ip: str
    crawl_delay_cap: str
    retry_after_cap: str
    requests: int
    redirects: int
    robots_hours: str
    file_kib: int
    page_kib: int
    vantage: str
    pages: int
    media: int
    media_kib: int
    conditional: bool


def facts(settings: Settings, ranges: Sequence[Network] = ()) -> BotPage:
    """The facts of a crawl under these settings; raises SettingsError without a contact URL that can reach somebody."""
    require_contact(settings.identity, settings.network.resolve)
    polite, contact = settings.politeness, settings.identity.contact_url.strip()
    mail = contact.partition(":")[2].partition("?")[0] if contact.lower().startswith("mailto:") else None
    return BotPage(
        token=settings.identity.token,
        version=__version__,
        agent=user_agent(settings.identity),
        contact=contact,
        mail=mail,
        probes=tuple(sorted(set(PROBES.values()) - {"/robots.txt", "/"})),
        ranges=tuple(str(network) for network in ranges),
        delay=f"{polite.delay:g}",
        delay_per_ip=f"{polite.delay_per_ip:g}",
        crawl_delay_cap=f"{polite.crawl_delay_cap:g}",
        retry_after_cap=f"{polite.retry_after_cap:g}",
        requests=polite.requests_per_site,
        redirects=polite.redirects,
        robots_hours=f"{polite.robots_max_age / 3600:g}",
        file_kib=polite.policy_file_bytes // 1024,
        page_kib=polite.page_bytes // 1024,
        vantage=settings.crawl.vantage,
        pages=settings.crawl.pages_per_site,
        media=settings.crawl.media_per_site,
        media_kib=polite.media_bytes // 1024,
        conditional=polite.conditional,
    )


def networks(texts: Iterable[str]) -> list[Network]:
    """Addresses and networks in CIDR form, each once, sorted, IPv4 first; raises InputError for anything else."""
    found: set[Network] = set()
    for text in texts:
        try:
            network = ipaddress.ip_network(text.strip())
        except ValueError as error:
            raise InputError(f"--ip-range {text[:60]}: {error}; give a network such as 192.0.2.0/28") from error
        if not network.is_global and not _documentation(network):
            raise InputError(f"--ip-range {text[:60]}: nobody is reached from there over the public internet")
        found.add(network)
    return sorted(found, key=lambda network: (network.version, int(network.network_address), network.prefixlen))


def _documentation(network: Network) -> bool:
    """Networks set aside for examples (RFC 5737, RFC 3849), which pages of instructions use."""
    examples = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
    return any(
        network.subnet_of(example)  # type: ignore[arg-type]
        for example in map(ipaddress.ip_network, examples)
        if example.version == network.version
    )


def ranges_json(ranges: Sequence[Network], created: datetime) -> str:
    """The addresses in the JSON that operators of crawlers publish: `creationTime` and `prefixes`."""
    prefixes = [{f"ipv{network.version}Prefix": str(network)} for network in ranges]
    moment = created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return json.dumps({"creationTime": moment, "prefixes": prefixes}, indent=2) + "\n"
