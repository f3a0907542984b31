"""Access classes: one row for every product token a robots.txt names, and one for everybody else.

A row holds at once the columns by which different studies call a site closed, so that each of their figures can be
reproduced from it. Most rows are read off the letters of the file's shape; only the rest need patterns matched.

Probing is bounded: `PROBE_BUDGET` steps a file, a step being one pattern tried on one path of up to 256 octets. Rules
that cannot decide anything are first left out by exact arguments, so that only files built to be expensive reach the
bound; from there on a row says `partial`, never `full_probe` and never `none`. `root_blocked`, `full_exact`,
`full_dpi`, `explicit_allow` and the deciding line are exact always.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from crawler.records import AccessRow
from crawler.robots.escapes import PLAIN, PLAIN_PATTERN, google_form, normalise
from crawler.robots.matcher import Rule, RuleSet, comparable, compile_pattern, rules_of
from crawler.robots.model import RAW_LIMIT, RobotsFile, text_of, value_of
from crawler.robots.profile import RULE_LETTERS
from crawler.vocabulary import ANYONE, Basis

CANARY = b"/dummy-testing-path-54321"
"""A path no file names; refused only where nearly everything is."""

Flags = tuple[bool, bool, bool, bool, bool, bool, bool]
"""The seven class columns, in the order of AccessRow."""

PROBE_BUDGET = 500_000

_DROP = {ord(letter): None for letter in "U.jous"}
_SOME_ALLOWS = re.compile("[aq]")
_SOME_DISALLOWS = re.compile("d")
_VALUE_ENDS = (b"\n", b" ", b"\t", b"#")
_NEEDS_PATTERNS = re.compile("[Axy]")
_NO_RULES: Flags = (False, False, False, False, False, True, False)


def access_rows(file: RobotsFile) -> list[AccessRow]:
    """The rows of a file in the order its tokens appear, `*` last; bounded work for any file of up to the cap."""
    classifier = _Classifier(file)
    classify, known, profile = classifier.of, classifier.known, file.profile.name
    new, rows = tuple.__new__, []
    for token, ids in file.index.items():
        if token and token != ANYONE:
            columns = known.get(ids) or classify(ids)
            rows.append(new(AccessRow, (token, Basis.EXPLICIT, *columns, profile)))
    rows.append(_rest(file, classifier))
    return rows


def rows_for(file: RobotsFile, tokens: Iterable[str]) -> list[AccessRow]:
    """The row that speaks to each of some lower-case tokens: its own, or the one of `*` where none names it."""
    classifier = _Classifier(file)
    index, spans, shape, raws, profile = file.index, file.spans, file.shape, file.raw_lines, file.profile.name
    new, rest, rows = tuple.__new__, _rest(file, classifier), []
    for token in tokens:
        ids = index.get(token)
        if not ids or token == ANYONE or not token:
            rows.append(rest)
            continue
        first, head, end = spans[ids[0]]
        if len(ids) == 1 and (known := _SLICES[shape[head:end]]) is not None:
            at = head + known[1] if known[1] >= 0 else first
            rows.append(new(AccessRow, (token, Basis.EXPLICIT, *known[0], at + 1, _TEXTS[raws[at]], profile)))
        else:
            rows.append(new(AccessRow, (token, Basis.EXPLICIT, *classifier.of(ids), profile)))
    return rows


def _rest(file: RobotsFile, classifier: _Classifier) -> AccessRow:
    """The row of every token a file does not name."""
    profile = file.profile.name
    if ids := file.index.get(ANYONE, ()):
        columns = classifier.of(ids)
        return AccessRow._make((ANYONE, Basis.WILDCARD, *columns[:6], False, *columns[7:], profile))
    return AccessRow._make((ANYONE, Basis.DEFAULT, *_NO_RULES, None, None, profile))


class _Texts(dict[bytes, str]):
    """A line to its text as it goes into a row; remembers short lines."""

    def __missing__(self, octets: bytes) -> str:
        text = text_of(octets)[:RAW_LIMIT]
        if len(octets) <= 100:
            if len(self) > 65_536:
                self.clear()
            self[octets] = text
        return text


class _Slices(dict[str, tuple[Flags, int] | None]):
    """The letters of one group to its classes and the place of the rule that decides for `/` (-1: none does).

    None where patterns must be compared. The same few rules make up most groups of most files.
    """

    def __missing__(self, letters: str) -> tuple[Flags, int] | None:
        rules = _shorten(letters.translate(_DROP))
        flags, deciding = _by_letters(rules)
        answer = None
        if flags is not None and not (flags[4] and _may_be_outdone(rules)):
            answer = flags, letters.find(deciding) if deciding else -1
        if len(letters) < 256:
            if len(self) > 65_536:
                self.clear()
            self[letters] = answer
        return answer


_TEXTS = _Texts()
_SLICES = _Slices()


def _may_be_outdone(rules: str) -> bool:
    return "d" in rules and ("a" in rules or "q" in rules)


@lru_cache(maxsize=8_192)
def _by_letters(rules: str) -> tuple[Flags | None, str]:
    """The classes that follow from the letters of the rules alone, None where patterns must be compared, and the
    letter of the rule that decides for `/`. Whether an Allow of the same path outdoes a Disallow is not looked at here.
    """
    kinds = set(rules)
    deciding = "A" if "A" in kinds else "D" if "D" in kinds else ""
    blocks, paths = deciding == "D", bool(kinds & {"a", "q"})
    if kinds & {"x", "y"} or (blocks and paths and "d" in kinds):
        return None, ""
    if blocks and paths:
        # Each Allow is longer than "/", names more than "/", and so opens what it names and not "/".
        return (True, False, False, _dpi(kinds), True, False, False), deciding
    # Without an Allow of some path, `Disallow: /` refuses everything; `Allow: /` outdoes nothing but another "/".
    none = not blocks and "d" not in kinds
    return (blocks, rules == "D", blocks, _dpi(kinds), not (blocks or none), none, deciding == "A"), deciding


def _dpi(kinds: set[str]) -> bool:
    return "D" in kinds and not kinds & {"A", "a", "y", "m"}


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the rules of one group say: the one that decides for `/`, for the canary, and about every path at once."""

    root: Rule | None
    canary: Rule | None
    all_refused: int
    all_allowed: int
    rules: list[Rule]


