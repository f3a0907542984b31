"""RSL 1.0 outside robots.txt: where a document is declared, and what declared, inline and feed documents say.

"All carriers are equal": every reading stands in one family at one precedence, the most restrictive holds. A declared
document (Fact `rsl_document`, here as in robots.txt) that was not obtained leaves everything it could have said
unknown; the crawler asks for it under the roles of `DOCUMENT_ROLES`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from crawler.classify import ROLE_RSL
from crawler.headers import links
from crawler.html import RSL_XML, page
from crawler.licences import normalise
from crawler.records import Carrier, Exchange, Fact, Fault, Reading, Signal, Statement
from crawler.rsl import MAX_BYTES, NAMESPACE, Content, Document, parse
from crawler.rsl_terms import Ruling, payment_text, rulings
from crawler.vocabulary import ROLE_PAGE, Axis, Interpretation, Part, Scope, Stance, Strength, Use

SPEC = "https://rslstandard.org/rsl"
STANDING = "RSL Collective recommendation"
FAMILY = "rsl"
DECLARED = "rsl_document"
"""Name of the Fact that declares a document for everybody; its value is the address as written."""
DOCUMENT_ROLES = (ROLE_RSL, f"{ROLE_RSL}-2", f"{ROLE_RSL}-3")
MAX_RAW = 500
MAX_READINGS = 4_000
MAX_PATTERN = 2_048

_USES = (Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER, Use.AI_INPUT, Use.AI_INDEX, Use.SEARCH, Use.USER_FETCH, Use.ARCHIVE)
_HEADER = Carrier("rsl-header", "RSL Link header", SPEC, STANDING, family=FAMILY, axis=Axis.LICENCE)
_LINK = Carrier("rsl-link", "RSL link element", SPEC, STANDING, family=FAMILY, axis=Axis.LICENCE)
_INLINE = Carrier("rsl-inline", "RSL in the page", SPEC, STANDING, (*_USES, Use.TDM), FAMILY)
_FEED = Carrier("rsl-feed", "RSL in a feed", SPEC, STANDING, (*_USES, Use.TDM), FAMILY)
_DOCUMENTS = tuple(
    Carrier(role.replace(ROLE_RSL, "rsl-document"), title, SPEC, STANDING, (*_USES, Use.TDM), FAMILY)
    for role, title in zip(
        DOCUMENT_ROLES, ("RSL document", "RSL document (second)", "RSL document (third)"), strict=True
    )
)

_ABSOLUTE = re.compile(r"https?://([^/?#\s]+)([^#]*)", re.IGNORECASE)
_FEED_HINT = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:rss|feed|rdf:RDF)\b", re.DOTALL
)


def read_header(exchange: Exchange) -> list[Statement]:
    """`Link: <URL>; rel="license"; type="application/rsl+xml"`; without that type it is another family's link."""
    out: list[Statement] = []
    for number, link in enumerate(links(exchange.header("link")), 1):
        if "license" in link.rel and link.type == RSL_XML:
            out.extend(_declaration(_HEADER, link.target, f"header link #{number}", link.raw))
    return out


def read_link(exchange: Exchange) -> list[Statement]:
    """`<link rel="license" type="application/rsl+xml">`; outside the head it speaks of its parent element only."""
    out: list[Statement] = []
    for link in page(exchange.body or b"").links:
        if link.element == "link" and "license" in link.rel and link.type == RSL_XML:
            raw = f'<link rel="{" ".join(link.rel)}" type="{RSL_XML}" href="{link.href or ""}">'
            name = DECLARED if link.location in ("head", "body") else f"{DECLARED}_in_{link.location}"
            out.extend(_declaration(_LINK, (link.href or "").strip(), link.locator, raw, name))
    return out


def _declaration(carrier: Carrier, url: str, locator: str, raw: str, name: str = DECLARED) -> Iterator[Statement]:
    raw, url = _clean(raw)[:MAX_RAW], _clean(url)[:MAX_PATTERN]
    if not url:
        yield Fault(carrier.id, "empty", locator, raw)
        return
    if not _ABSOLUTE.match(url):
        # "An absolute URI": what is relative is resolved leniently by whoever knows the page's address.
        yield Fault(carrier.id, "relative_url", locator, raw)
    if normalise(url) is not None:
        yield Fact(carrier.id, "licence_url", url, locator, raw)
        return
    yield Fact(carrier.id, name, url, locator, raw)


