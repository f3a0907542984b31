"""From a licence URL to the licence it names."""

from __future__ import annotations

import html
import re
from urllib.parse import unquote

from crawler.licences.cc import Licence, from_path
from crawler.licences.known import from_host

__all__ = ["Licence", "normalise"]

MAX_URL = 2_048
_URL = re.compile(r"(?:(?:https?:)?//)?(?:www\.)?([a-z0-9.-]+)(?::(?:80|443))?(/.*)?", re.DOTALL)


def normalise(url: str) -> Licence | None:
    """The licence `url` names, None where it is no licence URL we know; never raises.

    HTML entities are resolved, query and fragment dropped, percent-encoding undone once, quotes and trailing
    punctuation stripped, case folded; the host must be exact. `http`, `https`, `//` and no scheme are equal. A link
    to creativecommons.org that names no licence is a `cc-mention`.
    """
    if len(url) > MAX_URL:
        return None
    text = re.split(r"[?#]", html.unescape(url).strip(), maxsplit=1)[0]
    text = unquote(text, errors="replace").strip().strip("\"'<>").rstrip(".,;)>]\"' ").lower()
    match = _URL.fullmatch(text)
    if match is None:
        return None
    host, path = match[1].rstrip("."), match[2] or "/"
    return from_path(path) if host == "creativecommons.org" else from_host(host, path)
