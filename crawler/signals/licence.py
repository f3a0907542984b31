"""Licences a page declares: `Link` header, links with `rel=license`, and schema.org `license` in JSON-LD.

A claim is a grant, never a reservation, and says what it speaks about: the page, an object on it, or something else.
Links typed `application/rsl+xml` share the `rel` but are no licences (RSL 1.0, 4.2) and belong to another signal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crawler.headers import links as link_values
from crawler.html import JSON_LD, RSL_XML, Link, Page, page
from crawler.licences import normalise
from crawler.records import Carrier, Exchange, Fault, LicenceClaim, Signal, Statement
from crawler.vocabulary import ROLE_PAGE, Axis, LicenceClass, Part, Subject

MAX_RAW = 500
MAX_NODES = 20_000
MAX_CLAIMS = 500

_HEADER = Carrier(
    "licence-header",
    "Link rel=license header",
    "https://www.rfc-editor.org/rfc/rfc8288",
    "IETF standard",
    axis=Axis.LICENCE,
)
_HTML = Carrier(
    "licence-html",
    "HTML rel=license",
    "https://html.spec.whatwg.org/multipage/links.html#link-type-license",
    "WHATWG",
    axis=Axis.LICENCE,
)
_JSONLD = Carrier(
    "licence-jsonld", "JSON-LD license", "https://schema.org/license", "schema.org vocabulary", axis=Axis.LICENCE
)

_RELS = frozenset({"license", "cc:license", "dct:license", "dcterms:license", "xhv:license"})
_LICENCE_KEYS = frozenset(
    {"license", "schema:license", "http://schema.org/license", "https://schema.org/license"}
    | {"cc:license", "dct:license", "dcterms:license"}
)
_MARKUP_LICENCE_KEYS = frozenset({"sdLicense", "schema:sdLicense"})
_PAGE_TYPE = re.compile(r"CreativeWork|Dataset|\w*Article|\w*Page|\w*Posting|Report")
_OBJECT_TYPE = re.compile(r"\w+Object|Photograph|3DModel")
_OFFERED_TYPE = re.compile(r"Product|ProductGroup|ProductModel|Offer|AggregateOffer")
_OFFERED_KEYS = frozenset({"offers", "makesOffer", "itemOffered"})


def read_header(exchange: Exchange) -> list[Statement]:
    """Licence links of the response header; an `anchor` makes something else their subject (RFC 8288 3.2)."""
    out: list[Statement] = []
    for number, value in enumerate(link_values(exchange.header("link")), 1):
        if _RELS & set(value.rel) and value.type != RSL_XML and value.target and len(out) < MAX_CLAIMS:
            subject = Subject.OTHER if value.anchor else Subject.DOCUMENT
            note = f"anchor={value.anchor[:200]}" if value.anchor else None
            locator = f"header link #{number}"
            out.append(_claim(_HEADER, value.target, LicenceClass.A, subject, locator, value.raw, note))
    return out


def read_html(exchange: Exchange) -> list[Statement]:
    """Licence links of a page: A in the head or, about nothing narrower, in footer or main; else B, in a quote D."""
    out: list[Statement] = []
    for link in page(exchange.body or b"").links:
        if _RELS & set(link.rel) and link.type != RSL_XML and link.href and link.href.strip() and len(out) < MAX_CLAIMS:
            kind, subject, note = _standing(link)
            raw = f'<{link.element} rel="{" ".join(link.rel)}" href="{link.href}">'
            out.append(_claim(_HTML, link.href.strip(), kind, subject, link.locator, raw, note, link.location))
    return out


def _standing(link: Link) -> tuple[LicenceClass, Subject, str | None]:
    note = f"within {link.within}" if link.within else None
    if link.within == "figure" or (link.location == "figure" and link.within is None):
        return LicenceClass.A, Subject.OBJECT, note
    if link.within == "quote":
        return LicenceClass.D, Subject.OTHER, note
    if link.within:
        return LicenceClass.B, Subject.OTHER, note
    if (link.element == "link" and link.location == "head") or link.location in ("footer", "main"):
        return LicenceClass.A, Subject.DOCUMENT, note
    return LicenceClass.B, Subject.DOCUMENT, note


@dataclass(frozen=True, slots=True)
class _Node:
    """A JSON-LD node: `path` its JSON pointer inside the script, `keys` the properties that lead to it from the top."""

    value: dict[str, object]
    locator: str
    path: str
    keys: tuple[str, ...] = ()
    is_page: bool = False


def read_jsonld(exchange: Exchange) -> list[Statement]:
    """Licences of schema.org nodes; a script that cannot be read is a Fault and the others are read all the same."""
    parsed = page(exchange.body or b"")
    out: list[Statement] = []
    tops: list[_Node] = []
    for script in parsed.scripts:
        if script.type != JSON_LD or not (text := _unwrapped(script.text)):
            continue
        try:
            data = json.loads(text, strict=False)
        except RecursionError:
            out.append(Fault(_JSONLD.id, "invalid_json: nested too deep", script.locator, _clean(text[:MAX_RAW])))
        except ValueError as error:
            out.append(Fault(_JSONLD.id, f"invalid_json: {error}", script.locator, _clean(text[:MAX_RAW])))
        else:
            tops.extend(_tops(data, script.locator))
    pages = _page_items(tops, parsed)
    walked = 0
    stack = [_Node(node.value, node.locator, node.path, node.keys, index in pages) for index, node in enumerate(tops)]
    stack.reverse()
    while stack and walked < MAX_NODES and len(out) < MAX_CLAIMS:
        node = stack.pop()
        walked += 1
        out.extend(_claims(node))
        stack.extend(reversed(list(_children(node))))
    return out


def _tops(data: object, locator: str) -> Iterator[_Node]:
    """The top-level nodes of a script: its items, those of an array, and those of every `@graph` at the top."""
    items = [("", data)] if not isinstance(data, list) else [(f"/{i}", item) for i, item in enumerate(data)]
    for path, item in items[:MAX_NODES]:
        if not isinstance(item, dict):
            continue
        yield _Node({key: value for key, value in item.items() if key != "@graph"}, locator, path)
        graph = item.get("@graph")
        members = graph if isinstance(graph, list) else [graph]
        for index, member in enumerate(members[:MAX_NODES]):
            if isinstance(member, dict):
                yield _Node(member, locator, f"{path}/@graph/{index}")


def _page_items(tops: Sequence[_Node], parsed: Page) -> frozenset[int]:
    """Which top-level nodes are the page itself.

    Those of a page-like type whose `url`, `@id` or `mainEntityOfPage` is the canonical address; without one to compare
    with, the only node with a `mainEntityOfPage`; else the sole page-like node.
    """
    likely = [index for index, node in enumerate(tops) if _is_type(node.value, _PAGE_TYPE)]
    canonical = _address(parsed.canonical)
    if canonical:
        same = [i for i in likely if canonical in _addresses(tops[i].value)]
        if same:
            return frozenset(same)
    named = [i for i in likely if tops[i].value.get("mainEntityOfPage")]
    if len(named) == 1 and not (canonical and _addresses({"url": tops[named[0]].value["mainEntityOfPage"]})):
        return frozenset(named)
    return frozenset(likely) if len(likely) == 1 else frozenset()


def _claims(node: _Node) -> Iterator[LicenceClaim]:
    for key, value in node.value.items():
        if key in _LICENCE_KEYS:
            kind, subject, note = _subject(node)
        elif key in _MARKUP_LICENCE_KEYS:
            kind, subject, note = LicenceClass.EXCLUDED, Subject.EXCLUDED, "licence of the markup, not of the content"
        else:
            continue
        for text in _urls(value):
            locator = f"{node.locator} {node.path}/{_pointer(key)}"
            raw = json.dumps({key: text})
            if re.match(r"\s*(?:[a-z][a-z0-9+.-]*:|/|\.|#)|\s*[\w-]+(?:\.[\w-]+)+(?:/|\s*$)", text, re.IGNORECASE):
                yield _claim(_JSONLD, text.strip(), kind, subject, locator, raw, note)
            else:
                worse = kind if kind is LicenceClass.EXCLUDED else LicenceClass.D
                notes = f"{note}; text, not a URL" if note else "text, not a URL"
                yield _claim(_JSONLD, text.strip(), worse, subject, locator, raw, notes)


def _subject(node: _Node) -> tuple[LicenceClass, Subject, str | None]:
    """Class and subject of a node's licence: a nested node's licence is that node's only."""
    if _OFFERED_KEYS & set(node.keys) or _is_type(node.value, _OFFERED_TYPE):
        return LicenceClass.EXCLUDED, Subject.EXCLUDED, "of something offered"
    if node.is_page:
        return LicenceClass.A, Subject.DOCUMENT, None
    kind = next(iter(_types(node.value)), None)
    note = f"of {kind[:60]}" if kind else None
    if node.keys or _is_type(node.value, _OBJECT_TYPE):
        return LicenceClass.A, Subject.OBJECT, note
    if kind == "WebSite":
        return LicenceClass.B, Subject.DOCUMENT, note
    return LicenceClass.B, Subject.OTHER, note


