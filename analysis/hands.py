"""By whose hand a deciding robots.txt line was written, and the block of text it stands in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import duckdb

from analysis.query import rows, sql
from crawler.robots import RobotsFile, parse
from crawler.robots.provenance import provenance_of
from crawler.vocabulary import Provenance

BATCH = 500
"""Bodies fetched together, so that memory does not grow with their number."""


class Hands:
    """Who wrote some lines of the robots.txt bodies an archive holds; each body is fetched and parsed once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, lines: Iterable[tuple[str, int]]) -> None:
        """`lines` are the pairs of body and line (1-based) that will be asked about."""
        wanted: dict[str, set[int]] = defaultdict(set)
        for body, line in lines:
            wanted[body].add(line)
        self._known: dict[tuple[str, int], tuple[Provenance, str | None]] = {}
        bodies = sorted(wanted)
        for start in range(0, len(bodies), BATCH):
            for row in rows(connection, sql("reread_bodies"), {"shas": bodies[start : start + BATCH]}):
                file = parse(bytes(row["data"]))
                for line in wanted[row["sha256"]]:
                    if line <= len(file):
                        self._known[row["sha256"], line] = (provenance_of(file, line), _block(file, line))

    def of_line(self, body_sha256: str, line: int) -> Provenance:
        """Who wrote that line (1-based); the site itself where the body is not held."""
        return self._known.get((body_sha256, line), (Provenance.ORIGIN, None))[0]

    def block(self, body_sha256: str, line: int) -> str | None:
        """The group that line stands in, one directive a line; None where it stands in none."""
        return self._known.get((body_sha256, line), (Provenance.ORIGIN, None))[1]


def _block(file: RobotsFile, line: int) -> str | None:
    for group in file.groups:
        if group.first_line <= line <= group.last_line:
            shown = [file.line(number) for number in range(group.first_line, group.last_line + 1)]
            return "\n".join(item.raw.strip() for item in shown if item.value)
    return None
