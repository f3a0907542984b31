"""Verdicts: the rules applied to every distinct picture of a site, as SQL over what the readers found."""

from __future__ import annotations

import duckdb

from analysis import coverage
from analysis.query import sql
from analysis.rules import RULES_VERSION, cases
from crawler.ingest import register_registry
from crawler.signals import readers_id

_STEPS = ("judge_part", "judge_found", "judge_coverage", "judge_said", "judge_families")


def judge(connection: duckdb.DuckDBPyConnection) -> int:
    """Write coverage and verdicts of every picture that has none by the present rules, registry and readers.

    Returns the number of pictures judged; a second call changes nothing. Runs inside the caller's transaction and
    appends only. A picture of which a content is held that some reader of today has not read is left as it was judged
    until `reread` reads it. Resolution follows signals-robots 9.2 and 9.3 and signals-page 1.5.
    """
    registry, readers = register_registry(connection), readers_id()
    ids = {"rules": RULES_VERSION, "registry": registry, "readers": readers}
    coverage.register(connection)
    connection.execute(sql("judge_pending"), ids)
    (pending,) = connection.execute("SELECT count(*) FROM pending").fetchall()[0]
    if pending:
        for step in _STEPS:
            connection.execute(sql(step))
        for step in ("judge_known", "judge_refusals"):
            connection.execute(sql(step), {"registry": registry})
        connection.execute(sql("take_coverage"), {"readers": readers})
        statement = sql("judge_verdict")
        for name, expression in cases().items():
            statement = statement.replace(f"<<{name}>>", expression)
        connection.execute(statement, ids)
    for table in ("pending", "part", "used", "found", "declared", "covered", "said", "resolved", "refusal", "known"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
    return int(pending)
