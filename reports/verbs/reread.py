"""`openweb reread`: the archive judged again by today's readers, registry and rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click

from reports.verbs.options import Progress, db_option, emit, json_option, settings_from, settings_options


@click.command()
@click.option("--workers", type=click.IntRange(min=1), help="Processes that read; default: one a core.")
@db_option
@json_option
@settings_options
def command(
    workers: int | None,
    db: str | None,
    as_json: bool,
    settings_file: Path | None,
    set_: tuple[str, ...],
) -> None:
    """Judge the whole archive again with today's readers, registry and rules; say what that alone changed.

    Old rows stay. Nothing new changes nothing; a run that was stopped completes when it is started again. Pages whose
    bytes the archive does not keep stay as they were read.

    \b
    Examples:
      openweb reread --db openweb.duckdb
      openweb reread --json --db openweb.duckdb
    """
    # Imported where they are used, so that `-h` answers at once.
    from analysis.reread import reread
    from reports.terminal import again

    settings = settings_from(settings_file, set_, db=db)
    bar = Progress("contents read again")
    found = reread(settings.archive, progress=_advance(bar), workers=workers)
    bar.close()
    if as_json:
        for change in found.changed:
            emit({"cause": "we changed", **asdict(change)})
        emit({"contents": found.contents, "readings": found.readings, "judged": found.judged})
        return
    for text in again(found):
        click.echo(text)


def _advance(bar: Progress) -> Callable[[int, int], None]:
    def told(done: int, total: int) -> None:
        bar.total = total
        bar.advance(done - bar.done)

    return told
