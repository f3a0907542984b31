"""`openweb explain`: the verdicts about a site and the lines that made them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from analysis.explain import explain
from crawler import archive
from crawler.vocabulary import Use
from reports.terminal import as_record, explained
from reports.verbs.options import db_option, emit, json_option, settings_from, settings_options

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("site")
@click.option("--use", type=click.Choice([str(use) for use in Use]), help="Only this use.")
@click.option("--agent", metavar="TOKEN", help="What robots.txt says to this crawler, and the uses it is known for.")
@click.option("--at", type=DAY, help="As of this day: the last snapshot up to it. Default: the last of all.")
@db_option
@json_option
@settings_options
def command(
    site: str,
    use: str | None,
    agent: str | None,
    at: datetime | None,
    db: str | None,
    as_json: bool,
    settings_file: Path | None,
    set_: tuple[str, ...],
) -> None:
    """Show the verdicts about a site and the lines that made them.

    SITE is a site of the archive or a URL of one. A verdict is about its front page: what was found, by which rule,
    with the line, its text, the hash of the file and the time it was seen; what could not be checked; and what would
    change it. `*` marks what decides.

    \b
    Examples:
      openweb explain example.org --db openweb.duckdb
      openweb explain https://example.org/ --use tdm --at 2026-03-01 --json --db openweb.duckdb
    """
    settings = settings_from(settings_file, set_, db=db)
    with archive.reading(settings.archive) as connection:
        found = explain(connection, site, use=Use(use) if use else None, agent=agent, at=at.date() if at else None)
    if as_json:
        for line in found:
            emit(as_record(line))
        return
    for text in explained(site, found):
        click.echo(text)
