"""What a robots.txt holds once read: every physical line, the groups they form, and what is odd about them.

A file is kept as its octet lines and its *shape*: one letter a line, as the table below says. Groups, classes and
notes are worked out on the shape; `Line` objects are made only when somebody asks for them.

    U  user-agent                     u  Content-Usage        .  blank or comment
    D  Disallow: /                    s  Content-Signal       j  no key and colon
    d  Disallow of some paths         o  any other key
    x  Disallow of only / * $         A  Allow: /
    n  Disallow that matches nothing  a  Allow of some paths, q the same with a "?" in it
                                      y  Allow of only / * $
                                      m  Allow that matches nothing, w the same with a "?" in it
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import filterfalse

from crawler.robots.profile import RULE_LETTERS, Profile

DISALLOW_LETTERS = frozenset("Ddxn")
ALLOW_LETTERS = frozenset("Aaqymw")
OTHER_LETTERS = frozenset("uso")
RAW_LIMIT = 500
"""Characters of a line that travel into rows and readings; the line itself stays whole in `Line.raw`."""

_MANAGED_BEGIN = b"begin cloudflare managed content"
_MANAGED_END = b"end cloudflare managed content"
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*\Z")
PRODUCT_TOKEN = re.compile(r"(?:\*|[A-Za-z_-]+)\Z")


class Kind(StrEnum):
    """What a physical line is to RFC 9309."""

    USER_AGENT = "user_agent"
    ALLOW = "allow"
    DISALLOW = "disallow"
    OTHER = "other"
    COMMENT = "comment"
    BLANK = "blank"
    JUNK = "junk"


@dataclass(frozen=True, slots=True)
class Line:
    """One physical line; `number` counts from 1, `field` is the lower-cased key, `value` the text after the colon.

    Text that is not UTF-8 is read as ISO 8859-1 and marked `not_utf8`, so that `octets` gives the bytes back.
    """

    number: int
    raw: str
    kind: Kind
    field: str = ""
    value: str = ""
    oddities: tuple[str, ...] = ()

    @property
    def octets(self) -> bytes:
        """The octets of `value` as they stand in the file (in UTF-8 where the file was UTF-16)."""
        return self.value.encode("latin-1" if "not_utf8" in self.oddities else "utf-8")


@dataclass(frozen=True, slots=True)
class Group:
    """User-agent lines and what follows them; `first` and `end` are 0-based bounds into the file's lines.

    `tokens` are lower-cased, in order, with the line number of each in `token_lines`; "" stands for an empty value.
    """

    file: RobotsFile
    tokens: tuple[str, ...]
    token_lines: tuple[int, ...]
    first: int
    end: int

    @property
    def first_line(self) -> int:
        """The number of the first user-agent line."""
        return self.first + 1

    @property
    def last_line(self) -> int:
        """The number of the last line with a key; comments and blanks after it belong to nobody."""
        return self.first + len(self.file.shape[self.first : self.end].rstrip(".j"))

    @property
    def rules(self) -> tuple[Line, ...]:
        """The Allow and Disallow lines, in file order."""
        return self.file.pick(self.first, self.end, RULE_LETTERS)

    @property
    def others(self) -> tuple[Line, ...]:
        """Lines with any other key that stand in the group (Content-Signal, Content-Usage, Crawl-delay, ...)."""
        return self.file.pick(self.first, self.end, "uso")


class RobotsFile:
    """A robots.txt, line by line; made by `crawler.robots.parse`, not changed afterwards.

    `encoding` is `utf-8`, `utf-8-bom`, `utf-16-le`, `utf-16-be` or `not-utf-8` (some line had to be read as ISO
    8859-1). `truncated` says that octets beyond the cap were not read. `shape` is described at the top of the module.
    """

    def __init__(
        self,
        octet_lines: list[bytes],
        shape: str,
        *,
        truncated: bool,
        encoding: str,
        cut: bool,
        profile: Profile,
        raw_lines: list[bytes] | None = None,
    ) -> None:
        self.octet_lines = octet_lines
        self.raw_lines = octet_lines if raw_lines is None else raw_lines
        """The lines as they stand in the file, where `octet_lines` are rewritten for another reading."""
        self.shape = shape
        self.truncated = truncated
        self.encoding = encoding
        self.cut = cut
        self.profile = profile
        self.spans, self.index = _grouped(octet_lines, shape, profile.closing)
        """Bounds of each group: first line, end of its user-agent part, end of the group, 0-based and half-open; and
        the positions of the groups that name a token, in file order.
        """
        self.comments: list[object] | None = None
        """Paragraphs of comments, kept by `crawler.robots.comments`."""
        self.blocks: tuple[object, ...] | None = None
        """Blocks of others' writing, kept by `crawler.robots.provenance`."""
        self.hands: bytes | None = None
        """Who wrote each line, an octet a line from 1, kept by `crawler.robots.provenance`."""
        self.google: RobotsFile | None = None
        """The file as Google's parser reads it, kept by `crawler.robots.google`."""
        self.memo: dict[tuple[int, ...], object] = {}
        """Compiled rule sets by group positions, kept by the matcher so that one file is compiled once."""

    def __len__(self) -> int:
        return len(self.octet_lines)

    def grouped(self, profile: Profile, octet_lines: list[bytes] | None = None, shape: str | None = None) -> RobotsFile:
        """The same lines under another profile, or rewritten ones, one for one (not cut: the rewriter has seen it)."""
        rewritten = octet_lines is not None
        return RobotsFile(
            self.octet_lines if octet_lines is None else octet_lines,
            self.shape if shape is None else shape,
            truncated=self.truncated,
            encoding=self.encoding,
            cut=self.cut and not rewritten,
            profile=profile,
            raw_lines=self.raw_lines,
        )

    @cached_property
    def lowered(self) -> bytes:
        """The whole text in lower case, for cheap looks at what cannot be in it."""
        return b"\n".join(self.octet_lines).lower()

    def line(self, number: int) -> Line:
        """The line with that number, from 1; raises IndexError beyond the file."""
        if number < 1:
            raise IndexError(number)
        line = read_line(number, self.octet_lines[number - 1], self.shape[number - 1])
        if self.raw_lines is not self.octet_lines:
            line = replace(line, raw=_text(self.raw_lines[number - 1])[0])
        if self.cut and number == len(self.octet_lines):
            return Line(number, line.raw, Kind.JUNK, oddities=(*line.oddities, "cut_by_cap"))
        return line

    def pick(self, first: int, end: int, letters: str) -> tuple[Line, ...]:
        """The lines in the 0-based range whose letter is one of `letters`."""
        shape = self.shape
        return tuple(self.line(i + 1) for i in range(first, end) if shape[i] in letters)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Every physical line, in order."""
        return tuple(self.line(number) for number in range(1, len(self.octet_lines) + 1))

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The groups in file order; several may name the same token."""
        groups = []
        for first, head, end in self.spans:
            at = [i for i in range(first, head) if self.shape[i] == "U"]
            tokens = tuple(TOKEN_OF[self.octet_lines[i]] for i in at)
            groups.append(Group(self, tokens, tuple(i + 1 for i in at), first, end))
        return tuple(groups)

    @cached_property
    def outside(self) -> tuple[Line, ...]:
        """Lines with another key that stand before any user-agent line, and so in no group."""
        first = self.shape.find("U")
        return self.pick(0, len(self.shape) if first < 0 else first, "uso")

    @cached_property
    def odd_tokens(self) -> tuple[str, ...]:
        """The tokens that are no product tokens of RFC 9309 section 2.2, an empty one among them."""
        return tuple(filterfalse(PRODUCT_TOKEN.match, self.index))

    @cached_property
    def fields(self) -> frozenset[str]:
        """The lower-cased keys of all lines that are neither user-agent, Allow nor Disallow."""
        shape, lines = self.shape, self.octet_lines
        return frozenset(_text(_key(lines[i]))[0] for i in range(len(shape)) if shape[i] in OTHER_LETTERS)

    @cached_property
    def managed(self) -> tuple[range, ...]:
        """Line numbers of each block a CDN wrote between its BEGIN and END comments; an open block is nobody's."""
        if _MANAGED_END not in self.lowered:
            return ()
        blocks, begin = [], 0
        for number, octets in enumerate(self.octet_lines, 1):
            if self.shape[number - 1] == "." and octets:
                low = octets.lower()
                if _MANAGED_BEGIN in low:
                    begin = number
                elif begin and _MANAGED_END in low:
                    blocks.append(range(begin, number + 1))
                    begin = 0
        return tuple(blocks)


