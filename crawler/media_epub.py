"""EPUB packages: the TDMRep metadata and the licence of a publication (EPUB 2 and 3)."""

from __future__ import annotations

import io
import re
import zipfile
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from crawler.media import LICENCE, TDMREP, of_value, reservation, unreadable
from crawler.media_rsl import RSL, read_rsl
from crawler.packed import ZIP_DAMAGE
from crawler.records import Fault, Statement
from crawler.vocabulary import Subject

MAX_PART = 1024 * 1024
MAX_MEMBERS = 20_000
"""Bytes read of one part of the package; entries its directory may have."""

_LICENCE_NAMES = frozenset(
    {"license", "cc:license", "dcterms:license", "dcterms:rights", "dc:rights", "schema:license"}
)
_CONTAINER = "META-INF/container.xml"
# A part that is not there is a KeyError.
_DAMAGE: tuple[type[Exception], ...] = (*ZIP_DAMAGE, KeyError)


def read_epub(data: bytes) -> list[Statement]:
    """`tdm:reservation` and `tdm:policy` of the package document, and its rights; a broken package is a Fault."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            if len(package.namelist()) > MAX_MEMBERS:
                return [*unreadable("too many entries", "epub", "", TDMREP, RSL, LICENCE)]
            container = _xml(_part(package, _CONTAINER))
            root = next((e for e in container.iter() if _local(e) == "rootfile"), None)
            path = (root.get("full-path") or "") if root is not None else ""
            metadata = _part(package, path)
            document = _xml(metadata)
    except (ParseError, DefusedXmlException) as error:
        return [*_unreadable("invalid_xml", error)]
    except _DAMAGE as error:
        return [*_unreadable("unreadable package", error)]
    except LookupError as error:
        return [*_unreadable("invalid_xml", error)]
    return [*of_package(document), *read_rsl(metadata, "opf")]


def _unreadable(what: str, error: Exception) -> list[Fault]:
    return unreadable(f"{what}: {type(error).__name__}", "epub", str(error)[:300], TDMREP, RSL, LICENCE)


def _part(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as part:
        data = part.read(MAX_PART + 1)
    if len(data) > MAX_PART:
        raise ValueError(f"{name} is larger than {MAX_PART} bytes")
    return data


def _xml(data: bytes) -> Element:
    root: Element = fromstring(data, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    return root


def of_package(document: Element) -> list[Statement]:
    """The statements of a package document's `metadata`."""
    values: dict[str, str] = {}
    out: list[Statement] = []
    for element in document.iter():
        name = _local(element)
        if name == "meta":
            key = (element.get("property") or element.get("name") or "").strip()
            value = (element.get("content") or element.text or "").strip()
            if match := re.fullmatch(r"tdm:(reservation|policy)", key, re.IGNORECASE):
                values.setdefault(match[1].lower(), value)
            elif key.lower() in _LICENCE_NAMES and value:
                out.extend(of_value(value, Subject.DOCUMENT, f"opf meta {key}", f"{key}: {value}"))
        elif name == "link" and {"cc:license", "license"} & set((element.get("rel") or "").lower().split()):
            if href := (element.get("href") or "").strip():
                out.extend(of_value(href, Subject.DOCUMENT, "opf link", f'<link rel="license" href="{href}">'))
        elif name == "rights" and element.text and element.text.strip():
            text = element.text.strip()
            out.extend(of_value(text, Subject.DOCUMENT, "opf dc:rights", text))
    known = [each for each in out if getattr(each, "family", None) or getattr(each, "carrier", "") != LICENCE]
    return [*reservation(values, TDMREP, "opf tdm:reservation"), *known]


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
