"""One visit taken out of an archive into an archive of its own, to be judged again for one path or one agent.

What is left out or rewritten here exists in memory only; rules and SQL are those of every other verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import duckdb

from analysis.lens import Lens
from analysis.query import rows, sql
from crawler import agents, aipref
from crawler.archive import append, memory
from crawler.robots import AIPREF, RFC9309, RobotsFile, decide, parse, path_of
from crawler.robots.matcher import choose
from crawler.settings import Archive
from crawler.signals import SIGNALS
from crawler.vocabulary import ANYONE, ROLE_MEDIA, ROLE_PAGE, ROLE_ROBOTS, Basis, Outcome, addressees, reads_as

_BY_CONTENT = {
    "read_log": "content_sha256",
    "reading": "content_sha256",
    "licence_claim": "content_sha256",
    "fault": "content_sha256",
    "fact": "content_sha256",
    "access": "body_sha256",
}
FAILED = frozenset(
    outcome.value
    for outcome in (
        *(Outcome.SERVER_ERROR, Outcome.UNREACHABLE, Outcome.RATE_LIMITED, Outcome.NOT_ASKED),
        *(Outcome.REDIRECT_LIMIT, Outcome.OVERSIZE),
    )
)
"""Outcomes that say nothing of what stands there, so that the last good copy is still the last word heard."""
Key = tuple[str, str]


@contextmanager
def closeup(connection: duckdb.DuckDBPyConnection, visit: Mapping[str, Any]) -> Iterator[duckdb.DuckDBPyConnection]:
    """An archive in memory that holds one visit (a row of `visit`) with everything its verdicts rest on."""
    site, snapshot, evidence = visit["site"], visit["snapshot_id"], visit["evidence_id"]
    with memory(Archive(threads=1, memory_limit="512MiB")) as apart:
        apart.execute(f"INSERT INTO visit VALUES ({', '.join('?' * len(visit))})", list(visit.values()))
        _copy(connection, apart, "snapshot", "SELECT * FROM snapshot WHERE snapshot_id = $id", {"id": snapshot})
        facts = {"site": site, "snapshot": visit["facts_snapshot_id"]}
        _copy(connection, apart, "exchange", sql("closeup_exchange"), facts)
        for table in ("evidence", "coverage", "verdict"):
            statement = sql("closeup_picture").replace("<<table>>", table)
            _copy(connection, apart, table, statement, {"evidence": evidence})
        seen = apart.execute("SELECT unnest([body_sha256, header_set_sha256]) FROM evidence").fetchall()
        _contents(connection, apart, [content for (content,) in seen])
        yield apart


def last_good(
    connection: duckdb.DuckDBPyConnection, apart: duckdb.DuckDBPyConnection, key: Key, on: date, days: int
) -> dict[str, date]:
    """Put, for each role that failed, the last answer of at most `days` before in its place; role to its day.

    The verdicts of the picture as it was are forgotten. Nothing is changed where nothing better is known.
    """
    site, snapshot = key
    failed = {row["role"] for row in rows(apart, "SELECT role, outcome FROM evidence") if row["outcome"] in FAILED}
    if not failed:
        return {}
    values = {"site": site, "snapshot": snapshot, "on": on, "since": on - timedelta(days=days)}
    found = [row for row in rows(connection, sql("closeup_last_good"), values) if row["role"] in failed]
    for row in found:
        role = {"role": row["role"]}
        (evidence, facts) = apart.execute("SELECT evidence_id, facts_snapshot_id FROM visit").fetchall()[0]
        apart.execute("DELETE FROM evidence WHERE role = $role", role)
        names = ("role", "outcome", "status", "body_sha256", "header_set_sha256", "truncated")
        append(apart, "evidence", [(evidence, *(row[name] for name in names))])
        _contents(connection, apart, [row["body_sha256"], row["header_set_sha256"]])
        apart.execute("DELETE FROM exchange WHERE role = $role", role)
        earlier = rows(connection, sql("closeup_exchange"), {"site": site, "snapshot": row["facts_snapshot_id"]})
        moved = [{**one, "snapshot_id": facts} for one in earlier if one["role"] == row["role"]]
        append(apart, "exchange", [tuple(one.values()) for one in moved])
    if found:
        _forget(apart)
    return {row["role"]: row["taken_on"] for row in found}


def narrow(apart: duckdb.DuckDBPyConnection, lens: Lens, *, page_seen: bool) -> None:
    """Rewrite the copy for a lens, so that judging it anew answers for that path and agent.

    Access becomes what robots.txt says of the path, to each token it names (or to the one agent). Statements that a
    group of the agent's own replaces go, and where the path is not that page the statements of the page and of the
    files sampled from it.
    """
    _forget(apart)
    if not page_seen:
        apart.execute(
            "UPDATE evidence SET outcome = $outcome, body_sha256 = NULL, header_set_sha256 = NULL WHERE role = $role",
            {"outcome": Outcome.NOT_ASKED.value, "role": ROLE_PAGE},
        )
        _leave_files(apart, lens.path)
    file = robots_of(apart)
    if file is not None:
        if lens.agent != ANYONE and choose(file, lens.agent)[0] is Basis.EXPLICIT:
            _own_group(apart, file, lens.agent)
        _access(apart, file, lens)
        _applicable(apart, file, lens)
    _declared(apart)
    if lens.agent != ANYONE:
        _own_documents(apart, lens.agent)


def robots_of(apart: duckdb.DuckDBPyConnection) -> RobotsFile | None:
    """The robots.txt of the copy; None where none was read or its bytes are not held."""
    found = apart.execute(
        "SELECT data FROM evidence JOIN body ON sha256 = body_sha256"
        " WHERE role = $role AND outcome = 'ok' AND data IS NOT NULL",
        {"role": ROLE_ROBOTS},
    ).fetchall()
    return parse(bytes(found[0][0])) if found else None


def is_page(apart: duckdb.DuckDBPyConnection, path: str) -> bool:
    """Whether that path is the page that was fetched, or redirected to it."""
    urls = apart.execute("SELECT url FROM exchange WHERE role = $role", {"role": ROLE_PAGE}).fetchall()
    return path in {path_of(url) for (url,) in urls} or (not urls and path == "/")


def _forget(apart: duckdb.DuckDBPyConnection) -> None:
    for table in ("verdict", "coverage"):
        apart.execute(f"DELETE FROM {table}")


def _leave_files(apart: duckdb.DuckDBPyConnection, path: str) -> None:
    """Of the files sampled from the landing page only those asked about are left."""
    asked = rows(apart, "SELECT role, url FROM exchange WHERE starts_with(role, $role)", {"role": f"{ROLE_MEDIA}-"})
    kept = {row["role"] for row in asked if path_of(row["url"]) == path}
    for role in {row["role"] for row in asked} - kept:
        apart.execute("DELETE FROM evidence WHERE role = $role", {"role": role})


def _own_group(apart: duckdb.DuckDBPyConnection, file: RobotsFile, agent: str) -> None:
    """A group that names the agent replaces the `*` groups (RFC 9309 2.2.1); lines in no group speak to everybody."""
    lines = [
        number
        for grouped in (file.grouped(RFC9309), file.grouped(AIPREF))
        for group in grouped.groups
        if ANYONE in group.tokens
        for number in range(group.first_line, group.last_line + 1)
    ]
    values = {"role": ROLE_ROBOTS, "lines": sorted(set(lines))}
    apart.execute(
        "DELETE FROM reading WHERE role = $role AND agent = '*' AND line IN (SELECT unnest($lines::INTEGER[]))", values
    )
    places = {"role": ROLE_ROBOTS, "places": [f"line {number}" for number in sorted(set(lines))]}
    apart.execute("DELETE FROM fact WHERE role = $role AND locator IN (SELECT unnest($places::VARCHAR[]))", places)
    for base in {signal.role for signal in SIGNALS}:
        name, own = f"{base}_document", f"{base}_document@{agent}"
        if apart.execute("SELECT 1 FROM fact WHERE name = $own", {"own": own}).fetchall():
            apart.execute("DELETE FROM fact WHERE role = $role AND name = $name", {"role": ROLE_ROBOTS, "name": name})
            apart.execute("UPDATE fact SET name = $name WHERE name = $own", {"name": name, "own": own})


def _access(apart: duckdb.DuckDBPyConnection, file: RobotsFile, lens: Lens) -> None:
    held = rows(apart, "SELECT * FROM access WHERE profile = 'rfc9309' ORDER BY reader_version")
    if not held:
        return
    version = held[-1]["reader_version"]
    by_token = {row["token"]: row for row in held if row["reader_version"] == version}
    known = {agent.token.lower() for agent in agents.load().agents}
    wanted = [lens.agent] if lens.agent != ANYONE else [token for token in by_token if token in known]
    made: list[Mapping[str, object]] = []
    for token in dict.fromkeys([*wanted, ANYONE]):
        found = decide(file, token, lens.path)
        like = by_token.get(token, by_token[ANYONE])
        # With one agent asked about, what everybody else may do takes no part.
        refused = not found.allowed and (token != ANYONE or lens.agent == ANYONE)
        made.append(
            {**like, "token": token, "root_blocked": refused}
            | {"basis": found.basis.value, "line": found.line, "raw": found.raw}
        )
    apart.execute("DELETE FROM access")
    append(apart, "access", [tuple(row.values()) for row in made])


def _applicable(apart: duckdb.DuckDBPyConnection, file: RobotsFile, lens: Lens) -> None:
    """A path the group may not fetch "has no preference at all" (draft-ietf-aipref-attach 3): then only what is
    plainly meant is left of it, and the strict reading has none; on other paths both stand.
    """
    carriers = [
        carrier.id
        for signal in SIGNALS
        for carrier in signal.carriers
        if signal.role == ROLE_ROBOTS and carrier.family == aipref.FAMILY
    ]
    values: dict[str, object] = {"carriers": carriers}
    where = "carrier IN (SELECT unnest($carriers::VARCHAR[]))"
    if decide(file.grouped(AIPREF), lens.agent, lens.path).allowed:
        apart.execute(f"UPDATE reading SET interpretation = 'both' WHERE {where} AND note = 'not_applicable'", values)
        return
    apart.execute(f"DELETE FROM reading WHERE {where} AND interpretation = 'strict'", values)
    apart.execute(
        f"UPDATE reading SET interpretation = 'lenient', note = coalesce(note || '; ', '') || 'not_applicable'"
        f" WHERE {where} AND interpretation = 'both'",
        values,
    )


def _declared(apart: duckdb.DuckDBPyConnection) -> None:
    """Documents that nothing points to any more, for this path and agent, are as if they had not been asked for."""
    pointed = {value for (value,) in apart.execute(sql("closeup_pointed")).fetchall()}
    for role in sorted(_DECLARED):
        urls = apart.execute("SELECT url FROM exchange WHERE role = $role AND hop = 0", {"role": role}).fetchall()
        if urls and not any(url in pointed for (url,) in urls):
            apart.execute("DELETE FROM evidence WHERE role = $role", {"role": role})


def _own_documents(apart: duckdb.DuckDBPyConnection, agent: str) -> None:
    """Documents declared for this agent stand in the place of those for everybody; what they say to others is left."""
    for row in rows(apart, "SELECT DISTINCT role FROM evidence WHERE contains(role, '@')"):
        if agent in addressees(row["role"]):
            values = {"role": row["role"], "base": reads_as(row["role"])}
            for table in ("evidence", "exchange", "read_log", "reading", "fault", "fact"):
                apart.execute(f"UPDATE {table} SET role = $base WHERE role = $role", values)


_DECLARED = {signal.role for signal in SIGNALS if signal.probe is None} - {ROLE_ROBOTS, ROLE_PAGE}


def _contents(
    connection: duckdb.DuckDBPyConnection, apart: duckdb.DuckDBPyConnection, contents: Sequence[str | None]
) -> None:
    held = {sha for (sha,) in apart.execute("SELECT DISTINCT content_sha256 FROM read_log").fetchall()}
    held |= {sha for (sha,) in apart.execute("SELECT sha256 FROM body").fetchall()}
    values = {"contents": sorted({sha for sha in contents if sha is not None} - held)}
    if not values["contents"]:
        return
    for table, column in {**_BY_CONTENT, "body": "sha256"}.items():
        statement = sql("closeup_content").replace("<<table>>", table).replace("<<column>>", column)
        _copy(connection, apart, table, statement, values)


def _copy(
    connection: duckdb.DuckDBPyConnection,
    apart: duckdb.DuckDBPyConnection,
    table: str,
    statement: str,
    values: Mapping[str, object],
) -> None:
    apart.register("incoming_copy", connection.sql(statement, params=dict(values)).to_arrow_table())
    apart.execute(f"INSERT INTO {table} FROM incoming_copy")
    apart.unregister("incoming_copy")