def read_inline(exchange: Exchange) -> list[Statement]:
    """`<script type="application/rsl+xml">` with exactly one `<content>`; an empty `url` is where it stands."""
    out: list[Statement] = []
    for script in page(exchange.body or b"").scripts:
        if script.type != RSL_XML:
            continue
        data = script.text.strip().encode("utf-8", "replace")
        document = parse(data)
        if len(document.contents) > 1:
            document.faults.append(("more than one content", 1))
        out.extend(_statements(_INLINE, document, data, script.locator, location=script.location))
    return out


def read_feed(exchange: Exchange) -> list[Statement]:
    """`<rsl:content>` in the items of an RSS feed; each speaks of its item, and an empty `url` is the item's link."""
    body = exchange.body or b""
    if not _FEED_HINT.match(body[:8_192]) or NAMESPACE.encode() not in body:
        return []
    return _statements(_FEED, parse(body), body, None)


def _document_reader(carrier: Carrier) -> Signal:
    def read_document(exchange: Exchange) -> list[Statement]:
        """The readings of a declared document; the root's namespace makes it RSL, whatever its type says."""
        body = exchange.body or b""
        document = parse(body)
        if not document.is_rsl and not document.contents and len(body) <= MAX_BYTES:
            reason = f"not RSL: root is {document.root}" if document.root else "not RSL"
            document.faults.insert(0, (reason[:200], 1))
        return _statements(carrier, document, body, None)

    role = carrier.id.replace("rsl-document", ROLE_RSL)
    return Signal(carrier.id, 2, role, Part.BODY, (carrier,), read_document)


def _statements(
    carrier: Carrier, document: Document, data: bytes, place: str | None, *, location: str | None = None
) -> list[Statement]:
    source = _Source(data, place)
    out: list[Statement] = [
        Fault(carrier.id, _clean(reason), source.locator(line), source.raw(line, line))
        for reason, line in document.faults
    ]
    lenient = bool(out)
    notes = ["rsl_0_9_style"] if document.style_0_9 else []
    if document.style_0_9:
        out.append(Fact(carrier.id, "rsl_style", "0.9", source.locator(1), source.raw(1, 1)))
    if document.max_age:
        out.append(Fact(carrier.id, "rsl_max_age", _clean(document.max_age)[:60], source.locator(1), source.raw(1, 1)))
    readings = 0
    for content in document.contents:
        where = _where(content, location)
        if where.fault is not None:
            out.append(
                Fault(carrier.id, where.fault, source.locator(content.line), source.raw(content.line, content.line))
            )
        out.extend(_facts(carrier, content, source))
        for ruling in rulings(content):
            readings += 1
            if readings > MAX_READINGS:
                out.append(Fault(carrier.id, f"more than {MAX_READINGS} readings", source.locator(content.line), ""))
                return out
            out.append(_reading(carrier, ruling, where, source, notes, lenient=lenient))
    return out


class _Where:
    """What a content's `url` speaks of: scope, pattern, and what is odd about it."""

    def __init__(
        self, scope: Scope, pattern: str | None = None, *, note: str | None = None, fault: str | None = None
    ) -> None:
        self.scope, self.pattern, self.note, self.fault = scope, pattern, note, fault


def _where(content: Content, location: str | None) -> _Where:
    url = content.url
    if location is not None and not url:
        if location == "figure":
            return _Where(Scope.OBJECT, note="location=figure")
        # Outside the head it speaks of its parent element, of which we know the region only.
        note = f"location={location}: parent element" if location != "head" else None
        return _Where(Scope.DOCUMENT, note=note, fault="url_missing" if url is None else None)
    if content.in_item:
        url = url or content.item or ""
        found = _ABSOLUTE.match(url)
        pattern = (found[2] or "/") if found else url
        if not pattern.startswith("/"):
            return _Where(Scope.OBJECT, note="item without a link", fault="url_missing")
        return _Where(Scope.PATH, f"{_clean(pattern)[:MAX_PATTERN]}$", note="feed item")
    if not url:
        return _Where(Scope.ORIGIN, fault="url_missing" if url is None else "url_empty")
    note = fault = None
    if found := _ABSOLUTE.match(url):
        url, note = found[2] or "/", f"url_is_absolute: {_clean(found[1])[:100]}"
    elif not url.startswith(("/", "*")):
        url, fault = f"/{url}", "url_without_slash"
    if url in ("/", "*", "/*"):
        return _Where(Scope.ORIGIN, note=note, fault=fault)
    return _Where(Scope.PATH, _clean(url)[:MAX_PATTERN], note=note, fault=fault)


