"""Documents a site declares and a crawler must ask for: RSL licences and TDM policies, from the exchanges so far.

A declared document that is not obtained leaves everything it could have said unknown, so one that cannot be asked for
(budget, robots.txt, an address that is not public) still needs an Exchange saying so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import islice
from urllib.parse import urljoin, urlsplit

from crawler.classify import ROLE_TDM_POLICY
from crawler.records import Exchange, Fact, Fault, Reading, Statement
from crawler.signals import robots_licence, rsl, tdmrep
from crawler.vocabulary import ROLE_PAGE, ROLE_ROBOTS, Outcome, Stance

MAX_URL = 2_048
"""An address of this length may have been cut by its reader."""
MAX_OWN = 3
MAX_AGENTS = 20
"""Documents asked for beside those for everybody; crawlers one of them is said to speak to."""

_TOKEN = re.compile(r"[a-z0-9_.-]{1,60}")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f<>\"\\^`{|}]")
_READERS: dict[str, tuple[Callable[[Exchange], Sequence[Statement]], ...]] = {
    ROLE_ROBOTS: (robots_licence.RSL_LINE.read,),
    ROLE_PAGE: (rsl.RSL_HEADER.read, rsl.RSL_LINK.read, tdmrep.TDMREP_META.read, tdmrep.TDMREP_HEADER.read),
    tdmrep.ROLE_FILE: (tdmrep.TDMREP_FILE.read,),
}


def declared_documents(exchanges: Sequence[Exchange]) -> list[tuple[str, str]]:
    """Pairs of role and absolute http(s) URL to ask for, in the order declared; never raises.

    At most three RSL documents declared for everybody, the one policy of the strongest reservation that names one
    (TDMRep 1.5: meta, then header, then file), and at most three RSL documents more that robots.txt declares for single
    crawlers: their groups' lines replace the global ones (RSL 1.0 4.1), and their role names whom they are for.
    Relative addresses are resolved against the exchange that holds them.
    """
    licences: dict[str, bool] = {}
    own: dict[str, dict[str, None]] = {}
    policies: list[tuple[int, str]] = []
    for exchange in exchanges:
        if exchange.outcome is not Outcome.OK or exchange.redirect_to is not None:
            continue
        for found in _statements(exchange):
            if (named := _addressed(found)) is not None:
                if url := _absolute(exchange.url, named[1]):
                    own.setdefault(named[0], {}).setdefault(url)
            elif url := _absolute(exchange.url, _licence(found)):
                licences[url] = licences.get(url, False) or exchange.role != ROLE_ROBOTS
            elif isinstance(found, Reading) and (url := _absolute(exchange.url, _policy(found))):
                policies.append((-_PRECEDENCE[found.carrier], url))
    documents = list(zip(rsl.DOCUMENT_ROLES, licences, strict=False))
    if policies:
        documents.append((ROLE_TDM_POLICY, min(policies, key=lambda policy: policy[0])[1]))
    return [
        *documents,
        *_for_single_crawlers(own, dict(documents), {url for url, lasting in licences.items() if lasting}),
    ]


def _for_single_crawlers(
    own: Mapping[str, Mapping[str, None]], general: Mapping[str, str], lasting: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Documents that some crawlers alone are pointed to, each under the first role that those have free: of the general
    ones they keep those they are pointed to themselves and those that the page declares (`lasting`).
    """
    wanted: dict[tuple[str, str], list[str]] = {}
    for agent, urls in own.items():
        held = {role: url for role, url in general.items() if url in urls or url in lasting}
        free = (role for role in rsl.DOCUMENT_ROLES if role not in held)
        for role, url in zip(free, (url for url in urls if url not in held.values()), strict=False):
            wanted.setdefault((role, url), []).append(agent)
    for (role, url), agents in islice(wanted.items(), MAX_OWN):
        yield f"{role}@{','.join(sorted(agents)[:MAX_AGENTS])}", url


_PRECEDENCE = {
    carrier.id: carrier.precedence
    for signal in (tdmrep.TDMREP_FILE, tdmrep.TDMREP_HEADER, tdmrep.TDMREP_META)
    for carrier in signal.carriers
}


def _statements(exchange: Exchange) -> Iterator[Statement]:
    for read in _READERS.get(exchange.role, ()):
        yield from read(exchange)


def _addressed(found: Statement) -> tuple[str, str] | None:
    """The crawler and address of a document declared for it alone, None for anything else."""
    name, value = "", ""
    if isinstance(found, Fact) and found.name.startswith(f"{rsl.DECLARED}@"):
        name, value = found.name, found.value
    elif isinstance(found, Fault) and found.carrier == "rsl-robots" and found.reason.startswith("relative_url@"):
        name, value = found.reason, found.raw.partition(":")[2].partition("#")[0]
    agent = name.partition("@")[2]
    return (agent, value) if _TOKEN.fullmatch(agent) else None


def _licence(found: Statement) -> str | None:
    """The address of a document declared for everybody; one written relative is a fault and plainly meant."""
    if isinstance(found, Fact) and found.name == rsl.DECLARED:
        return found.value
    if isinstance(found, Fault) and (found.carrier, found.reason) == ("rsl-robots", "relative_url"):
        return found.raw.partition(":")[2].partition("#")[0]
    return None


def _policy(found: Reading) -> str | None:
    return found.condition if found.stance is Stance.RESERVED else None


def _absolute(base: str, url: str | None) -> str | None:
    """`url` as an absolute http(s) address without fragment, credentials or odd characters, else None."""
    if url is None or not url.strip() or re.fullmatch(r"[A-Za-z][\w+.-]*:/*", url.strip()):
        return None
    try:
        whole = urljoin(base, url.strip())
        parts = urlsplit(whole)
        # Reading the port is what finds a malformed one.
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.username is None and parts.port != 0
    except ValueError:
        return None
    whole = whole.partition("#")[0]
    return whole if usable and len(whole) < MAX_URL and not _FORBIDDEN.search(whole) else None
