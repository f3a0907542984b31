"""A second reading of a page's licence statements, by others: extruct, one syntax at a time, and BeautifulSoup.

Slow beside our own readers, and of another making: where both are asked, what only one of them finds can be looked at.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import urljoin

from crawler.licences import badge, normalise

SYNTAXES = ("json-ld", "microdata", "rdfa", "dublincore", "opengraph")
"""The syntaxes asked of extruct; it knows `microformat` too, whose one licence, `rel=license`, the scan finds."""
MAX_BYTES = 2 * 1024 * 1024
MAX_SLOW_BYTES = 250_000
"""Bytes of a page that are read; of its RDFa and microformats, which take extruct seconds on larger ones."""
MAX_FOUND = 500

_SLOW = frozenset({"rdfa", "microformat"})
_CARRIED = {
    "json-ld": re.compile(rb"ld(?:\+|&#x2b;|&#43;|&plus;)json", re.IGNORECASE),
    "microdata": re.compile(rb"\bitem(?:prop|scope)\b", re.IGNORECASE),
    "rdfa": re.compile(rb"\b(?:property|typeof|vocab|about|rel)\b", re.IGNORECASE),
}
_META = re.compile(r"(?:dc|dcterms)[.:](?:rights|license)(?:\.license)?|(?:og:)?licen[sc]e|rights|copyright")
_RELS_OF_RIGHTS = frozenset({"copyright", "dcterms.license", "dc.rights"})


@dataclass(frozen=True, slots=True)
class Second:
    """A licence statement as others find it: `by` whom and in what, its address or words as written.

    `failed` says why nothing could be told there; `raw` is empty then.
    """

    by: str
    raw: str
    failed: str | None = None


def second_reading(body: bytes, url: str, syntaxes: Sequence[str] = SYNTAXES) -> list[Second]:
    """What extruct and a BeautifulSoup scan find in a page at `url`, in that order; never raises.

    A syntax of which the page shows no sign is not tried. One that fails, or would take too long, is a Second that says
    so, and costs nothing of the others.
    """
    found: list[Second] = []
    body = body[:MAX_BYTES]
    for syntax in syntaxes:
        by = f"extruct {syntax}"
        if (sign := _CARRIED.get(syntax)) is not None and sign.search(body) is None:
            continue
        if syntax in _SLOW and len(body) > MAX_SLOW_BYTES:
            found.append(Second(by, "", f"not tried: {len(body):,} bytes, more than {MAX_SLOW_BYTES:,}"))
            continue
        found += _tried(by, partial(of_extruct, body, url, syntax))
    return (found + _tried("beautifulsoup", partial(of_soup, body)))[:MAX_FOUND]


def same(value: str, url: str) -> str:
    """One form of an address on a page at `url`, so that ways of writing it compare equal; words stay as they are."""
    text = value.strip()
    try:
        return text if " " in text else re.sub(r"\s+", " ", urljoin(url, text)).rstrip("/")
    except ValueError:
        return text


def of_extruct(body: bytes, url: str, syntax: str) -> Iterator[Second]:
    """The licence statements among what extruct finds in one syntax; raises what extruct raises."""
    import extruct

    # What these libraries log of a page goes into the reason of a failure, not onto the terminal.
    for name in ("extruct", "rdflib", "pyRdfa"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    data = extruct.extract(body, base_url=url, syntaxes=[syntax], errors="strict").get(syntax)
    for key, value in walk(data):
        name = re.split(r"[#/:.]", key)[-1].lower()
        if name in ("license", "sdlicense") or (name == "rights" and value.startswith(("http", "//"))):
            yield Second(f"extruct {syntax}", value)


def walk(data: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Every property and string value of nested data; Dublin Core gives its properties as `URI` beside `content`."""
    if isinstance(data, dict):
        named = data.get("URI") or data.get("name")
        for own, value in data.items():
            inner = named if own in ("content", "value") and isinstance(named, str) else own
            yield from walk(value, key if own in ("@id", "@value", "url") else str(inner))
    elif isinstance(data, list):
        for value in data:
            if isinstance(value, list | tuple) and len(value) == 2 and isinstance(value[0], str):
                yield from walk(value[1], value[0])
            else:
                yield from walk(value, key)
    elif isinstance(data, str) and data.strip():
        yield key, data


def of_soup(body: bytes) -> Iterator[Second]:
    """What a scan with BeautifulSoup finds: `rel`, known addresses, metas, badges and JSON-LD, in document order."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(body, "lxml")
    for tag in soup.find_all(["a", "link", "area"]):
        rel = [word.lower() for word in (tag.get("rel") or [])]
        href = str(tag.get("href") or "").strip()
        licence = normalise(href)
        known = licence is not None and licence.family is not None
        if not href or "application/rsl+xml" in str(tag.get("type") or ""):
            continue
        if "license" in rel or (_RELS_OF_RIGHTS & set(rel) and known):
            yield Second("beautifulsoup rel", href)
        elif tag.name == "a" and known:
            yield Second("beautifulsoup href", href)
    for tag in soup.find_all("meta"):
        name = str(tag.get("name") or tag.get("property") or "").strip().lower()
        content = str(tag.get("content") or "").strip()
        if content and _META.fullmatch(name):
            yield Second("beautifulsoup meta", content)
    for tag in soup.find_all("img"):
        if badge(str(tag.get("src") or "")) is not None and tag.find_parent("a") is None:
            yield Second("beautifulsoup badge", str(tag["src"]))
    for tag in soup.find_all("script", type=re.compile(r"ld\+json", re.IGNORECASE)):
        try:
            data = json.loads(tag.string or "", strict=False)
        except (ValueError, RecursionError) as error:
            yield Second("beautifulsoup json", "", str(error)[:200])
            continue
        for key, value in walk(data):
            if key in ("license", "sdLicense"):
                yield Second("beautifulsoup json", value)


def _tried(by: str, read: Callable[[], Iterator[Second]]) -> list[Second]:
    found: list[Second] = []
    try:
        found.extend(read())
    except Exception as error:
        # Others' parsers fail on hostile pages in ways of their own; each is told, none ends the reading.
        found.append(Second(by, "", f"{type(error).__name__}: {error}"[:200]))
    return found