class _Classifier:
    """The classes of one file's merged groups, each distinct set of groups once."""

    def __init__(self, file: RobotsFile) -> None:
        self.file = file
        self.known: dict[tuple[int, ...], tuple[object, ...]] = {}
        self.letters: dict[int, str] = {}
        self.facts: dict[int, _Facts] = {}
        self.named: list[bytes] | None = None
        self.budget = PROBE_BUDGET

    def of(self, ids: tuple[int, ...]) -> tuple[object, ...]:
        """The class columns of the groups taken together, and the number and text of the line to show for them."""
        answer = self.known.get(ids)
        if answer is None:
            answer = self.known[ids] = self._classify(ids)
        return answer

    def _classify(self, ids: tuple[int, ...]) -> tuple[object, ...]:
        file = self.file
        shape, (first, head, end) = file.shape, file.spans[ids[0]]
        one = len(ids) == 1
        if one and (known := _SLICES[shape[head:end]]) is not None:
            flags, at = known
            line = head + at + 1 if at >= 0 else first + 1
            return (*flags, line, _TEXTS[file.raw_lines[line - 1]])
        letters = _shorten(shape[head:end].translate(_DROP) if one else "".join(map(self._letters_of, ids)))
        by_letters, deciding = _by_letters(letters)
        found: int | None
        if by_letters is None and not _NEEDS_PATTERNS.search(letters) and "D" in letters and self._opened(ids):
            by_letters, deciding = (True, False, False, _dpi(set(letters)), True, False, False), "D"
        if by_letters is None:
            by_letters, found = self._by_patterns(ids, letters)
        else:
            found = self._find(ids, deciding) if deciding else None
            if by_letters[4] and _may_be_outdone(letters) and self._all_outdone(ids):
                by_letters = (*by_letters[:4], False, True, by_letters[6])
        line = found or first + 1
        return (*by_letters, line, _TEXTS[file.raw_lines[line - 1]])

    def _letters_of(self, position: int) -> str:
        letters = self.letters.get(position)
        if letters is None:
            _, head, end = self.file.spans[position]
            letters = self.letters[position] = _shorten(self.file.shape[head:end].translate(_DROP))
        return letters

    def _find(self, ids: tuple[int, ...], letter: str) -> int | None:
        for i in ids:
            _, head, end = self.file.spans[i]
            if (at := self.file.shape.find(letter, head, end)) >= 0:
                return at + 1
        return None

    def _all_outdone(self, ids: tuple[int, ...]) -> bool:
        """Whether every Disallow of a path has an Allow of the same path (equal length: the Allow wins, 2.2.2)."""
        file = self.file
        self.budget -= sum(file.spans[i][2] - file.spans[i][1] for i in ids)
        if self.budget < 0:
            return False
        lines = self._lines(_SOME_ALLOWS, ids)
        first = value_of(file.octet_lines[(self._find(ids, "d") or 1) - 1])
        # Nearly always settled here: with nothing escaped on either side, equal values are equal octets.
        if b"**" not in first and not first.translate(None, PLAIN_PATTERN):
            text = b"\n".join(lines) + b"\n"
            if b"%" not in text and b"**" not in text and not any(first + end in text for end in _VALUE_ENDS):
                return False
        allows = map(value_of, lines)
        literal = file.profile.literal
        allowed = {comparable(value, literal) for value in allows}
        return all(comparable(value_of(line), literal) in allowed for line in self._lines(_SOME_DISALLOWS, ids))

    def _opened(self, ids: tuple[int, ...]) -> bool:
        """Whether some Allow surely opens what it names; no is no proof that none does.

        A Disallow outdoes an Allow of a plain path only where it is longer and matches all the same: with wildcards.
        """
        plain = [
            value for line in self._lines(_SOME_ALLOWS, ids) if not (value := value_of(line)).translate(None, PLAIN)
        ]
        if not plain:
            return False
        path = max(plain, key=len)
        self.budget -= sum(self.file.spans[i][2] - self.file.spans[i][1] for i in ids)
        if self.budget < 0:
            return False
        for line in self._lines(_SOME_DISALLOWS, ids):
            if b"*" in line or b"$" in line:
                pattern = compile_pattern(value_of(line), self.file.profile.literal)
                if pattern.size > len(path) and pattern.matches(path):
                    return False
        return True

    def _lines(self, letters: re.Pattern[str], ids: tuple[int, ...]) -> list[bytes]:
        shape, lines, spans = self.file.shape, self.file.octet_lines, self.file.spans
        return [lines[m.start()] for i in ids for m in letters.finditer(shape, spans[i][1], spans[i][2])]

    def _facts_of(self, position: int) -> _Facts:
        facts = self.facts.get(position)
        if facts is None:
            rules = rules_of(self.file, (position,))
            ordered = RuleSet.of(rules)
            everything = [rule for rule in rules if rule.pattern.universal]
            facts = self.facts[position] = _Facts(
                ordered.first(b"/"),
                ordered.first(CANARY),
                max((rule.pattern.size for rule in everything if not rule.allow), default=0),
                max((rule.pattern.size for rule in everything if rule.allow), default=0),
                rules,
            )
        return facts

    def _by_patterns(self, ids: tuple[int, ...], letters: str) -> tuple[Flags, int | None]:
        facts = [self._facts_of(i) for i in ids]
        root = _strongest([f.root for f in facts])
        canary = _strongest([f.canary for f in facts])
        blocked = root is not None and not root.allow
        full = blocked and canary is not None and not canary.allow and self._all_refused(facts)
        none = not blocked and self._no_effect(facts)
        explicit = not blocked and any(f.all_allowed for f in facts)
        flags = (blocked, letters == "D", full, _dpi(set(letters)), not (full or none), none, explicit)
        return flags, root.line if root else None

    def _no_effect(self, facts: list[_Facts]) -> bool:
        """Whether each Disallow is outdone by an Allow of the same path, or of everything and at least as long."""
        self.budget -= sum(len(f.rules) for f in facts)
        if self.budget < 0:
            return False
        covered = max(f.all_allowed for f in facts)
        allowed = {rule.pattern for f in facts for rule in f.rules if rule.allow}
        return all(
            rule.allow or rule.pattern.size <= covered or rule.pattern in allowed for f in facts for rule in f.rules
        )

    def _all_refused(self, facts: list[_Facts]) -> bool:
        """Whether every path the file names is refused; `/` and the canary are already known to be."""
        floor = max(f.all_refused for f in facts)
        self.budget -= sum(len(f.rules) for f in facts)
        if self.budget < 0:
            return False
        # A Disallow of everything beats each shorter Allow on every path, so only longer ones can open anything.
        openers = [rule for f in facts for rule in f.rules if rule.allow and rule.pattern.size >= floor]
        if floor and not openers:
            return True
        ordered = RuleSet.of([*openers, *(rule for f in facts for rule in f.rules if not rule.allow)])
        # What an Allow names is nearly always what it opens: with those first, the rest is seldom asked.
        literal = self.file.profile.literal
        own = (_probe(value_of(self.file.octet_lines[rule.line - 1]), literal) for rule in openers)
        return all(self._refused(ordered, path) for path in own) and all(
            self._refused(ordered, path) for path in self._named()
        )

    def _refused(self, rules: RuleSet, path: bytes) -> bool:
        step = 1 + len(path) // 256
        for rule in rules.rules:
            self.budget -= step
            if self.budget < 0:
                return False
            if rule.pattern.matches(path):
                return not rule.allow
        return False

    def _named(self) -> list[bytes]:
        if self.named is None:
            file = self.file
            values = (
                value_of(line)
                for line, letter in zip(file.octet_lines, file.shape, strict=True)
                if letter in RULE_LETTERS
            )
            literal = file.profile.literal
            self.named = list(dict.fromkeys(_probe(value, literal) for value in values if value))
        return self.named


def _probe(value: bytes, literal: bool) -> bytes:
    """The path a rule names, taken as it stands: its final `$` is no part of it, its `*` stands for itself."""
    path = value.removesuffix(b"$")
    path = path if path.startswith(b"/") else b"/" + path
    return google_form(path) if literal else normalise(path)


def _shorten(letters: str) -> str:
    """The letters, or each once (and the row twice, never a lone `D`) where there are too many to remember."""
    return letters if len(letters) < 256 else "".join(sorted(set(letters))) * 2


def _strongest(rules: list[Rule | None]) -> Rule | None:
    """The deciding one among rules that match the same path: most octets, then Allow, then the first."""
    return min((r for r in rules if r), key=lambda r: (-r.pattern.size, not r.allow, r.line), default=None)
