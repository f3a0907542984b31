"""May this product token fetch this path: group selection and longest match, RFC 9309 sections 2.2.1 to 2.2.3.

Paths and patterns are compared as octets in one normal form (2.2.2): unreserved characters are never escaped, octets
outside US-ASCII and those not allowed in a URL always are, hexadecimal digits are upper case, and a reserved character
equals its escape unless it is a delimiter there: `%2F` and `%3F` in a path, `%2A`, `%24`, `%23` anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from crawler.robots.model import ALLOW_LETTERS, RULE_LETTERS, Group, Line, RobotsFile, value_of
from crawler.vocabulary import Basis

_UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_RESERVED = b":[]@!&'()+,;="
_PLAIN = _UNRESERVED + _RESERVED + b"/?"
PLAIN_PATTERN = _PLAIN + b"*$"
_IN_PATH = frozenset(_UNRESERVED + _RESERVED + b"/")
_IN_QUERY = frozenset(_UNRESERVED + _RESERVED + b"/?")
_ESCAPABLE = re.compile(rb"%[0-9A-Fa-f]{2}|[^" + re.escape(_UNRESERVED + _RESERVED + b"/") + rb"]", re.DOTALL)
_URL = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*")
ROBOTS_PATH = b"/robots.txt"


def _escape(part: bytes, literal: frozenset[int]) -> bytes:
    """One part of a path in normal form; `literal` are the characters that stand for themselves there."""

    def one(match: re.Match[bytes]) -> bytes:
        found = match[0]
        octet = int(found[1:], 16) if len(found) == 3 else found[0]
        # In a query both "?" and "%3F" are data; in a path "%2F" and "%3F" are data and "/" is not.
        if octet in literal and not (len(found) == 3 and octet == 0x2F and literal is _IN_PATH):
            return bytes((octet,))
        return b"%%%02X" % octet

    return _ESCAPABLE.sub(one, part)


def normalise(path: bytes) -> bytes:
    """A URL's path and query in the form patterns are compared with; a raw `*` or `$` there is data."""
    if not path.translate(None, _PLAIN):
        return path
    before, mark, query = path.partition(b"?")
    return _escape(before, _IN_PATH) + mark + _escape(query, _IN_QUERY)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A path pattern cut at its wildcards; `size` counts the octets of its normal form, `*` and `$` included.

    `pieces` is empty for a pattern that matches no path: an empty one, or one not beginning with `/` or `*`.
    """

    pieces: tuple[bytes, ...]
    anchored: bool
    size: int

    @property
    def universal(self) -> bool:
        """Whether every path matches; all paths begin with `/`."""
        if len(self.pieces) < 2:
            return self.pieces == (b"/",) and not self.anchored
        first, *middle, last = self.pieces
        if first == b"/":
            return not middle and not last
        return not first and (
            (not middle and last == b"/" and not self.anchored) or (middle in ([], [b"/"]) and not last)
        )

    def matches(self, path: bytes) -> bool:
        """Whether a path in normal form matches from its first octet on; time linear in path and pattern."""
        pieces = self.pieces
        if not pieces or not path.startswith(pieces[0]):
            return False
        at = len(pieces[0])
        if len(pieces) == 1:
            return not self.anchored or at == len(path)
        # The leftmost place for each piece leaves most room for the next, so nothing is ever tried twice.
        for piece in pieces[1:-1]:
            at = path.find(piece, at)
            if at < 0:
                return False
            at += len(piece)
        last = pieces[-1]
        if self.anchored:
            return len(path) - len(last) >= at and path.endswith(last)
        return path.find(last, at) >= 0


def _compile(value: bytes) -> Pattern:
    if value[:1] not in (b"/", b"*"):
        return Pattern((), False, 0)
    anchored = value.endswith(b"$")
    body = value[:-1] if anchored else value
    before, mark, query = body.partition(b"?")
    normal = [*(_escape(piece, _IN_PATH) for piece in before.split(b"*"))]
    if mark:
        tail = [_escape(piece, _IN_QUERY) for piece in query.split(b"*")]
        normal[-1] += b"?" + tail[0]
        normal += tail[1:]
    size = sum(map(len, normal)) + len(normal) - 1 + anchored
    # "**" says no more than "*": empty pieces between the ends always match where they are tried.
    pieces = (normal[0], *filter(None, normal[1:-1]), normal[-1]) if len(normal) > 1 else (normal[0],)
    return Pattern(pieces, anchored, size)


_compile_short = lru_cache(maxsize=32_768)(_compile)


def compile_pattern(value: bytes) -> Pattern:
    """The compiled form of an Allow or Disallow value; short ones are remembered across files."""
    return _compile_short(value) if len(value) <= 256 else _compile(value)


def comparable(value: bytes) -> bytes:
    """A rule's value in a form in which two values that match the same paths by the same text are equal."""
    if not value.translate(None, PLAIN_PATTERN) and b"**" not in value and b"$" not in value[:-1]:
        return value
    pattern = compile_pattern(value)
    return b"*".join(pattern.pieces) + b"$" * pattern.anchored


