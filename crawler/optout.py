"""The auditor's own opt-out list: one host a line, everything below it included, who asked and when as its comment.

`crawler.politeness.OptOuts` reads the same file before a crawl; here it is kept.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from crawler.errors import InputError
from crawler.frame import host_key
from crawler.frame_formats import FrameError
from crawler.politeness import OptOuts
from crawler.whole import write_whole

HEAD = "# Hosts that asked us to stay away, one a line, with everything below them. Kept by `openweb optout`.\n"


@dataclass(frozen=True, slots=True)
class OptOut:
    """One entry: the host (a host key without port), what the comment beside it says, and its line (1-based)."""

    host: str
    note: str
    line: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one host: whether the list changed, and a sentence that says how and why."""

    host: str
    changed: bool
    said: str


def entries(path: Path) -> list[OptOut]:
    """The entries of a list in their order; raises SettingsError where the crawler could not read it either."""
    OptOuts.read(str(path))
    return [entry for _, entry in _lines(path.read_text(encoding="utf-8-sig")) if entry is not None]


def add(path: Path, hosts: Sequence[str], *, note: str, on: date) -> list[Outcome]:
    """Add hosts (or URLs) to the list, made if there is none; those it covers already are left as they are.

    All or none: raises InputError where one names no host, SettingsError where the list cannot be read.
    """
    keys = [_key(host) for host in hosts]
    said: list[Outcome] = []
    with _held(path):
        known = [entry.host for entry in entries(path)] if path.exists() else []
        text = path.read_text(encoding="utf-8-sig") if path.exists() else HEAD
        for key in keys:
            if (by := OptOuts(known).covers(key)) is not None:
                why = "on the list already" if by == key else f"on the list already: {by} covers everything below it"
                said.append(Outcome(key, False, why))
                continue
            below = [host for host in known if OptOuts([key]).covers(host)]
            known.append(key)
            text = f"{text}{'' if text.endswith(chr(10)) or not text else chr(10)}{key}  # {_comment(on, note)}\n"
            more = f"; it covers {', '.join(below)} too, listed before" if below else ""
            said.append(Outcome(key, True, f"added, with everything below it{more}"))
        if any(outcome.changed for outcome in said):
            write_whole(path, text)
    return said


def remove(path: Path, hosts: Sequence[str], *, note: str, on: date) -> list[Outcome]:
    """Take hosts off the list; their lines stay as comments that say when and why.

    A host that only a domain above covers is not taken off: the sentence names the entry that would have to be.
    """
    keys = [_key(host) for host in hosts]
    said: list[Outcome] = []
    with _held(path):
        before = entries(path)
        wanted = {key for key in keys if any(entry.host == key for entry in before)}
        left = OptOuts(entry.host for entry in before if entry.host not in wanted)
        for key in dict.fromkeys(keys):
            by = left.covers(key)
            still = f"{by} is on the list and covers it; remove that to have {key} asked again" if by else ""
            if key in wanted:
                said.append(Outcome(key, True, "removed" + (f", but {still}" if still else "")))
            else:
                said.append(Outcome(key, False, f"not removed: {still}" if still else "not on the list"))
        if wanted:
            text = path.read_text(encoding="utf-8-sig")
            kept = [
                f"# removed {_comment(on, note)}: {line.strip()}"
                if entry is not None and entry.host in wanted
                else line
                for line, entry in _lines(text)
            ]
            write_whole(path, "".join(f"{line}\n" for line in kept))
    return said


def _key(host: str) -> str:
    try:
        key = host_key(host)
    except FrameError as error:
        raise InputError(f"{host[:80]!r}: {error}; give a host such as example.org, or a URL") from error
    return _bare(key)


def _bare(key: str) -> str:
    """A host key without its port: who asks us to stay away means the host."""
    host, colon, port = key.rpartition(":")
    return host if colon and port.isdigit() and not key.endswith("]") else key


def _lines(text: str) -> Iterator[tuple[str, OptOut | None]]:
    for number, line in enumerate(text.splitlines(), 1):
        entry, _, comment = line.partition("#")
        host = entry.strip()
        yield line, OptOut(_bare(host_key(host)), comment.strip(), number) if host else None


def _comment(on: date, note: str) -> str:
    return " ".join(f"{on.isoformat()} {note}".replace("#", " ").split())


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Keep other processes from changing the list meanwhile, by a lock on its folder: nothing is left behind."""
    try:
        descriptor = os.open(path.resolve().parent, os.O_RDONLY)
    except OSError as error:
        raise InputError(f"{path}: its folder cannot be opened ({error.strerror or error}); make it first") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
