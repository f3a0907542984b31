"""WACZ (Web Archive Collection Zipped, 1.1): the WARC files inside, unpacked one at a time."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from crawler.errors import InputError
from crawler.packed import ZIP_DAMAGE

LEAST_ROOM = 1024 * 1024 * 1024
MOST_TIMES = 20
"""What a WACZ may unpack to, in octets and in times its own size, whichever is more: what it holds is packed already.

A zip of a few kilobytes can hold terabytes, so this bounds both the disk and the time it takes.
"""

_MEMBER = re.compile(r"archive/[^/]+\.w?arc(?:\.gz|\.zst)?", re.IGNORECASE)
_CHUNK = 1024 * 1024
_BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06")


def is_wacz(path: Path) -> bool:
    """Whether a file is a zip (also an empty one), which no WARC or ARC file is."""
    try:
        with path.open("rb") as file:
            return file.read(4) in _BEGINNINGS
    except OSError:
        return False


def unpacked(path: Path) -> Iterator[Path]:
    """Each WARC file in the folder `archive/` of a WACZ (5.2), there until the next one is asked for.

    Raises InputError where the file is no WACZ, one of its members is encrypted or damaged, or they unpack to more than
    a WACZ can hold; what came before that member has been given.
    """
    try:
        room = max(LEAST_ROOM, MOST_TIMES * path.stat().st_size)
        with zipfile.ZipFile(path) as packed, tempfile.TemporaryDirectory(prefix="openweb-wacz-") as folder:
            members = [info for info in packed.infolist() if _MEMBER.fullmatch(info.filename)]
            if not members:
                raise InputError(f"{path}: a zip without a WARC file in archive/, so no WACZ")
            for number, info in enumerate(members):
                # The name in the zip is only told, never used as a path.
                place = Path(folder) / f"{number}-{re.sub(r'[^A-Za-z0-9._-]', '_', Path(info.filename).name)[-120:]}"
                with packed.open(info) as source, place.open("wb") as target:
                    while chunk := source.read(_CHUNK):
                        room -= len(chunk)
                        if room < 0:
                            raise InputError(
                                f"{path}: unpacks to more than {MOST_TIMES} times its size, which no WACZ of packed"
                                " WARC files does; where you trust it, unpack it yourself and take in its archive/"
                            )
                        target.write(chunk)
                yield place
                place.unlink()
    except ZIP_DAMAGE as error:
        raise InputError(f"{path}: cannot be read as a WACZ ({error})") from error