def _grouped(
    octet_lines: list[bytes], shape: str, closing: str
) -> tuple[list[tuple[int, int, int]], dict[str, tuple[int, ...]]]:
    spans: list[tuple[int, int, int]] = []
    found: dict[str, tuple[int, ...]] = {}
    several: dict[str, list[int]] = {}
    first = shape.find("U")
    for agents, rest in _grouping(closing).findall(shape):
        position = (len(spans),)
        head = first + len(agents)
        spans.append((first, head, head + len(rest)))
        at = first
        while at < head:
            token = TOKEN_OF[octet_lines[at]]
            if found.setdefault(token, position) is not position:
                several.setdefault(token, [*found[token]]).append(position[0])
            at = shape.find("U", at + 1, head) if head - first > 1 else head
            if at < 0:
                break
        first = head + len(rest)
    for token, positions in several.items():
        found[token] = tuple(dict.fromkeys(positions))
    return spans, found


_GROUPINGS: dict[str, re.Pattern[str]] = {}


def _grouping(closing: str) -> re.Pattern[str]:
    if closing not in _GROUPINGS:
        _GROUPINGS[closing] = re.compile(f"(U[^{closing}]*)([{closing}][^U]*)?")
    return _GROUPINGS[closing]


def text_of(octets: bytes) -> str:
    """The text of a line, as `Line.raw` has it."""
    return _text(octets)[0]


