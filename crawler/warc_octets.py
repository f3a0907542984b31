"""The octets of an archive file, plain or packed, as a window over them that survives damage in the packing."""

from __future__ import annotations

import zlib
from collections import deque
from typing import BinaryIO

import zstandard

_CHUNK = 32 * 1024
_GZIP = b"\x1f\x8b\x08"
_ZSTD = (b"\x28\xb5\x2f\xfd", b"\x5d\x2a\x4d\x18")
_MAX_DICTIONARY = 16 * 1024 * 1024


def opened(file: BinaryIO) -> Octets | None:
    """The octets of a file, told by its first ones; None where it is empty."""
    start = file.read(4)
    file.seek(0)
    if not start:
        return None
    if start.startswith(_GZIP[:2]):
        return Gzip(file)
    return Zstd(file) if start.startswith(_ZSTD) else Octets(file)


class Damage(Exception):
    """The octets of a file that cannot be unpacked; `offset` is where in the file."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.offset = offset
        self.reason = reason


class Octets:
    """The unpacked octets of a file as a window that grows at its end and is cut at its beginning."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.window = bytearray()
        self.base = 0
        """Unpacked position of the first octet of the window."""
        self.ended = False

    def fill(self) -> bool:
        """Unpack some more; False at the end of the file. Raises Damage."""
        data = self.file.read(_CHUNK)
        self.window += data
        self.ended = not data
        return bool(data)

    def peek(self, count: int) -> bytes:
        """The next octets, up to `count` of them."""
        try:
            while len(self.window) < count and not self.ended and self.fill():
                continue
        except Damage:
            self.ended = False
        return bytes(self.window[:count])

    def cut(self, count: int) -> None:
        """Drop the first octets of the window."""
        del self.window[:count]
        self.base += count

    def place(self) -> int:
        """Where in the file the window begins, as near as the packing lets it be told."""
        return self.base

    def border(self, upto: int) -> int | None:
        """How far into the window the next member begins, where that is before `upto`."""
        return None

    def skip_damage(self) -> bool:
        """Go on behind damage; False where there is nothing more to find."""
        return False


class Gzip(Octets):
    """Members in a row; a border is remembered where one begins."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self.inflate = zlib.decompressobj(31)
        self.pending = b""
        self.read = 0
        self.member = 0
        self.fresh = True
        self.borders: deque[tuple[int, int]] = deque([(0, 0)])
        """Unpacked position and file offset of each member's beginning, from the one the window begins in."""

    def fill(self) -> bool:
        """Unpack some more; False at the end of the file. Raises Damage."""
        while True:
            if not self.pending:
                self.pending = self.file.read(_CHUNK)
                self.read += len(self.pending)
                if not self.pending:
                    self.ended = True
                    if not self.fresh:
                        raise Damage(self.member, "the last gzip member is cut off")
                    return False
            if self.fresh:
                self._begin()
                if self.fresh:
                    continue
            chunk = self.pending
            try:
                data = self.inflate.decompress(chunk, 1024 * 1024)
            except zlib.error as error:
                raise Damage(self.member, f"not readable as gzip ({error})") from error
            self.window += data
            self.pending = self.inflate.unused_data if self.inflate.eof else self.inflate.unconsumed_tail
            if self.inflate.eof:
                self.fresh = True
            if data:
                return True

    def _begin(self) -> None:
        """Begin a member at `pending`, behind any padding of zeros."""
        stripped = self.pending.lstrip(b"\0")
        self.pending = stripped
        if not stripped:
            return
        self.member = self.read - len(stripped)
        self.inflate = zlib.decompressobj(31)
        self.fresh = False
        at = self.base + len(self.window)
        if self.borders[-1][0] == at:
            self.borders.pop()
        self.borders.append((at, self.member))

    def cut(self, count: int) -> None:
        """Drop the first octets of the window, and the borders among them."""
        super().cut(count)
        while len(self.borders) > 1 and self.borders[1][0] <= self.base:
            self.borders.popleft()

    def place(self) -> int:
        """Where in the file the member begins in which the window does."""
        return self.borders[0][1]

    def border(self, upto: int) -> int | None:
        """How far into the window the next member begins, where that is before `upto`."""
        for at, _ in self.borders:
            if self.base < at < self.base + upto:
                return at - self.base
        return None

    def skip_damage(self) -> bool:
        """Look for the next gzip header behind the damaged one and begin a new window there."""
        at = self.member + 1
        self.file.seek(at)
        carried = b""
        while data := self.file.read(1024 * 1024):
            found = (carried + data).find(_GZIP)
            if found >= 0:
                start = at - len(carried) + found
                self.base += len(self.window)
                self.window.clear()
                self.file.seek(start)
                self.read, self.pending, self.fresh, self.ended = start, b"", True, False
                self.borders = deque([(self.base, start)])
                return True
            at += len(data)
            carried = data[-2:]
        return False


class Zstd(Octets):
    """Frames in a row, with the dictionary a first skippable frame may hold (the zstandard WARC proposal)."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        dictionary = None
        if file.read(4) == _ZSTD[1]:
            octets = file.read(int.from_bytes(file.read(4), "little"))
            if octets.startswith(_ZSTD[0]):
                octets = zstandard.ZstdDecompressor().decompress(octets, max_output_size=_MAX_DICTIONARY)
            dictionary = zstandard.ZstdCompressionDict(octets)
        else:
            file.seek(0)
        self.reader = zstandard.ZstdDecompressor(dict_data=dictionary).stream_reader(file, read_across_frames=True)

    def fill(self) -> bool:
        """Unpack some more; False at the end of the file. Raises Damage."""
        try:
            data = self.reader.read(_CHUNK)
        except zstandard.ZstdError as error:
            self.ended = True
            raise Damage(self.base, f"not readable as zstandard ({error})") from error
        self.window += data
        self.ended = not data
        return bool(data)
