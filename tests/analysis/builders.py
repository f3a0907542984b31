"""Small archives for the tests of analysis: real bytes of a site, through the real door, in memory or on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

import duckdb

from analysis.verdicts import judge
from crawler.archive import memory
from crawler.frame import Frame
from crawler.ingest import Portion, take_in_to
from crawler.records import Exchange, Headers, Snapshot, Visit
from crawler.settings import Archive
from crawler.signals import PROBES
from crawler.vocabulary import ROLE_PAGE, ROLE_ROBOTS, Observed, Outcome, State, Use

DAY = date(2026, 10, 15)
HTML = b"<!doctype html><html><head><title>A page</title></head><body><p>Words.</p></body></html>"


@dataclass(frozen=True)
class Site:
    """What one site answers: bytes where it answers, an Outcome where it does not; other roles by name in `files`.

    Well-known files that are not given are absent (404). `leave_out` names roles that are not asked at all.
    """

    robots: bytes | Outcome = Outcome.ABSENT
    page: bytes | Outcome = HTML
    headers: Headers = ()
    files: Mapping[str, bytes | Outcome] = field(default_factory=dict)
    leave_out: Sequence[str] = ()
    truncated: Sequence[str] = ()


def visit(name: str, site: Site, on: date = DAY, basis: Observed = Observed.OBSERVED) -> Visit:
    """The visit of a site on a day, with an exchange for every role it is asked."""
    moment = datetime.combine(on, time(4, 12, 9), UTC)
    answers: dict[str, tuple[str, bytes | Outcome]] = {ROLE_ROBOTS: ("/robots.txt", site.robots)}
    answers |= {role: (path, site.files.get(role, Outcome.ABSENT)) for role, path in PROBES.items()}
    answers |= {role: (f"/{role}", answer) for role, answer in site.files.items() if role not in PROBES}
    answers[ROLE_PAGE] = ("/", site.page)
    exchanges = []
    for role, (path, answer) in answers.items():
        if role in site.leave_out:
            continue
        ok = isinstance(answer, bytes)
        headers = (("Content-Type", "text/html"), *site.headers) if role == ROLE_PAGE and ok else ()
        exchanges.append(
            Exchange(
                site=name,
                role=role,
                url=f"https://{name}{path}",
                outcome=Outcome.OK if isinstance(answer, bytes) else answer,
                fetched_at=moment,
                status=200 if ok else None,
                headers=headers,
                body=answer if isinstance(answer, bytes) else None,
                truncated=role in site.truncated,
            )
        )
    return Visit(name, tuple(exchanges), moment, moment, basis)


def portion(sites: Mapping[str, Site], on: date = DAY, frame: Frame | None = None) -> Portion:
    """A snapshot of that day with those sites."""
    snapshot = Snapshot(on.isoformat(), on, "test", frame.id if frame else None)
    visits = [(snapshot.id, visit(name, site, on)) for name, site in sites.items()]
    key = hashlib.sha256(repr((on, sites)).encode()).hexdigest()
    return Portion(key, f"snapshot of {on}", (snapshot,), visits, frames=(frame,) if frame else ())


@contextmanager
def archive_of(*snapshots: tuple[date, Mapping[str, Site]]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A judged archive in memory with those snapshots."""
    with memory(Archive(threads=1)) as connection:
        for on, sites in snapshots:
            take_in_to(connection, portion(sites, on), after=judge, workers=1)
        yield connection


def verdicts(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, Use], dict[str, object]]:
    """Every verdict of the archive by site and use (one snapshot only)."""
    answer = connection.execute("SELECT site, verdict.* FROM visit JOIN verdict USING (evidence_id)")
    names = [column[0] for column in answer.description or ()]
    found = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    return {(row["site"], Use(row["use"])): row for row in found}


def states(site: Site) -> dict[Use, State]:
    """The states of one site."""
    with archive_of((DAY, {"a.example": site})) as connection:
        return {use: State(str(row["state"])) for (_, use), row in verdicts(connection).items()}
