"""`openweb crawl`: a snapshot of a frame, spooled as WARC segments and taken in as they are finished."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.errors import Exit, InputError
from crawler.known_files import copy_known, forget_known
from crawler.records import Snapshot, Visit
from crawler.run_log import RunLog
from crawler.run_result import FINISHED, CrawlResult, counts
from crawler.settings import Archive, Settings
from reports.verbs.options import Progress, clean, db_option, emit, json_option, settings_from, settings_options
from reports.words import many

if TYPE_CHECKING:
    from analysis.quality import Gate
    from crawler.frame import Frame


class _Shard(click.ParamType[tuple[int, int]]):
    """`i/N`, both from 1 up, i at most N."""

    name = "i/N"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        index, slash, count = str(value).partition("/")
        if not (slash and index.isdecimal() and count.isdecimal() and 1 <= int(index) <= int(count)):
            self.fail(f"{value}: expected i/N with 1 <= i <= N, such as 2/8", param, ctx)
        return int(index), int(count)


@click.command()
@click.option(
    "--sites",
    "listed",
    type=click.Path(path_type=Path),
    help="The frame: a list, CSV or Parquet file of sites; default: the starter frame that ships with openweb.",
)
@click.option(
    "--contact", metavar="URL", help="The page or address webmasters can reach you at; sent with every request."
)
@click.option(
    "--resume", metavar="SNAPSHOT", help="Go on with a snapshot, under the frame and settings it was begun with."
)
@click.option("--shard", type=_Shard(), help="Visit shard i of N of the frame, told apart by registrable domain.")
@click.option("--date", "on", type=click.DateTime(["%Y-%m-%d"]), help="The date of the snapshot; default: today (UTC).")
@click.option("--name", help="Added to the snapshot's id: DATE-NAME.")
@click.option(
    "--time-budget",
    type=click.FloatRange(0),
    metavar="SECONDS",
    help="Draw no more sites after this long.",
)
@click.option(
    "--log",
    "log_file",
    type=click.Path(path_type=Path),
    help="Append events to this file, as JSON lines.",
)
@click.option("--spool", metavar="DIR", help="Where segments are written; default: crawl.spool of the settings.")
@db_option
@json_option
@settings_options
def command(
    listed: Path | None,
    contact: str | None,
    resume: str | None,
    shard: tuple[int, int] | None,
    on: datetime | None,
    name: str | None,
    time_budget: float | None,
    log_file: Path | None,
    spool: str | None,
    db: str | None,
    as_json: bool,
    settings_file: Path | None,
    set_: tuple[str, ...],
) -> int:
    """Take a snapshot of a frame of sites: polite, resumable, spooled as WARC, then taken in.

    Every site is asked for robots.txt and, where that allows it, for its policy files and its landing page. What was
    not asked is recorded too, with the reason. Ctrl-C lets visits in flight finish; --resume goes on from there, and
    also after a crash. A finished snapshot is held against the one before it, as by `openweb gate`.

    \b
    Examples:
      openweb crawl --sites sites.csv --contact https://you.example/bot --db web.duckdb
      openweb crawl --resume 2026-11-25 --db web.duckdb

    Exit code 3 where the snapshot is not good enough by the thresholds of [quality], 130 when interrupted.
    """
    # What fetches, reads and judges is imported when a crawl is to start: -h and a wrong flag need none of it.
    from crawler.engine import open_snapshot
    from crawler.politeness import require_contact
    from crawler.spool import read_frame_copy, read_settings, read_snapshot

    given: dict[str, Any] = {"identity__contact_url": contact, "crawl__spool": spool, "crawl__time_budget": time_budget}
    settings = settings_from(settings_file, set_, db=db, **given)
    if resume is not None:
        if listed is not None or on is not None or name is not None:
            raise click.UsageError("--resume names the snapshot; leave out --sites, --date and --name")
        folder = Path(settings.crawl.spool) / resume
        snapshot, frame = read_snapshot(folder), read_frame_copy(folder)
        settings = settings_from(settings_file, set_, db=db, base=read_settings(folder), **given)
    else:
        require_contact(settings.identity, settings.network.resolve)
        frame = _frame(listed)
        snapshot = open_snapshot(settings, frame, on=on.date() if on else None, name=name)
    with RunLog(log_file, snapshot.id) as log:
        result, judged = _run(settings, frame, snapshot, resume is not None, shard, as_json, log)
        log.write("end", state=result.state, because=result.because, quality=result.quality, **counts(result))
    _report(result, judged, settings, as_json)
    if result.interrupted:
        return Exit.INTERRUPTED
    good = result.coverage >= settings.quality.coverage_floor and not (judged is not None and judged.breached)
    return Exit.DONE if good else Exit.BELOW_FLOOR


def _frame(listed: Path | None) -> Frame:
    from crawler.frame import read_frame

    if listed is None:
        with resources.as_file(resources.files("crawler") / "frames" / "starter.csv") as path:
            return read_frame(path)
    frame = read_frame(listed)
    if frame.rejected:
        first = frame.rejected[0]
        click.echo(
            f"openweb: {listed}: {len(frame.rejected)} entries left out, the first on line {first.line}:"
            f" {clean(first.text[:60])}: {clean(first.reason)}",
            err=True,
        )
    if not frame.sites:
        raise InputError(f"{listed}: no site in it; list one host a line, or a CSV with a column `site`")
    return frame


def _run(
    settings: Settings,
    frame: Frame,
    snapshot: Snapshot,
    resume: bool,
    shard: tuple[int, int] | None,
    quiet: bool,
    log: RunLog,
) -> tuple[CrawlResult, Gate | None]:
    """Crawl, take in what was spooled, have it judged, and record the run, a failed one too."""
    from crawler import runs
    from crawler.archive import ArchiveError
    from crawler.engine import crawl

    progress = Progress(f"{snapshot.id}: sites", len(frame.sites) if shard is None else None, quiet=quiet)
    log.write("start", resume=resume, shard=shard, sites=len(frame.sites), frame=frame.sha256)
    failed: list[CrawlResult] = []
    folder = Path(settings.crawl.spool) / snapshot.id
    _know(settings, folder)

    def advance(visit: Visit) -> None:
        log.visit(visit)
        progress.advance(note=clean(visit.site))

    def on_segment(path: Path) -> None:
        try:
            _take_in(settings.archive, path, workers=1)
            log.write("segment", name=path.name)
        except ArchiveError as error:
            log.write("waiting", name=path.name, reason=str(error))
            click.echo(f"openweb: {path.name} waits to be taken in: {error}", err=True)

    def on_end(result: CrawlResult) -> None:
        if result.failed:
            failed.append(result)

    try:
        result = crawl(
            settings,
            frame,
            snapshot,
            resume=resume,
            shard=shard,
            on_segment=on_segment,
            progress=advance,
            on_end=on_end,
        )
    finally:
        progress.close()
        for end in failed:
            # The fault itself is on its way to the user; that the archive may be out of reach too adds nothing.
            with suppress(ArchiveError):
                runs.record(settings.archive, end)
    _take_in_rest(settings, snapshot, quiet)
    # Of a shard alone nothing can be said, nor of a snapshot that is not whole yet.
    whole = result.state == FINISHED and shard is None and result.visited + result.earlier > 0
    judged = _judge(settings, result) if whole and settings.quality.gate else None
    runs.record(settings.archive, result)
    if whole:
        forget_known(folder)
    return result, judged


def _judge(settings: Settings, result: CrawlResult) -> Gate:
    """Hold the snapshot against the one before it, and note in the result what was found."""
    from analysis.quality import gate
    from crawler.archive import reading

    with reading(settings.archive) as connection:
        judged = gate(connection, settings.quality, result.snapshot_id)
    found = [asdict(finding) for finding in judged.findings]
    result.quality = {"previous": judged.previous, "breached": judged.breached, "findings": found}
    return judged


def _know(settings: Settings, folder: Path) -> None:
    """Put what the archive knows of policy files beside the crawl; without it they are asked for in full."""
    import sqlite3

    from crawler.archive import ArchiveError

    if not settings.politeness.conditional:
        return
    try:
        copy_known(settings.archive, folder, max_age=settings.politeness.known_max_age)
    except (ArchiveError, OSError, sqlite3.Error) as error:
        click.echo(f"openweb: files are asked for in full, changed or not: {error}", err=True)


def _take_in_rest(settings: Settings, snapshot: Snapshot, quiet: bool) -> None:
    """Take in whatever the snapshot's folder holds that the archive does not."""
    from crawler.spool import segments

    paths = segments(Path(settings.crawl.spool) / snapshot.id)
    progress = Progress("segments", len(paths), quiet=quiet)
    for path in paths:
        _take_in(settings.archive, path, workers=None)
        progress.advance()


