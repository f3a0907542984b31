"""What unpacking a damaged zip raises: Python's `zipfile` has no error of its own for most of it."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib

ZIP_DAMAGE: tuple[type[Exception], ...] = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    # An encrypted member, and a way of packing that Python does not know.
    RuntimeError,
    NotImplementedError,
    # A directory that points before the file's beginning.
    ValueError,
)
"""What `zipfile` raises for a file that is damaged, encrypted, odd or no zip at all."""
