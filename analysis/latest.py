"""Which rows speak for today: the newest verdict, coverage and access rows of everything, as temporary views.

The archive only ever grows. Rows are appended in the order they were made, so of several rows with one key the last
one is the newest; where a table holds one version only, nothing needs to be compared.
"""

from __future__ import annotations

import duckdb

from analysis.query import sql
from crawler import agents
from crawler.signals import SIGNALS, readers_id
from crawler.vocabulary import ROLE_ROBOTS, Axis


def views(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `verdict_now`, `coverage_now` and `access_now` readable in SQL, with the columns of their tables."""
    versions = {
        "verdict": "SELECT count(*) FROM (SELECT DISTINCT rules, registry, readers FROM verdict)",
        "coverage": "SELECT count(*) FROM (SELECT DISTINCT readers FROM coverage)",
        "access": "SELECT count(*) FROM (SELECT DISTINCT reader_version FROM access)",
    }
    for table, question in versions.items():
        (number,) = connection.execute(question).fetchall()[0]
        connection.execute(sql(f"{table}_only" if number <= 1 else f"{table}_newest"))


def labels(connection: duckdb.DuckDBPyConnection) -> tuple[str, str, str]:
    """Rules, registry and readers of the newest verdicts; several versions at once are joined with `+`.

    Needs `views`.
    """
    found = connection.execute(sql("verdict_labels")).fetchall()
    if not found or found[0][0] is None:
        from analysis.rules import RULES_VERSION

        return RULES_VERSION, agents.load().id, readers_id()
    rules, registry, readers = found[0]
    return str(rules), str(registry), str(readers)


def gate_label(connection: duckdb.DuckDBPyConnection) -> str:
    """The readers whose access rows count: today's, with the older versions named where some rows are theirs."""
    gate = next(
        signal
        for signal in SIGNALS
        if signal.role == ROLE_ROBOTS and any(carrier.axis is Axis.ACCESS for carrier in signal.carriers)
    )
    used = connection.execute("SELECT DISTINCT reader_version FROM access_now ORDER BY ALL").fetchall()
    old = [f"{gate.id}@{version}" for (version,) in used if version != gate.version]
    return "+".join([readers_id(), *old])
