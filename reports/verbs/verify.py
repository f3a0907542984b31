"""`openweb verify`: whether an archive is whole."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reports.verbs.options import Progress, clean, db_option, emit, json_option, settings_from, settings_options

if TYPE_CHECKING:
    from crawler.archive_state import Check


@click.command()
@settings_options
@db_option
@json_option
def command(settings_file: Path | None, set_: tuple[str, ...], db: str | None, as_json: bool) -> None:
    """Check an archive: bytes and headers true to their hashes, tables that fit together.

    \b
    Examples:
      openweb verify --db panel.duckdb
      openweb verify --json | jq 'select(.broken > 0)'

    Exit code 4 where anything is broken or the file cannot be read.
    """
    # Imported where they are used, so that `-h` answers at once.
    from crawler.archive import ArchiveError, reading
    from crawler.archive_state import verify

    settings = settings_from(settings_file, set_, db=db)
    progress = Progress("checks", quiet=as_json)
    broken: list[Check] = []
    with reading(settings.archive) as connection:
        for check in verify(connection):
            progress.advance(note=check.rule)
            if as_json:
                emit(asdict(check))
            if check.broken:
                broken.append(check)
    progress.close()
    for check in broken:
        click.echo(clean(f"broken: {check.rule}: {check.broken:,} times, such as {check.example}"), err=True)
    if broken:
        raise ArchiveError(
            f"{settings.archive.path}: damaged, see above; restore a copy, or build it again from its sources"
        )
    if not as_json:
        click.echo(f"{clean(settings.archive.path)}: whole")
