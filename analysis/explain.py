"""Why a verdict is what it is: every statement, line, gap and rule behind it, as of a day."""

from __future__ import annotations

import difflib
from datetime import date

import duckdb

from analysis.dossier import dossiers
from analysis.figures import VerdictLine
from analysis.query import rows, sql
from analysis.rules import RULES
from analysis.trends import token_of
from crawler import agents
from crawler.errors import InputError
from crawler.frame import FrameError, host_key
from crawler.vocabulary import Use


def explain(
    connection: duckdb.DuckDBPyConnection,
    site: str,
    *,
    use: Use | None = None,
    agent: str | None = None,
    at: date | None = None,
) -> list[VerdictLine]:
    """The verdicts about a site (as listed, or a URL of it) in its last snapshot, or the last one up to `at`.

    One line a use, with every statement about it, those that decide marked. With `agent` (a token or an alias) only
    the uses it is known for, and what robots.txt says to it beside them. Verdicts are about the front page. Raises
    InputError for a site the archive has never visited, or not by that day.
    """
    key = _visit(connection, site, at)
    token = token_of(agent).lower() if agent is not None else None
    uses: tuple[Use, ...] = tuple(Use) if use is None else (use,)
    if agent is not None and use is None:
        known = agents.load().get(agent.strip())
        uses = known.uses if known is not None and known.uses else uses
    found = dossiers(connection, [key], uses=uses, agent=token)
    return found[key].verdicts if key in found else []


def would_change(rule: str) -> str:
    """What evidence would change a verdict made by this rule, in plain words; empty where the rule is not known."""
    return next((known.softens for known in RULES if known.id == rule), "")


def names_of(site: str) -> list[str]:
    """How a site given as a name or URL may be called in an archive, likeliest first."""
    names = [site.strip(), site.strip().lower()]
    try:
        key = host_key(site)
    except FrameError:
        return list(dict.fromkeys(names))
    # A frame may list a host without the port it was asked at.
    return list(dict.fromkeys([*names, key, key.rpartition(":")[0] if key[-1:].isdigit() and ":" in key else key]))


def _visit(connection: duckdb.DuckDBPyConnection, site: str, at: date | None) -> tuple[str, str]:
    names = names_of(site)
    found = rows(connection, sql("explain_visit"), {"names": names})
    if not found:
        raise InputError(f"{site}: not in this archive{_near(connection, names[-1])}")
    name = min((row["site"] for row in found), key=names.index)
    dated = [row for row in found if row["site"] == name and (at is None or row["taken_on"] <= at)]
    if not dated:
        first = min(row["taken_on"] for row in found if row["site"] == name)
        raise InputError(f"{site}: not visited by {at}; its first snapshot here is of {first}")
    last = max(dated, key=lambda row: (row["taken_on"], row["snapshot_id"]))
    return name, last["snapshot_id"]


def _near(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    listed = [row["site"] for row in rows(connection, sql("explain_near"), {"name": name})]
    near = difflib.get_close_matches(name, listed, n=3, cutoff=0.75) or listed[:3]
    if near:
        return f"; did you mean {', '.join(near)}?"
    return "; `openweb status` lists its snapshots"
