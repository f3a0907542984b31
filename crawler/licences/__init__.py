"""From a licence URL to the licence it names."""

from __future__ import annotations

import html
import re
from urllib.parse import unquote

from crawler.licences.cc import Licence, from_path
from crawler.licences.known import from_host

__all__ = ["Licence", "badge", "normalise"]

MAX_URL = 2_048
_ARCHIVED = re.compile(r"(?:https?:)?//web\.archive\.org/web/\d{1,14}(?:[a-z]{2}_)?/(?=https?:|//)", re.IGNORECASE)
_BADGE = re.compile(
    r"(?:(?:https?:)?//(?:i\d\.wp\.com/)?)?(?:i\.|www\.)?(?:creativecommons\.org|licensebuttons\.net)/(?:i/)?(l|p)/(.+?)/"
    r"[^/?#]*\.(?:png|svg|gif)(?:[?#].*)?",
    re.IGNORECASE,
)
_URL = re.compile(r"(?:(?:https?:)?//)?(?:www\.)?([a-z0-9.-]+)(?::(?:80|443))?(/.*)?", re.DOTALL)


def normalise(url: str) -> Licence | None:
    """The licence `url` names, None where it is no licence URL we know; never raises.

    HTML entities are resolved, query and fragment dropped, percent-encoding undone once, quotes and trailing
    punctuation stripped, case folded; the host must be exact. `http`, `https`, `//` and no scheme are equal. A link
    to creativecommons.org that names no licence is a `cc-mention`. An address the Wayback Machine rewrote is read as
    the one it copies.
    """
    if len(url) > MAX_URL:
        return None
    text = _ARCHIVED.sub("", re.sub(r"[\t\r\n]|(?<=/) +", "", html.unescape(url).strip()), count=1)
    text = re.split(r"[?#]", text, maxsplit=1)[0]
    text = unquote(text, errors="replace").strip().strip("\"'<>").rstrip(".,;)>]\"' ").lower()
    match = _URL.fullmatch(text)
    if match is None:
        return None
    host, path = match[1].rstrip("."), match[2] or "/"
    return from_path(path) if host == "creativecommons.org" else from_host(host, path)


def badge(src: str) -> Licence | None:
    """The licence a badge image of Creative Commons (`…/l/CODE/VERSION/…`) shows, None for any other image."""
    if len(src) > MAX_URL:
        return None
    match = _BADGE.fullmatch(_ARCHIVED.sub("", html.unescape(src).strip(), count=1))
    if match is None:
        return None
    kind, path = match[1].lower(), unquote(match[2], errors="replace").lower()
    return from_path(f"/{'publicdomain' if kind == 'p' else 'licenses'}/{path}/")
