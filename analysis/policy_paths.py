"""What is said of single paths: robots.txt rules by RFC 9309, and statements about use that carry a pattern."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from analysis.profile_model import (
    LICENCE,
    Access,
    AccessFact,
    Decision,
    Profile,
    UseFact,
    UseRule,
    elsewhere,
    use_part,
)
from crawler.robots import RobotsFile, normalise, octets_of
from crawler.robots.matcher import ROBOTS_PATH, Pattern, choose, compile_pattern, rules_of
from crawler.robots.model import value_of
from crawler.vocabulary import Ruling, Stance, State, Strength, Use

FRONT = b"/"
"""The path of the front page in normal form."""


class PathRule(NamedTuple):
    """An Allow or Disallow line and the agents it holds for; `pattern` is ASCII, other octets percent-encoded."""

    agents: list[str]
    allow: bool
    pattern: str
    line: int


def path_rules(file: RobotsFile, token: str, agents: list[str]) -> list[PathRule]:
    """The rules of the groups that speak to `token` (RFC 9309 2.2.1), without those that match no path."""
    _, ids = choose(file, token)
    lines = file.octet_lines
    return [
        PathRule(agents, rule.allow, _ascii(value_of(lines[rule.line - 1])), rule.line) for rule in rules_of(file, ids)
    ]


def settled(rules: Sequence[PathRule]) -> Access | None:
    """What rules come to that say the same of every path; None where paths differ."""
    if all(rule.allow for rule in rules):
        return Access.ADMITTED
    if any(rule.allow for rule in rules):
        return None
    patterns = [compile_pattern(rule.pattern.encode("ascii")) for rule in rules]
    return Access.REFUSED if any(pattern.universal for pattern in patterns) else None


def _ascii(value: bytes) -> str:
    """A pattern whose octets beyond ASCII are escaped, as its normal form has them (RFC 9309 2.2.2)."""
    if value.isascii():
        return value.decode("ascii")
    return "".join(chr(octet) if octet < 0x80 else f"%{octet:02X}" for octet in value)


class Matcher:
    """The rules for one agent, arranged so that a path is tried against few of them; the answers are RFC 9309's.

    Plain prefixes are sorted: of those not after a path the last begins with the longest that matches it, or is it, so
    a search and a few steps up `parents` find it.
    """

    def __init__(self, rules: Iterable[PathRule]) -> None:
        plain: dict[bytes, tuple[tuple[int, bool, int], PathRule]] = {}
        wild: list[tuple[tuple[int, bool, int], bytes, Pattern, PathRule]] = []
        for rule in rules:
            pattern = compile_pattern(rule.pattern.encode("ascii"))
            rank = (pattern.size, rule.allow, -rule.line)
            if len(pattern.pieces) == 1 and not pattern.anchored:
                prefix = pattern.pieces[0]
                if prefix not in plain or plain[prefix][0] < rank:
                    plain[prefix] = (rank, rule)
            else:
                wild.append((rank, max(pattern.pieces, key=len), pattern, rule))
        self.prefixes = sorted(plain)
        self.plain = [plain[prefix] for prefix in self.prefixes]
        self.parents = _parents(self.prefixes)
        self.wild = sorted(wild, key=lambda item: item[0], reverse=True)

    def first(self, path: bytes) -> PathRule | None:
        """The rule that decides for a path in normal form: the longest, Allow before Disallow; None where none does.

        None decides for `/robots.txt` itself, which may always be fetched (RFC 9309 2.2.2).
        """
        if path == ROBOTS_PATH:
            return None
        prefixes, parents = self.prefixes, self.parents
        at = bisect_right(prefixes, path) - 1
        while at >= 0 and not path.startswith(prefixes[at]):
            at = parents[at]
        best, rank = None, (0, False, 0)
        if at >= 0:
            rank, best = self.plain[at]
        for wild, piece, pattern, rule in self.wild:
            if wild < rank:
                break
            if piece in path and pattern.matches(path):
                return rule
        return best


def _parents(prefixes: Sequence[bytes]) -> list[int]:
    """For each of sorted prefixes the place of the longest other one it begins with, -1 where there is none."""
    parents: list[int] = []
    for place, prefix in enumerate(prefixes):
        at = place - 1
        while at >= 0 and not prefix.startswith(prefixes[at]):
            at = parents[at]
        parents.append(at)
    return parents


class Statement(NamedTuple):
    """Something said about a use of a path (`pattern` None: of every path) by one family of statements."""

    use: Use
    family: str
    place: int | None
    pattern: Pattern | None
    stance: Stance
    strength: Strength
    line: str


def statements(found: Iterable[Mapping[str, object]] | None) -> list[Statement]:
    """The statements of a row of the artefact."""
    out = []
    for item in found or ():
        pattern, place = item["pattern"], item["place"]
        compiled = None if pattern is None else compile_pattern(str(pattern).encode("utf-8", "surrogatepass"))
        head = (Use(str(item["use"])), str(item["family"]), int(str(place)) if place is not None else None, compiled)
        out.append(Statement(*head, Stance(str(item["stance"])), Strength(str(item["strength"])), str(item["line"])))
    return out


_SEVERITY = (Stance.PERMITTED, Stance.CONDITIONAL, Stance.RESERVED, Stance.MALFORMED)
_STATES = {
    Stance.RESERVED: State.RESERVED,
    Stance.CONDITIONAL: State.CONDITIONAL,
    Stance.MALFORMED: State.UNKNOWN,
}


def chosen(said: Sequence[Statement], path: bytes) -> list[Statement]:
    """What one family says of a path: of an ordered list the first that matches, else the longest pattern that does."""
    here = [one for one in said if one.pattern is None or one.pattern.matches(path)]
    if not here:
        return []
    places = [one.place for one in here if one.place is not None]
    if places:
        return [one for one in here if one.place == min(places)]
    sizes = [0 if one.pattern is None else one.pattern.size for one in here]
    return [one for one, size in zip(here, sizes, strict=True) if size == max(sizes)]


def use_at(rule: UseRule, use: Use, base: Decision, said: Sequence[Statement], path: bytes) -> Decision:
    """What a use comes to at a path in normal form, `base` being what it comes to at the front page.

    A reservation or condition stated for the path is added to it. Where all that decides `base` is said by a family
    that excepts this path from it, or by patterns that do not match it, what holds here is unknown, never allowed: the
    other families were not asked without it.
    """
    found = base
    families: dict[str, list[Statement]] = {}
    for one in said:
        if one.use is use:
            families.setdefault(one.family, []).append(one)
    for family, spoken in families.items():
        here = chosen(spoken, path)
        own = base.ruling is not Ruling.ALLOW and base.lines and set(base.lines) <= {one.line for one in spoken}
        if own and not {one.line for one in here} & set(base.lines):
            why = f"decided for the front page by {family}, which says otherwise of this path"
            found = Decision(Ruling.UNKNOWN, why, f"{use}:excepted", tuple(one.line for one in here) or base.lines)
    for spoken in families.values():
        here = chosen(spoken, path)
        for one in sorted(here, key=lambda one: _SEVERITY.index(one.stance), reverse=True)[:1]:
            state = _STATES.get(one.stance)
            if state is None or one.line in base.lines:
                continue
            others = not set(base.lines) <= {said.line for said in spoken}
            if state is State.RESERVED and base.code.startswith(f"{use}:{State.PERMITTED}") and others:
                state = State.CONFLICT
            where = "this path" if one.pattern is not None else "the site"
            fact = UseFact(state, state, one.strength, "path", f"{one.stance} by {one.family} for {where}", (one.line,))
            found = _worse(found, use_part(rule, use, fact))
    return found


def _worse(one: Decision, other: Decision) -> Decision:
    order = (Ruling.DENY, Ruling.UNKNOWN, Ruling.ALLOW)
    return other if order.index(other.ruling) < order.index(one.ruling) else one


@dataclass(frozen=True, slots=True)
class Host:
    """A partial row of a policy, ready to answer for paths: what is fixed, the uses and the agents that depend on them.

    `matchers` are distinct; an agent comes with the place of its own among them.
    """

    fixed: tuple[tuple[str, Decision], ...]
    uses: tuple[tuple[UseRule, Use, Decision], ...]
    said: tuple[Statement, ...]
    agents: tuple[tuple[str, int], ...]
    matchers: tuple[Matcher, ...]
    robots_sha256: str

    @property
    def of_page(self) -> bool:
        """Whether a licence of the front page takes part, which is that page's own."""
        return any(name == LICENCE for name, _ in self.fixed)

    def keys(self, paths: Iterable[str]) -> list[object]:
        """What decides at each path, equal for paths that come to one decision."""
        normal = [normalise(octets_of(path)) for path in paths]
        if len(self.matchers) == 1 and not self.said and not self.of_page:
            return [rule and rule.line for rule in map(self.matchers[0].first, normal)]
        return [self._key(path) for path in normal]

    def _key(self, path: bytes) -> tuple[object, ...]:
        rules = [matcher.first(path) for matcher in self.matchers]
        said = [one.line for one in self.said if one.pattern is None or one.pattern.matches(path)]
        return (*(rule and rule.line for rule in rules), *said, path == FRONT and self.of_page)

    def parts(self, profile: Profile, path: str) -> list[tuple[str, Decision]]:
        """The parts of the decision at a path."""
        normal = normalise(octets_of(path))
        found = [(name, one if name != LICENCE or normal == FRONT else elsewhere(one)) for name, one in self.fixed]
        found += [(use.value, use_at(rule, use, base, self.said, normal)) for rule, use, base in self.uses]
        rules = [matcher.first(normal) for matcher in self.matchers]
        return found + [(agent, profile.access_part(agent, self.fact(rules[at]))) for agent, at in self.agents]

    def fact(self, rule: PathRule | None) -> AccessFact:
        """What a deciding rule says, and where it stands."""
        if rule is None:
            return AccessFact(Access.ADMITTED, "no rule matches")
        said = f"line {rule.line}: {'Allow' if rule.allow else 'Disallow'}: {rule.pattern}"
        line = f"{self.robots_sha256}:line {rule.line}"
        return AccessFact(Access.ADMITTED if rule.allow else Access.REFUSED, said, (line,))