def _reading(
    carrier: Carrier, ruling: Ruling, where: _Where, source: _Source, notes: Sequence[str], *, lenient: bool
) -> Reading:
    said = [ruling.note, where.note, where.fault, *notes]
    line = source.number(ruling.line)
    return Reading(
        carrier=carrier.id,
        use=ruling.use,
        stance=ruling.stance,
        strength=Strength.INFERRED if ruling.inferred else Strength.NORMATIVE,
        locator=source.locator(ruling.line),
        raw=source.raw(*ruling.span),
        line=line,
        scope=where.scope,
        pattern=where.pattern,
        interpretation=Interpretation.LENIENT if lenient or where.fault else Interpretation.BOTH,
        condition=_clean(ruling.condition) if ruling.condition and ruling.stance is Stance.CONDITIONAL else None,
        note="; ".join(_clean(text) for text in said if text) or None,
    )


def _facts(carrier: Carrier, content: Content, source: _Source) -> Iterator[Fact]:
    """Terms that are no stance: prices, licence servers, licences referred to, copyright lines, legal statements."""
    if content.server:
        yield source.fact(carrier, "rsl_server", content.server, content.line)
    for name, value, line in content.facts[:20]:
        if value:
            yield source.fact(carrier, f"rsl_{name}", value, line)
    for licence in content.licences[:50]:
        for payment in licence.payments[:20]:
            if text := payment_text(payment):
                yield source.fact(carrier, "rsl_payment", text, payment.line)
            for url in payment.terms:
                yield source.fact(carrier, "rsl_terms_of_payment", url, payment.line)
        for text in licence.legal[:20]:
            yield source.fact(carrier, "rsl_legal", text, licence.line)


class _Source:
    """The lines of a document, to show where something stands; inside a page lines count from the script's start."""

    def __init__(self, data: bytes, place: str | None) -> None:
        encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
        text = data.lstrip(b" \t\r\n")[:MAX_BYTES].decode(encoding, "replace")
        self.lines = re.split(r"\r\n|\r|\n", text)
        self.before = data[: len(data) - len(data.lstrip(b" \t\r\n"))].count(b"\n")
        self.place = place

    def number(self, line: int) -> int | None:
        """The line in the file as served; None inside a page."""
        return line + self.before if self.place is None else None

    def locator(self, line: int) -> str:
        """`line N`, or the script's selector and the line in it."""
        return f"line {line + self.before}" if self.place is None else f"{self.place} line {line}"

    def raw(self, first: int, last: int) -> str:
        """The text from line `first` to `last`, capped."""
        taken = self.lines[max(first - 1, 0) : max(last, first)]
        return _clean("\n".join(line[:MAX_RAW] for line in taken[:40]).strip())[:MAX_RAW]

    def fact(self, carrier: Carrier, name: str, value: str, line: int) -> Fact:
        """A Fact that stands on `line`."""
        return Fact(carrier.id, name, _clean(value)[:MAX_RAW], self.locator(line), self.raw(line, line))


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


RSL_HEADER = Signal("rsl-header", 1, ROLE_PAGE, Part.HEADERS, (_HEADER,), read_header)
RSL_LINK = Signal("rsl-link", 1, ROLE_PAGE, Part.BODY, (_LINK,), read_link)
RSL_INLINE = Signal("rsl-inline", 2, ROLE_PAGE, Part.BODY, (_INLINE,), read_inline)
RSL_FEED = Signal("rsl-feed", 2, ROLE_PAGE, Part.BODY, (_FEED,), read_feed)
RSL_DOCUMENT, RSL_DOCUMENT_2, RSL_DOCUMENT_3 = (_document_reader(carrier) for carrier in _DOCUMENTS)
