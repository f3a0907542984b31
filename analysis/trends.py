"""Rates over time: who is refused, what is reserved, with n, N, a named denominator and what is not known."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb

from analysis.figures import Figure
from analysis.latest import gate_label, labels, views
from analysis.lens import Lens
from analysis.query import rows, sql
from analysis.rates import figure
from analysis.rules import RULES_VERSION
from analysis.verdicts import judge_apart
from crawler import agents
from crawler.errors import InputError
from crawler.signals import readers_id
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
    as_of_words: bool = False,
    as_of_agents: bool = False,
) -> list[Figure]:
    """One Figure a snapshot, oldest first, for an agent's access class or for a use's state; exactly one of the two.

    `basis` explicit counts only files that name the agent, else a file that does not has its `*` group; `strict` reads
    to the letter. The denominator is `answered` for agents and `frame` for uses unless given; `matched` keeps to sites
    known in every snapshot. `as_of_words` takes each draft as it was worded at the snapshot, `as_of_agents` only agents
    announced by then: of an agent the snapshots before that are left out. Raises InputError for neither or both of
    agent and use, and for a basis other than explicit.
    """
    if (agent is None) == (use is None):
        raise InputError("a trend is about one agent or one use: give exactly one of the two")
    if basis not in (None, Basis.EXPLICIT):
        raise InputError(f"basis {basis}: expected explicit, or none for any")
    views(connection)
    connection.execute(sql("frame_now"), {"since": since, "until": until})
    connection.execute(sql("picture_now"))
    if agent is not None:
        found = _of_agent(connection, agent, class_, basis, denominator or Denominator.ANSWERED)
        return [line for line in found if not as_of_agents or agents.load().named_by(line.date, agent.strip())]
    assert use is not None
    then = (as_of_words, as_of_agents)
    return _of_use(connection, use, state, strict, denominator or Denominator.FRAME, then)


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
    connection: duckdb.DuckDBPyConnection,
    use: Use,
    state: State,
    strict: bool,
    denominator: Denominator,
    then: tuple[bool, bool],
) -> list[Figure]:
    rules, registry, readers = labels(connection)
    what = {"use": use.value, "state": state.value, "reading": "strict" if strict else "lenient"}
    connection.execute(sql("told_now"), {"use": use.value, "strict": strict})
    if any(then):
        words, basket = then
        _told_then(connection, use, strict, words, basket)
        rules, readers = RULES_VERSION, readers_id()
        registry = agents.load().id + (" as-of" if basket else "")
        what |= {"vocabulary": "as_of" if words else "current"}
    if denominator is Denominator.MATCHED:
        connection.execute(sql("known_by_use"))
    connection.execute(sql("seen_matched" if denominator is Denominator.MATCHED else "seen_all"))
    found = rows(connection, sql("trend_use"), {"state": state.value})
    names = (rules, registry, readers)
    return [_figure(row, "use-state", what, denominator, names, state is State.UNKNOWN) for row in found]


def _told_then(
    connection: duckdb.DuckDBPyConnection, use: Use, strict: bool, as_of_words: bool, as_of_agents: bool
) -> None:
    """Judge the pictures of every snapshot for its own day, and put that in the place of the stored verdicts."""
    connection.execute("DELETE FROM told")
    for row in rows(connection, "SELECT snapshot_id, taken_on FROM series ORDER BY ALL"):
        day = row["taken_on"]
        lens = Lens(words_of=day if as_of_words else None, agents_of=day if as_of_agents else None)
        judge_apart(connection, lens, row["snapshot_id"])
        values = {"use": use.value, "strict": strict, "snapshot": row["snapshot_id"]}
        connection.execute(f"INSERT INTO told {sql('told_then')}", values)


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
