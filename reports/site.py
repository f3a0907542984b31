"""The report as a folder: written beside its place, then put there whole; nothing that is not ours is ever removed."""

from __future__ import annotations

import csv
import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from analysis.figures import SitePage
from crawler.errors import OpenwebError
from reports import feed, pages, render, tables

MARKER = ".openweb-report"
"""In every report's folder: its files with their sha256 (after a first line), as `sha256sum -c` reads them."""

FIRST_LINE = "# written by openweb report; the whole folder is replaced by the next one"


class ReportError(OpenwebError):
    """The report cannot be written where it was asked for; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Made:
    """A report that has been written: its first page, and how many files and pages of sites it has.

    `capped` says that `report.site_pages` left sites without a page.
    """

    index: Path
    files: int
    sites: int
    capped: bool


def write(
    report: pages.Report,
    sites: Iterable[SitePage],
    out: Path,
    *,
    on_site: Callable[[str], None] | None = None,
) -> Made:
    """Write the report into the folder `out`, replacing a report of ours that is there.

    The same input gives the same bytes. `sites` is read once, page by page. Raises ReportError when `out` holds
    anything that is not a report of ours, or cannot be written.
    """
    with _in_place_of(out) as folder:
        lines: list[pages.SiteLine] = []
        (folder / "sites").mkdir()
        (folder / "data").mkdir()
        (folder / "static").mkdir()
        with (folder / "data" / "sites.csv").open("w", encoding="utf-8", newline="") as data:
            rows = csv.writer(data)
            rows.writerow(tables.SITE_COLUMNS)
            for page in sites:
                if len(lines) == report.site_pages:
                    break
                _put(folder, f"sites/{render.file_name(page.site)}.html", pages.site(report, page))
                rows.writerows(map(tables.cell, row) for row in tables.site_rows(page))
                lines.append(pages.SiteLine.of(page))
                if on_site:
                    on_site(page.site)
        capped = len(lines) == report.site_pages and report.last.sites > len(lines)
        written = pages.Written(frozenset(line.site for line in lines), capped)
        for name, text in _parts(report, lines, written):
            _put(folder, name, text)
        files = _mark(folder)
    return Made(out / "index.html", files, len(lines), written.capped)


def _parts(report: pages.Report, lines: list[pages.SiteLine], written: pages.Written) -> Iterator[tuple[str, str]]:
    versions = report.versions
    yield "index.html", pages.front(report, written)
    yield "sites.html", pages.sites(report, lines, written)
    yield "agents.html", pages.agents(report)
    yield "changes.html", pages.changes(report, written)
    yield "method.html", pages.method(report)
    yield "static/report.css", render.static("report.css")
    yield "data/availability.csv", tables.figures(report.figures)
    for use, rows in report.by_use.items():
        yield f"data/availability-{use}.csv", tables.figures(rows)
    yield (
        "data/agents.csv",
        tables.agents(
            report.agents,
            snapshot=report.last.snapshot,
            date=report.last.date,
            registry=versions.registry if versions else None,
            reader=versions.reader if versions else None,
            rules=versions.rules if versions else None,
        ),
    )
    yield "data/agent-trends.csv", tables.figures([row for rows in report.agent_trends.values() for row in rows])
    yield "data/changes.csv", tables.changes(report.changes)
    yield "data/snapshots.csv", tables.snapshots(report.snapshots)
    dates = {line.snapshot: line.date for line in report.snapshots}
    yield "data/changes.atom", feed.atom(report.changes, dates, title=report.title)
    yield "data/changes.json", feed.json_feed(report.changes, dates, title=report.title)


def _put(folder: Path, name: str, text: str) -> None:
    # Line ends are written as they are on every system: the bytes must be the same everywhere.
    (folder / name).write_text(text, encoding="utf-8", newline="")


def _mark(folder: Path) -> int:
    """Write the marker and return how many files the report has beside it."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    listed = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}" for name in names]
    _put(folder, MARKER, "\n".join([FIRST_LINE, *listed, ""]))
    return len(names)


@contextmanager
def _in_place_of(out: Path) -> Iterator[Path]:
    """A new folder beside `out` that takes its place when all went well, and is removed otherwise."""
    try:
        target = out.resolve()
        _refuse_foreign(out, target)
        target.parent.mkdir(parents=True, exist_ok=True)
        new = target.parent / f".{target.name}.{secrets.token_hex(6)}.new"
        new.mkdir()
    except OSError as error:
        raise ReportError(f"{out}: cannot be written ({error.strerror}); name another folder with -o") from error
    try:
        yield new
        _swap(new, target)
    except OSError as error:
        raise ReportError(
            f"{error.filename or out}: cannot be written ({error.strerror}); make room or name another folder with -o"
        ) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _swap(new: Path, target: Path) -> None:
    """Put `new` where `target` is; the old report is moved aside first, and back if that fails."""
    if not target.exists():
        new.rename(target)
        return
    old = new.with_suffix(".old")
    target.rename(old)
    try:
        new.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old)


def _refuse_foreign(out: Path, target: Path) -> None:
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise ReportError(f"{out}: a file is there; name a folder with -o")
    there = {
        path.relative_to(target).as_posix() for path in target.rglob("*") if not path.is_dir() or path.is_symlink()
    }
    if not there:
        return
    if MARKER not in there:
        raise ReportError(f"{out}: holds files that are no report of openweb; name another folder with -o")
    first, *listed = (target / MARKER).read_text(encoding="utf-8", errors="replace").splitlines() or [""]
    if first != FIRST_LINE:
        raise ReportError(f"{out}: {MARKER} was not written by this openweb; name another folder with -o")
    foreign = sorted(there - {MARKER} - {line.partition("  ")[2] for line in listed})
    if foreign:
        raise ReportError(
            f"{out}: beside the report there are files of somebody else, such as {render.clean(foreign[0])};"
            " move them away, or name another folder with -o"
        )
