"""From an archive to its report: asks analysis for every number and hands them to the pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from duckdb import DuckDBPyConnection

from analysis import changes, overview, trends
from crawler import archive
from crawler.settings import Settings
from crawler.vocabulary import AccessClass, Denominator
from reports import site
from reports.pages import Report


class NothingToReport(archive.ArchiveError):
    """The archive holds no snapshot."""


def publish(settings: Settings, out: Path, *, on_site: Callable[[str], None] | None = None) -> site.Made:
    """Write the report of the archive of `settings` into the folder `out`.

    Raises ArchiveError when the archive cannot be read or is empty, ReportError when `out` cannot be written.
    """
    with archive.reading(settings.archive) as connection:
        report = gather(connection, settings)
        return site.write(report, overview.sites(connection, settings.report.site_pages), out, on_site=on_site)


def gather(connection: DuckDBPyConnection, settings: Settings) -> Report:
    """Everything the report says apart from its sites. Raises NothingToReport when there is no snapshot."""
    snapshots = sorted(overview.snapshots(connection), key=lambda line: (line.date, line.snapshot))
    if not snapshots:
        raise NothingToReport(
            f"{settings.archive.path}: no snapshot in this archive yet; take one with `openweb crawl`, or take history"
            " in with `openweb ingest` or `openweb backfill`"
        )
    return Report(
        title=settings.report.title,
        snapshots=snapshots,
        figures=overview.availability(connection),
        agents=overview.agents(connection, snapshots[-1].snapshot),
        agent_trends={
            agent: trends.trend(
                connection, agent=agent, class_=AccessClass.ROOT_BLOCKED, denominator=Denominator.ANSWERED
            )
            for agent in settings.report.agents
        },
        changes=changes.changes(connection, agents=settings.report.agents),
        definitions=overview.definitions(),
        site_pages=settings.report.site_pages,
    )
