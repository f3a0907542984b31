"""How Google's open parser reads a robots.txt, where it is more lenient than RFC 9309 or simply other.

After `robots.cc` of github.com/google/robotstxt: keys are recognised by their beginning and in frequent misspellings, a
missing colon is forgiven where just two words stand on the line, a user-agent value is cut at its first character
that is no letter, `-` or `_`, `*` before white space is still everybody, a line ends at a NUL and after 16,663
octets, and an Allow of `index.htm*` allows its directory. Nothing is unescaped; a query's URL is taken as it is.
"""

from __future__ import annotations

import re

from crawler.robots.model import RobotsFile
from crawler.robots.profile import GOOGLE
from crawler.robots.reader import LETTERS

MAX_LINE = 2_083 * 8 - 1
"""Octets of a line that are read: `kMaxLineLen` less the closing NUL."""

_SPACE = b" \t\n\v\f\r"
_BOM = b"\xef\xbb\xbf"
_TWO_WORDS = re.compile(rb"([^ \t]+)[ \t]+([^ \t]+)\Z")
_KEYS = (
    ((b"user-agent", b"useragent", b"user agent"), b"user-agent"),
    ((b"allow",), b"allow"),
    ((b"disallow", b"dissallow", b"dissalow", b"disalow", b"diasllow", b"disallaw"), b"disallow"),
)
_AGENT = re.compile(rb"[A-Za-z_-]*")
_NO_RULES = re.compile("[jo]")
_SOME_ALLOWS = re.compile("[aq]")
_NOTHING = frozenset((b"", b"unknown:"))
"""What a line is rewritten to that bears on no row."""


class _Rewritten(dict[bytes, bytes]):
    """A line to what Google makes of it, written as RFC 9309 would; remembers short lines."""

    def __missing__(self, line: bytes) -> bytes:
        rewritten = _rewrite(line)
        if len(line) <= 200:
            if len(self) > 65_536:
                self.clear()
            self[line] = rewritten
        return rewritten


def _rewrite(line: bytes) -> bytes:
    text = line[:MAX_LINE].partition(b"\0")[0].partition(b"#")[0].strip(_SPACE)
    key, colon, value = text.partition(b":")
    if not colon:
        words = _TWO_WORDS.match(text)
        if words is None:
            return b""
        key, value = words[1], words[2]
    key, value = key.strip(_SPACE).lower(), value.strip(_SPACE)
    for beginnings, name in _KEYS:
        if key.startswith(beginnings):
            return name + b":" + (agent_of(value) if name == b"user-agent" else value)
    return b"unknown:" if key else b""


def agent_of(value: bytes) -> bytes:
    """The token Google takes from a user-agent value: its first letters, `-` and `_`, or `*`."""
    if value[:1] == b"*" and (len(value) == 1 or value[1:2].isspace()):
        return b"*"
    found = _AGENT.match(value)
    return found[0] if found else b""


REWRITTEN = _Rewritten()


def google_of(file: RobotsFile) -> RobotsFile:
    """The file as Google's parser reads it, line for line; a UTF-16 file is to it nothing but broken lines."""
    if file.google is None:
        file.google = _google_of(file)
    return file.google


def _google_of(file: RobotsFile) -> RobotsFile:
    if file.encoding.startswith("utf-16"):
        lines = [b""] * len(file)
    else:
        lines = [REWRITTEN[line] for line in file.raw_lines]
        if file.raw_lines and file.encoding != "utf-8-bom":
            # "Skipping possible BOM-prefix in the first bytes of the input": a part of the mark is skipped too.
            first = file.raw_lines[0]
            part = next((n for n in (2, 1) if first.startswith(_BOM[:n])), 0)
            lines[0] = REWRITTEN[first[part:]]
        if file.cut:
            lines[-1] = b""
    shape = "".join(map(LETTERS.__getitem__, lines))
    if b"index.htm" in file.lowered:
        # Such an Allow is one of its directory too, which may be all there is: only patterns can tell.
        shape = "".join("y" if c in "aq" and b"index.htm" in x else c for c, x in zip(shape, lines, strict=True))
    return file.grouped(GOOGLE, lines, shape)


def may_differ(file: RobotsFile) -> bool:
    """Whether Google could see other groups, other rules, or another verdict on `/`; cheap, and never wrongly no.

    Only rows are meant: a path with an escape may be judged differently in any file.
    """
    low, lines, shape = file.lowered, file.octet_lines, file.shape
    if file.encoding.startswith("utf-16") or low.startswith(_BOM[:1]) or b"\0" in low:
        return True
    if len(low) > MAX_LINE and max(map(len, lines)) > MAX_LINE:
        return True
    if b"index.htm" in low and any(b"index.htm" in lines[at.start()] for at in _SOME_ALLOWS.finditer(shape)):
        return True
    if file.odd_tokens:
        return True
    return any(REWRITTEN[lines[at.start()]] not in _NOTHING for at in _NO_RULES.finditer(shape))


def rule_like(file: RobotsFile) -> list[tuple[int, bool]]:
    """Number of each line that only Google reads as a rule, and whether it reads an Allow."""
    lines, found = file.octet_lines, []
    for at in _NO_RULES.finditer(file.shape):
        rewritten = REWRITTEN[lines[at.start()]]
        if rewritten.startswith((b"allow:", b"disallow:")):
            found.append((at.start() + 1, rewritten.startswith(b"allow:")))
    return found
