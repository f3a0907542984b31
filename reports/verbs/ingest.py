"""`openweb ingest`: any WARC, ARC or WACZ file into the archive, our own segments and anybody's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.errors import Exit, InputError
from reports.verbs.options import Progress, clean, db_option, emit, json_option, settings_from, settings_options
from reports.words import many

if TYPE_CHECKING:
    from crawler.ingest import TakenIn
    from crawler.settings import Settings

_KINDS = ("*.warc", "*.warc.gz", "*.warc.zst", "*.arc", "*.arc.gz", "*.wacz")


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@db_option
@json_option
@settings_options
def command(
    files: tuple[Path, ...], db: str | None, as_json: bool, settings_file: Path | None, set_: tuple[str, ...]
) -> int:
    """Take WARC files into the archive.

    FILE is a WARC or ARC file (plain, .gz, .zst), a WACZ, or a folder of them. Segments that `crawl` wrote come in
    whole; of anybody else's files robots.txt, the policy files and landing pages, a snapshot a month of capture. A
    file taken in before changes nothing. What is damaged is kept as a reject with its place and reason. Exit code 2
    when a file could not be read; the others are taken in all the same.

    \b
    Examples:
      openweb ingest spool/2026-11-25 --db web.duckdb
      openweb ingest crawl-robots.warc.gz old.arc --db history.duckdb --json
    """
    settings = settings_from(settings_file, set_, db=db)
    paths = list(_expanded(files))
    progress = Progress("files", len(paths), quiet=as_json)
    failed = False
    for path in paths:
        try:
            _take_in(settings, path, as_json)
        except InputError as error:
            failed = True
            click.echo(f"openweb: {error}", err=True)
        progress.advance(note=clean(path.name))
    return Exit.USAGE if failed else Exit.DONE


def _expanded(files: tuple[Path, ...]) -> Iterator[Path]:
    for path in files:
        if path.is_dir():
            found = sorted({inner for kind in _KINDS for inner in path.rglob(kind)})
            if not found:
                raise InputError(f"{path}: no WARC, ARC or WACZ file in that folder; name the files themselves")
            yield from found
        else:
            yield path


def _take_in(settings: Settings, path: Path, as_json: bool) -> None:
    # Imported where they are used, so that `-h` answers at once.
    from analysis.verdicts import judge
    from crawler.ingest import take_in
    from crawler.sources import warc

    for portion in warc.portions(path):
        _show(path, take_in(settings.archive, portion, after=judge), as_json)


def _show(path: Path, taken: TakenIn, as_json: bool) -> None:
    if as_json:
        counts = {key: getattr(taken, key) for key in ("visits", "exchanges", "bodies", "readings", "rejects")}
        emit({"file": path, "already": taken.already, **counts})
    elif taken.already:
        click.echo(f"{clean(path.name)}: already in the archive; nothing changed")
    else:
        click.echo(
            f"{clean(path.name)}: {many(taken.visits, 'visit')}, {many(taken.exchanges, 'exchange')},"
            f" {many(taken.bodies, 'new body')}, {many(taken.readings, 'reading')}, {many(taken.rejects, 'reject')}"
        )