def _children(node: _Node) -> Iterator[_Node]:
    for key, value in node.value.items():
        if key in _LICENCE_KEYS or key in _MARKUP_LICENCE_KEYS:
            continue
        members = [("", value)] if not isinstance(value, list) else [(f"/{i}", item) for i, item in enumerate(value)]
        for suffix, member in members[:MAX_NODES]:
            if isinstance(member, dict):
                # "The primary entity described in a page": its licence is the page's.
                main = node.is_page and key == "mainEntity" and _is_type(member, _PAGE_TYPE)
                path = f"{node.path}/{_pointer(key)}{suffix}"
                yield _Node(member, node.locator, path[:MAX_RAW], (*node.keys[-8:], key), main)


def _urls(value: object) -> Iterator[str]:
    """The texts of a licence value: a string, a list, or a node with `@id`, `url` or `name`."""
    for member in value if isinstance(value, list) else [value]:
        if isinstance(member, dict):
            member = next((member[key] for key in ("@id", "url", "@value", "name") if member.get(key)), None)
        if isinstance(member, str) and member.strip():
            yield member


def _types(value: dict[str, object]) -> list[str]:
    kind = value.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return [re.sub(r"^(?:https?://schema\.org/|schema:)", "", item) for item in kinds if isinstance(item, str)]


