"""The statements that decide verdicts, with the place they stand and the time they were seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import duckdb
import pyarrow as pa

from analysis.figures import Evidence
from analysis.query import rows, sql


def deciding_lines(
    connection: duckdb.DuckDBPyConnection, wanted: Sequence[tuple[str, str, Sequence[str]]]
) -> dict[tuple[str, str, str], list[Evidence]]:
    """The statements by site, snapshot id and id, of `wanted` (site, snapshot id, ids from `verdict.deciding`).

    Needs the views of `analysis.latest`.
    """
    flat = [(site, snapshot, key) for site, snapshot, ids in wanted for key in dict.fromkeys(ids)]
    stood: dict[tuple[str, str, str], list[Evidence]] = defaultdict(list)
    if not flat:
        return stood
    columns = [pa.array(column, pa.string()) for column in zip(*dict.fromkeys(flat), strict=True)]
    connection.register("wanted_line", pa.table(columns, names=["site", "snapshot_id", "id"]))
    names = [field for field in Evidence.__dataclass_fields__ if field != "deciding"]
    for row in rows(connection, sql("changes_lines")):
        item = Evidence(**{name: row[name] for name in names}, deciding=True)
        stood[row["site"], row["snapshot_id"], row["id"]].append(item)
    connection.unregister("wanted_line")
    return stood
