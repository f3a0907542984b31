"""`openweb optout`: the hosts that asked us to stay away, honoured before any name is looked up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.errors import Exit
from reports.verbs.options import F, clean, emit, json_option, settings_from, settings_options

if TYPE_CHECKING:
    from crawler.optout import Outcome


def _options(function: F) -> F:
    function = click.option(
        "--file", type=click.Path(path_type=Path), help="The list; default: crawl.optout_file of the settings."
    )(function)
    return settings_options(json_option(function))


def _note_options(function: F) -> F:
    function = click.option(
        "--date", "on", type=click.DateTime(["%Y-%m-%d"]), help="The day beside the reason; default: today (UTC)."
    )(function)
    return click.option("--reason", "--note", "note", default="", help="Who asked, and how; kept as a comment.")(
        function
    )


@click.group()
def command() -> None:
    """Keep the list of hosts that asked us to stay away; no crawl asks them anything.

    \b
    Examples:
      openweb optout add example.org --reason "by mail, ticket 123" --file optout.txt
      openweb optout list
    """


@command.command()
@click.argument("hosts", nargs=-1, required=True, metavar="HOST|URL...")
@_note_options
@_options
def add(
    hosts: tuple[str, ...], note: str, on: datetime | None, file: Path | None,
    as_json: bool, settings_file: Path | None, set_: tuple[str, ...],
) -> int:  # fmt: skip
    """Add hosts, and with them everything below them, to the list.

    What was observed before stays in the archive; nothing is asked of the hosts from the next run on.

    \b
    Examples:
      openweb optout add example.org
      openweb optout add https://example.org/contact --reason "by mail, ticket 123"
    """
    # Imported where it is used, so that `-h` answers at once.
    from crawler import optout

    return _change(optout.add, _path(file, settings_file, set_), hosts, note, on, as_json)


@command.command()
@click.argument("hosts", nargs=-1, required=True, metavar="HOST|URL...")
@_note_options
@_options
def remove(
    hosts: tuple[str, ...], note: str, on: datetime | None, file: Path | None,
    as_json: bool, settings_file: Path | None, set_: tuple[str, ...],
) -> int:  # fmt: skip
    """Take hosts off the list; their lines stay as comments that say when and why.

    \b
    Examples:
      openweb optout remove example.org --reason "asked to be included again, ticket 130"
      openweb optout remove example.org --file optout.txt
    """
    from crawler import optout

    return _change(optout.remove, _path(file, settings_file, set_), hosts, note, on, as_json)


@command.command("list")
@_options
def list_(as_json: bool, file: Path | None, settings_file: Path | None, set_: tuple[str, ...]) -> int:
    """List the hosts that asked us to stay away.

    \b
    Examples:
      openweb optout list
      openweb optout list --json
    """
    from crawler import optout

    for entry in optout.entries(_path(file, settings_file, set_)):
        if as_json:
            emit({"host": entry.host, "note": entry.note, "line": entry.line})
        else:
            click.echo(clean(f"{entry.host}  {entry.note}".rstrip()))
    return Exit.DONE


def _change(
    change: Callable[..., list[Outcome]],
    path: Path,
    hosts: Sequence[str],
    note: str,
    on: datetime | None,
    as_json: bool,
) -> int:
    day: date = on.date() if on else datetime.now(UTC).date()
    for outcome in change(path, hosts, note=note, on=day):
        if as_json:
            emit({"host": outcome.host, "changed": outcome.changed, "said": outcome.said, "file": path})
        else:
            click.echo(clean(f"{outcome.host}: {outcome.said} ({path})"))
    return Exit.DONE


def _path(file: Path | None, settings_file: Path | None, set_: tuple[str, ...]) -> Path:
    from crawler.settings import SettingsError

    if file is not None:
        return file
    settings = settings_from(settings_file, set_)
    if not settings.crawl.optout_file:
        raise SettingsError(
            "crawl.optout_file is empty, so no crawl reads a list; name one in settings.toml, or with --file optout.txt"
        )
    return Path(settings.crawl.optout_file)
