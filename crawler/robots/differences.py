"""Where the readings of one robots.txt differ: the rows of every other profile, and notes on what makes them differ."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.records import AccessRow
from crawler.robots.classes import access_rows
from crawler.robots.google import google_of, may_differ, rule_like
from crawler.robots.intended import intended_of, meant, suspects
from crawler.robots.matcher import RuleSet, beginnings, choose, octets_of, rules_of
from crawler.robots.model import PRODUCT_TOKEN, TOKEN_OF, RobotsFile, value_of
from crawler.robots.profile import AIPREF, RULE_LETTERS
from crawler.vocabulary import ANYONE, Basis

MAX_NOTES = 50
"""Notes of one code a file may have."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something about a file that a reader of it should know; `line` is None where it is about the whole file."""

    code: str
    line: int | None = None
    value: str = ""


def other_rows(file: RobotsFile, rows: list[AccessRow]) -> list[AccessRow]:
    """The rows that another profile (`google`, `aipref`, `intended`) reads otherwise than `rows`, those of RFC 9309.

    A row differs where its basis or a class does; a token only one of the two names is compared with what the other
    says of it through `*`.
    """
    known = {row.token: row for row in rows}
    other: list[AccessRow] = []
    if may_differ(file):
        other += _differing(known, access_rows(google_of(file)))
    if _ambiguous(file):
        other += _differing(known, access_rows(file.grouped(AIPREF)))
    if (found := intended_of(file)) is not None:
        whole, numbers, added = found
        meant_rows = (row for row in access_rows(whole) if row.token in added)
        for row in _differing(known, [*meant_rows, known[ANYONE]], missing=False):
            other.append(row._replace(line=numbers[row.line - 1] if row.line else None))
    return other


def _differing(known: dict[str, AccessRow], rows: list[AccessRow], *, missing: bool = True) -> list[AccessRow]:
    found = {row.token: row for row in rows}
    out = [row for row in rows if _columns(row) != _columns(_for(known, row.token))]
    if missing:
        out += [
            row
            for token in known
            if token not in found and _columns(row := _for(found, token)) != _columns(known[token])
        ]
    return out


def _for(rows: dict[str, AccessRow], token: str) -> AccessRow:
    row = rows.get(token)
    return row if row is not None else rows[ANYONE]._replace(token=token)


def _columns(row: AccessRow) -> tuple[object, ...]:
    # Whether a token is named says nothing of access where nobody is refused anything either way.
    return row[1:9]


def _ambiguous(file: RobotsFile) -> bool:
    return "u" in file.shape and any("u" in file.shape[first:head].rstrip("uso.j") for first, head, _ in file.spans)


def notes_of(file: RobotsFile) -> list[Note]:
    """What is odd about a file: its encoding, its tokens, group boundaries on which readers differ, risky keys."""
    notes = [Note("truncated", value="true")] if file.truncated else []
    if file.encoding != "utf-8":
        notes.append(Note("encoding", value=file.encoding))
    if b"\0" in file.lowered:
        notes.append(Note("nul_bytes", value="true"))
    shape = file.shape
    first = shape.find("U")
    head = shape if first < 0 else shape[:first]
    notes += [Note("rule_outside_group", i + 1) for i, letter in enumerate(head) if letter in RULE_LETTERS][:1]
    if "u" in shape or "s" in shape:
        notes += _boundaries(file)
    if odd := frozenset((*suspects(file), *file.odd_tokens)):
        notes += _tokens(file, odd)
    if "o" in shape or "j" in shape:
        notes += _risks(file)
    return notes


def _boundaries(file: RobotsFile) -> list[Note]:
    notes = []
    for start, stop, _ in file.spans:
        line = start + 1
        for part in file.shape[start + 1 : stop].split("U")[:-1]:
            line += len(part) + 1
            if "u" in part:
                notes.append(Note("group_boundary_ambiguous", line))
            if "s" in part:
                notes.append(Note("signal_only_group_merge", line))
    return notes


def _tokens(file: RobotsFile, odd: frozenset[str]) -> list[Note]:
    notes = []
    for number, (line, letter) in enumerate(zip(file.octet_lines, file.shape, strict=True), 1):
        if letter != "U" or (token := TOKEN_OF[line]) not in odd:
            continue
        if not token:
            notes.append(Note("empty_token", number))
            continue
        if not PRODUCT_TOKEN.match(token):
            notes.append(Note("invalid_token", number, token))
        tokens, rule = meant(token)
        if tokens:
            notes.append(Note("intended_token", number, f"{', '.join(tokens)}{'; ' + rule if rule else ''}"))
        if len(notes) > MAX_NOTES:
            break
    return notes


def _risks(file: RobotsFile) -> list[Note]:
    """Lines that are no rule to RFC 9309 and decide at Google, because it knows keys by their beginning."""
    lines = rule_like(file)[:MAX_NOTES]
    if not lines:
        return []
    google = google_of(file)
    # The half line at the end of a file that was cut is a rule to nobody.
    lines = [(number, allow) for number, allow in lines if google.shape[number - 1] in RULE_LETTERS]
    paths = [octets_of(_path_in(value_of(google.octet_lines[number - 1]))) for number, _ in lines]
    # A few paths are asked of what may be thousands of rules: only those are compiled that could match one of them.
    begins = beginnings(paths)
    sets: dict[tuple[int, ...], RuleSet] = {}
    notes = []
    for (number, allow), path in zip(lines, paths, strict=True):
        for token in _addressed(google, number):
            _, ids = choose(google, token)
            rules = sets.get(ids)
            if rules is None:
                rules = sets[ids] = RuleSet.of(rules_of(google, ids, begins))
            found = rules.first(path)
            if found is not None and found.line == number and found.allow is allow:
                notes.append(Note("accidental_allow_risk" if allow else "accidental_block_risk", number, token))
                break
    return notes


def _path_in(value: bytes) -> str:
    """A path that a rule with this value surely matches: all before its first wildcard."""
    return value.rstrip(b"$").split(b"*")[0].decode("utf-8", "replace") or "/"


def _addressed(file: RobotsFile, number: int) -> list[str]:
    for position, (first, _, end) in enumerate(file.spans):
        if first < number <= end:
            tokens = [token for token, ids in file.index.items() if position in ids]
            return [token for token in tokens[:5] if choose(file, token)[0] is not Basis.DEFAULT]
    return []
