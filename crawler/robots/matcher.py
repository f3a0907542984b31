"""May this product token fetch this path: group selection and longest match, RFC 9309 sections 2.2.1 to 2.2.3.

Paths and patterns are compared as octets in one normal form (`crawler.robots.escapes`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress

from crawler.robots.escapes import IN_PATH, IN_QUERY, PLAIN, PLAIN_PATTERN, escape, google_form, normalise
from crawler.robots.model import ALLOW_LETTERS, Group, Line, RobotsFile, text_of, value_of
from crawler.robots.profile import RULE_LETTERS
from crawler.vocabulary import Basis

_INDEX = re.compile(rb"(.*/)index\.htm[^/]*\Z", re.DOTALL)
_URL = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*")
_BEGIN = 24
ROBOTS_PATH = b"/robots.txt"


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


def _compile(value: bytes, literal: bool = False) -> Pattern:
    if value[:1] not in (b"/", b"*"):
        return Pattern((), False, 0)
    anchored = value.endswith(b"$")
    body = value[:-1] if anchored else value
    if literal:
        normal = google_form(body).split(b"*")
    else:
        before, mark, query = body.partition(b"?")
        normal = [*(escape(piece, IN_PATH) for piece in before.split(b"*"))]
        if mark:
            tail = [escape(piece, IN_QUERY) for piece in query.split(b"*")]
            normal[-1] += b"?" + tail[0]
            normal += tail[1:]
    size = sum(map(len, normal)) + len(normal) - 1 + anchored
    # "**" says no more than "*": empty pieces between the ends always match where they are tried.
    pieces = (normal[0], *filter(None, normal[1:-1]), normal[-1]) if len(normal) > 1 else (normal[0],)
    return Pattern(pieces, anchored, size)


_compile_short = lru_cache(maxsize=32_768)(_compile)


def compile_pattern(value: bytes, literal: bool = False) -> Pattern:
    """The compiled form of an Allow or Disallow value; short ones are remembered across files."""
    return _compile_short(value, literal) if len(value) <= 256 else _compile(value, literal)


def comparable(value: bytes, literal: bool = False) -> bytes:
    """A rule's value in a form in which two values that match the same paths by the same text are equal."""
    if not value.translate(None, PLAIN_PATTERN) and b"**" not in value and b"$" not in value[:-1]:
        return value
    pattern = compile_pattern(value, literal)
    return b"*".join(pattern.pieces) + b"$" * pattern.anchored


@dataclass(frozen=True, slots=True)
class Rule:
    """An Allow or Disallow line, compiled; `line` is its number."""

    allow: bool
    pattern: Pattern
    line: int


class RuleSet:
    """The rules of merged groups, longest first and Allow before Disallow, so the first match decides."""

    __slots__ = ("_all", "_prefixes", "_special", "rules")

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.rules = rules
        self._prefixes: tuple[bytes, ...] | None = None
        self._all: list[tuple[bytes, Rule]] = []
        self._special: list[tuple[bytes, Rule]] = []

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> RuleSet:
        """Sort rules into the order they are tried in."""
        return cls(tuple(sorted(rules, key=lambda rule: (-rule.pattern.size, not rule.allow, rule.line))))

    def first(self, path: bytes) -> Rule | None:
        """The deciding rule for a path in normal form, or None."""
        if self._prefixes is None:
            self._all = [(rule.pattern.pieces[0], rule) for rule in self.rules]
            plain = [len(rule.pattern.pieces) == 1 and not rule.pattern.anchored for rule in self.rules]
            self._prefixes = tuple(head for head, _ in compress(self._all, plain))
            self._special = [pair for pair, is_plain in zip(self._all, plain, strict=True) if not is_plain]
        # One look tells whether any rule without wildcards matches; mostly none does.
        for head, rule in self._all if path.startswith(self._prefixes) else self._special:
            if path.startswith(head) and rule.pattern.matches(path):
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


def choose(file: RobotsFile, token: str) -> tuple[Basis, tuple[int, ...]]:
    """The basis and the positions of the groups that speak to a token; Google's parser lets "" equal a cut "1Bot"."""
    wanted = token.lower()
    if (wanted or file.profile.literal) and wanted != "*" and (ids := file.index.get(wanted)):
        return Basis.EXPLICIT, ids
    if ids := file.index.get("*"):
        return Basis.WILDCARD, ids
    return Basis.DEFAULT, ()


