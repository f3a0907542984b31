"""Whether a crawl could run here, looked at before it has to: each finding says what was found and what to do.

Nothing is asked of the network, and no name is looked up, unless that is asked for.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

from packaging.requirements import Requirement

from crawler import __version__, agents
from crawler.archive import ArchiveBusy, ArchiveError, reading, sql
from crawler.frame_formats import FrameError
from crawler.politeness import OptOuts, require_contact, user_agent
from crawler.settings import Politeness, Settings, SettingsError

DISTRIBUTION = "openweb-audit"
LITTLE = 2 * 1024**3
"""Bytes of free disk below which a finding warns."""
TOO_LITTLE = 256 * 1024**2
"""Bytes of free disk below which a crawl would soon fail."""
_FILES_A_SITE = 4
_FILES_BESIDE = 64


class Health(StrEnum):
    """`warning`: a crawl runs, but look at it; `mend`: it would not run, or not as it should."""

    GOOD = "good"
    WARNING = "warning"
    MEND = "mend"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `remedy` is what to do about it, empty where it is good."""

    check: str
    health: Health
    said: str
    remedy: str = ""


def examine(settings: Settings, *, now: datetime | None = None, network: bool = False) -> Iterator[Finding]:
    """Every check in turn; `now` is taken for the present (default: the clock's), `network` allows look-ups."""
    now = now or datetime.now(UTC)
    yield from _environment()
    yield from _identity(settings)
    yield from _conduct(settings)
    yield from _space("spool", Path(settings.crawl.spool))
    yield from _space("archive place", Path(settings.archive.path).parent)
    newest = date.fromisoformat(agents.load().version[:10])
    yield from _archive(settings, now)
    yield _clock(now, newest)
    yield _descriptors(settings.crawl.concurrency)
    if network:
        yield _contact_name(settings)


def _environment() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield _good("python", f"Python {version}, openweb {__version__}")
    here = Path(__file__).resolve().parent.parent
    for name in ("analysis", "reports"):
        spec = importlib.util.find_spec(name)
        places = [Path(place).resolve() for place in (spec.submodule_search_locations or [])] if spec else []
        if here / name not in places:
            found = ", ".join(map(str, places)) or "nothing"
            yield _mend(
                "packages",
                f"{name}: expected {here / name}, found {found}",
                "run openweb from an environment of its own",
            )
            break
    else:
        yield _good("packages", f"crawler, analysis and reports stand together in {here}")
    yield from _libraries()


def _libraries() -> Iterator[Finding]:
    try:
        wanted = [Requirement(text) for text in metadata.requires(DISTRIBUTION) or []]
    except metadata.PackageNotFoundError:
        yield Finding(
            "libraries", Health.WARNING, "openweb runs from its folder and is not installed: versions were not checked",
            "install it: pip install --editable .",
        )  # fmt: skip
        return
    found: list[str] = []
    wrong: list[str] = []
    absent: list[str] = []
    for requirement in wanted:
        extra = requirement.marker is not None and not requirement.marker.evaluate({"extra": ""})
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            (absent if extra else wrong).append(requirement.name)
            continue
        if requirement.specifier.contains(version, prereleases=True):
            found.append(f"{requirement.name} {version}")
        else:
            wrong.append(f"{requirement.name} {version}, {requirement.specifier} is needed")
    if wrong:
        remedy = "install the pinned versions: pip install --require-hashes -r requirements/run.txt"
        yield _mend("libraries", f"missing or of another version: {'; '.join(wrong)}", remedy)
    else:
        optional = f"; not installed, and only needed by some: {', '.join(absent)}" if absent else ""
        yield _good("libraries", f"{', '.join(found)}{optional}")


def _identity(settings: Settings) -> Iterator[Finding]:
    try:
        require_contact(settings.identity, settings.network.resolve)
        yield _good("contact", f"requests say {user_agent(settings.identity)}")
    except SettingsError as error:
        yield _mend("contact", str(error), "--contact URL, or identity.contact_url in settings.toml")
    token = settings.identity.token
    taken = agents.load().get(token)
    if taken is not None:
        yield _mend(
            "token", f"{token} is the token of {taken.operator}: rules meant for it are not meant for us",
            "set identity.token to a name of your own, such as OpenWebAudit",
        )  # fmt: skip
    else:
        yield _good("token", f"robots.txt groups are matched against {token}")


def _conduct(settings: Settings) -> Iterator[Finding]:
    # What fetches is imported when it is looked at: `openweb doctor -h` needs none of it.
    from crawler.fetch import tls_context

    asked, usual = settings.politeness, Politeness()
    ruder = [
        f"politeness.{key} = {getattr(asked, key):g}, {getattr(usual, key):g} by default"
        for key, less in (
            ("delay", True),
            ("delay_per_ip", True),
            ("requests_per_site", False),
            ("robots_max_age", False),
        )
        if (getattr(asked, key) < getattr(usual, key) if less else getattr(asked, key) > getattr(usual, key))
    ]
    if ruder:
        yield _warning("politeness", "; ".join(ruder), "keep to the defaults unless every site asked is your own")
    else:
        yield _good("politeness", f"{asked.delay:g} s between requests, at most {asked.requests_per_site} a site")
    network = settings.network
    if network.allow_addresses or network.resolve:
        named = [*network.allow_addresses, *network.resolve][:5]
        yield _warning(
            "network", f"addresses or names outside the public web may be asked: {', '.join(named)}",
            "empty network.allow_addresses and network.resolve unless that is meant",
        )  # fmt: skip
    try:
        tls_context(network)
    except SettingsError as error:
        yield _mend("certificates", str(error), "name a PEM file in network.ca_file, or leave it empty")
    yield _optouts(settings.crawl.optout_file)
    if not settings.crawl.vantage:
        yield _warning("vantage", "where the crawl runs is not said", 'set crawl.vantage, such as "Helsinki, one host"')