def _text(octets: bytes) -> tuple[str, bool]:
    """The text of some octets, and whether they were UTF-8."""
    try:
        return octets.decode("utf-8"), True
    except UnicodeDecodeError:
        return octets.decode("latin-1"), False


def _key(octets: bytes) -> bytes:
    return octets.partition(b":")[0].strip(b" \t").lower()


def value_of(octets: bytes) -> bytes:
    """The value of a line that has a key: after the first colon, before any `#`, without SP and HTAB around it."""
    return octets.partition(b":")[2].partition(b"#")[0].strip(b" \t")


class _Tokens(dict[bytes, str]):
    """A user-agent line to its token; the same names stand in thousands of files, so it remembers short lines."""

    def __missing__(self, octets: bytes) -> str:
        token = _text(value_of(octets))[0].lower()
        if len(octets) <= 100:
            if len(self) > 65_536:
                self.clear()
            self[octets] = token
        return token


TOKEN_OF = _Tokens()
"""The value of a user-agent line, lower-cased: compared whole, never by prefix (RFC 9309 section 2.2.1)."""


def read_line(number: int, octets: bytes, letter: str) -> Line:
    """A `Line` from its octets and its letter in the shape."""
    raw, is_utf8 = _text(octets)
    odd = [] if is_utf8 else ["not_utf8"]
    if b"\0" in octets:
        odd.append("nul")
    if letter in ".j":
        bare = octets.strip(b" \t")
        kind = Kind.JUNK if letter == "j" else Kind.COMMENT if bare else Kind.BLANK
        return Line(number, raw, kind, oddities=tuple(odd))
    encoding = "utf-8" if is_utf8 else "latin-1"
    field, value = _key(octets).decode(encoding), value_of(octets).decode(encoding)
    if letter == "U":
        kind = Kind.USER_AGENT
        if not PRODUCT_TOKEN.match(value):
            odd.append("non_rfc_token" if value else "empty_token")
    elif letter in OTHER_LETTERS:
        kind = Kind.OTHER
        if not _KEY.match(field):
            odd.append("odd_key")
        if field.startswith(("disallow", "allow")):
            odd.append("rule_like_key")
    else:
        kind = Kind.DISALLOW if letter in DISALLOW_LETTERS else Kind.ALLOW
        if value and value[0] not in "/*":
            odd.append("no_leading_slash")
    return Line(number, raw, kind, field, value, tuple(odd))
