"""Why a verdict is what it is: every statement, line, gap and rule behind it, for a site or URL, as of a day."""

from __future__ import annotations

import difflib
from dataclasses import replace
from datetime import date
from typing import Any

import duckdb

from analysis.access import access_lines
from analysis.closeup import closeup, is_page, last_good, narrow, robots_of
from analysis.contradictions import contradictions
from analysis.dossier import Key, dossiers
from analysis.figures import Explanation, LicenceLine, VerdictLine
from analysis.footers import footers
from analysis.lens import Lens
from analysis.query import rows, sql
from analysis.rules import RULES
from analysis.trends import token_of
from analysis.verdicts import judge
from crawler import agents
from crawler.errors import InputError
from crawler.frame import FrameError, host_key
from crawler.robots import path_of
from crawler.settings import Analysis
from crawler.vocabulary import ANYONE, ROLE_PAGE, State, Use


def explain(
    connection: duckdb.DuckDBPyConnection,
    site: str,
    *,
    use: Use | None = None,
    agent: str | None = None,
    at: date | None = None,
) -> list[VerdictLine]:
    """The verdicts of `explanation` alone."""
    return list(explanation(connection, site, use=use, agent=agent, at=at).verdicts)


def explanation(
    connection: duckdb.DuckDBPyConnection,
    site: str,
    *,
    use: Use | None = None,
    agent: str | None = None,
    at: date | None = None,
    max_age_days: int | None = None,
    as_of_words: bool = False,
    as_of_agents: bool = False,
) -> Explanation:
    """All that is known of a site (as listed) or URL in its last snapshot, or the last one up to `at`.

    One verdict a use, with every statement about it, those that decide marked; of a URL for its path: rules with a
    path by the longest match (TDMRep: the first), statements of the page only where the URL is that page. With `agent`
    (a token or alias) what is said to it, and only the uses it is known for. With `at`, what nobody has looked at for
    more than `max_age_days` (default: settings) is unknown, a reservation excepted: that is only marked stale. Where a
    place failed in this visit, its last good copy still reserves. `as_of_words` takes each draft as it was worded at
    the snapshot, `as_of_agents` the agents announced by then. Raises InputError for a site that was not visited.
    """
    visit, on = _visit(connection, site, at)
    key = (visit["site"], visit["snapshot_id"])
    path = _path(site)
    age = Analysis().max_age_days if max_age_days is None else max_age_days
    token = token_of(agent).lower() if agent is not None else None
    uses = _uses(use, agent)
    lens = Lens(path, token or ANYONE, on if as_of_words else None, on if as_of_agents else None)
    with closeup(connection, visit) as apart:
        page_seen = is_page(apart, path)
        below = footers(apart)
        asked = dossiers(apart, [key], uses=uses, agent=token)[key]
        if lens != Lens() or not page_seen:
            narrow(apart, lens, page_seen=page_seen)
            judge(apart, lens)
            asked = replace(dossiers(apart, [key], uses=uses, agent=token)[key], exchanges=asked.exchanges)
        verdicts = [replace(line, path=path, agent=lens.agent) for line in asked.verdicts]
        licences = tuple(LicenceLine(**row) for row in rows(apart, sql("explain_licences")))
        robots = robots_of(apart)
        tokens = [agent and token_of(agent)] if agent else [known.token for known in agents.load().agents]
        access = access_lines(path, robots, asked.exchanges, [name for name in tokens if name])
        page = next((one for one in reversed(asked.exchanges) if one["role"] == ROLE_PAGE), None)
        found = contradictions(verdicts, licences, robots=robots, page=page)
        verdicts = _with_last_good(connection, apart, key, on, age, lens, verdicts, uses, page_seen)
    days = (at - on).days if at is not None else None
    stale = days is not None and days > age
    return Explanation(
        site=key[0],
        url=site.strip() if path != "/" or "//" in site else None,
        path=path,
        agent=lens.agent,
        snapshot=key[1],
        date=on,
        at=at,
        staleness_days=days,
        max_age_days=age,
        stale=stale,
        page_seen=page_seen,
        words="as_of" if as_of_words else "current",
        agents="as-of" if as_of_agents else "pinned",
        verdicts=tuple(_aged(line, days, age) for line in verdicts),
        access=tuple(access),
        licences=licences,
        footers=tuple(below),
        contradictions=tuple(found),
    )


