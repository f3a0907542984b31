"""The dossier of some sites in some snapshots: their verdicts with every statement, gap and exchange behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa

from analysis import coverage
from analysis.figures import Evidence, Unseen, VerdictLine
from analysis.latest import views
from analysis.query import rows, sql
from crawler import agents
from crawler.vocabulary import ANYONE, CoverageState, State, Use

Key = tuple[str, str]
"""Site and snapshot id."""

_ACCESS_SHOWN = 60
"""Rows of access a verdict shows at most; more agents than that say the same."""


@dataclass(slots=True)
class Dossier:
    """What is known of one site in one snapshot; `access` holds what robots.txt says to each agent it names."""

    verdicts: list[VerdictLine] = field(default_factory=list)
    licences: list[Evidence] = field(default_factory=list)
    access: list[Evidence] = field(default_factory=list)
    exchanges: list[dict[str, Any]] = field(default_factory=list)


def dossiers(
    connection: duckdb.DuckDBPyConnection,
    wanted: Sequence[Key],
    *,
    uses: Collection[Use] = tuple(Use),
    agent: str | None = None,
) -> dict[Key, Dossier]:
    """The dossiers of `wanted` by key; a site that was not visited in that snapshot has none.

    `agent`, a lower-case token, is shown in every verdict although it may not take part.
    """
    _prepare(connection, wanted)
    found: dict[Key, Dossier] = defaultdict(Dossier)
    for row in rows(connection, "SELECT * FROM came ORDER BY site, snapshot_id, segment_id, seq"):
        found[_key(row)].exchanges.append({name: row[name] for name in _EXCHANGE})
    said: dict[Key, list[tuple[dict[str, Any], Evidence]]] = defaultdict(list)
    for row in rows(connection, sql("dossier_statements")):
        item = _statement(row)
        if row["kind"] == "licence":
            found[_key(row)].licences.append(item)
        else:
            said[_key(row)].append((row, item))
    refusals: dict[Key, list[tuple[dict[str, Any], Evidence]]] = defaultdict(list)
    values = {"registry": agents.load().id, "token": agent or ANYONE}
    for row in rows(connection, sql("dossier_access"), values):
        item = _access(row)
        found[_key(row)].access.append(item)
        refusals[_key(row)].append((row, item))
    places: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows(connection, sql("dossier_coverage")):
        places[(*_key(row), row["use"])].append(row)
    order = {use.value: number for number, use in enumerate(Use)}
    verdicts = sorted(rows(connection, sql("dossier_verdicts")), key=lambda row: order.get(row["use"], len(order)))
    for row in verdicts:
        if row["use"] in order and Use(row["use"]) in uses:
            key = _key(row)
            line = _verdict(row, said[key], refusals[key], places[(*key, row["use"])], agent)
            found[key].verdicts.append(line)
    return dict(found)


_EXCHANGE = (
    *("role", "hop", "url", "outcome", "status", "detail", "fetched_at"),
    *("body_sha256", "truncated", "redirect_to"),
)


def _prepare(connection: duckdb.DuckDBPyConnection, wanted: Sequence[Key]) -> None:
    views(connection)
    coverage.register(connection)
    table = pa.table({"site": [site for site, _ in wanted], "snapshot_id": [snapshot for _, snapshot in wanted]})
    connection.register("wanted", table)
    connection.execute(sql("dossier_asked"))
    connection.unregister("wanted")
    connection.execute("CREATE OR REPLACE TEMP TABLE pending AS SELECT DISTINCT evidence_id FROM asked")
    for step in ("judge_part", "dossier_exchange", "dossier_place"):
        connection.execute(sql(step))


def _key(row: dict[str, Any]) -> Key:
    return row["site"], row["snapshot_id"]


def _statement(row: dict[str, Any]) -> Evidence:
    note = row["note"] or ""
    if row["vocabulary"] == "as_of" and row["in_force_from"]:
        note = "; ".join(filter(None, (note, f"in force {row['in_force_from']} to {row['in_force_until'] or 'now'}")))
    return Evidence(
        kind=row["kind"],
        carrier=row["carrier"],
        url=row["url"],
        locator=row["locator"],
        raw=row["raw"],
        seen_at=row["seen_at"],
        content_sha256=row["content_sha256"],
        line=row["line"],
        use=row["use"],
        stance=row["stance"],
        strength=row["strength"],
        agent=row["agent"],
        scope=row["scope"],
        pattern=row["pattern"],
        interpretation=row["interpretation"],
        vocabulary=row["vocabulary"],
        provenance=row["provenance"],
        reader=row["reader"],
        note=note or None,
    )


_BASIS = {"explicit": "named", "wildcard": "by the `*` group", "default": "no group holds for it"}


def _access(row: dict[str, Any]) -> Evidence:
    if row["root_blocked"]:
        effect = "refused at /"
    elif row["nothing"]:
        effect = "nothing refused"
    else:
        effect = "refused in parts"
    notes = [effect, _BASIS[row["basis"]], *(["everything allowed by name"] if row["explicit_allow"] else [])]
    return Evidence(
        kind="access",
        carrier=row["carrier"],
        url=row["url"],
        locator=f"line {row['line']}" if row["line"] else "file",
        raw=row["raw"] or "",
        seen_at=row["seen_at"],
        content_sha256=row["content_sha256"],
        line=row["line"],
        agent=row["token"],
        reader=row["reader"],
        note=", ".join(notes),
    )


@cache
def _principal() -> dict[str, frozenset[Use]]:
    """Lower-case token to the uses of its principal purpose."""
    registry = agents.load()
    found: dict[str, frozenset[Use]] = {}
    for agent in registry.agents:
        key = agent.token.lower()
        found[key] = found.get(key, frozenset()) | frozenset(registry.purposes[agent.purposes[0]].uses)
    return found


def _verdict(
    row: dict[str, Any],
    said: list[tuple[dict[str, Any], Evidence]],
    refusals: list[tuple[dict[str, Any], Evidence]],
    places: list[dict[str, Any]],
    agent: str | None,
) -> VerdictLine:
    use, deciding = row["use"], set(row["deciding"])
    speaking = {place["carrier"] for place in places}
    evidence = [
        replace(item, deciding=found["id"] in deciding)
        for found, item in said
        if (found["use"] == use if found["kind"] == "reading" else found["carrier"] in speaking)
    ]
    lines = {r["line"] for r, _ in refusals if f"{r['content_sha256']}:{r['carrier']}:{r['token']}" in deciding}
    named = _principal()
    for found, item in refusals:
        token = found["token"]
        part = found["root_blocked"] and (token == ANYONE or Use(use) in named.get(token, ()))
        if (part and row["agents_refused"]) or token == agent:
            evidence.append(replace(item, deciding=part and found["line"] in lines))
    kept = [item for item in evidence if item.kind != "access"]
    kept += [item for item in evidence if item.kind == "access"][:_ACCESS_SHOWN]
    return VerdictLine(
        site=row["site"],
        snapshot=row["snapshot_id"],
        date=row["taken_on"],
        use=Use(use),
        state=State(row["state"]),
        state_strict=State(row["state_strict"]),
        rule=row["rule"],
        reason=row["reason"],
        strength=row["strength"],
        agents_refused=row["agents_refused"],
        agents_known=row["agents_known"],
        looked_at=sum(_looked(place) for place in places),
        evidence=tuple(kept),
        unseen=tuple(
            Unseen(place["carrier"], place["state"], place["reason"] or place["state"])
            for place in places
            if place["state"] in (CoverageState.UNOBSERVED, CoverageState.MALFORMED) or place["reason"] == "truncated"
        ),
        rules=row["rules"],
        registry=row["registry"],
        reader=row["readers"],
    )


def _looked(place: dict[str, Any]) -> bool:
    return bool(place["state"] != CoverageState.UNOBSERVED and place["reason"] != "not declared")
