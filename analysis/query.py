"""The named SQL of this package, read once, and its answers by column name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import duckdb


@cache
def sql(name: str) -> str:
    """The text of `analysis/sql/NAME.sql`."""
    return (resources.files("analysis") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def rows(
    connection: duckdb.DuckDBPyConnection, statement: str, values: Mapping[str, object] | None = None
) -> list[dict[str, Any]]:
    """Every row of a query's answer, as a mapping from column name to value."""
    answer = connection.execute(statement, dict(values) if values else None)
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
