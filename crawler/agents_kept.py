"""The registry of crawler tokens as an archive keeps it: every version that ever judged anything there."""

from __future__ import annotations

import duckdb

from crawler import agents
from crawler.archive import append


def register_registry(connection: duckdb.DuckDBPyConnection) -> str:
    """Write the registry of crawler tokens into `agent` unless this version of it is there; returns its id."""
    registry = agents.load()
    if connection.execute("SELECT 1 FROM agent WHERE registry = ? LIMIT 1", [registry.id]).fetchall():
        return registry.id
    rows = []
    for agent in registry.agents:
        principal = registry.purposes[agent.purposes[0]].uses
        common = (",".join(agent.purposes), agent.control_only, agent.announced_by, agent.retired)
        for use in agent.uses or (None,):
            key = (registry.id, agent.token, agent.token.lower(), agent.operator)
            rows.append((*key, use, use in principal, *common))
    append(connection, "agent", rows)
    return registry.id
