"""What a media file says inside itself: IPTC/PLUS data mining, C2PA and CAWG, TDMRep, RSL, and licences.

Everything here works on bytes. Formats that need a library of the `media` extra say so as a fact where it is missing;
the rest needs none. Its statements reach no further than the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from crawler.licences import normalise
from crawler.licences.claims import Standing, claim, clean, is_url
from crawler.licences.names import named
from crawler.licences.phrases import spoken
from crawler.media_rsl import embedded, read_rsl
from crawler.media_xmp import CC, DC, PLUS, TDM, XMP_RIGHTS, Packet, Property, packets
from crawler.records import Fact, Fault, LicenceClaim, Reading, Statement
from crawler.vocabulary import LicenceClass, Scope, Stance, Strength, Subject, Use

IPTC: Final = "media-iptc"
C2PA: Final = "media-c2pa"
TDMREP: Final = "media-tdmrep"
LICENCE: Final = "media-licence"
"""Ids of the carriers a media file can hold."""

MISSING: Final = "missing_extra"
REMOTE: Final = "remote_manifest"
UNREAD: Final = frozenset({MISSING, REMOTE})
"""Names of the facts that a carrier could not be read: for want of a library, or because it stands elsewhere."""

EXTRA: Final = "openweb-audit[media]"
MAX_RAW = 500

_MINING: dict[str, tuple[tuple[Use, Stance], ...]] = {
    # IPTC Photo Metadata 2023.1, PLUS LDF: the vocabulary of plus:DataMining.
    "DMI-UNSPECIFIED": (),
    "DMI-ALLOWED": ((Use.TDM, Stance.PERMITTED),),
    "DMI-PROHIBITED-AIMLTRAINING": ((Use.TRAIN_GENERATIVE, Stance.RESERVED), (Use.TRAIN_OTHER, Stance.RESERVED)),
    "DMI-PROHIBITED-GENAIMLTRAINING": ((Use.TRAIN_GENERATIVE, Stance.RESERVED),),
    "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING": ((Use.TDM, Stance.RESERVED), (Use.SEARCH, Stance.PERMITTED)),
    "DMI-PROHIBITED": ((Use.TDM, Stance.RESERVED),),
    "DMI-PROHIBITED-SEECONSTRAINT": ((Use.TDM, Stance.CONDITIONAL),),
    "DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR": ((Use.TDM, Stance.CONDITIONAL),),
    "DMI-PROHIBITED-SEELINKEDRIGHTSEXPR": ((Use.TDM, Stance.CONDITIONAL),),
}
_LABELS = {
    # ExifTool 12.67 writes these words for the same values; the last three also in the words of the IPTC guide (both
    # checked on 26 November 2026 in programs that write them).
    "unspecified - no prohibition defined": "DMI-UNSPECIFIED",
    "allowed": "DMI-ALLOWED",
    "prohibited for ai/ml training": "DMI-PROHIBITED-AIMLTRAINING",
    "prohibited for generative ai/ml training": "DMI-PROHIBITED-GENAIMLTRAINING",
    "prohibited except for search engine indexing": "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING",
    "prohibited": "DMI-PROHIBITED",
    "prohibited, see plus:otherconstraints": "DMI-PROHIBITED-SEECONSTRAINT",
    "prohibited, see iptcext:embdencrightsexpr": "DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR",
    "prohibited, see iptcext:linkedencrightsexpr": "DMI-PROHIBITED-SEELINKEDRIGHTSEXPR",
    "prohibited, see other constraints property": "DMI-PROHIBITED-SEECONSTRAINT",
    "prohibited, see embedded encoded rights expression property": "DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR",
    "prohibited, see linked encoded rights expression property": "DMI-PROHIBITED-SEELINKEDRIGHTSEXPR",
}
_CONDITIONS = {
    "DMI-PROHIBITED-SEECONSTRAINT": ("OtherConstraints",),
    "DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR": ("EmbdEncRightsExpr",),
    "DMI-PROHIBITED-SEELINKEDRIGHTSEXPR": ("LinkedEncRightsExpr",),
}


def read(data: bytes) -> list[Statement]:
    """Every statement of a media file, told by its first bytes: an image or film, a PDF, an EPUB; never raises."""
    head = data[:1024]
    if b"%PDF-" in head:
        from crawler.media_pdf import read_pdf

        return read_pdf(data)
    if head.startswith(b"PK\x03\x04") and b"application/epub+zip" in head:
        from crawler.media_epub import read_epub

        return read_epub(data)
    hidden = embedded(data)
    out = of_packets([*packets(data), *packets(hidden)], Subject.OBJECT)
    out.extend(read_rsl(data, "file"))
    out.extend(read_rsl(hidden, "packed text"))
    if b"jumb" in data or b"c2pa" in data[:65536]:
        from crawler.media_c2pa import read_c2pa

        out.extend(read_c2pa(data))
    return out


def of_packets(found: Iterable[Packet], subject: Subject) -> list[Statement]:
    """The statements of XMP packets; `subject` is what a licence in them is about: an object or the document itself."""
    out: list[Statement] = []
    for packet in found:
        if packet.reason is not None:
            out.extend(unreadable(packet.reason, "xmp", packet.raw, IPTC, TDMREP, LICENCE))
            continue
        out.extend(_mining(packet.properties))
        out.extend(reservation(_tdm(packet.properties), TDMREP, "xmp tdm:reservation"))
        out.extend(_licences(packet.properties, subject))
    return out


def _mining(properties: tuple[Property, ...]) -> list[Statement]:
    out: list[Statement] = []
    for each in properties:
        if each.space != PLUS or each.name != "DataMining" or not each.value:
            continue
        name = re.sub(r"^https?://ns\.useplus\.org/ldf/vocab/", "", each.value).rstrip("/")
        name = _LABELS.get(name.lower(), name.upper())
        raw = clean(f"plus:DataMining={each.value}")[:MAX_RAW]
        if name not in _MINING:
            out.append(Fault(IPTC, "unknown value of plus:DataMining", each.locator, raw))
            continue
        condition = "; ".join(
            clean(other.value) for other in properties if other.name in _CONDITIONS.get(name, ()) and other.value
        )
        for use, stance in _MINING[name]:
            # Without the constraint it points to, what is left is the prohibition.
            own = Stance.RESERVED if stance is Stance.CONDITIONAL and not condition else stance
            note = "the constraint it refers to is not there" if own is not stance else None
            out.append(reading(IPTC, use, own, each.locator, raw, condition[:MAX_RAW] or None, note))
    return out


def _tdm(properties: tuple[Property, ...]) -> dict[str, str]:
    return {each.name.lower(): each.value for each in properties if each.space in TDM}


def reservation(values: dict[str, str], carrier: str, locator: str) -> list[Statement]:
    """A TDMRep reservation embedded in a file (TDMRep 3.4): `1` or `0`, with the policy as its condition."""
    value = values.get("reservation")
    if value is None:
        return []
    raw = clean(f"tdm:reservation={value}")[:MAX_RAW]
    if value.strip() not in ("0", "1"):
        return [Fault(carrier, "value", locator, raw)]
    stance = Stance.RESERVED if value.strip() == "1" else Stance.PERMITTED
    policy = clean(values.get("policy", "").strip())[:MAX_RAW] or None
    return [reading(carrier, Use.TDM, stance, locator, raw, policy if stance is Stance.RESERVED else None, None)]


def reading(
    carrier: str, use: Use, stance: Stance, locator: str, raw: str, condition: str | None, note: str | None
) -> Reading:
    """A reading that reaches no further than the file it stands in."""
    return Reading(
        carrier=carrier,
        use=use,
        stance=stance,
        strength=Strength.NORMATIVE,
        locator=locator,
        raw=raw,
        scope=Scope.OBJECT,
        condition=condition,
        note=note,
    )


def _licences(properties: tuple[Property, ...], subject: Subject) -> list[LicenceClaim]:
    out: list[LicenceClaim] = []
    for each in properties:
        if (each.space, each.name.lower()) in ((CC, "license"), (XMP_RIGHTS, "webstatement")) and each.value:
            known = (licence := normalise(each.value)) is not None and licence.family is not None
            # A web statement need not be a licence: it is any page about the rights in the file.
            kind = LicenceClass.A if known or each.space == CC else LicenceClass.D
            standing: Standing = kind, subject if known or each.space == CC else Subject.OTHER, None
            out.append(claim(LICENCE, each.value, standing, each.locator, f"{each.name}: {each.value}"))
        elif (each.space, each.name) in ((XMP_RIGHTS, "UsageTerms"), (DC, "rights")):
            out.extend(of_text(each.value, subject, each.locator))
    return out


def of_text(text: str, subject: Subject, locator: str, kind: LicenceClass = LicenceClass.D) -> list[LicenceClaim]:
    """The licences a rights text names by address or by name, those of one licence once."""
    out: list[LicenceClaim] = []
    seen: set[str | None] = set()
    for match in re.finditer(r"(?:https?:)?//[^\s\"'<>()]+", text[:4000]):
        licence = normalise(match[0])
        if licence is not None and licence.family and licence.spdx not in seen:
            seen.add(licence.spdx)
            out.append(claim(LICENCE, match[0], (kind, subject, "address inside a text"), locator, text[:MAX_RAW]))
    for licence, start, end in named(text[:4000]):
        if licence.spdx in seen or any(each.family == licence.family for each in out):
            continue
        seen.add(licence.spdx)
        partial = spoken(text[max(0, start - 200) : start], text[start:end], text[end : end + 200]).partial
        standing: Standing = LicenceClass.D, subject, "text, not a URL"
        out.append(claim(LICENCE, text[start:end], standing, locator, text[:MAX_RAW], licence=licence, partial=partial))
    return out


def of_value(value: str, subject: Subject, locator: str, raw: str) -> list[LicenceClaim]:
    """A licence field that holds an address (A) or words (D)."""
    if is_url(value) and not re.search(r"\s", value.strip()):
        return [claim(LICENCE, value.strip(), (LicenceClass.A, subject, None), locator, raw)]
    return of_text(value, subject, locator)


def unreadable(reason: str, locator: str, raw: str, *carriers: str) -> list[Fault]:
    """What is said of each of these carriers where the file, or the part of it they stand in, cannot be read."""
    return [Fault(carrier, reason, locator, clean(raw)[:MAX_RAW]) for carrier in carriers]


def missing(library: str, *carriers: str) -> list[Fact]:
    """What is said in place of readings where the library that reads these carriers is not installed."""
    raw = f"{library} is not installed; install {EXTRA}"
    return [Fact(carrier, MISSING, EXTRA, library, raw) for carrier in carriers]