def _is_type(value: dict[str, object], pattern: re.Pattern[str]) -> bool:
    return any(pattern.fullmatch(kind) for kind in _types(value))


def _addresses(value: dict[str, object]) -> set[str]:
    found = set()
    for key in ("@id", "url", "mainEntityOfPage"):
        member = value.get(key)
        if isinstance(member, dict):
            member = member.get("@id")
        if isinstance(member, str) and (address := _address(member)):
            found.add(address)
    return found


def _address(url: str | None) -> str:
    """`url` without scheme, fragment and closing slash, so that equal pages compare equal."""
    return re.sub(r"^https?:", "", (url or "").strip().split("#", 1)[0], flags=re.IGNORECASE).rstrip("/")


def _unwrapped(text: str) -> str:
    """The JSON of a script whose author hid it from old browsers (`<!-- -->`, CDATA), trimmed."""
    text = text.strip().removeprefix("\ufeff")
    text = re.sub(r"^(?:<!--|(?://|/\*)?\s*<!\[CDATA\[(?:\s*\*/)?)", "", text)
    return re.sub(r"(?:-->|(?://|/\*)?\s*\]\]>(?:\s*\*/)?)$", "", text).strip()


def _pointer(key: str) -> str:
    return key[:100].replace("~", "~0").replace("/", "~1")


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _claim(
    carrier: Carrier,
    url: str,
    kind: LicenceClass,
    subject: Subject,
    locator: str,
    raw: str,
    note: str | None,
    location: str | None = None,
) -> LicenceClaim:
    licence = normalise(url)
    notes = [note, licence.note if licence is not None else "licence not recognised"]
    return LicenceClaim(
        carrier=carrier.id,
        url=_clean(url)[:2048],
        spdx=licence.spdx if licence else None,
        licence_class=kind,
        subject=subject,
        locator=_clean(locator),
        raw=_clean(raw)[:MAX_RAW],
        family=licence.family if licence else None,
        version=licence.version if licence else None,
        jurisdiction=licence.jurisdiction if licence else None,
        location=location,
        note="; ".join(_clean(part) for part in notes if part) or None,
    )


LICENCE_HEADER = Signal("licence-header", 1, ROLE_PAGE, Part.HEADERS, (_HEADER,), read_header)
LICENCE_HTML = Signal("licence-html", 1, ROLE_PAGE, Part.BODY, (_HTML,), read_html)
LICENCE_JSONLD = Signal("licence-jsonld", 1, ROLE_PAGE, Part.BODY, (_JSONLD,), read_jsonld)
