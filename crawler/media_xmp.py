"""XMP packets of media files: their properties with namespaces, and what IPTC/PLUS, TDMRep and licences say in them.

A packet is found by a scan of the bytes, so that any format that embeds XMP as it stands is read without a decoder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

SCANNED = 256 * 1024
MAX_PACKET = 1024 * 1024
MAX_PROPERTIES = 2_000
MAX_VALUE = 2_048
"""Bytes in which a packet must begin; bytes of a packet; properties read; characters of a value."""

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PLUS = "http://ns.useplus.org/ldf/xmp/1.0/"
XMP_RIGHTS = "http://ns.adobe.com/xap/1.0/rights/"
CC = "http://creativecommons.org/ns#"
DC = "http://purl.org/dc/elements/1.1/"
TDM = ("http://www.w3.org/ns/tdmrep/", "http://www.w3.org/ns/tdmrep#", "http://www.w3.org/ns/tdmrep")
"""Namespaces; TDMRep's has a slash in PDF and a number sign in EPUB, and both are accepted."""

_PACKET = re.compile(rb"<(?:x:xmpmeta|x:xapmeta|rdf:RDF)\b", re.IGNORECASE)
_DEPTH = 60


class Property(NamedTuple):
    """One property of a packet: its namespace, name and value, and where it stands."""

    space: str
    name: str
    value: str
    locator: str


class Packet(NamedTuple):
    """A packet's properties, or why it cannot be read."""

    properties: tuple[Property, ...]
    reason: str | None
    raw: str


def packets(data: bytes) -> list[Packet]:
    """The XMP packets that begin in the first SCANNED bytes, at most three; no packet is an empty list."""
    found: list[Packet] = []
    at = 0
    while len(found) < 3 and (match := _PACKET.search(data, at, SCANNED)):
        name = match[0][1:]
        end = data.find(b"</" + name, match.start(), match.start() + MAX_PACKET)
        if end < 0:
            raw = data[match.start() : match.start() + 500].decode("utf-8", "replace")
            found.append(Packet((), "unterminated packet", raw))
            break
        close = data.find(b">", end) + 1
        found.append(packet(data[match.start() : close]))
        at = close
    return found


def packet(text: bytes) -> Packet:
    """The properties of one packet in element and attribute form; arrays give one property an item."""
    raw = text[:500].decode("utf-8", "replace")
    if text.count(b"<") > 20_000:
        return Packet((), "too many elements", raw)
    try:
        root = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        return Packet((), f"invalid_xml: {type(error).__name__} {error}"[:200], raw)
    properties: list[Property] = []
    for description in _descriptions(root):
        for key, value in description.attrib.items():
            space, name = _split(key)
            if space not in ("", RDF) and len(properties) < MAX_PROPERTIES:
                properties.append(Property(space, name, value.strip()[:MAX_VALUE], f"xmp {name}"))
        for child in description:
            space, name = _split(str(child.tag))
            for value in _values(child):
                if len(properties) < MAX_PROPERTIES:
                    properties.append(Property(space, name, value[:MAX_VALUE], f"xmp {name}"))
    return Packet(tuple(properties), None, raw)


def _descriptions(root: Element) -> Iterator[Element]:
    """Every `rdf:Description`, without recursion into arrays of structures deeper than any real packet."""
    stack = [(root, 0)]
    while stack:
        element, depth = stack.pop()
        if element.tag == f"{{{RDF}}}Description":
            yield element
        if depth < _DEPTH:
            stack.extend((child, depth + 1) for child in reversed(element))


def _values(element: Element) -> Iterator[str]:
    resource = element.get(f"{{{RDF}}}resource")
    if resource is not None:
        yield resource.strip()
        return
    items = [item for array in element for item in array if str(item.tag) == f"{{{RDF}}}li"]
    if items:
        for item in items[:100]:
            value = item.get(f"{{{RDF}}}resource") or (item.text or "")
            if value.strip():
                yield value.strip()
    elif element.text and element.text.strip():
        yield element.text.strip()


def _split(tag: str) -> tuple[str, str]:
    space, brace, name = tag.rpartition("}")
    return (space[1:], name) if brace else ("", tag)
