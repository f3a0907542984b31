"""Since when and until when: the spans of each state of a site, with the evidence that shows them first and last."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from analysis.figures import IntervalLine
from analysis.latest import views
from analysis.lines import deciding_lines
from analysis.query import rows, sql
from crawler.vocabulary import State, Use


def intervals(
    connection: duckdb.DuckDBPyConnection, sites: Sequence[str], *, use: Use | None = None
) -> list[IntervalLine]:
    """The spans of every state of `sites` (as listed), by site, use and time; what `unknown` hides is a span too.

    A state is known to hold from `first_seen` to `last_seen`; where exactly it began and ended lies between visits.
    """
    views(connection)
    connection.register("wanted_site", pa.table({"site": pa.array(sites, pa.string())}))
    found = rows(connection, sql("intervals"), {"use": use.value if use else None})
    connection.unregister("wanted_site")
    order = {one.value: number for number, one in enumerate(Use)}
    found = sorted((row for row in found if row["use"] in order), key=lambda row: (row["site"], order[row["use"]]))
    ends = (("first", "first_snapshot", "first_deciding"), ("last", "last_snapshot", "last_deciding"))
    stood = deciding_lines(
        connection, [(row["site"], row[snapshot], row[ids]) for row in found for _, snapshot, ids in ends]
    )
    lines = []
    for row in found:
        first, last = (
            tuple(item for key in row[ids] for item in stood[row["site"], row[snapshot], key])
            for _, snapshot, ids in ends
        )
        plain = {name: row[name] for name in _PLAIN}
        lines.append(IntervalLine(use=Use(row["use"]), state=State(row["state"]), first=first, last=last, **plain))
    return lines


_PLAIN = (
    *("site", "rule", "not_before", "first_seen", "last_seen", "not_after"),
    *("first_snapshot", "last_snapshot", "visits"),
)
