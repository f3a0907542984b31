"""WACZ files: the WARC files inside come in as they would alone; what is no WACZ is said in a line."""

from __future__ import annotations

import gzip
import json
import random
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from crawler.errors import Exit, InputError
from crawler.sources import wacz as reader
from crawler.sources.warc import portions
from tests.reports.archives import records, run

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
        pytest.param(b"PK\x05\x06" + b"\0" * 18, "no WACZ", id="a zip of nothing"),
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


def browser_made(path: Path) -> Path:
    """As crawlers with a browser write it: WARC files packed and stored, beside pages, an index and a datapackage."""
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("archive/rec-0.warc.gz", gzip.compress(WARC), zipfile.ZIP_STORED)
        packed.writestr("archive/rec-1.WARC.GZ", gzip.compress(WARC.replace(b"site.", b"other.")), zipfile.ZIP_STORED)
        packed.writestr("indexes/index.cdx.gz", gzip.compress(b"example,site)/ 20260304 {}\n"), zipfile.ZIP_STORED)
        packed.writestr("pages/pages.jsonl", '{"format": "json-pages-1.0"}\n', zipfile.ZIP_DEFLATED)
        packed.writestr("logs/old.warc.log", b"nothing", zipfile.ZIP_DEFLATED)
        packed.writestr("datapackage.json", json.dumps({"profile": "data-package", "wacz_version": "1.1.1"}))
    return path


def test_it_is_taken_in_like_any_archive(tmp_path: Path) -> None:
    """WACZ 1.1, 5: `openweb ingest x.wacz`, again, and the WARC inside alone."""
    path, archive = browser_made(tmp_path / "crawl.wacz"), tmp_path / "a.duckdb"
    code, text = run("ingest", path, "--db", archive, "--json")
    assert (code, [line["visits"] for line in records(text)]) == (Exit.DONE, [1, 1])
    code, text = run("ingest", path, "--db", archive, "--json")
    assert (code, [line["already"] for line in records(text)]) == (Exit.DONE, [True, True])
    inner = tmp_path / "rec-0.warc.gz"
    with zipfile.ZipFile(path) as packed:
        inner.write_bytes(packed.read("archive/rec-0.warc.gz"))
    code, text = run("ingest", inner, "--db", archive, "--json")
    assert [line["already"] for line in records(text)] == [True]
    with duckdb.connect(str(archive), read_only=True) as connection:
        assert connection.execute("SELECT site, snapshot_id FROM visit ORDER BY ALL").fetchall() == [
            ("other.example", "2026-03"),
            ("site.example", "2026-03"),
        ]
    assert not list(Path(tempfile.gettempdir()).glob("openweb-wacz-*/rec-*"))


def test_its_signals_can_be_read_without_an_archive(tmp_path: Path) -> None:
    path = browser_made(tmp_path / "crawl.wacz")
    code, text = run("read", path)
    found = {line["url"] for line in records(text)}
    assert (code, found) == (Exit.DONE, {f"https://{name}.example/robots.txt" for name in ("site", "other")})
    path.write_bytes(path.read_bytes()[:-40])
    _, text = run("read", path)
    broken = records("\n".join(line for line in text.splitlines() if line.startswith("{")))
    assert [line["kind"] for line in broken] == ["error"]
    assert "cannot be read as a WACZ" in broken[0]["error"]


def test_a_broken_one_among_others_is_said_and_the_others_are_taken(tmp_path: Path) -> None:
    whole = browser_made(tmp_path / "b.wacz").read_bytes()
    (tmp_path / "a.wacz").write_bytes(whole[: len(whole) // 2])
    code, text = run("ingest", tmp_path, "--db", tmp_path / "a.duckdb")
    assert code == Exit.USAGE
    assert "a.wacz: cannot be read as a WACZ" in text
    assert text.count("b.wacz: 1 visit") == 2


def test_a_bomb_is_stopped_before_it_fills_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """4 MiB from 4 KiB, where 1 MiB or twenty times its size are let through: the first, honest member still comes."""
    monkeypatch.setattr(reader, "LEAST_ROOM", 1024 * 1024)
    path = tmp_path / "a.wacz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("archive/0.warc", WARC)
        packed.writestr("archive/1.warc", b"#" * 4 * 1024 * 1024)
    assert path.stat().st_size < 8192
    given = reader.unpacked(path)
    assert next(given).read_bytes() == WARC
    with pytest.raises(InputError, match="unpack it yourself"):
        next(given)


def test_an_encrypted_member_is_said(tmp_path: Path) -> None:
    path = wacz(tmp_path / "a.wacz", archive__one_warc=WARC)
    octets = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        octets[octets.rfind(mark) + at] |= 1  # general purpose bit 0 of the last member: encrypted (APPNOTE 4.4.4)
    path.write_bytes(bytes(octets))
    with pytest.raises(InputError, match=r"cannot be read as a WACZ .*encrypted"):
        list(portions(path))


def test_no_damage_gives_anything_but_a_line(tmp_path: Path) -> None:
    whole = browser_made(tmp_path / "whole.wacz").read_bytes()
    path = tmp_path / "a.wacz"
    dice = random.Random(11)
    refused = 0
    for _ in range(250):
        octets = bytearray(whole)
        for _ in range(dice.choice((1, 2, 8))):
            octets[dice.randrange(4, len(octets))] = dice.randrange(256)
        path.write_bytes(bytes(octets[: dice.randrange(4, len(octets))] if dice.random() < 0.2 else octets))
        with suppress(InputError):
            for portion in portions(path):
                list(portion.visits)
            continue
        refused += 1
    assert refused > 50
