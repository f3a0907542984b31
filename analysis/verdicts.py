"""Verdicts: the rules applied to every distinct picture of a site, as SQL over what the readers found."""

from __future__ import annotations

import duckdb

from analysis import coverage
from analysis.lens import Lens
from analysis.query import sql
from analysis.rules import RULES_VERSION, cases
from crawler import agents
from crawler.agents_kept import register_registry
from crawler.signals import readers_id

_STEPS = ("judge_part", "judge_found", "judge_coverage", "judge_sampled", "judge_said", "judge_families")
_TABLES = ("pending", "part", "used", "found", "declared", "covered", "said", "resolved", "refusal", "known")


def judge(connection: duckdb.DuckDBPyConnection, lens: Lens | None = None) -> int:
    """Write coverage and verdicts of every picture that has none by the present rules, registry and readers.

    Returns the number of pictures judged; a second call changes nothing. Runs inside the caller's transaction and
    appends only. A picture of which a content is held that some reader of today has not read is left as it was judged
    until `reread` reads it. Resolution follows signals-robots 9.2 and 9.3 and signals-page 1.5. A `lens` is for an
    archive that is thrown away afterwards: `verdict` has no column for it.
    """
    register_registry(connection)
    coverage.register(connection, lens)
    connection.execute(sql("judge_pending"), _ids())
    (pending,) = connection.execute("SELECT count(*) FROM pending").fetchall()[0]
    if pending:
        _resolve(connection, lens or Lens())
        connection.execute(sql("take_coverage"), {"readers": readers_id()})
        connection.execute(f"INSERT INTO verdict {_statement()}", _ids())
    _drop(connection)
    return int(pending)


def judge_apart(connection: duckdb.DuckDBPyConnection, lens: Lens, snapshot: str) -> None:
    """Judge the pictures of a snapshot through a lens, into the temporary table `verdict_apart`."""
    coverage.register(connection, lens)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE pending AS SELECT DISTINCT evidence_id FROM visit WHERE snapshot_id = ?",
        [snapshot],
    )
    _resolve(connection, lens)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE verdict_apart AS {_statement()}", _ids())
    _drop(connection)


def _ids() -> dict[str, object]:
    return {"rules": RULES_VERSION, "registry": agents.load().id, "readers": readers_id()}


def _resolve(connection: duckdb.DuckDBPyConnection, lens: Lens) -> None:
    for step in _STEPS:
        connection.execute(sql(step))
    for step in ("judge_known", "judge_refusals"):
        values = {"registry": agents.load().id, "agents_of": lens.agents_of, "agent": lens.agent}
        connection.execute(sql(step), values)


def _statement() -> str:
    statement = sql("judge_verdict")
    for name, expression in cases().items():
        statement = statement.replace(f"<<{name}>>", expression)
    return statement


def _drop(connection: duckdb.DuckDBPyConnection) -> None:
    for table in _TABLES:
        connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
