"""Files that are whole or not there: written beside their place, synced, then put into it in one step."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from crawler.errors import InputError


def write_whole(path: Path, content: str | bytes) -> None:
    """Write `content` (text as UTF-8) to `path`, replacing what is there at once, with its mode; links are followed.

    Whoever reads the path meanwhile sees the old file or the new one. Raises InputError when it cannot be written.
    """
    octets = content.encode("utf-8") if isinstance(content, str) else content
    try:
        place = path.resolve()
        mode = stat.S_IMODE(place.stat().st_mode) if place.exists() else 0o666 & ~_umask()
        new = place.with_name(f".{place.name}.{secrets.token_hex(4)}.new")
        try:
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(octets)
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
            new.replace(place)
        finally:
            new.unlink(missing_ok=True)
        _sync(place.parent)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror or error}); make its folder, make room, or name another place"
        ) from error


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