def select(file: RobotsFile, token: str) -> Selection:
    """The groups for a product token: all that name it (whole value, any case), else all `*` groups, else none."""
    basis, ids = choose(file, token)
    return Selection(token, basis, tuple(file.groups[i] for i in ids))


def beginnings(paths: Iterable[bytes]) -> frozenset[bytes]:
    """Every beginning of those paths, up to a length that tells most rules apart."""
    return frozenset(path[:length] for path in paths for length in range(1, _BEGIN + 1))


def _is_elsewhere(value: bytes, begins: frozenset[bytes]) -> bool:
    """Whether a rule surely matches no path with one of those beginnings; no is no proof that it does.

    Plain octets stand for themselves in every form. An index page also speaks for its directory.
    """
    head = value[:_BEGIN]
    return head not in begins and not head.translate(None, PLAIN) and b"index.htm" not in value


def rules_of(file: RobotsFile, ids: Sequence[int], begins: frozenset[bytes] | None = None) -> list[Rule]:
    """The compiled rules of groups given by position; rules that match no path are left out.

    With `begins`, the `beginnings` of every path that will be asked, most rules that match none of them are too.
    """
    rules = []
    shape, literal = file.shape, file.profile.literal
    for position in ids:
        _, head, end = file.spans[position]
        for i in range(head, end):
            if (letter := shape[i]) in RULE_LETTERS:
                value = value_of(file.octet_lines[i])
                if begins is not None and _is_elsewhere(value, begins):
                    continue
                pattern = compile_pattern(value, literal)
                if pattern.pieces:
                    rules.append(Rule(letter in ALLOW_LETTERS, pattern, i + 1))
                    if literal and letter in ALLOW_LETTERS and (directory := _INDEX.match(value)):
                        rules.append(Rule(True, compile_pattern(directory[1] + b"$", True), i + 1))
    return rules


def decide(file: RobotsFile, token: str, path: str) -> Decision:
    """Whether `token` may fetch `path` (path and query, from the first `/`).

    `/robots.txt` itself always may be fetched (RFC 9309 section 2.2.2); Google's parser leaves that to its caller.
    """
    basis, ids = choose(file, token)
    literal = file.profile.literal
    octets = octets_of(path)
    normal = octets if literal else normalise(octets)
    if not ids or (normal == ROBOTS_PATH and not literal):
        return Decision(True, None, None, basis)
    rules = file.memo.get(ids)
    if not isinstance(rules, RuleSet):
        rules = file.memo[ids] = RuleSet.of(rules_of(file, ids))
    rule = rules.first(normal)
    if rule is None:
        return Decision(True, None, None, basis)
    return Decision(rule.allow, rule.line, text_of(file.raw_lines[rule.line - 1]), basis)


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


def google_path_of(url: str) -> str:
    """`GetPathParamsQuery` of Google's parser: path, parameters and query, at least `/`; nothing is escaped."""
    start = 2 if url.startswith("//") else 0
    early, protocol = _first_of(url, "/?;", start), url.find("://", start)
    after = start if protocol < 0 or 0 <= early < protocol else protocol + 3
    begin, fragment = _first_of(url, "/?;", after), url.find("#", start)
    if begin < 0 or 0 <= fragment < begin:
        return "/"
    path = url[begin:] if fragment < 0 else url[begin:fragment]
    return path if path.startswith("/") else "/" + path


def _first_of(text: str, characters: str, start: int) -> int:
    return min((at for c in characters if (at := text.find(c, start)) >= 0), default=-1)


def path_form(value: str) -> tuple[str | None, str]:
    """A value that may begin with a path, cut in two: `/a ai-train=no` is `/a` and `ai-train=no`.

    The form of Content-Usage rules (draft-ietf-aipref-attach section 3.2) and of Content-Signal lines: a value that
    begins with `/` has a path up to the first SP or HTAB; any other has none.
    """
    if not value.startswith("/"):
        return None, value
    found = re.search(r"[ \t]", value)
    return (value[: found.start()], value[found.end() :].strip(" \t")) if found else (value, "")