Matchers: TypeAlias = tuple[tuple[tuple[str, int], ...], tuple[Matcher, ...]]


def matchers(rules: Iterable[Mapping[str, Any]] | None) -> Matchers:
    """The agents of a row's path rules, each with the place of its matcher, and the matchers."""
    groups: dict[tuple[str, ...], list[PathRule]] = {}
    for rule in rules or ():
        groups.setdefault(tuple(rule["agents"]), []).append(PathRule(**rule))
    agents = tuple((agent, place) for place, names in enumerate(groups) for agent in names)
    return agents, tuple(Matcher(group) for group in groups.values())


def host(row: Mapping[str, Any], profile: Profile, spoken_to: Matchers) -> Host:
    """A partial row of the artefact, with the matchers of its path rules, as a Host."""
    said = tuple(statements(row["path_statements"]))
    spoken = {one.use.value for one in said}
    agents, distinct = spoken_to
    moving = {agent for agent, _ in agents}
    rule_of = {use: use_rule for use_rule in profile.uses for use in use_rule.uses}
    fixed, uses = [], []
    for part in row["parts"]:
        name = part["part"]
        decision = Decision(Ruling(part["decision"]), part["reason"], part["code"], tuple(part["lines"]))
        if name in spoken:
            uses.append((rule_of[Use(name)], Use(name), decision))
        elif name not in moving:
            fixed.append((name, decision))
    return Host(tuple(fixed), tuple(uses), said, agents, distinct, row["robots_sha256"] or "")
