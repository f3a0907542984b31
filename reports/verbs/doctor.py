"""`openweb doctor`: whether a crawl could run here, and what to do where it could not."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.errors import Exit
from reports.verbs.options import clean, db_option, emit, json_option, plain, settings_from, settings_options

if TYPE_CHECKING:
    from crawler.settings import Settings


@click.command()
@click.option("--contact", metavar="URL", help="The page or address webmasters can reach you at.")
@click.option("--spool", metavar="DIR", help="Where segments are written; default: crawl.spool of the settings.")
@click.option("--network", is_flag=True, help="Look up the contact's host too; else no name is looked up.")
@click.option("--all", "every", is_flag=True, help="Every setting in force, not only those that are not the default.")
@db_option
@json_option
@settings_options
def command(
    contact: str | None,
    spool: str | None,
    network: bool,
    every: bool,
    db: str | None,
    as_json: bool,
    settings_file: Path | None,
    set_: tuple[str, ...],
) -> int:
    """Check that a crawl could run here: environment, contact, token, spool, archive, clock, settings.

    \b
    Examples:
      openweb doctor --contact https://you.example/bot
      openweb doctor --settings nightly.toml --json | jq 'select(.health == "mend")'

    Exit code 2 where something must be mended. --json prints one object of kind `finding` a check and one of kind
    `setting` a setting.
    """
    # Imported where they are used, so that `-h` answers at once.
    from crawler.doctor import Health, examine
    from crawler.settings import origins

    marks = {Health.GOOD: "good", Health.WARNING: "warning", Health.MEND: "MEND"}
    given: dict[str, Any] = {"identity__contact_url": contact, "crawl__spool": spool}
    settings = settings_from(settings_file, set_, db=db, **given)
    overrides = {item.partition("=")[0].strip() for item in set_}
    overrides |= {key.replace("__", ".") for key, value in given.items() if value is not None}
    overrides |= {"archive.path"} if db is not None else set()
    mend = False
    for finding in examine(settings, network=network):
        mend |= finding.health is Health.MEND
        if as_json:
            emit({"kind": "finding", **asdict(finding)})
        else:
            remedy = f"\n{'':12}-> {finding.remedy}" if finding.remedy else ""
            click.echo(f"{marks[finding.health]:<8}  {finding.check}: {clean(finding.said)}{remedy}")
    _settings(settings, origins(settings_file, overrides=overrides), as_json, every)
    return Exit.USAGE if mend else Exit.DONE


def _settings(settings: Settings, came_from: dict[str, str], as_json: bool, every: bool) -> None:
    values = {
        f"{section}.{key}": value for section, table in settings.model_dump().items() for key, value in table.items()
    }
    shown = [key for key in values if as_json or every or came_from[key] != "default"]
    if not as_json:
        which = "in force" if every else "that are not the default"
        click.echo(f"settings {which}, {len(shown)} of {len(values)}:")
    for key in shown:
        if as_json:
            emit({"kind": "setting", "key": key, "value": values[key], "origin": came_from[key]})
        else:
            click.echo(clean(f"  {key} = {plain(values[key])!r}  ({came_from[key]})"))
