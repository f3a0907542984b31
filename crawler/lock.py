"""One run at a time over a folder: a lock the system gives back when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.errors import OpenwebError


class RunLocked(OpenwebError):
    """Another run holds the folder; the message names its process."""


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Hold the lock file `path` while the block runs; raises RunLocked when another process does.

    The file stays behind empty: removing it would let two runs hold locks on two files of one name.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise RunLocked(f"{path}: cannot be made ({error.strerror or error}); name another --spool") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(descriptor, 40).decode("ascii", "replace").strip()
            raise RunLocked(
                f"{path.parent}: another run holds this snapshot{f' (process {holder})' if holder else ''};"
                " wait for it, or take another snapshot with --name"
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)
