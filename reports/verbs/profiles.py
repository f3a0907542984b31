"""`openweb profiles`: the profiles that turn verdicts into allow, deny or unknown, as a list or one in full."""

from __future__ import annotations

from pathlib import Path

import click

from reports.verbs.options import clean, emit, json_option

file_option = click.option(
    "--file", "file", type=click.Path(path_type=Path), metavar="MINE.toml", help="Profiles of your own, in a TOML file."
)


@click.group(name="profiles", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """List the profiles that turn verdicts into allow, deny or unknown, or show one.

    \b
    Examples:
      openweb profiles list
      openweb profiles show eu-tdm-art4
    """
    if context.invoked_subcommand is None:
        context.invoke(list_profiles)


@command.command(name="list")
@file_option
@json_option
def list_profiles(file: Path | None = None, as_json: bool = False) -> None:
    """List the profiles: those that ship, or those of a file.

    \b
    Examples:
      openweb profiles list
      openweb profiles list --file mine.toml --json
    """
    # Imported where they are used, so that `-h` answers at once.
    from analysis.profiles import NOTICE, load, shipped
    from reports.profile_text import as_record, line_of

    for profile in (shipped() if file is None else load(file)).values():
        if as_json:
            emit(as_record(profile))
        else:
            click.echo(clean(line_of(profile)))
    if not as_json:
        click.echo(NOTICE, err=True)


@command.command(name="show")
@click.argument("name")
@file_option
@json_option
def show(name: str, file: Path | None, as_json: bool) -> None:
    """Show one profile: what it asks, how it answers each state and why, and what it rests on.

    A mistake in a file of your own is named with its line and what was expected there.

    \b
    Examples:
      openweb profiles show training-strict
      openweb profiles show mine --file mine.toml --json
    """
    from analysis.profiles import find
    from reports.profile_text import as_record, shown

    profile = find(name, file)
    if as_json:
        emit(as_record(profile))
        return
    for line in shown(profile):
        click.echo(clean(line))