@dataclass(frozen=True, slots=True)
class Rule:
    """An Allow or Disallow line, compiled; `line` is its number."""

    allow: bool
    pattern: Pattern
    line: int


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of merged groups, longest first and Allow before Disallow, so the first match decides."""

    rules: tuple[Rule, ...]

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> RuleSet:
        """Sort rules into the order they are tried in."""
        return cls(tuple(sorted(rules, key=lambda rule: (-rule.pattern.size, not rule.allow, rule.line))))

    def first(self, path: bytes) -> Rule | None:
        """The deciding rule for a path in normal form, or None."""
        for rule in self.rules:
            if rule.pattern.matches(path):
                return rule
        return None


@dataclass(frozen=True, slots=True)
class Selection:
    """The groups that speak to a token, merged (RFC 9309 section 2.2.1), and whether they name it."""

    token: str
    basis: Basis
    groups: tuple[Group, ...]

    @property
    def rules(self) -> tuple[Line, ...]:
        """The Allow and Disallow lines of all its groups, in file order."""
        return tuple(line for group in self.groups for line in group.rules)


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a path may be fetched, and the line that decided (None: no rule matched)."""

    allowed: bool
    line: int | None
    raw: str | None
    basis: Basis


def _choose(file: RobotsFile, token: str) -> tuple[Basis, tuple[int, ...]]:
    wanted = token.lower()
    if wanted and wanted != "*" and (ids := file.index.get(wanted)):
        return Basis.EXPLICIT, ids
    if ids := file.index.get("*"):
        return Basis.WILDCARD, ids
    return Basis.DEFAULT, ()


def select(file: RobotsFile, token: str) -> Selection:
    """The groups for a product token: all that name it (whole value, any case), else all `*` groups, else none."""
    basis, ids = _choose(file, token)
    return Selection(token, basis, tuple(file.groups[i] for i in ids))


def rules_of(file: RobotsFile, ids: Sequence[int]) -> list[Rule]:
    """The compiled rules of groups given by position; rules that match no path are left out."""
    rules = []
    shape = file.shape
    for position in ids:
        _, head, end = file.spans[position]
        for i in range(head, end):
            if (letter := shape[i]) in RULE_LETTERS:
                pattern = compile_pattern(value_of(file.octet_lines[i]))
                if pattern.pieces:
                    rules.append(Rule(letter in ALLOW_LETTERS, pattern, i + 1))
    return rules


def decide(file: RobotsFile, token: str, path: str) -> Decision:
    """Whether `token` may fetch `path` (path and query, from the first `/`); `/robots.txt` itself always may be."""
    basis, ids = _choose(file, token)
    normal = normalise(octets_of(path))
    if normal == ROBOTS_PATH or not ids:
        return Decision(True, None, None, basis)
    rules = file.memo.get(ids)
    if not isinstance(rules, RuleSet):
        rules = file.memo[ids] = RuleSet.of(rules_of(file, ids))
    rule = rules.first(normal)
    if rule is None:
        return Decision(True, None, None, basis)
    return Decision(rule.allow, rule.line, file.line(rule.line).raw, basis)


def octets_of(path: str) -> bytes:
    """A path as octets; one that does not begin with `/` (an empty one too) is taken to follow the root."""
    octets = path.encode("utf-8", "surrogatepass")
    return octets if octets.startswith(b"/") else b"/" + octets


def path_of(url: str) -> str:
    """Path and query of a URL, as robots.txt rules see them: no scheme, authority or fragment, and at least `/`."""
    rest = url.partition("#")[0]
    if authority := _URL.match(rest):
        rest = rest[authority.end() :]
    return rest if rest.startswith("/") else "/" + rest


def path_form(value: str) -> tuple[str | None, str]:
    """A value that may begin with a path, cut in two: `/a ai-train=no` is `/a` and `ai-train=no`.

    The form of Content-Usage rules (draft-ietf-aipref-attach section 3.2) and of Content-Signal lines: a value that
    begins with `/` has a path up to the first SP or HTAB; any other has none.
    """
    if not value.startswith("/"):
        return None, value
    found = re.search(r"[ \t]", value)
    return (value[: found.start()], value[found.end() :].strip(" \t")) if found else (value, "")
