"""Site by site: everything a page about one site shows, fetched for many sites at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa

from analysis.dossier import Dossier, dossiers
from analysis.figures import SitePage
from analysis.query import rows, sql
from crawler.vocabulary import Use

BATCH = 250
"""Sites fetched together, so that memory does not grow with their number."""


def pages(connection: duckdb.DuckDBPyConnection, limit: int | None = None) -> Iterator[SitePage]:
    """A SitePage for each site of the last snapshot, visited or only listed, by rank and then by name."""
    listed = rows(connection, sql("sites_listed"), {"limit": limit})
    for start in range(0, len(listed), BATCH):
        yield from _batch(connection, listed[start : start + BATCH])


def _batch(connection: duckdb.DuckDBPyConnection, listed: list[dict[str, Any]]) -> Iterator[SitePage]:
    found = dossiers(connection, [(row["site"], row["snapshot_id"]) for row in listed if row["visited"]])
    history = _history(connection, [row["site"] for row in listed])
    for row in listed:
        dossier = found.get((row["site"], row["snapshot_id"])) or Dossier()
        yield SitePage(
            site=row["site"],
            name=row["name"],
            category=row["category"],
            country=row["country"],
            verdicts=tuple(dossier.verdicts),
            licences=tuple(dossier.licences),
            exchanges=tuple(dossier.exchanges),
            history=tuple(history[row["site"]]),
            access=tuple(dossier.access),
        )


def _history(connection: duckdb.DuckDBPyConnection, sites: list[str]) -> dict[str, list[dict[str, Any]]]:
    connection.register("wanted_site", pa.table({"site": sites}))
    history: dict[str, list[dict[str, Any]]] = defaultdict(list)
    known = {use.value for use in Use}
    for row in rows(connection, sql("sites_history")):
        lines = history[row["site"]]
        if not lines or lines[-1]["snapshot"] != row["snapshot_id"]:
            head = {"snapshot": row["snapshot_id"], "date": row["taken_on"], "basis": row["basis"]}
            lines.append({**head, "states": {}, "reasons": {}})
        if row["use"] in known:
            lines[-1]["states"][row["use"]] = row["state"]
            lines[-1]["reasons"][row["use"]] = row["reason"]
    connection.unregister("wanted_site")
    return history
