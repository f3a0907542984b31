"""WACZ (Web Archive Collection Zipped, 1.1): the WARC files inside, unpacked one at a time."""

from __future__ import annotations

import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from crawler.errors import InputError

_MEMBER = re.compile(r"archive/[^/]+\.w?arc(?:\.gz|\.zst)?", re.IGNORECASE)
_CHUNK = 1024 * 1024


def is_wacz(path: Path) -> bool:
    """Whether a file is a zip, which no WARC or ARC file is."""
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PK\x03\x04"
    except OSError:
        return False


def unpacked(path: Path) -> Iterator[Path]:
    """Each WARC file in the folder `archive/` of a WACZ (5.2), there until the next one is asked for.

    Raises InputError where the file is no WACZ, or one of its members is encrypted or damaged.
    """
    try:
        with zipfile.ZipFile(path) as packed, tempfile.TemporaryDirectory(prefix="openweb-wacz-") as folder:
            members = [info for info in packed.infolist() if _MEMBER.fullmatch(info.filename)]
            if not members:
                raise InputError(f"{path}: a zip without a WARC file in archive/, so no WACZ")
            for number, info in enumerate(members):
                # The name in the zip is only told, never used as a path.
                place = Path(folder) / f"{number}-{re.sub(r'[^A-Za-z0-9._-]', '_', Path(info.filename).name)[-120:]}"
                with packed.open(info) as source, place.open("wb") as target:
                    while chunk := source.read(_CHUNK):
                        target.write(chunk)
                yield place
                place.unlink()
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise InputError(f"{path}: cannot be read as a WACZ ({error})") from error
