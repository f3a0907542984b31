"""Media files, made here byte by byte: XMP, C2PA stores, PDF and EPUB, as section 4 of the reference sheet rules."""

from __future__ import annotations

import io
import json
import struct
import sys
import time
import zlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler import media_c2pa, media_pdf
from crawler.media import EXTRA, read
from crawler.media_c2pa import of_store, read_c2pa
from crawler.media_xmp import SCANNED, packets
from crawler.records import Exchange, Fact, Fault, LicenceClaim, Reading, Statement
from crawler.signals import SIGNALS
from crawler.signals.media import MEDIA
from crawler.vocabulary import Outcome, Scope, Subject

BY = "http://creativecommons.org/licenses/by/4.0/"
JPEG = b"\xff\xd8\xff\xe1\x10\x00http://ns.adobe.com/xap/1.0/\x00"
NAMESPACES = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/"'
    ' xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/" xmlns:cc="http://creativecommons.org/ns#"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:tdm="http://www.w3.org/ns/tdmrep/"'
    ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
)
Said = tuple[str, str]


def xmp(inside: str = "", attributes: str = "") -> bytes:
    """A packet with these properties in element and attribute form."""
    return (
        f'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {NAMESPACES}>'
        f'<rdf:Description rdf:about="" {attributes}>{inside}</rdf:Description></rdf:RDF></x:xmpmeta>'
        '<?xpacket end="w"?>'
    ).encode()


def said(found: list[Statement]) -> list[Said]:
    """Use and stance of the readings, in order."""
    return [(str(each.use), str(each.stance)) for each in found if isinstance(each, Reading)]


def claims(found: list[Statement]) -> list[tuple[str | None, str, str]]:
    """What the claims name, their class and subject."""
    return [(c.spdx, str(c.licence_class), str(c.subject)) for c in found if isinstance(c, LicenceClaim)]


MINING = [
    ("DMI-UNSPECIFIED", []),
    ("DMI-ALLOWED", [("tdm", "permitted")]),
    ("DMI-PROHIBITED-AIMLTRAINING", [("train-generative", "reserved"), ("train-other", "reserved")]),
    ("DMI-PROHIBITED-GENAIMLTRAINING", [("train-generative", "reserved")]),
    ("DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING", [("tdm", "reserved"), ("search", "permitted")]),
    ("DMI-PROHIBITED", [("tdm", "reserved")]),
    ("DMI-PROHIBITED-SEECONSTRAINT", [("tdm", "reserved")]),
    ("Prohibited, see Linked Encoded Rights Expression property", [("tdm", "reserved")]),
    ("Prohibited for Generative AI/ML training", [("train-generative", "reserved")]),
    ("Prohibited except for search engine indexing", [("tdm", "reserved"), ("search", "permitted")]),
]


@pytest.mark.parametrize(("value", "expected"), MINING, ids=[f"4.1-{value}" for value, _ in MINING])
@pytest.mark.parametrize("form", ["element", "attribute", "resource", "bare", "https"])
def test_data_mining(value: str, expected: list[Said], form: str) -> None:
    prefix = "" if form == "bare" or not value.startswith("DMI") else "http://ns.useplus.org/ldf/vocab/"
    full = (prefix + value).replace("http:", "https:" if form == "https" else "http:")
    packet = {
        "attribute": xmp(attributes=f'plus:DataMining="{full}"'),
        "resource": xmp(f'<plus:DataMining rdf:resource="{full}"/>'),
    }.get(form, xmp(f"<plus:DataMining>{full}</plus:DataMining>"))
    found = read(JPEG + packet)
    assert said(found) == expected
    assert all(each.scope is Scope.OBJECT for each in found if isinstance(each, Reading))


def test_data_mining_constraint() -> None:
    inside = (
        "<plus:DataMining>DMI-PROHIBITED-SEECONSTRAINT</plus:DataMining><plus:OtherConstraints><rdf:Alt>"
        '<rdf:li xml:lang="x-default">Licence for training at x.example</rdf:li></rdf:Alt></plus:OtherConstraints>'
    )
    (reading,) = (each for each in read(JPEG + xmp(inside)) if isinstance(each, Reading))
    assert (str(reading.stance), reading.condition) == ("conditional", "Licence for training at x.example")


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (f'<cc:license rdf:resource="{BY}"/>', [("CC-BY-4.0", "A", "object")]),
        (f"<xmpRights:WebStatement>{BY}</xmpRights:WebStatement>", [("CC-BY-4.0", "A", "object")]),
        ("<xmpRights:WebStatement>https://x.example/r</xmpRights:WebStatement>", [(None, "D", "other")]),
        (
            "<xmpRights:UsageTerms><rdf:Alt><rdf:li>CC BY-SA 4.0, see there</rdf:li></rdf:Alt></xmpRights:UsageTerms>",
            [("CC-BY-SA-4.0", "D", "object")],
        ),
        ("<dc:rights><rdf:Alt><rdf:li>All rights reserved</rdf:li></rdf:Alt></dc:rights>", []),
    ],
    ids=["cc-license", "web-statement", "web-statement-other", "usage-terms", "dc-rights"],
)
def test_licences_in_xmp(inside: str, expected: list[tuple[str | None, str, str]]) -> None:
    assert claims(read(JPEG + xmp(inside))) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("1", [("tdm", "reserved")]), ("0", [("tdm", "permitted")]), ("yes", [])]
)
def test_tdmrep_in_xmp(value: str, expected: list[Said]) -> None:
    found = read(JPEG + xmp(attributes=f'tdm:reservation="{value}" tdm:policy="https://x.example/p"'))
    assert said(found) == expected
    assert any(isinstance(each, Fault) for each in found) is (value == "yes")
    if value == "1":
        assert [each.condition for each in found if isinstance(each, Reading)] == ["https://x.example/p"]


