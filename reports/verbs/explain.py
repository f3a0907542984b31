"""`openweb explain`: the verdicts about a site and the lines that made them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from crawler.vocabulary import Use
from reports.verbs.options import db_option, emit, json_option, settings_from, settings_options

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("site")
@click.option("--use", type=click.Choice([str(use) for use in Use]), help="Only this use.")
@click.option("--agent", metavar="TOKEN", help="What robots.txt says to this crawler, and the uses it is known for.")
@click.option("--at", type=DAY, help="As of this day: the last snapshot up to it. Default: the last of all.")
@click.option(
    "--max-age", type=click.IntRange(min=1), metavar="DAYS", help="With --at; default: analysis.max_age_days."
)
@click.option(
    "--vocabulary",
    type=click.Choice(["current", "as_of"]),
    default="current",
    show_default=True,
    help="Drafts as they are worded now, or as they were worded at the snapshot.",
)
@click.option(
    "--registry",
    type=click.Choice(["pinned", "as-of"]),
    default="pinned",
    show_default=True,
    help="All agents of the registry, or those announced by the snapshot.",
)
@click.option("--history", is_flag=True, help="Since when and until when: the span of each state, first and last seen.")
@db_option
@json_option
@settings_options
def command(
    site: str,
    use: str | None,
    agent: str | None,
    at: datetime | None,
    max_age: int | None,
    vocabulary: str,
    registry: str,
    history: bool,
    db: str | None,
    as_json: bool,
    settings_file: Path | None,
    set_: tuple[str, ...],
) -> None:
    """Show the verdicts about a site and the lines that made them.

    SITE is a site of the archive or a URL of one. A verdict is about the URL's path, or the front page: what was
    found, by which rule, with the line, its text, the hash of the file and the time it was seen; what could not be
    checked; and what would change it. `*` marks what decides. Access, licences and contradictions follow.

    \b
    Examples:
      openweb explain example.org --db openweb.duckdb
      openweb explain https://example.org/a/b --use tdm --at 2026-03-01 --json --db openweb.duckdb
      openweb explain example.org --history --use train-generative --db openweb.duckdb
    """
    # Imported where they are used, so that `-h` answers at once.
    from analysis.explain import explanation
    from analysis.intervals import intervals
    from crawler import archive
    from reports.explained import explanation_text, history_text, records

    settings = settings_from(settings_file, set_, db=db)
    chosen = Use(use) if use else None
    with archive.reading(settings.archive) as connection:
        found = explanation(
            connection,
            site,
            use=chosen,
            agent=agent,
            at=at.date() if at else None,
            max_age_days=max_age or settings.analysis.max_age_days,
            as_of_words=vocabulary == "as_of",
            as_of_agents=registry == "as-of",
        )
        spans = intervals(connection, [found.site], use=chosen) if history else []
    if as_json:
        for record in map(asdict, spans) if history else records(found):
            emit(record)
        return
    for text in history_text(spans) if history else explanation_text(site, found):
        click.echo(text)
