"""`openweb backfill`: history through the same door; so far from tables of robots.txt bodies by site and date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.errors import Exit, InputError
from crawler.sources.table_status import STATUS_HELP
from reports.verbs.options import Progress, clean, db_option, emit, json_option, settings_from, settings_options
from reports.words import many

if TYPE_CHECKING:
    from crawler.ingest import TakenIn
    from crawler.sources.table import Table


@click.group()
def command() -> None:
    """Take history in through the same door: tables of robots.txt bodies by site and date.

    \b
    Examples:
      openweb backfill table panel.parquet --site site --date observed_on --body body --db panel.duckdb
      openweb backfill table log.csv.gz --site host --date day --body text --status code --change-log
    """


@command.command(epilog=STATUS_HELP)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--site", required=True, metavar="COL", help="Column of the site: a host or URL.")
@click.option("--date", "date_", required=True, metavar="COL", help="Column of the date or moment, ISO 8601.")
@click.option("--body", required=True, metavar="COL", help="Column of the robots.txt body, text or octets.")
@click.option("--status", metavar="COL", help="Column of what came of asking; see below.")
@click.option("--truncated", metavar="COL", help="Column that is true where a body was cut.")
@click.option("--status-map", "mapped", metavar="TEXT=OUTCOME", multiple=True, help="What a status means; repeatable.")
@click.option("--change-log", is_flag=True, help="No row on a calendar date means: unchanged since the last row.")
@click.option("--calendar", type=click.Path(path_type=Path), help="CSV of the dates looked at; default: the table's.")
@click.option("--name", default="", help="Added to every snapshot's id: 2025-01-15-NAME.")
@click.option(
    "--frame",
    "frame_file",
    type=click.Path(path_type=Path),
    help="The sites the study is about; default: all that FILE names.",
)
@click.option("--scheme", type=click.Choice(["https", "http"]), default="https", help="By which the files were asked.")
@settings_options
@db_option
@json_option
def table(
    file: Path,
    site: str,
    date_: str,
    body: str,
    status: str | None,
    truncated: str | None,
    mapped: tuple[str, ...],
    change_log: bool,
    calendar: Path | None,
    name: str,
    frame_file: Path | None,
    scheme: str,
    settings_file: Path | None,
    set_: tuple[str, ...],
    db: str | None,
    as_json: bool,
) -> int:
    """Take in a Parquet, CSV or JSON lines FILE (gz, zst) of robots.txt bodies: one snapshot a date.

    \b
    Examples:
      openweb backfill table panel.parquet --site site --date observed_on --body body --db panel.duckdb
      openweb backfill table log.parquet --site site --date observed_at --body body --status status
        --change-log --calendar calendar.csv

    Every snapshot is about the same sites, those the file names anywhere or those of --frame: one without a row is
    unknown there. The day of a snapshot is the one written, whatever its zone. Several rows of a site and day are all
    kept as exchanges; the last of them (by moment, then by row) is what the site showed. Rows that cannot be taken are
    kept as rejects with their reason. A body longer than 512 KiB is cut and marked. Running the same command again
    changes nothing, and completes a run that was stopped.

    Exit codes: 2 where the file, a column or the calendar cannot be used, or no row could; 3 where so many rows were
    rejected that the share taken is below quality.coverage_floor.
    """
    # Imported where they are used, so that `-h` answers at once.
    from analysis.verdicts import judge
    from crawler.frame import read_frame
    from crawler.ingest import take_in, total
    from crawler.sources.table import Options, Table, read_calendar
    from crawler.sources.table_files import Columns
    from crawler.sources.table_status import status_map

    settings = settings_from(settings_file, set_, db=db)
    if calendar is not None and not change_log:
        raise click.UsageError("--calendar says when a change log was kept; add --change-log")
    options = Options(
        name=name,
        scheme=scheme,
        change_log=change_log,
        calendar=read_calendar(calendar) if calendar is not None else (),
        status_map=status_map(mapped),
        frame=read_frame(frame_file) if frame_file is not None else None,
    )
    with Table(file, Columns(site, date_, body, status, truncated), options) as source:
        progress = Progress(f"{file.name}: rows", source.rows, quiet=as_json)
        source.progress = progress.advance
        taken = [take_in(settings.archive, portion, after=judge) for portion in source.portions()]
        progress.close()
    return _report(source, total(file.name, taken), settings.quality.coverage_floor, as_json)


def _report(source: Table, taken: TakenIn, floor: float, as_json: bool) -> int:
    """Print what was taken in and what was not; returns the exit code."""
    counts = {
        "rows": source.rows,
        "sites": source.sites,
        "snapshots": len(source.snapshots()),
        **{key: getattr(taken, key) for key in ("visits", "exchanges", "bodies", "readings", "rejects")},
        "repeated": source.repeated,
    }
    if as_json:
        emit(
            {"file": source.path.name, "already": taken.already, **counts}
            | {"outcomes": dict(source.outcomes.most_common()), "rejected": dict(source.rejected.most_common())}
        )
    else:
        _print(source, taken, counts)
    if taken.already:
        return Exit.DONE
    if not taken.visits:
        raise InputError(f"{source.path}: none of its {source.rows:,} rows could be taken; see the reasons above")
    return Exit.DONE if source.share_taken >= floor else Exit.BELOW_FLOOR


def _print(source: Table, taken: TakenIn, counts: dict[str, int]) -> None:
    if taken.already:
        click.echo(f"{clean(source.path.name)}: already in the archive; nothing changed")
        return
    said = [many(n, "new body" if key == "bodies" else key[:-1]) for key, n in counts.items() if key != "repeated"]
    if (again := counts["repeated"]) > 0:
        said.append(f"{many(again, 'row')} beyond the first of a site and day (all kept)")
    click.echo(f"{clean(source.path.name)}: {', '.join(said)}")
    for title, counted in (("outcomes", source.outcomes), ("rejected", source.rejected)):
        if counted:
            click.echo(f"{title}: " + ", ".join(f"{n:,} {clean(word)}" for word, n in counted.most_common(12)))
