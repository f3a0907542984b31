"""Snapshot by snapshot: how many robots.txt files differ, and how many of them without meaning anything else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import duckdb
import pyarrow as pa

from analysis import coverage
from analysis.changes import place_of
from analysis.latest import views
from analysis.query import rows, sql
from crawler import agents
from crawler.errors import InputError
from crawler.robots import parse
from crawler.robots.matcher import comparable
from crawler.robots.model import ALLOW_LETTERS, RobotsFile, value_of
from crawler.robots.profile import RULE_LETTERS
from crawler.vocabulary import ANYONE

_BATCH = 2_000
"""Files held at a time while they are compared."""


@dataclass(frozen=True, slots=True)
class Wave:
    """Two snapshots in a row of one source, counted in sites.

    `sites` were visited in both. `sight`: robots.txt was read or known to be absent in only one of the two. `readable`:
    it was read in both; `bodies`: of these, its bytes differ. Of `bodies`: `states` have another state for any use at
    `/`; `access` another access class for a known agent or for everybody not named; `details` neither, but other rules
    for some path or crawler, or other statements; `neither` nothing of all that. A site may count as both `states` and
    `access`; `details` and `neither` stand alone.
    """

    snapshot_id: str
    before: str
    sites: int
    readable: int
    sight: int
    bodies: int
    states: int
    access: int
    details: int
    neither: int


def waves(connection: duckdb.DuckDBPyConnection, before: str | None = None, after: str | None = None) -> list[Wave]:
    """A Wave for every snapshot that has one before it from the same source, oldest first.

    `before` and `after` (snapshot ids, or days) are the first and last snapshots looked at, all by default. Raises
    InputError for one that is not there, or for a pair in the wrong order.
    """
    listed = rows(connection, "SELECT snapshot_id, taken_on FROM snapshot ORDER BY taken_on, snapshot_id")
    first = 0 if before is None else place_of(listed, before)
    last = len(listed) if after is None else place_of(listed, after) + 1
    if listed and first >= last:
        raise InputError(f"{before} is not before {after}; name an earlier snapshot with --from")
    views(connection)
    coverage.register(connection)
    connection.execute(sql("waves_pair"), {"snapshots": [row["snapshot_id"] for row in listed[first:last]]})
    connection.execute(sql("waves_body"))
    tokens = sorted({agent.token.lower() for agent in agents.load().agents} | {ANYONE})
    connection.register("wave_token", pa.table({"token": tokens}))
    meanings = list(_meanings(connection))
    columns = list(zip(*meanings, strict=True)) or [(), ()]
    arrays = [pa.array(column, pa.string()) for column in columns]
    connection.register("wave_meaning", pa.table({"body_sha256": arrays[0], "meaning": arrays[1]}))
    found = [Wave(**row) for row in rows(connection, sql("waves"))]
    connection.unregister("wave_meaning")
    connection.unregister("wave_token")
    return found


def _meanings(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    """The differing files that are held, each with what is equal for files that mean the same."""
    said = {row["body_sha256"]: row["said"] for row in rows(connection, sql("waves_said"))}
    wanted = connection.execute(
        "SELECT DISTINCT unnest([body_was, body_now]) AS body_sha256 FROM wave_body ORDER BY 1"
    ).fetchall()
    for start in range(0, len(wanted), _BATCH):
        some = [body for (body,) in wanted[start : start + _BATCH]]
        for body, data in connection.execute(sql("policy_body"), {"bodies": some}).fetchall():
            whole = repr((rules_told(parse(bytes(data))), said.get(body)))
            yield body, hashlib.sha256(whole.encode()).hexdigest()


Rules = tuple[tuple[bool, bytes], ...]


def rules_told(file: RobotsFile) -> tuple[Rules, tuple[tuple[str, Rules], ...]]:
    """What a robots.txt says of every path: the rules for everybody, and those of each named crawler that has others.

    Equal for files that differ in comments, blank lines, order, letter case of tokens, repeated or escaped spellings,
    lines that are no rules (Sitemap, Crawl-delay), or in naming a crawler with the rules that hold for it anyhow.
    """
    known: dict[tuple[int, ...], Rules] = {}

    def of(ids: tuple[int, ...]) -> Rules:
        if ids not in known:
            spans = (file.spans[position] for position in ids)
            told = {
                (file.shape[i] in ALLOW_LETTERS, _pattern(file.octet_lines[i]))
                for _, head, end in spans
                for i in range(head, end)
                if file.shape[i] in RULE_LETTERS
            }
            known[ids] = tuple(sorted(rule for rule in told if rule[1]))
        return known[ids]

    anyone = of(file.index.get(ANYONE, ()))
    named = {token: of(ids) for token, ids in file.index.items() if token not in (ANYONE, "")}
    return anyone, tuple(sorted((token, rules) for token, rules in named.items() if rules != anyone))


@lru_cache(maxsize=65_536)
def _pattern(line: bytes) -> bytes:
    """The pattern of an Allow or Disallow line, equal for equal ones; empty where it matches no path.

    Remembered, since most lines of a file stood in the one before it.
    """
    value = value_of(line)
    return comparable(value) if value[:1] in (b"/", b"*") else b""
