"""RSL documents (Really Simple Licensing 1.0): XML from strangers to permits, prohibits, payments and conditions.

Parsed as a stream with defusedxml, bounded in bytes, depth and number of elements; entities are refused. What comes
before an error is kept, so that a file cut short still says what it said. Documents in the style of the 0.9 draft
(September 2025: comma lists, payment by inference) are read and labelled.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from io import BytesIO
from xml.sax import SAXException
from xml.sax.handler import ContentHandler, feature_namespaces
from xml.sax.xmlreader import AttributesNSImpl, Locator

from defusedxml.common import DefusedXmlException

from crawler.rsl_words import ELEMENTS, NO, PARENTS, PAYMENTS, TYPES, USAGE_ALIASES, USAGES, USERS, YES

NAMESPACE = "https://rslstandard.org/rsl"
MAX_BYTES = 512 * 1024
MAX_DEPTH = 64
MAX_ELEMENTS = 20_000
MAX_CONTENTS = 1_000
MAX_VALUES = 100
MAX_TEXT = 2_048
MAX_FAULTS = 20

_NEARLY = re.compile(r"https?://(?:www\.)?rslstandard\.org\b", re.IGNORECASE)


@dataclass(slots=True)
class Rule:
    """One `<permits>` or `<prohibits>`: its values as listed, lower-case, `geo` values upper-case."""

    permits: bool
    type: str
    values: tuple[str, ...]
    line: int


@dataclass(slots=True)
class Payment:
    """One `<payment>`; `type` None where it has none. `terms` are the URLs of its standard and custom licences."""

    type: str | None
    line: int
    amount: str | None = None
    currency: str | None = None
    terms: list[str] = field(default_factory=list)
    accepts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Licence:
    """One `<license>` and the lines it stands on.

    `asked` is what it asks for outside the elements made for that; `unread` that it has terms nobody can tell.
    """

    line: int
    end: int
    rules: list[Rule] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    reporting: list[str] = field(default_factory=list)
    legal: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    unread: bool = False


@dataclass(slots=True)
class Content:
    """One `<content>`: `url` as written (None: missing), `item` the link of the feed item it stands in."""

    url: str | None
    line: int
    server: str | None = None
    encrypted: bool = False
    item: str | None = None
    in_item: bool = False
    licences: list[Licence] = field(default_factory=list)
    facts: list[tuple[str, str, int]] = field(default_factory=list)


@dataclass(slots=True)
class Document:
    """What an RSL document says. `faults` are (reason, line) of what is not as the specification asks."""

    root: str = ""
    is_rsl: bool = False
    contents: list[Content] = field(default_factory=list)
    faults: list[tuple[str, int]] = field(default_factory=list)
    max_age: str | None = None
    style_0_9: bool = False


class _Enough(SAXException):
    """A bound was reached; what has been read so far stands."""


def parse(data: bytes) -> Document:
    """The document in `data`; never raises. Looks for `<content>` in any root, so feeds and embedded RSL read too."""
    document = Document()
    if len(data) > MAX_BYTES:
        document.faults.append((f"oversize: {len(data)} bytes", 1))
        return document
    # Imported where it is needed: it brings an HTTP client with it, and most runs never meet RSL.
    from defusedxml.sax import make_parser

    handler = _Handler(document)
    parser = make_parser()
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(handler)
    try:
        parser.parse(BytesIO(data.lstrip(b" \t\r\n")))
    except DefusedXmlException as error:
        document.faults.append((f"entities: {type(error).__name__}", handler.line))
    except (SAXException, ValueError, LookupError, AssertionError) as error:
        reason = error.getMessage() if isinstance(error, SAXException) else str(error)
        document.faults.append((f"invalid_xml: {reason}"[:200], handler.line))
    return document


class _Handler(ContentHandler):
    """Builds the document from parser events; elements of other namespaces are ignored with what they hold."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.document = document
        self.stack: list[str] = []
        self.text: list[str] = []
        self.size = 0
        self.elements = 0
        self.content: Content | None = None
        self.licence: Licence | None = None
        self.payment: Payment | None = None
        self.attributes: dict[str, str] = {}
        self.item: dict[str, str] | None = None
        self.started = 1
        self.locator: Locator | None = None

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802
        self.locator = locator

    @property
    def line(self) -> int:
        """The line the parser is on."""
        number = self.locator.getLineNumber() if self.locator is not None else None
        return number or 1

    def startElementNS(  # noqa: N802
        self, name: tuple[str | None, str], qname: str | None, attrs: AttributesNSImpl
    ) -> None:
        namespace, local = name
        self.elements += 1
        if len(self.stack) >= MAX_DEPTH:
            raise _Enough("nested too deep")
        if self.elements > MAX_ELEMENTS or len(self.document.contents) > MAX_CONTENTS:
            raise _Enough("too many elements")
        self.text, self.size = [], 0
        root = not self.stack
        rsl = self._is_rsl(namespace, local, root=root)
        self.stack.append(local if rsl else f"{{}}{local}")
        if root:
            self.document.root = local
            self.document.is_rsl = rsl and local in ("rsl", "content")
        if not rsl:
            if local in ("item", "entry"):
                self.item = {}
            elif local == "link" and self.item is not None and (href := _attribute(attrs, "href")):
                self.item.setdefault("link", href)
            return
        self.attributes = {
            key[1]: value.strip()[:MAX_TEXT] for key, value in attrs.items() if key[0] in (None, NAMESPACE)
        }
        self._known(local)
        self._start(local)

    def _is_rsl(self, namespace: str | None, local: str, *, root: bool) -> bool:
        if namespace == NAMESPACE:
            return True
        if namespace is None:
            near = local in ELEMENTS and (local == "rsl" if root else self.stack[0] == "rsl")
            if root and near:
                self._fault("no_namespace")
            return near
        if _NEARLY.match(namespace):
            if self.elements == 1 or local == "content":
                self._fault(f"namespace: {namespace[:100]}")
            return True
        return False

    def _known(self, local: str) -> None:
        allowed = ELEMENTS.get(local)
        if allowed is None:
            self._fault(f"unknown_element: {local[:60]}")
            return
        place = PARENTS.get(local)
        if place is not None and len(self.stack) > 1 and self.stack[-2] != place:
            self._fault(f"misplaced: {local} in {self.stack[-2][:60]}")
        for key in self.attributes:
            if key not in allowed:
                self._fault(f"unknown_attribute: {local}@{key[:60]}")

    def _start(self, local: str) -> None:
        attributes = self.attributes
        self.started = self.line
        if local == "rsl":
            self.document.max_age = attributes.get("max-age")
        elif local == "content":
            if self.content is not None:
                self._fault("content inside content")
            self.content = Content(
                attributes.get("url"),
                self.line,
                attributes.get("server") or None,
                attributes.get("encrypted", "").lower() in ("true", "1", "yes"),
                in_item=self.item is not None,
            )
            self.document.contents.append(self.content)
        elif local == "license" and self.content is not None:
            self.licence = Licence(self.line, self.line)
            self.content.licences.append(self.licence)
        elif local == "payment" and self.licence is not None:
            kind = attributes.get("type", "").lower() or None
            if kind == "inference":
                self.document.style_0_9 = True
            elif kind is not None and kind not in PAYMENTS:
                self._fault(f"unknown_payment: {kind[:60]}")
            self.payment = Payment(kind, self.line)
            self.licence.payments.append(self.payment)
        elif local == "amount" and self.payment is not None:
            self.payment.currency = attributes.get("currency")
            if self.payment.currency == "XBT":
                self.document.style_0_9 = True
        elif local == "accepts" and self.payment is not None:
            self.payment.accepts.append(attributes.get("type", ""))
        elif local == "reporting" and self.licence is not None:
            self.licence.reporting.append(" ".join(attributes.values()) or "required")

    def characters(self, content: str) -> None:
        if self.size < MAX_TEXT * 4:
            self.text.append(content)
            self.size += len(content)

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:  # noqa: N802
        local = self.stack.pop()
        text = "".join(self.text).strip()[: MAX_TEXT * 4]
        self.text = []
        if local in ("{}item", "{}entry"):
            self._item_ends()
        elif local in ("{}link", "{}guid") and self.item is not None and text:
            self.item.setdefault(local[2:], text[:MAX_TEXT])
        elif local in ("permits", "prohibits") and self.licence is not None:
            self._rule(local == "permits", text)
        elif local == "license" and self.licence is not None:
            self.licence.end = self.line
            self.licence = None
        elif local == "content":
            self.content = None
        elif local == "payment":
            self.payment = None
        elif self.payment is not None and local in ("standard", "custom", "amount"):
            if local == "amount":
                self.payment.amount = text[:60] or None
            elif text:
                self.payment.terms.append(text[:MAX_TEXT])
        elif local == "legal" and self.licence is not None:
            self.licence.legal.append(f"{self.attributes.get('type', '')}: {text[:200]}")
        elif local in ("standard", "custom") and self.licence is not None and text:
            self.licence.asked.append(f"terms {text[:200]}")
        elif local == "attribution" and self.licence is not None:
            # No element of RSL's, and plain all the same: credit is asked for.
            if not NO & {text.lower(), self.attributes.get("required", "yes").lower()}:
                self.licence.asked.append("attribution")
        elif local in ("copyright", "terms", "schema") and self.content is not None:
            self.content.facts.append((local, text[:MAX_TEXT], self.started))

    def _item_ends(self) -> None:
        link = (self.item or {}).get("link") or (self.item or {}).get("guid")
        for content in reversed(self.document.contents):
            if not content.in_item or content.item is not None:
                break
            content.item = link or ""
        self.item = None

    def _rule(self, permits: bool, text: str) -> None:
        kind = self.attributes.get("type", "").lower()
        assert self.licence is not None
        if kind not in TYPES:
            self._fault(f"unknown_type: {kind[:60]}" if kind else "type_missing")
            if kind and text.lower() in YES | NO:
                # `<permits type="ai-train">no</permits>`: the usage stands where the type belongs.
                permits = permits is (text.lower() in YES)
                self.licence.rules.append(
                    Rule(permits, "usage", (USAGE_ALIASES.get(kind, kind)[:MAX_TEXT],), self.started)
                )
                return
            if kind:
                self.licence.unread = True
                return
            kind = "usage"
        if any(rule.permits is permits and rule.type == kind for rule in self.licence.rules):
            self._fault(f"repeated: {'permits' if permits else 'prohibits'}@{kind}")
        if "," in text:
            # "Values are separated by spaces": a 1.0 reader sees one unknown value, the publisher meant several.
            self._fault("comma_list")
            self.document.style_0_9 = True
        words = [word for word in re.split(r"[\s,]+", text) if word]
        values = [word.upper() if kind == "geo" else word.lower() for word in words]
        if not values:
            self._fault("empty_list")
        if kind == "usage":
            values = [self._usage(value) for value in values]
        elif kind == "user":
            for value in values:
                if value not in USERS:
                    self._fault(f"unknown_user: {value[:60]}")
            if permits and "all" in values:
                return
        self.licence.rules.append(Rule(permits, kind, tuple(values[:MAX_VALUES]), self.started))

    def _usage(self, value: str) -> str:
        if value in USAGES:
            return value
        self._fault(f"unknown_usage: {value[:60]}")
        return USAGE_ALIASES.get(value, value)

    def _fault(self, reason: str) -> None:
        if len(self.document.faults) < MAX_FAULTS and (reason, self.line) not in self.document.faults:
            self.document.faults.append((reason, self.line))


def _attribute(attrs: AttributesNSImpl, name: str) -> str | None:
    return next((value.strip()[:MAX_TEXT] for key, value in attrs.items() if key[1] == name), None)
