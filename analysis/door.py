"""What programs get from `import openweb`: robots.txt asked, signals read, archives opened, policies loaded.

Nothing here fetches. Errors are `OpenwebError`s whose message says what happened, where, and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from os import PathLike
from pathlib import Path

import duckdb

from analysis import changes as _changes
from analysis import explain as _explain
from analysis import overview as _overview
from analysis import trends as _trends
from analysis import waves as _waves
from analysis.figures import ChangeLine, Evidence, Figure, SnapshotLine, Unseen, VerdictLine
from analysis.policy import Policy, load_policy
from analysis.policy_compile import Compiled, build, compile_policy
from analysis.profiles import Decision, Profile, find
from analysis.waves import Wave
from crawler import archive as _archive
from crawler import robots as _robots
from crawler import signals as _signals
from crawler.errors import InputError, OpenwebError
from crawler.given import GivenError, answer
from crawler.records import AccessRow, Fact, Fault, LicenceClaim, Reading, Statement
from crawler.robots.matcher import google_path_of
from crawler.settings import Archive as ArchiveSettings
from crawler.vocabulary import (
    AccessClass,
    Basis,
    Cause,
    Denominator,
    Ruling,
    Stance,
    State,
    Strength,
    Use,
)

__all__ = [
    "AccessClass",
    "AccessRow",
    "Archive",
    "Basis",
    "Cause",
    "ChangeLine",
    "Compiled",
    "Decision",
    "Denominator",
    "Evidence",
    "Fact",
    "Fault",
    "Figure",
    "LicenceClaim",
    "OpenwebError",
    "Policy",
    "Profile",
    "Reading",
    "RobotsDecision",
    "RobotsFile",
    "Ruling",
    "SnapshotLine",
    "Stance",
    "State",
    "Statement",
    "Strength",
    "Unseen",
    "Use",
    "VerdictLine",
    "Wave",
    "load_policy",
    "may_fetch",
    "open_archive",
    "parse_robots",
    "profile",
    "read_signals",
]

PROFILES = ("rfc9309", "google")


@dataclass(frozen=True, slots=True)
class RobotsDecision:
    """Whether a token may fetch a URL; `line` (from 1) and `raw` are the rule that decides, None where none matches.

    `basis` is whose group spoke: one that names the token, the `*` group, or none.
    """

    allowed: bool
    line: int | None
    raw: str | None
    basis: Basis


class RobotsFile:
    """A robots.txt that has been read; made by `parse_robots`, never changed, safe to keep and to share.

    `truncated` says that octets beyond the cap (512 KiB) were not read.
    """

    def __init__(self, octets: bytes) -> None:
        self._files = {"rfc9309": _robots.parse(octets)}
        self.truncated = self._files["rfc9309"].truncated

    def __len__(self) -> int:
        """The number of its lines."""
        return len(self._files["rfc9309"])

    def allows(self, agent: str, url: str, *, profile: str = "rfc9309") -> RobotsDecision:
        """Whether the product token `agent` may fetch `url` (a URL, or a path that begins with `/`).

        `profile` is `rfc9309`, or `google` for Google's open parser and its leniencies. Raises InputError for another.
        """
        if profile not in PROFILES:
            raise InputError(f"profile {profile!r}: expected one of {', '.join(PROFILES)}")
        if profile not in self._files:
            self._files[profile] = _robots.google_of(self._files["rfc9309"])
        path = google_path_of(url) if profile == "google" else _robots.path_of(url)
        found = _robots.decide(self._files[profile], agent, path)
        return RobotsDecision(found.allowed, found.line, found.raw, found.basis)

    def access(self) -> list[AccessRow]:
        """What it lets every token it names fetch, as access classes, and last, as `*`, every other token."""
        return _robots.access_rows(self._files["rfc9309"])


def parse_robots(robots: bytes | str) -> RobotsFile:
    """Read a robots.txt by RFC 9309; takes anything, up to HTML, and never raises on what it holds."""
    return RobotsFile(robots.encode("utf-8", "surrogatepass") if isinstance(robots, str) else robots)


def may_fetch(robots: bytes | str | RobotsFile, agent: str, url: str, *, profile: str = "rfc9309") -> RobotsDecision:
    """Whether `agent` may fetch `url` under a robots.txt; for many questions about one file parse it once."""
    file = robots if isinstance(robots, RobotsFile) else parse_robots(robots)
    return file.allows(agent, url, profile=profile)


def read_signals(
    url: str,
    status: int | None = 200,
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    body: bytes | None = None,
    *,
    role: str | None = None,
    at: datetime | None = None,
) -> list[Statement]:
    """Everything an answer states: Reading, LicenceClaim, Fault, AccessRow and Fact, in the order of the readers.

    What the answer is (`robots.txt`, `tdmrep.json`, `page`, ...) is told from its URL, type and bytes unless `role`
    says. `headers` are field lines as received; several of one name stay several. Raises InputError for a URL or role
    that is none.
    """
    known = {signal.role for signal in _signals.SIGNALS}
    if role is not None and role not in known:
        raise InputError(f"role {role!r}: expected one of {', '.join(sorted(known))}")
    fields = tuple(headers.items()) if isinstance(headers, Mapping) else tuple(headers)
    try:
        exchange = answer(url, status, fields, body, at=at or datetime.now(UTC), role=role)
    except GivenError as error:
        raise InputError(str(error)) from error
    return [statement for _, statement in _signals.read(exchange)]


@contextmanager
def open_archive(path: str | PathLike[str], *, memory_limit: str = "3GiB", threads: int = 0) -> Iterator[Archive]:
    """An archive, read-only, for a `with` block; another process may read it meanwhile, none may write.

    Raises ArchiveError where there is none of this version.
    """
    settings = ArchiveSettings(path=str(path), memory_limit=memory_limit, threads=threads)
    with _archive.reading(settings) as connection:
        yield Archive(connection)


class Archive:
    """An archive that is open for reading; made by `open_archive`, of no use after its `with` block."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        """The read-only connection, for SQL of your own over the tables that crawler/schema.sql describes."""

    def snapshots(self) -> list[SnapshotLine]:
        """Every snapshot, oldest first."""
        return _overview.snapshots(self.connection)

    def verdicts(self, site: str, use: Use | str | None = None, at: date | None = None) -> list[VerdictLine]:
        """The verdict about each use (or one) of a site, or of a URL, with the statements that decide.

        As of the last snapshot, or of the last one up to `at`. Raises InputError for a site that was not visited.
        """
        found = self.explain(site, use=use, at=at)
        return [replace(line, evidence=tuple(item for item in line.evidence if item.deciding)) for line in found]

    def explain(
        self, site: str, *, use: Use | str | None = None, agent: str | None = None, at: date | None = None
    ) -> list[VerdictLine]:
        """As `verdicts`, with every statement that was found and every place that could not be checked.

        `agent` limits it to the uses that crawler is known for, and shows what robots.txt says to it.
        """
        return _explain.explain(self.connection, site, use=_use(use), agent=agent, at=at)

    def trend(
        self,
        *,
        agent: str | None = None,
        use: Use | str | None = None,
        state: State | str = State.RESERVED,
        class_: AccessClass | str = AccessClass.ROOT_BLOCKED,
        denominator: Denominator | str | None = None,
        strict: bool = False,
        since: date | None = None,
        until: date | None = None,
    ) -> list[Figure]:
        """A Figure for each snapshot, oldest first: how many sites refuse an agent, or are in a state for a use.

        Exactly one of `agent` and `use`; see `Figure` for what each number means. Raises InputError otherwise.
        """
        return _trends.trend(
            self.connection,
            agent=agent,
            use=_use(use),
            state=State(state),
            class_=AccessClass(class_),
            denominator=Denominator(denominator) if denominator is not None else None,
            strict=strict,
            since=since,
            until=until,
        )

    def changes(
        self, before: str | None = None, after: str | None = None, *, agents: Sequence[str] | None = None
    ) -> list[ChangeLine]:
        """What differs between two snapshots (ids or days; the last two by default), each with its cause."""
        return _changes.changes(self.connection, before, after, agents=agents)

    def waves(self, before: str | None = None, after: str | None = None) -> list[Wave]:
        """Of every snapshot against the one before it from the same source: how many robots.txt files differ, and why.

        `before` and `after` (ids or days) are the first and last snapshots looked at, all by default.
        """
        return _waves.waves(self.connection, before, after)

    def decide(self, url: str, profile: Profile | str, at: date | None = None) -> Decision:
        """What a profile answers for one URL on a day (today); for many compile a policy and ask that.

        A site nobody looked at is `unknown`, never an error.
        """
        chosen = find(profile) if isinstance(profile, str) else profile
        names = _explain.names_of(url)
        # With the host beside it, so that the answer can say that only the other one was looked at.
        names += [name[4:] if name.startswith("www.") else f"www.{name}" for name in names]
        table, label = build(self.connection, chosen, sites=names)
        with Policy(table, label, chosen) as policy:
            return policy.decide(url, at)

    def compile_policy(
        self, profile: Profile | str, path: str | PathLike[str], *, until: date | None = None
    ) -> Compiled:
        """Write what a profile decides on every site of the archive as a policy file, for `load_policy`."""
        chosen = find(profile) if isinstance(profile, str) else profile
        return compile_policy(self.connection, chosen, Path(path), until=until)


def profile(name: str, file: str | PathLike[str] | None = None) -> Profile:
    """The profile of that name: of a TOML file of your own, or of those that ship. Raises ProfileError."""
    return find(name, Path(file) if file is not None else None)


def _use(use: Use | str | None) -> Use | None:
    try:
        return Use(use) if use is not None else None
    except ValueError as error:
        raise InputError(f"use {use!r}: expected one of {', '.join(Use)}") from error
