"""`openweb changes`: what differs between two snapshots, and whether the site or we changed."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from crawler.errors import Exit
from crawler.settings import Settings
from crawler.vocabulary import State
from reports.verbs.options import db_option, emit, json_option, settings_from, settings_options


@click.command()
@click.option("--from", "before", metavar="SNAPSHOT|DAY", help="The earlier one; default: the one before --to.")
@click.option("--to", "after", metavar="SNAPSHOT|DAY", help="The later one; default: the last.")
@click.option("--agent", "agents", metavar="TOKEN", multiple=True, help="Crawlers to compare; default: report.agents.")
@click.option(
    "--fail-on",
    type=click.Choice([*(str(state) for state in State), "refused", "any"]),
    multiple=True,
    help="Exit with 1 when something changed to this state. Repeatable.",
)
@click.option(
    "--waves",
    is_flag=True,
    help="Of every snapshot against the one before it: how many files differ, and how many of them mean nothing else.",
)
@click.option("--feed", type=click.Choice(["atom", "json"]), help="As an Atom or JSON feed instead of text.")
@db_option
@json_option
@settings_options
def command(
    before: str | None,
    after: str | None,
    agents: tuple[str, ...],
    fail_on: tuple[str, ...],
    waves: bool,
    feed: str | None,
    db: str | None,
    as_json: bool,
    settings_file: Path | None,
    set_: tuple[str, ...],
) -> int:
    """List what differs between two snapshots, and whether the site or we changed.

    Changes that came to many sites with the same text are one event. Sites that are in one of the two snapshots only
    are counted apart: the frame moved, not the site. With --waves a table over all snapshots (or from --from to --to)
    tells robots.txt files whose bytes alone differ from those that state something else.

    \b
    Examples:
      openweb changes --db openweb.duckdb
      openweb changes --feed atom --db openweb.duckdb > changes.atom
      openweb changes --from 2026-01-15 --to 2026-06-15 --fail-on reserved --json --db openweb.duckdb
      openweb changes --waves --db panel.duckdb
    """
    # Imported where they are used, so that `-h` answers at once.
    from analysis.changes import between, changes, moved
    from analysis.overview import snapshots
    from crawler import archive
    from reports.feed import atom, json_feed
    from reports.terminal import changed, entered

    settings = settings_from(settings_file, set_, db=db)
    if waves:
        if fail_on or feed or agents:
            raise click.UsageError("--waves counts over all agents and uses: leave out --agent, --fail-on and --feed")
        return _waves(settings, before, after, as_json)
    with archive.reading(settings.archive) as connection:
        pair = between(connection, before, after)
        lines = changes(connection, before, after, agents=agents or settings.report.agents)
        sites = moved(connection, before, after)
        dates = {line.snapshot: line.date for line in snapshots(connection)} if feed else {}
    if pair is None:
        click.echo("one snapshot or none in this archive: nothing to compare with", err=True)
    if feed is not None and pair is not None:
        make = atom if feed == "atom" else json_feed
        click.echo(make(lines, {name: dates[name] for name in pair}, title=settings.report.title), nl=False)
    elif as_json:
        for line in lines:
            emit(asdict(line))
    elif pair is not None:
        for text in (f"{pair[0]} to {pair[1]}", *changed(lines), *entered(sites)):
            click.echo(text)
    found = bool(lines) if "any" in fail_on else any(line.after in fail_on for line in lines)
    return Exit.FINDING if found else Exit.DONE


def _waves(settings: Settings, before: str | None, after: str | None, as_json: bool) -> int:
    from analysis.waves import waves
    from crawler import archive
    from reports.terminal import waved

    with archive.reading(settings.archive) as connection:
        found = waves(connection, before, after)
    if as_json:
        for wave in found:
            emit(asdict(wave))
    else:
        for text in waved(found):
            click.echo(text)
    return Exit.DONE
