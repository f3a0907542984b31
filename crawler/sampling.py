"""More pages of a site than the landing page: which, chosen by seed, so that the same site gives the same ones again.

They serve to tell a licence of the whole site from that of one work; no verdict about the site rests on them.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterable, Sequence
from urllib.parse import urldefrag, urljoin, urlsplit

from crawler.addresses import origin_of
from crawler.html import page
from crawler.records import Exchange
from crawler.robots import parse
from crawler.vocabulary import ROLE_PAGE, ROLE_ROBOTS, ROLE_SAMPLE, Outcome

_LONGEST = 2_048
_MOST = 5_000
_LOC = re.compile(rb"<loc>\s*([^<\s]{1,2048})\s*</loc>", re.IGNORECASE)
_NO_PAGE = re.compile(
    r"\.(?:pdf|jpe?g|png|gif|svg|webp|avif|ico|css|js|json|xml|rss|atom|zip|gz|mp[34]|webm|epub|docx?|xlsx?|txt)$"
)
_ODD = re.compile(r"[\x00-\x20\x7f-\U0010ffff<>\"\\^`{|}]")


def landing(exchanges: Sequence[Exchange]) -> Exchange | None:
    """The landing page of a visit, None where none came."""
    last = next((exchange for exchange in reversed(exchanges) if exchange.role == ROLE_PAGE), None)
    return last if last is not None and last.outcome is Outcome.OK and last.body else None


def linked(landed: Exchange) -> list[str]:
    """The pages of the same origin that the landing page links to, in its order, each once."""
    tree = page(landed.body or b"").tree
    anchors = tree.css("a[href]")[:_MOST] if tree is not None else []
    return _pages((anchor.attributes.get("href") or "" for anchor in anchors), landed)


def sitemap(exchanges: Sequence[Exchange], landed: Exchange) -> str | None:
    """The first sitemap on the landing page's origin that robots.txt names; compressed ones are left."""
    last = next((exchange for exchange in reversed(exchanges) if exchange.role == ROLE_ROBOTS), None)
    if last is None or last.outcome is not Outcome.OK:
        return None
    for line in parse(last.body or b"").lines:
        if line.field == "sitemap":
            url = _same_origin(line.value.strip(), landed)
            if url is not None and not url.endswith(".gz"):
                return url
    return None


def located(listing: Exchange, landed: Exchange) -> list[str]:
    """The pages of the landing page's origin that a sitemap lists; of an index, and of anything else, none."""
    if listing.outcome is not Outcome.OK or b"<sitemapindex" in (listing.body or b"")[:2048]:
        return []
    found = _LOC.findall(listing.body or b"")[:_MOST]
    return _pages((html.unescape(octets.decode("utf-8", "replace")) for octets in found), landed)


def chosen(urls: Sequence[str], wanted: int, seed: int) -> list[tuple[str, str]]:
    """Pairs of role and URL: the `wanted` ones that come first by the hash of seed and URL."""
    order = sorted(set(urls), key=lambda url: hashlib.sha256(f"{seed} {url}".encode()).digest())
    return [(f"{ROLE_SAMPLE}-{number}", url) for number, url in enumerate(order[:wanted], 1)]


def _pages(hrefs: Iterable[str], landed: Exchange) -> list[str]:
    found: dict[str, None] = {}
    for href in hrefs:
        url = _same_origin(href, landed)
        if url is None or url == landed.url:
            continue
        path = urlsplit(url).path.lower()
        if path not in ("", "/") and not _NO_PAGE.search(path):
            found.setdefault(url)
    return list(found)


def _same_origin(href: str, landed: Exchange) -> str | None:
    try:
        url = urldefrag(urljoin(landed.url, href.strip())).url
        usable = origin_of(url) == origin_of(landed.url) and len(url) <= _LONGEST and not _ODD.search(url)
    except ValueError:
        return None
    return url if usable else None