@pytest.mark.parametrize(
    "body",
    [
        JPEG + xmp("<plus:DataMining>DMI-NEW</plus:DataMining>"),
        JPEG + xmp("<plus:DataMining>DMI-PROHIBITED</plus:DataMinin>"),
        JPEG + b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF>",
        JPEG + b'<x:xmpmeta xmlns:x="a"><!DOCTYPE a [<!ENTITY b "c">]></x:xmpmeta>',
        JPEG + b"<x:xmpmeta xmlns:x='a'>" + b"<a>" * 30_000 + b"</x:xmpmeta>",
    ],
    ids=["unknown-value", "bad-xml", "cut-off", "dtd", "nested-30000"],
)
def test_malformed_packets(body: bytes) -> None:
    started = time.process_time()
    found = read(body)
    assert time.process_time() - started < 3
    assert {type(each) for each in found} == {Fault}


def test_silent_files() -> None:
    assert read(JPEG + b"\x00" * 5000) == []
    assert read(b"") == []
    assert packets(b"\x00" * SCANNED + xmp("<plus:DataMining>DMI-PROHIBITED</plus:DataMining>")) == []


def store(*assertions: tuple[str, object], ingredient: tuple[str, object] | None = None) -> dict[str, object]:
    """A manifest store with one active manifest, and perhaps another."""
    manifests: dict[str, object] = {"a": {"assertions": [{"label": label, "data": data} for label, data in assertions]}}
    if ingredient:
        manifests["b"] = {"assertions": [{"label": ingredient[0], "data": ingredient[1]}]}
    return {"active_manifest": "a", "manifests": manifests}


def entries(prefix: str = "cawg", **uses: object) -> dict[str, object]:
    """The data of a training-mining assertion."""
    return {
        "entries": {
            f"{prefix}.{key}": value if isinstance(value, dict) else {"use": value} for key, value in uses.items()
        }
    }


STORES: list[tuple[str, dict[str, object], list[Said]]] = [
    (
        "4.2-cawg",
        store(("cawg.training-mining", entries(data_mining="notAllowed", ai_training="allowed"))),
        [("train-other", "permitted"), ("tdm", "reserved")],
    ),
    ("4.2-suffix", store(("cawg.training-mining__2", entries(ai_inference="notAllowed"))), [("ai-input", "reserved")]),
    (
        "4.2-in-the-wild",
        store(("cawg.training-and-data-mining.v1", entries(ai_generative_training="notAllowed"))),
        [("train-generative", "reserved")],
    ),
    (
        "4.2-constrained-alone",
        store(("cawg.training-mining", entries(data_mining="constrained"))),
        [("tdm", "reserved")],
    ),
    (
        "4.2-constrained-info",
        store(("cawg.training-mining", entries(data_mining={"use": "constrained", "constraint_info": "ask"}))),
        [("tdm", "conditional")],
    ),
    (
        "4.2-constraints-info",
        store(("cawg.training-mining", entries(data_mining={"use": "constrained", "constraints_info": "ask"}))),
        [("tdm", "conditional")],
    ),
    (
        "4.2-flat-map",
        store(("cawg.training-mining", {"cawg.data_mining": {"use": "allowed"}})),
        [("tdm", "permitted")],
    ),
    (
        "4.2-old",
        store(("c2pa.training-mining", entries("c2pa", ai_training="notAllowed"))),
        [("train-other", "reserved")],
    ),
    (
        "4.3-both-disagree",
        store(
            ("c2pa.training-mining", entries("c2pa", data_mining="allowed")),
            ("cawg.training-mining", entries(data_mining="notAllowed")),
        ),
        [("tdm", "reserved")],
    ),
    (
        "4.2-ingredient",
        store(("stds.schema-org", {}), ingredient=("cawg.training-mining", entries(data_mining="notAllowed"))),
        [],
    ),
]


