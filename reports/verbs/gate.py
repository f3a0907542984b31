"""`openweb gate`: whether the last run went well, on its own and beside the snapshot before it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.errors import Exit
from reports.verbs.options import clean, db_option, emit, json_option, settings_from, settings_options

if TYPE_CHECKING:
    from analysis.quality import Finding, Gate


@click.command()
@click.option("--snapshot", metavar="ID", help="The snapshot to look at; default: the last one.")
@click.option(
    "--previous",
    metavar="ID",
    help="The one to hold it against; default: the last finished one before it, of the same frame if there is one.",
)
@db_option
@json_option
@settings_options
def command(
    snapshot: str | None,
    previous: str | None,
    db: str | None,
    as_json: bool,
    settings_file: Path | None,
    set_: tuple[str, ...],
) -> int:
    """Hold a snapshot against the one before it: did the run go well, and is what differs us or them.

    Looked at are the sites without a visit, those that answered, those lost, the outcomes of robots.txt and the times
    answers took, against the thresholds of [quality] in the settings. `openweb crawl` does the same at its end, unless
    quality.gate is off.

    \b
    Examples:
      openweb gate --db web.duckdb
      openweb gate --snapshot 2026-11-25 --json | jq 'select(.judgement == "breach")'

    Exit code 3 where any threshold is passed.
    """
    # Imported where they are used, so that `-h` answers at once.
    from analysis.quality import gate
    from crawler.archive import reading

    settings = settings_from(settings_file, set_, db=db)
    with reading(settings.archive) as connection:
        found = gate(connection, settings.quality, snapshot, previous)
    for finding in found.findings:
        if as_json:
            emit({"snapshot": found.snapshot, "previous": found.previous, **asdict(finding)})
        else:
            click.echo(line(finding))
    if not as_json:
        click.echo(summary(found), err=True)
    return Exit.BELOW_FLOOR if found.breached else Exit.DONE


def line(finding: Finding) -> str:
    """A finding as a line of text."""
    from analysis.quality import Judgement

    marks = {Judgement.GOOD: "good", Judgement.BREACH: "NOT GOOD", Judgement.NOT_JUDGED: "not judged"}
    mark = marks[finding.judgement]
    return clean(f"{mark:<10}  {finding.check:<20} {finding.said}")


def summary(found: Gate) -> str:
    """What all findings together say, in a line."""
    against = f"against {found.previous}" if found.previous else "on its own"
    return clean(f"snapshot {found.snapshot} {against}: {'not good enough' if found.breached else 'good enough'}")
