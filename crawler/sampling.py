"""More of a site than its landing page: which pages and media files, chosen by seed, so that it gives the same again.

Pages serve to tell a licence of the whole site from that of one work, media files to see what is said inside them; no
verdict about the site rests on either.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterable, Sequence
from urllib.parse import urldefrag, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.addresses import origin_of, registrable
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
_MEDIA = re.compile(r"\.(?:pdf|epub|jpe?g|png|gif|webp|avif|heic|jxl|tiff?)$")
# A drawing in text form holds no XMP, an icon nothing at all; the rest is no picture, whatever shows it.
_NO_PICTURE = re.compile(r"\.(?:svgz?|ico|cur|php|aspx?|js|css|json|html?)$")
_SHOWN = "img, a[href], embed[src], object[data], iframe[src]"
_SPECK = 2
_ODD = re.compile(r"[\x00-\x20\x7f-\U0010ffff<>\"\\^`{|}]")


def landing(exchanges: Sequence[Exchange]) -> Exchange | None:
    """The landing page of a visit, None where none came."""
    last = next((exchange for exchange in reversed(exchanges) if exchange.role == ROLE_PAGE), None)
    return last if last is not None and last.outcome is Outcome.OK and last.body else None


def linked(landed: Exchange) -> list[str]:
    """The pages of the same origin that the landing page links to, in its order, each once."""
    tree = page(landed.body or b"").tree
    if tree is None:
        return []
    base = _base(tree, landed)
    return _pages((anchor.attributes.get("href") or "" for anchor in tree.css("a[href]")[:_MOST]), base, landed)


def shown(landed: Exchange) -> list[str]:
    """The images, PDF and EPUB files of the site's own hosts that the landing page shows or links to, each once.

    A site's own hosts are those of the landing page's registrable domain. Files are told by their names, pictures also
    by being shown as such; specks of at most two pixels (they count visitors) are left.
    """
    tree = page(landed.body or b"").tree
    if tree is None:
        return []
    base, home = _base(tree, landed), registrable(urlsplit(landed.url).hostname or "")
    found: dict[str, None] = {}
    for node in tree.css(_SHOWN)[:_MOST]:
        url = _absolute(_address(node), base)
        if url is None or registrable(urlsplit(url).hostname or "") != home:
            continue
        path = urlsplit(url).path.lower()
        if _MEDIA.search(path) or (node.tag == "img" and path not in ("", "/") and not _NO_PICTURE.search(path)):
            found.setdefault(url)
    return list(found)


def sitemap(exchanges: Sequence[Exchange], landed: Exchange) -> str | None:
    """The first sitemap on the landing page's origin that robots.txt names; compressed ones are left."""
    last = next((exchange for exchange in reversed(exchanges) if exchange.role == ROLE_ROBOTS), None)
    if last is None or last.outcome is not Outcome.OK:
        return None
    for line in parse(last.body or b"").lines:
        if line.field == "sitemap":
            url = _same_origin(line.value, landed.url, landed)
            if url is not None and not url.endswith(".gz"):
                return url
    return None


def located(listing: Exchange, landed: Exchange) -> list[str]:
    """The pages of the landing page's origin that a sitemap lists; of an index, and of anything else, none."""
    if listing.outcome is not Outcome.OK or b"<sitemapindex" in (listing.body or b"")[:2048]:
        return []
    found = _LOC.findall(listing.body or b"")[:_MOST]
    return _pages((html.unescape(octets.decode("utf-8", "replace")) for octets in found), landed.url, landed)


def chosen(urls: Sequence[str], wanted: int, seed: int, role: str = ROLE_SAMPLE) -> list[tuple[str, str]]:
    """Pairs of role (`sample-1`, ...; `media-1` for media) and URL: the `wanted` first by the hash of seed and URL."""
    order = sorted(set(urls), key=lambda url: hashlib.sha256(f"{seed} {url}".encode()).digest())
    return [(f"{role}-{number}", url) for number, url in enumerate(order[:wanted], 1)]


def _pages(hrefs: Iterable[str], base: str, landed: Exchange) -> list[str]:
    found: dict[str, None] = {}
    for href in hrefs:
        url = _same_origin(href, base, landed)
        if url is None or url == landed.url:
            continue
        path = urlsplit(url).path.lower()
        if path not in ("", "/") and not _NO_PAGE.search(path):
            found.setdefault(url)
    return list(found)


def _address(node: LexborNode) -> str:
    """What a link leads to or a picture shows: of several sizes the first."""
    attributes = node.attributes
    if node.tag == "img":
        sizes = [attributes.get(side) or "" for side in ("width", "height")]
        if any(size.strip().isdecimal() and int(size[:9]) <= _SPECK for size in sizes):
            return ""
        source = (attributes.get("src") or "").strip()
        if source and not source.lower().startswith("data:"):
            return source
        return ((attributes.get("srcset") or "").split() or [""])[0].rstrip(",")
    return attributes.get("href") or attributes.get("src") or attributes.get("data") or ""


def _base(tree: LexborHTMLParser, landed: Exchange) -> str:
    """What relative addresses are relative to: the first `<base href>`, else the page (HTML 2.4.3)."""
    node = tree.css_first("base[href]")
    href = (node.attributes.get("href") or "").strip() if node is not None else ""
    try:
        return urljoin(landed.url, href)
    except ValueError:
        return landed.url


def _same_origin(href: str, base: str, landed: Exchange) -> str | None:
    url = _absolute(href, base)
    return url if url is not None and origin_of(url) == origin_of(landed.url) else None


def _absolute(href: str, base: str) -> str | None:
    """`href` as an absolute http(s) address without a fragment; None for one that is empty, odd or too long."""
    try:
        url = urldefrag(urljoin(base, href.strip())).url
        parts = urlsplit(url)
        # Reading the port is what finds a malformed one.
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and parts.username is None
    except ValueError:
        return None
    return url if href.strip() and usable and len(url) <= _LONGEST and not _ODD.search(url) else None