def _take_in(archive: Archive, path: Path, *, workers: int | None) -> None:
    from analysis.verdicts import judge
    from crawler.ingest import take_in
    from crawler.sources import warc

    for portion in warc.portions(path):
        take_in(archive, portion, after=judge, workers=workers)


def _report(result: CrawlResult, judged: Gate | None, settings: Settings, as_json: bool) -> None:
    from analysis.quality import Judgement
    from reports.verbs.gate import line, summary

    if as_json:
        head = {"started_at": result.started_at, "ended_at": result.ended_at, "interrupted": result.interrupted}
        tail = {"archive": settings.archive.path, "quality": result.quality or None}
        emit({"snapshot": result.snapshot_id, **head, **counts(result), **tail})
        return
    robots = ", ".join(f"{number:,} {outcome}" for outcome, number in result.robots.most_common())
    click.echo(
        f"snapshot {result.snapshot_id}: {result.visited:,} sites visited, {result.earlier:,} earlier, of"
        f" {result.sites:,}; {result.reached:,} reached; {result.requests:,} requests"
    )
    if robots:
        click.echo(f"robots.txt: {robots}")
    click.echo(f"segments in {Path(settings.crawl.spool) / result.snapshot_id}, archive {settings.archive.path}")
    if result.interrupted:
        click.echo(
            f"interrupted {result.because or ''}".rstrip()
            + f"; go on with: openweb crawl --resume {result.snapshot_id}",
            err=True,
        )
    elif result.coverage < settings.quality.coverage_floor:
        click.echo(
            f"openweb: only {result.reached:,} of {result.sites:,} sites gave any answer, below quality.coverage_floor"
            f" ({settings.quality.coverage_floor:g}); check this machine's network, then take the snapshot again",
            err=True,
        )
    if result.faults:
        click.echo(
            f"openweb: {many(result.faults, 'visit')} ended by a fault in openweb itself; the archive has it in"
            " exchange.detail: please report it",
            err=True,
        )
    if judged is not None and judged.breached:
        for finding in judged.findings:
            if finding.judgement is Judgement.BREACH:
                click.echo(line(finding), err=True)
        click.echo(f"openweb: {summary(judged)}; look before these numbers are used", err=True)
