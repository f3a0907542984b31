"""Zips damaged octet by octet, packed in every way Python knows: each is an answer, wherever zips are read."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from crawler.errors import InputError
from crawler.frame_formats import UNREADABLE
from crawler.frame_formats import unpacked as list_of
from crawler.media_epub import read_epub
from crawler.records import Fault
from crawler.sources.wacz import unpacked as warcs_of

WAYS = {"deflate": zipfile.ZIP_DEFLATED, "bzip2": zipfile.ZIP_BZIP2, "lzma": zipfile.ZIP_LZMA}
NAMES = {"epub": "META-INF/container.xml", "list": "list.csv", "wacz": "archive/a.warc"}


def damaged(way: int, name: str) -> list[bytes]:
    """A zip of one member, with each octet in turn turned over."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", way) as packed:
        packed.writestr(name, '<container><rootfile full-path="a.opf"/></container>')
    whole = target.getvalue()
    return [whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :] for at in range(len(whole))]


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_damaged_epub_is_a_fault(way: int) -> None:
    for octets in damaged(way, NAMES["epub"]):
        assert any(isinstance(said, Fault) for said in read_epub(octets))


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_damaged_list_raises_what_is_told_as_unreadable(way: int) -> None:
    refused = 0
    for octets in damaged(way, NAMES["list"]):
        try:
            list_of(octets)
        except UNREADABLE:
            refused += 1
    assert refused > 50


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_damaged_wacz_is_no_input(way: int, tmp_path: Path) -> None:
    refused = 0
    for octets in damaged(way, NAMES["wacz"]):
        (tmp_path / "a.wacz").write_bytes(octets)
        try:
            list(warcs_of(tmp_path / "a.wacz"))
        except InputError:
            refused += 1
    assert refused > 50