def _optouts(path: str) -> Finding:
    if not path:
        return _warning(
            "opt-out list", "no list of hosts that asked us to stay away is named",
            'set crawl.optout_file = "optout.txt" and keep it with `openweb optout`',
        )  # fmt: skip
    try:
        return _good("opt-out list", f"{path}: {len(OptOuts.read(path).hosts)} hosts are left alone")
    except (SettingsError, FrameError) as error:
        return _mend("opt-out list", str(error), f"mend {path}, or begin one: touch {path}")


def _space(check: str, folder: Path) -> Iterator[Finding]:
    """Whether a folder, or the nearest there is above it, can be written to, and how much room there is."""
    place = folder.resolve()
    if check == "spool":
        place = next(each for each in (place, *place.parents) if each.exists())
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"openweb doctor")
            file.flush()
            os.fsync(file.fileno())
        free = shutil.disk_usage(place).free
    except OSError as error:
        yield _mend(
            check, f"{folder}: {error.strerror or error}", "make the folder, or give it to the user that crawls"
        )
        return
    said = f"{folder}: can be written to, {free / 1024**3:.1f} GiB free"
    if free < TOO_LITTLE:
        yield _mend(check, said, "make room: a crawl stops when the disk is full")
    elif free < LITTLE:
        yield _warning(check, said, "make room before a large crawl: some 20 kB a site are written")
    else:
        yield _good(check, said)


def _archive(settings: Settings, now: datetime) -> Iterator[Finding]:
    path = Path(settings.archive.path)
    if not path.exists():
        yield _good("archive", f"{path}: not there yet; the first run makes it")
        return
    hasty = settings.archive.model_copy(update={"lock_wait": min(settings.archive.lock_wait, 1.0)})
    try:
        with reading(hasty) as connection:
            version, last = connection.execute(sql("doctor_archive")).fetchall()[0]
    except ArchiveBusy as error:
        yield _warning("archive", str(error), "a run may be going on: see `openweb status` when it is over")
        return
    except ArchiveError as error:
        yield _mend("archive", str(error), "restore a copy, or name another with --db")
        return
    if not os.access(path, os.W_OK):
        yield _mend("archive", f"{path}: may not be written to", "give it to the user that crawls")
    else:
        yield _good("archive", f"{path}: schema {version}, can be read")
    if last is not None and last.replace(tzinfo=UTC) > now + timedelta(days=1):
        yield _mend(
            "clock", f"the archive was last written at {last} UTC, the clock says {now:%Y-%m-%d %H:%M} UTC",
            "set the clock (timedatectl): snapshots are named by date",
        )  # fmt: skip


def _clock(now: datetime, newest: date) -> Finding:
    """The registry is part of the program: no clock can be right that stands before it."""
    if now.date() < newest - timedelta(days=1):
        said = f"{now:%Y-%m-%d %H:%M} UTC is before this version of openweb was made ({newest})"
        return _mend("clock", said, "set the clock (timedatectl): snapshots are named by date")
    return _good("clock", f"{now:%Y-%m-%d %H:%M} UTC")


def _descriptors(concurrency: int) -> Finding:
    try:
        import resource
    except ImportError:
        return _good("open files", "no limit known on this system")
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    needed = _FILES_A_SITE * concurrency + _FILES_BESIDE
    said = f"{'no limit' if limit == resource.RLIM_INFINITY else limit}, some {needed} are used"
    if limit != resource.RLIM_INFINITY and limit < needed:
        return _mend("open files", said, f"raise it (ulimit -n {needed}, LimitNOFILE=) or lower crawl.concurrency")
    return _good("open files", said)


def _contact_name(settings: Settings) -> Finding:
    """Whether the host of the contact URL has an address, by the system's resolver."""
    parts = urlsplit(settings.identity.contact_url.strip())
    host = parts.path.rpartition("@")[2].partition("?")[0] if parts.scheme == "mailto" else parts.hostname or ""
    if not host or host in {name.partition(":")[0] for name in settings.network.resolve}:
        return _good("names", "the contact's host is none, or answered by network.resolve: nothing was looked up")
    try:
        found = sorted({str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)})
    except OSError as error:
        return _mend(
            "names", f"{host}: {error.strerror or error}", "check this machine's resolver, and the contact URL"
        )
    return _good("names", f"{host} is {', '.join(found[:4])}")


def _good(check: str, said: str) -> Finding:
    return Finding(check, Health.GOOD, said)


def _warning(check: str, said: str, remedy: str) -> Finding:
    return Finding(check, Health.WARNING, said, remedy)


def _mend(check: str, said: str, remedy: str) -> Finding:
    return Finding(check, Health.MEND, said, remedy)
