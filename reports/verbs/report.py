"""`openweb report`: the static report of an archive."""

from __future__ import annotations

from pathlib import Path

import click

from reports.verbs import options


@click.command(short_help="Write the static report of an archive.")
@options.db_option
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    default=Path("report"),
    show_default=True,
    help="Folder to write; a report that is there is replaced, anything else is left alone and refused.",
)
@click.option("--title", help="Title of the report; default: report.title of the settings.")
@click.option(
    "--site-pages",
    type=click.IntRange(min=1),
    metavar="N",
    help="Write pages for at most N sites; default: report.site_pages of the settings.",
)
@click.option("--quiet", is_flag=True, help="No progress.")
@options.json_option
@options.settings_options
def command(
    db: str | None,
    out: Path,
    title: str | None,
    site_pages: int | None,
    quiet: bool,
    as_json: bool,
    settings_file: Path | None,
    set_: tuple[str, ...],
) -> None:
    """Write the static report of an archive.

    The pages open from disk without a network, carry their numbers as CSV, and come out byte for byte the same when
    nothing has changed.

    \b
    Examples:
      openweb report --db openweb.duckdb -o report
      openweb report --db panel.duckdb -o panel-report --title "The panel" --site-pages 500
    """
    # Drawing libraries take a second to import: not for `-h`.
    from reports import gather

    settings = options.settings_from(settings_file, set_, db=db, report__title=title, report__site_pages=site_pages)
    progress = options.Progress("pages of sites", quiet=quiet)
    made = gather.publish(settings, out, on_site=lambda site: progress.advance(note=site))
    progress.close()
    if as_json:
        options.emit({"index": made.index, "files": made.files, "sites": made.sites, "capped": made.capped})
    else:
        click.echo(made.index)
