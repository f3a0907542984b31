"""From an archive's verdicts to a policy: every combination of facts decided once, then joined to hosts and days."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from analysis import coverage
from analysis.latest import labels, views
from analysis.policy_cases import DECIDED, Cases
from analysis.policy_file import RULE, SCHEMA, Label, label, write
from analysis.profile_model import Profile
from analysis.query import sql
from crawler.frame import FrameError, host_key

_PLAIN_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Compiled:
    """A policy just written: its label and the sha256 of its file."""

    path: Path
    label: Label
    sha256: str


def compile_policy(
    connection: duckdb.DuckDBPyConnection,
    profile: Profile,
    path: Path,
    *,
    sites: Sequence[str] | None = None,
    until: date | None = None,
) -> Compiled:
    """Decide every site of the archive under `profile` and write the policy to `path`, whole or not at all.

    `sites` limits it to those, `until` to snapshots up to that day. Nothing is written to the archive. Raises
    PolicyError where the file cannot be written.
    """
    table, about = build(connection, profile, sites=sites, until=until)
    return Compiled(path, about, write(path, table, about))


def build(
    connection: duckdb.DuckDBPyConnection,
    profile: Profile,
    *,
    sites: Sequence[str] | None = None,
    until: date | None = None,
) -> tuple[pa.Table, Label]:
    """The rows of a policy and their label; see `compile_policy`."""
    views(connection)
    coverage.register(connection)
    _hosts(connection, sites)
    connection.execute(sql("policy_seen"), {"until": until})
    rules = [(use.value, rule.strict) for rule in profile.uses for use in rule.uses]
    _temp(connection, "policy_rule", _columns(rules, use=pa.string(), strict=pa.bool_()))
    tokens = [(agent, agent.lower()) for agent in profile.agents]
    _temp(connection, "policy_agent", _columns(tokens, agent=pa.string(), token=pa.string()))
    classes = [kind.value for kind in profile.licence.classes] if profile.licence else []
    connection.execute(sql("policy_use"))
    connection.execute(sql("policy_gate"))
    connection.execute(sql("policy_access"))
    connection.execute(sql("policy_pending"), {"classes": classes})
    connection.execute(sql("judge_part"))
    connection.execute(sql("policy_licence"), {"classes": classes})
    connection.execute(sql("policy_path"))
    asked = {"gated": profile.access is not None, "licensed": profile.licence is not None}
    connection.execute(sql("policy_case"), asked)
    cases = Cases(connection, profile)
    _temp(connection, "decided", pa.Table.from_batches(cases.decide(), schema=DECIDED))
    listed = _columns(cases.rules.items(), gate=pa.string(), path_rules=pa.list_(RULE))
    _temp(connection, "policy_rules", listed)
    by = dict(zip(("rules", "registry", "readers"), labels(connection), strict=True))
    table = connection.sql(sql("policy_row"), params={"profile": profile.id, **by}).to_arrow_table().cast(SCHEMA)
    snapshots = connection.execute("SELECT DISTINCT snapshot_id FROM policy_seen ORDER BY 1").fetchall()
    for name in (*_TABLES, "pending", "part", "used"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
    return table, label(table, profile, tuple(row[0] for row in snapshots))


_TABLES = (
    *("policy_host", "policy_seen", "policy_rule", "policy_agent", "policy_use", "policy_gate", "policy_access"),
    *("policy_licence", "policy_path", "policy_picture", "policy_rules", "decided"),
)


def _hosts(connection: duckdb.DuckDBPyConnection, sites: Sequence[str] | None) -> None:
    if sites is None:
        listed = [row[0] for row in connection.execute("SELECT DISTINCT site FROM visit").fetchall()]
    else:
        listed = list(dict.fromkeys(sites))
    _temp(
        connection,
        "policy_host",
        _columns([(site, key_of(site)) for site in listed], site=pa.string(), host_key=pa.string()),
    )


def is_key(host: str) -> bool:
    """Whether a host is plainly its own key; Punycode is left to `host_key`, which looks into it."""
    return len(host) <= 253 and _PLAIN_HOST.fullmatch(host) is not None and "xn--" not in host


def key_of(site: str) -> str:
    """The host key of a site of the archive; a name that is no host stands for itself, so that no site is lost."""
    if is_key(site):
        return site
    try:
        return host_key(site)
    except FrameError:
        return site


def _columns(found: Iterable[tuple[Any, ...]], **kinds: pa.DataType) -> pa.Table:
    columns = list(zip(*found, strict=True)) or [() for _ in kinds]
    arrays = [pa.array(column, kind) for column, kind in zip(columns, kinds.values(), strict=True)]
    return pa.table(dict(zip(kinds, arrays, strict=True)))


def _temp(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    connection.register("incoming_policy", table)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM incoming_policy")
    connection.unregister("incoming_policy")
