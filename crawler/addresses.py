"""What a visit reads off URLs: whose origin, whether twins, and where a redirect points."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import quote, urldefrag, urljoin, urlsplit, urlunsplit

from crawler.frame import host_key
from crawler.frame_formats import FrameError
from crawler.guard import DEFAULT_PORTS
from crawler.records import Headers

_SAFE_IN_URL = "!#$%&'()*+,/:;=?@[]~"


def origin_of(url: str) -> str:
    """Scheme and authority of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def twins(site: str, netloc: str) -> bool:
    """Whether two hosts are the same but for a leading `www.`."""
    return site.removeprefix("www.") == netloc.removeprefix("www.")


def registrable(netloc: str) -> str:
    """The registrable domain of a host (its port is left aside), by the public suffix list with its private part; the
    host itself where it has none.
    """
    bare = re.sub(r":\d+$", "", netloc)
    return _suffixes()(bare).top_domain_under_public_suffix or bare


@cache
def _suffixes() -> Callable[[str], Any]:
    """The public suffix list bundled with the library: nothing is downloaded."""
    import tldextract

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def target_of(url: str, headers: Headers) -> str | None:
    """Where a redirect points: the first Location, made absolute, in ASCII, without a fragment; it may be no URL."""
    location = next((value for name, value in headers if name.lower() == "location" and value.strip()), None)
    if location is None:
        return None
    octets = location.strip().encode("latin-1", "replace")
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        text = octets.decode("latin-1")
    try:
        parts = urlsplit(urldefrag(urljoin(url, text)).url)
        if parts.hostname and parts.username is None and parts.password is None:
            host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
            default = DEFAULT_PORTS.get(parts.scheme)
            port = f":{parts.port}" if parts.port not in (None, default) else ""
            parts = parts._replace(netloc=host_key(host) + port, path=parts.path or "/")
        return quote(urlunsplit(parts), safe=_SAFE_IN_URL)
    except (ValueError, FrameError):
        return quote(text[:2048], safe=_SAFE_IN_URL)
