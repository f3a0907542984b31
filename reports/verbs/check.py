"""`openweb check`: audit sites now, with the same crawler, readers and rules as a snapshot, in memory only."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.errors import Exit, InputError
from crawler.records import Snapshot
from crawler.vocabulary import State, Use
from reports.verbs.options import clean, emit, json_option, settings_from, settings_options

if TYPE_CHECKING:
    import duckdb

    from analysis.figures import VerdictLine
    from crawler.frame import Frame
    from crawler.settings import Settings


@click.command()
@click.argument("sites", nargs=-1, metavar="SITE...")
@click.option(
    "--sites", "listed", type=click.Path(path_type=Path), help="More sites, from a list, CSV or Parquet file."
)
@click.option("--use", "uses", type=click.Choice([str(use) for use in Use]), multiple=True, help="Only this use.")
@click.option(
    "--fail-on",
    type=click.Choice([str(state) for state in State]),
    multiple=True,
    help="Exit with 1 when a verdict is in this state, for publishers' continuous checks. Repeatable.",
)
@click.option("--contact", help="The URL webmasters can reach you at; sent with every request.")
@json_option
@settings_options
def command(
    sites: tuple[str, ...],
    listed: Path | None,
    uses: tuple[str, ...],
    fail_on: tuple[str, ...],
    contact: str | None,
    as_json: bool,
    settings_file: Path | None,
    set_: tuple[str, ...],
) -> int:
    """Audit sites now, no archive needed: every signal, a verdict per use, the line that made it.

    SITE is a host, host:port or URL; the front page and the site's policy files are asked for, politely. What was
    found is printed with the line that says it; what could not be looked at is named.

    \b
    Examples:
      openweb check example.org --contact https://you.example/bot
      openweb check example.org --use tdm --fail-on silent --json --contact https://you.example/bot
    """
    # Imported where they are used, so that `-h` answers at once.
    from analysis.explain import explain

    settings = settings_from(settings_file, set_, identity__contact_url=contact, crawl__segment_visits=1_000_000)
    frame = _frame(sites, listed)
    found = False
    wanted = [Use(use) for use in uses] or list(Use)
    with _audited(settings, frame) as connection:
        for site in frame.sites:
            verdicts = [line for use in wanted for line in explain(connection, site.site, use=use)]
            found = found or any(str(line.state) in fail_on for line in verdicts)
            _show(site.site, verdicts, as_json)
    return Exit.FINDING if found else Exit.DONE


def _show(site: str, verdicts: list[VerdictLine], as_json: bool) -> None:
    from reports.terminal import as_record, explained

    if as_json:
        for line in verdicts:
            emit(as_record(line))
        return
    for text in explained(site, verdicts):
        click.echo(text)


def _frame(sites: tuple[str, ...], listed: Path | None) -> Frame:
    from crawler.frame import read_frame

    if listed is not None and sites:
        raise click.UsageError("name sites on the command line or with --sites, not both")
    if listed is None and not sites:
        raise click.UsageError("name at least one site, or a file of them with --sites")
    frame = read_frame(listed if listed is not None else "\n".join(sites), name=None if listed else "command line")
    for entry in frame.rejected:
        click.echo(f"openweb: {clean(entry.text)}: {entry.reason}; left out", err=True)
    if not frame.sites:
        raise InputError("none of the sites named is a host; write example.org or https://example.org/")
    return frame


@contextmanager
def _audited(settings: Settings, frame: Frame) -> Iterator[duckdb.DuckDBPyConnection]:
    """An archive in memory that holds one visit of every site, judged."""
    from analysis.verdicts import judge
    from crawler import archive
    from crawler.engine import crawl
    from crawler.ingest import take_in_to
    from crawler.sources import warc

    now = datetime.now(UTC)
    snapshot = Snapshot(f"{now:%Y-%m-%d}-check", now.date(), "check", frame.id, settings.crawl.vantage or None)
    with tempfile.TemporaryDirectory(prefix="openweb-check-") as folder, archive.memory(settings.archive) as connection:
        here = settings.model_copy(update={"crawl": settings.crawl.model_copy(update={"spool": folder})})
        crawl(here, frame, snapshot, resume=False)
        for segment in sorted(Path(folder).rglob("*.warc.gz")):
            for portion in warc.portions(segment):
                take_in_to(connection, portion, after=judge)
        yield connection
