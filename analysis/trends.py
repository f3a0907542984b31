"""Rates over time: who is refused, what is reserved, with n, N, a named denominator and what is not known."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb

from analysis.figures import Figure
from analysis.latest import gate_label, labels, views
from analysis.query import rows, sql
from analysis.rates import figure
from analysis.rules import RULES_VERSION
from crawler import agents
from crawler.errors import InputError
from crawler.vocabulary import AccessClass, Basis, Denominator, State, Use

CLASSES = tuple(AccessClass)


def trend(
    connection: duckdb.DuckDBPyConnection,
    *,
    agent: str | None = None,
    use: Use | None = None,
    class_: AccessClass = AccessClass.ROOT_BLOCKED,
    basis: Basis | None = None,
    state: State = State.RESERVED,
    strict: bool = False,
    denominator: Denominator | None = None,
    since: date | None = None,
    until: date | None = None,
) -> list[Figure]:
    """One Figure a snapshot, oldest first, for an agent's access class or for a use's state; exactly one of the two.

    `basis` explicit counts only files that name the agent, else a file that does not has its `*` group; `strict` reads
    to the letter. The denominator is `answered` for agents and `frame` for uses unless given; `matched` keeps to sites
    known in every snapshot. Raises InputError for neither or both, and for a basis other than explicit.
    """
    if (agent is None) == (use is None):
        raise InputError("a trend is about one agent or one use: give exactly one of the two")
    if basis not in (None, Basis.EXPLICIT):
        raise InputError(f"basis {basis}: expected explicit, or none for any")
    views(connection)
    connection.execute(sql("frame_now"), {"since": since, "until": until})
    connection.execute(sql("picture_now"))
    if agent is not None:
        return _of_agent(connection, agent, class_, basis, denominator or Denominator.ANSWERED)
    assert use is not None
    return _of_use(connection, use, state, strict, denominator or Denominator.FRAME)


def token_of(agent: str) -> str:
    """The token of the registry that `agent` (any case, or an alias) names; a token it does not know as it stands."""
    known = agents.load().get(agent.strip())
    return known.token if known is not None else agent.strip()


def _of_agent(
    connection: duckdb.DuckDBPyConnection,
    agent: str,
    class_: AccessClass,
    basis: Basis | None,
    denominator: Denominator,
) -> list[Figure]:
    token = token_of(agent)
    if denominator is Denominator.MATCHED:
        connection.execute(sql("known_by_robots"))
    connection.execute(sql("seen_matched" if denominator is Denominator.MATCHED else "seen_all"))
    values = {"token": token.lower(), "class": class_.value, "named": basis is Basis.EXPLICIT}
    what = {"agent": token, "class": class_.value, "basis": basis.value if basis else "any"}
    names = (RULES_VERSION, agents.load().id, gate_label(connection))
    definition = f"agent-{class_.value}"
    found = rows(connection, sql("trend_agent"), values)
    return [_figure(row, definition, what, denominator, names) for row in found]


def _of_use(
    connection: duckdb.DuckDBPyConnection, use: Use, state: State, strict: bool, denominator: Denominator
) -> list[Figure]:
    if denominator is Denominator.MATCHED:
        connection.execute(sql("known_by_use"), {"use": use.value, "strict": strict})
    connection.execute(sql("seen_matched" if denominator is Denominator.MATCHED else "seen_all"))
    what = {"use": use.value, "state": state.value, "reading": "strict" if strict else "lenient"}
    names = labels(connection)
    values = {"use": use.value, "state": state.value, "strict": strict}
    found = rows(connection, sql("trend_use"), values)
    return [_figure(row, "use-state", what, denominator, names, state is State.UNKNOWN) for row in found]


def _figure(
    row: dict[str, Any],
    definition: str,
    what: dict[str, str],
    denominator: Denominator,
    names: tuple[str, str, str],
    of_unknown: bool = False,
) -> Figure:
    matched = denominator is Denominator.MATCHED
    key = "frame" if matched else denominator.value
    total = int(row["visited"] if matched else row[key])
    frame = int(row["frame"])
    n = int(row[f"{key}_n"])
    if of_unknown and denominator is Denominator.FRAME:
        # Sites the frame lists and nobody visited are unknown too.
        n += frame - int(row["visited"])
    return figure(
        definition=definition,
        snapshot=row["snapshot_id"],
        on=row["taken_on"],
        what=what,
        n=n,
        total=total,
        denominator=denominator,
        frame=frame,
        unknown=0 if matched else frame - int(row["known"]),
        source=row["source"],
        observed=int(row[f"{key}_observed"]),
        labels=names,
        bounded=not of_unknown,
    )