@pytest.mark.parametrize(("manifest", "expected"), [row[1:] for row in STORES], ids=[row[0] for row in STORES])
def test_c2pa_store(manifest: dict[str, object], expected: list[Said]) -> None:
    """4.2: the active manifest's assertion; cawg over c2pa; constrained without information equals notAllowed."""
    assert said(of_store(manifest)) == expected


def test_c2pa_conflict_is_told() -> None:
    """4.3: where the old and the new assertion disagree the new one counts and the note says so."""
    (reading,) = (each for each in of_store(STORES[8][1]) if isinstance(each, Reading))
    assert reading.note is not None
    assert "permitted" in reading.note


@pytest.mark.parametrize(
    "value", [7, [], {}, {"active_manifest": 3, "manifests": []}, store(("cawg.training-mining", 7))]
)
def test_c2pa_store_damage(value: object) -> None:
    """A store of another shape gives no reading and raises nothing."""
    assert said(of_store(value)) == []


def test_c2pa_without_manifest() -> None:
    """4.3: an image with the letters c2pa but no manifest is silent or a fault, never an exception."""
    pytest.importorskip("c2pa")
    assert said(read(JPEG + b"c2pa jumb" + b"\x00" * 100)) == []


def signed_png(assertion: dict[str, Any]) -> bytes:
    """A small PNG with a manifest, signed with a certificate made on the spot."""
    c2pa = pytest.importorskip("c2pa")
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    def name(text: str) -> x509.Name:
        return x509.Name(
            [x509.NameAttribute(NameOID.COMMON_NAME, text), x509.NameAttribute(NameOID.ORGANIZATION_NAME, text)]
        )

    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2046, 1, 1, tzinfo=UTC)
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def certificate(subject: str, public: Any, is_root: bool) -> Any:
        usage = x509.KeyUsage(not is_root, False, False, False, False, is_root, is_root, False, False)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name(subject))
            .issuer_name(name("root"))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(is_root, None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        )
        if not is_root:
            builder = builder.add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
            )
        return builder.sign(root_key, hashes.SHA256())

    pem = serialization.Encoding.PEM
    chain = certificate("signer", key.public_key(), False).public_bytes(pem)
    chain += certificate("root", root_key.public_key(), True).public_bytes(pem)
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"es256", chain, private, None))
    manifest = {"claim_generator_info": [{"name": "test"}], "format": "image/png", "assertions": [assertion]}
    settings_ = {"verify": {"verify_after_sign": False, "verify_trust": False, "remote_manifest_fetch": False}}
    target = io.BytesIO()
    with c2pa.Builder(json.dumps(manifest), context=c2pa.Context.from_dict(settings_)) as builder:
        builder.sign(signer, "image/png", io.BytesIO(png()), target)
    return target.getvalue()


def png() -> bytes:
    """One grey pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\x00\x80")) + chunk(b"IEND", b"")
    )


def test_c2pa_signed_file() -> None:
    """4.2: a real signed file, read by the real library, with fetching off."""
    body = signed_png({"label": "cawg.training-mining", "data": entries(ai_generative_training="notAllowed")})
    found = read(body)
    assert said(found) == [("train-generative", "reserved")]
    assert any(isinstance(each, Fact) and each.name == "validation_state" for each in found)
    cut = read(body[: len(body) // 2])
    assert said(cut) == []


def test_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra's libraries their formats give a fact that names it; XMP is read all the same."""
    monkeypatch.setitem(sys.modules, "c2pa", None)
    monkeypatch.setitem(sys.modules, "pikepdf", None)
    for found in (
        media_c2pa.read_c2pa(b"\xff\xd8\xff"),
        media_pdf.read_pdf(b"%PDF-1.7" + xmp(attributes='tdm:reservation="1"')),
    ):
        assert EXTRA in [each.value for each in found if isinstance(each, Fact) and each.name == "missing_extra"]
    assert said(media_pdf.read_pdf(b"%PDF-1.7" + xmp(attributes='tdm:reservation="1"'))) == [("tdm", "reserved")]


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", JPEG, b"%PDF-1.4\n", b"PK\x03\x04application/epub+zip", b"<x:xmpmeta>"]),
)
def test_never_raises(noise: bytes, start: bytes) -> None:
    """Any bytes give statements whose texts can be stored."""
    for each in read(start + noise):
        assert f"{each.raw}{getattr(each, 'locator', '')}".encode() is not None


def test_signal() -> None:
    """The signal is registered, reads the role `media`, and is no probe."""
    assert MEDIA in SIGNALS
    assert MEDIA.probe is None
    at = datetime(2026, 11, 1, tzinfo=UTC)
    body = JPEG + xmp("<plus:DataMining>DMI-PROHIBITED</plus:DataMining>")
    found = list(MEDIA.read(Exchange("s.example", "media", "https://s.example/a.jpg", Outcome.OK, at, body=body)))
    assert said(found) == [("tdm", "reserved")]
    assert all(each.subject is Subject.OBJECT for each in found if isinstance(each, LicenceClaim))
    assert read_c2pa(b"not an image") is not None