def _with_last_good(
    connection: duckdb.DuckDBPyConnection,
    apart: duckdb.DuckDBPyConnection,
    key: Key,
    on: date,
    age: int,
    lens: Lens,
    verdicts: list[VerdictLine],
    uses: tuple[Use, ...],
    page_seen: bool,
) -> list[VerdictLine]:
    """A deny is final: what a place reserved when it last answered holds while it fails, marked stale (9.4 case 4)."""
    soft = {line.use for line in verdicts if line.state in (State.UNKNOWN, State.SILENT, State.PERMITTED)}
    seen = last_good(connection, apart, key, on, age) if soft else {}
    if not seen:
        return verdicts
    if lens != Lens() or not page_seen:
        narrow(apart, lens, page_seen=page_seen)
    judge(apart, lens)
    better = {line.use: line for line in dossiers(apart, [key], uses=uses)[key].verdicts}
    out = []
    for line in verdicts:
        held = better.get(line.use)
        if line.use in soft and held is not None and held.state is State.RESERVED and held.strength != "derived":
            days = max((on - day).days for day in seen.values())
            names = ", ".join(f"{role} of {day}" for role, day in sorted(seen.items()))
            reason = f"{held.reason}, by the last good copy ({names}); this visit: {line.reason}"
            line = replace(held, reason=reason, path=lens.path, agent=lens.agent, stale=True, staleness_days=days)
        out.append(line)
    return out


def _aged(line: VerdictLine, days: int | None, age: int) -> VerdictLine:
    if days is None:
        return line
    days += line.staleness_days or 0
    if days <= age:
        return replace(line, staleness_days=days)
    if line.state not in (State.PERMITTED, State.SILENT):
        return replace(line, staleness_days=days, stale=True)
    reason = f"stale: last looked at {days} days before the day asked about, more than {age}; then: {line.reason}"
    return replace(
        line, state=State.UNKNOWN, state_strict=State.UNKNOWN, reason=reason, staleness_days=days, stale=True
    )


def _uses(use: Use | None, agent: str | None) -> tuple[Use, ...]:
    if use is not None:
        return (use,)
    known = agents.load().get(agent.strip()) if agent is not None else None
    return known.uses if known is not None and known.uses else tuple(Use)


def _path(site: str) -> str:
    """Path and query of a URL; `/` of a name. A name may be followed by a path without a scheme before it."""
    text = site.strip()
    return path_of(text if "//" in text else f"//{text}")


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


_PROBES = 3
"""Snapshots looked into one by one, newest first, before all visits are: a site is mostly in the last."""


def _visit(connection: duckdb.DuckDBPyConnection, site: str, at: date | None) -> tuple[dict[str, Any], date]:
    names = names_of(site)
    days = rows(connection, "SELECT snapshot_id, taken_on FROM snapshot ORDER BY taken_on DESC, snapshot_id DESC")
    recent = [row["snapshot_id"] for row in days if at is None or row["taken_on"] <= at][:_PROBES]
    for snapshot in [*recent, None]:
        found = rows(connection, sql("explain_visit"), {"names": names, "snapshot": snapshot})
        if found and snapshot is not None:
            break
    if not found:
        raise InputError(f"{site}: not in this archive{_near(connection, names[-1])}")
    name = min((row["site"] for row in found), key=names.index)
    dated = [row for row in found if row["site"] == name and (at is None or row["taken_on"] <= at)]
    if not dated:
        first = min(row["taken_on"] for row in found if row["site"] == name)
        raise InputError(f"{site}: not visited by {at}; its first snapshot here is of {first}")
    last = max(dated, key=lambda row: (row["taken_on"], row["snapshot_id"]))
    return last, last.pop("taken_on")


def _near(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    listed = [row["site"] for row in rows(connection, sql("explain_near"), {"name": name})]
    near = difflib.get_close_matches(name, listed, n=3, cutoff=0.75) or listed[:3]
    if near:
        return f"; did you mean {', '.join(near)}?"
    return "; `openweb status` lists its snapshots"
