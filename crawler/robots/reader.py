"""robots.txt octets to a `RobotsFile`: never raises, linear time, every physical line kept.

RFC 9309 sections 2.1, 2.2 and 2.5. Line ends are CR, LF and CRLF and nothing else.
"""

from __future__ import annotations

from functools import lru_cache

from crawler.robots.model import RobotsFile
from crawler.robots.profile import RFC9309, Profile

CAP = 512_000
"""Octets read of a file: RFC 9309 section 2.5 asks a parser for at least 500 kibibytes."""

_BOMS = ((b"\xef\xbb\xbf", "utf-8-bom"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_FIELDS = {
    b"user-agent": "U",
    b"disallow": "D",
    b"allow": "A",
    b"content-usage": "u",
    b"content-signal": "s",
}


MAX_KNOWN = 262_144
"""Lines whose letters are remembered; a file may add its own before they are forgotten."""
_USUAL = {
    b"Disallow: /": "d",
    b"disallow: /": "d",
    b"User-agent:": "U",
    b"User-Agent:": "U",
    b"user-agent:": "U",
}
_SHORTER = {b"Allow: /": "a", b"allow: /": "a", b"Sitemap:": "o", b"sitemap:": "o"}
_SPECIAL = frozenset((b"", b"/", b"*", b"$", b"#", b" ", b"\t"))


class _Keys(dict[bytes, str]):
    """What stands before the first colon of a line, to its letter; remembers what it has seen."""

    def __missing__(self, head: bytes) -> str:
        key = head.strip(b" \t").lower()
        if b"#" in key:
            letter = "." if key[:1] == b"#" else "j"
        else:
            letter = _FIELDS.get(key, "o") if key else "j"
        if len(head) <= 64:
            if len(self) > 16_384:
                self.clear()
            self[head] = letter
        return letter


class _Letters(dict[bytes, str]):
    """A line to its letter in the shape; the same lines stand in thousands of files, so it remembers short ones."""

    def __missing__(self, line: bytes) -> str:
        # Most lines never seen before begin in the usual spelling: one look settles those.
        letter = _USUAL.get(line[:11], "")
        if letter != "U" and (not letter or line[11:12] in _SPECIAL):
            letter = _SHORTER.get(line[:8], "")
            if letter == "a" and line[8:9] not in _SPECIAL and b"#" not in line:
                letter = "q" if b"?" in line else "a"
            elif letter != "o":
                letter = _letter(line)
        if len(line) <= 200:
            self[line] = letter
        return letter


_KEYS = _Keys()
LETTERS = _Letters()


def _letter(line: bytes) -> str:
    head, colon, tail = line.partition(b":")
    if not colon:
        bare = head.strip(b" \t")
        return "." if not bare or bare[:1] == b"#" else "j"
    letter = _KEYS[head]
    if letter != "D" and letter != "A":
        return letter
    value = tail.partition(b"#")[0].strip(b" \t")
    if value == b"/":
        return letter
    if value[:1] != b"/" and value[:1] != b"*":
        return "n" if letter == "D" else "w" if b"?" in value else "m"
    if not value.strip(b"/*$"):
        return "x" if letter == "D" else "y"
    return "d" if letter == "D" else "q" if b"?" in value else "a"


def _octets(data: bytes) -> tuple[bytes, str]:
    """The text without its byte order mark, as UTF-8 octets, and what it was written in."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            if encoding == "utf-8-bom":
                return data[len(mark) :], encoding
            # An odd last octet is half a character. Lone surrogates go through and make their line `not_utf8`.
            whole = data[len(mark) : len(data) - len(data) % 2]
            return whole.decode(encoding, "surrogatepass").encode("utf-8", "surrogatepass"), encoding
    if data.isascii():
        return data, "utf-8"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return data, "not-utf-8"
    return data, "utf-8"


@lru_cache(maxsize=8)
def parse(data: bytes, profile: Profile = RFC9309) -> RobotsFile:
    """Read a robots.txt body under a grouping profile; any octets at all are a file, so nothing is raised.

    Octets beyond `CAP` are not read and `truncated` is set; a line the cap cuts in two is kept as junk, because half
    of `Disallow: /private` is another rule. The last few files read are remembered.
    """
    truncated = len(data) > CAP
    if len(LETTERS) > MAX_KNOWN:
        LETTERS.clear()
    octets, encoding = (data, "utf-8") if not truncated and data.isascii() else _octets(data[:CAP])
    lines = octets.splitlines()
    cut = truncated and octets[-1:] not in (b"\n", b"\r") and data[CAP] not in b"\r\n"
    shape = "".join(map(LETTERS.__getitem__, lines))
    if cut:
        shape = shape[:-1] + "j"
    return RobotsFile(lines, shape, truncated=truncated, encoding=encoding, cut=cut, profile=profile)
