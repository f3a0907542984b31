"""WACZ files: the WARC files inside come in as they would alone; what is no WACZ is said in a line."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from crawler.errors import InputError
from crawler.sources.warc import portions

RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 14\r\n\r\nUser-agent: *\n"
WARC = (
    b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: 2026-03-04T05:06:07Z\r\n"
    b"WARC-Target-URI: https://site.example/robots.txt\r\nContent-Type: application/http;msgtype=response\r\n"
    b"Content-Length: " + str(len(RESPONSE)).encode() + b"\r\n\r\n" + RESPONSE + b"\r\n\r\n"
)


def wacz(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("datapackage.json", "{}")
        for name, data in members.items():
            packed.writestr(name.replace("__", "/").replace("_warc", ".warc"), data)
    return path


def test_each_warc_inside_is_a_portion(tmp_path: Path) -> None:
    path = wacz(tmp_path / "a.wacz", archive__one_warc=WARC, archive__two_warc=WARC.replace(b"site.", b"other."))
    found = []
    for portion in portions(path):
        found += [(portion.name, snapshot, visit.site) for snapshot, visit in portion.visits]
    assert found == [("0-one.warc", "2026-03", "site.example"), ("1-two.warc", "2026-03", "other.example")]


def test_its_fingerprint_is_that_of_the_warc(tmp_path: Path) -> None:
    alone = tmp_path / "one.warc"
    alone.write_bytes(WARC)
    (inside,) = (portion.sha256 for portion in portions(wacz(tmp_path / "a.wacz", archive__one_warc=WARC)))
    assert inside == next(portions(alone)).sha256


def test_a_name_that_points_elsewhere_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "a.wacz"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("archive/../../../outside.warc", WARC)
    with pytest.raises(InputError, match="no WACZ"):
        list(portions(path))
    assert not list(tmp_path.rglob("outside*"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"PK\x03\x04 and then nothing", "cannot be read as a WACZ", id="no zip"),
        pytest.param(None, "no WACZ", id="a zip of something else"),
    ],
)
def test_what_is_no_wacz_is_said(tmp_path: Path, data: bytes | None, words: str) -> None:
    path = wacz(tmp_path / "a.wacz", pages__one=b"x")
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(InputError, match=words):
        list(portions(path))


def test_a_damaged_member_is_said(tmp_path: Path) -> None:
    path = wacz(tmp_path / "a.wacz", archive__one_warc=WARC)
    octets = bytearray(path.read_bytes())
    octets[octets.find(b"User-agent")] ^= 0xFF
    path.write_bytes(bytes(octets))
    with pytest.raises(InputError, match="CRC"):
        list(portions(path))
