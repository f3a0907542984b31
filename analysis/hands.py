"""By whose hand a deciding robots.txt line was written, and the block of text it stands in."""

from __future__ import annotations

from functools import lru_cache

import duckdb

from analysis.query import rows, sql
from crawler.robots import RobotsFile, parse
from crawler.robots.provenance import provenance_of
from crawler.vocabulary import Provenance


class Hands:
    """Looks into the robots.txt bodies an archive holds; each body is parsed once while it is among the last few."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self._file = lru_cache(maxsize=64)(self._parsed)

    def of_line(self, body_sha256: str, line: int) -> Provenance:
        """Who wrote that line (1-based); the site itself where the body is not held."""
        file = self._file(body_sha256)
        return provenance_of(file, line) if file is not None and line <= len(file) else Provenance.ORIGIN

    def block(self, body_sha256: str, line: int) -> str | None:
        """The group that line stands in, one directive a line; None where it stands in none."""
        file = self._file(body_sha256)
        if file is None:
            return None
        for group in file.groups:
            if group.first_line <= line <= group.last_line:
                shown = [file.line(number) for number in range(group.first_line, group.last_line + 1)]
                return "\n".join(item.raw.strip() for item in shown if item.value)
        return None

    def _parsed(self, body_sha256: str) -> RobotsFile | None:
        found = rows(self.connection, sql("body_data"), {"sha256": body_sha256})
        return parse(bytes(found[0]["data"])) if found else None
