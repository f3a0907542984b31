"""What a report says of an archive as a whole: its snapshots, what was found for each use, how each agent fares."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from analysis import definitions as texts
from analysis.figures import AgentLine, Figure, SitePage, SnapshotLine
from analysis.latest import labels, views
from analysis.query import rows, sql
from analysis.rates import figure
from analysis.sites import pages
from crawler import agents as registry
from crawler.vocabulary import Denominator, State, Use


def snapshots(connection: duckdb.DuckDBPyConnection) -> list[SnapshotLine]:
    """Every snapshot, oldest first; `sites` is the size of its frame, or the sites visited where no frame is known.

    `outcomes` counts sites by the outcome of robots.txt; those the frame lists and nobody visited are `not_asked`.
    """
    connection.execute(sql("frame_now"), {"since": None, "until": None})
    lines = []
    for row in rows(connection, sql("snapshots")):
        outcomes = {pair["outcome"]: pair["sites"] for pair in row["outcomes"]}
        if missed := row["sites"] - row["visited"]:
            outcomes["not_asked"] = outcomes.get("not_asked", 0) + missed
        head = (row["snapshot_id"], row["taken_on"], row["source"], row["frame_id"], row["vantage"])
        lines.append(SnapshotLine(*head, row["tool_version"], row["sites"], row["observed"], outcomes))
    return lines


def availability(connection: duckdb.DuckDBPyConnection) -> list[Figure]:
    """One Figure for every snapshot, use and state (also those no site is in), over the frame; oldest snapshot first.

    `what` is `{"use": ..., "state": ...}`. Sites without a verdict count as `unknown`.
    """
    views(connection)
    connection.execute(sql("frame_now"), {"since": None, "until": None})
    connection.execute(sql("seen_all"))
    found = {
        (row["snapshot_id"], row["use"], row["state"]): row["sites"] for row in rows(connection, sql("availability"))
    }
    names = labels(connection)
    figures = []
    for line in rows(connection, sql("series_sites")):
        for use in Use:
            sites = {state: found.get((line["snapshot_id"], use.value, state.value), 0) for state in State}
            known = sum(count for state, count in sites.items() if state is not State.UNKNOWN)
            sites[State.UNKNOWN] = line["frame"] - known
            figures += [
                figure(
                    definition="use-state",
                    snapshot=line["snapshot_id"],
                    on=line["taken_on"],
                    what={"use": use.value, "state": state.value},
                    n=count,
                    total=line["frame"],
                    denominator=Denominator.FRAME,
                    frame=line["frame"],
                    unknown=sites[State.UNKNOWN],
                    source=line["source"],
                    observed=line["observed"],
                    labels=names,
                    bounded=state is not State.UNKNOWN,
                )
                for state, count in sites.items()
            ]
    return figures


def agents(connection: duckdb.DuckDBPyConnection, snapshot: str) -> list[AgentLine]:
    """Every agent of the registry in one snapshot, most refused first, over the sites that answered for robots.txt."""
    views(connection)
    connection.execute(sql("frame_now"), {"since": None, "until": None})
    connection.execute(sql("picture_now"))
    frame = {line.snapshot: line.sites for line in snapshots(connection)}.get(snapshot, 0)
    values = {"snapshot": snapshot, "registry": registry.load().id}
    return [
        AgentLine(
            agent=row["token"],
            operator=row["operator"],
            purposes=row["purposes"],
            named=row["named"],
            refused=row["refused"],
            refused_by_name=row["refused_by_name"],
            N=row["answered"],
            denominator=Denominator.ANSWERED.value,
            rate=row["refused"] / row["answered"] if row["answered"] else None,
            unknown=frame - row["answered"],
            definition="agent-root_blocked",
        )
        for row in rows(connection, sql("agents_refused"), values)
    ]


def sites(connection: duckdb.DuckDBPyConnection, limit: int | None = None) -> Iterator[SitePage]:
    """A page for each site of the last snapshot, by rank and then by name, at most `limit`; memory does not grow."""
    yield from pages(connection, limit)


def definitions() -> list[tuple[str, str, str]]:
    """Id, title and text of every definition a figure names, then of every rule, in their order."""
    return texts.definitions()
