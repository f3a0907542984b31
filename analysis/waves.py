"""Snapshot by snapshot: how many robots.txt files differ, and how many of them without meaning anything else."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from analysis.latest import views
from analysis.query import rows, sql
from crawler import agents


@dataclass(frozen=True, slots=True)
class Wave:
    """Two snapshots in a row, in sites: seen in both, robots.txt read in both, its bytes differing; and of those with
    another state for any use, with another access class for any known agent, and with neither.
    """

    snapshot_id: str
    before: str
    sites: int
    readable: int
    bodies: int
    states: int
    access: int
    neither: int


def waves(connection: duckdb.DuckDBPyConnection) -> list[Wave]:
    """A Wave for every snapshot but the first, oldest first."""
    views(connection)
    return [Wave(**row) for row in rows(connection, sql("waves"), {"registry": agents.load().id})]
