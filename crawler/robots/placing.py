"""Whom a line of a robots.txt speaks to: the tokens of its group, and by whose hand it was written.

Keys that are neither user-agent, Allow nor Disallow must not end a group (RFC 9309 section 2.2.4), so such a line
between two user-agent lines belongs to both; its author plainly meant the tokens above it only.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from crawler.robots.model import TOKEN_OF, Line, RobotsFile
from crawler.robots.provenance import provenance_of
from crawler.vocabulary import ANYONE, Interpretation, Provenance

MAX_ADDRESSEES = 1_000
"""Pairs of line and token a file may have for one reader; what a hostile file adds beyond them is left out."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One line and one token it speaks to; `outside` a line in no group, taken to speak to everybody.

    `group` is the position of its group in `file.spans`, -1 outside.
    """

    line: Line
    agent: str
    interpretation: Interpretation
    provenance: Provenance
    outside: bool
    group: int


def placed(file: RobotsFile, letters: str, wanted: Callable[[str], object] | None = None) -> Iterator[Placed]:
    """The lines whose letter in the shape is one of `letters`, each once for every token it speaks to.

    `wanted` is asked with the lower-case key of each whether it is meant.
    """
    shape, starts = file.shape, [first for first, _, _ in file.spans]
    heads: dict[int, list[tuple[int, str]]] = {}
    left = MAX_ADDRESSEES
    for at, letter in enumerate(shape):
        if letter not in letters:
            continue
        line = file.line(at + 1)
        if wanted is not None and not wanted(line.field):
            continue
        hand = provenance_of(file, at + 1)
        group = bisect_right(starts, at) - 1
        if left <= 0:
            return
        if group < 0:
            yield Placed(line, ANYONE, Interpretation.LENIENT, hand, True, -1)
            left -= 1
            continue
        if group not in heads:
            heads[group] = _tokens(file, group)
        for number, token in heads[group]:
            if left <= 0:
                return
            left -= 1
            later = number > line.number
            yield Placed(line, token, Interpretation.STRICT if later else Interpretation.BOTH, hand, False, group)


def _tokens(file: RobotsFile, group: int) -> list[tuple[int, str]]:
    """Line number and token of a group's user-agent lines, each token once, empty values left out."""
    first, head, _ = file.spans[group]
    seen: dict[str, int] = {}
    for at in range(first, head):
        if file.shape[at] == "U" and (token := TOKEN_OF[file.octet_lines[at]]):
            seen.setdefault(token, at + 1)
    return [(number, token) for token, number in seen.items()]
