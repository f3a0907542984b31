"""`openweb botpage`: the page behind the address in our User-Agent, and the addresses we come from."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from crawler.errors import InputError
from reports.verbs.options import clean, emit, json_option, settings_from, settings_options


@click.command()
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="The folder it is written into."
)
@click.option("--contact", metavar="URL", help="The page or address webmasters can reach you at.")
@click.option("--operator", default="", metavar="TEXT", help="Who runs the crawler, as the page says it.")
@click.option("--every", default="", metavar="TEXT", help='How often a run takes place: "once a month".')
@click.option("--ip-range", "ranges", multiple=True, metavar="CIDR", help="A network requests come from. Repeatable.")
@click.option(
    "--created",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]),
    help="When the ranges were settled (UTC): creationTime of crawler.json. Needed with --ip-range.",
)
@json_option
@settings_options
def command(
    out: Path,
    contact: str | None,
    operator: str,
    every: str,
    ranges: tuple[str, ...],
    created: datetime | None,
    as_json: bool,
    settings_file: Path | None,
    set_: tuple[str, ...],
) -> None:
    """Write the page that tells webmasters who we are, and the addresses we come from.

    DIR gets index.html, report.css and, with --ip-range, crawler.json. The page says what the settings say; the same
    settings and options give the same bytes. Put it where identity.contact_url leads.

    \b
    Examples:
      openweb botpage -o public/bot --contact https://you.example/bot --every "once a month"
      openweb botpage -o public/bot --ip-range 192.0.2.0/28 --created 2026-11-25 --operator "The Example Lab"
    """
    # Imported where they are used, so that `-h` answers at once.
    from crawler.botpage import facts, networks, ranges_json
    from crawler.whole import write_whole
    from reports.render import page, static

    settings = settings_from(settings_file, set_, identity__contact_url=contact)
    if ranges and created is None:
        raise click.UsageError("--ip-range: say when they were settled, with --created YYYY-MM-DD; no clock is read")
    found = networks(ranges)
    bot = facts(settings, found)
    files = {
        "index.html": page("botpage.html", bot=bot, operator=operator, every=every),
        "report.css": static("report.css"),
    }
    if created is not None and found:
        files["crawler.json"] = ranges_json(found, created.replace(tzinfo=UTC))
    elif (stale := out / "crawler.json").exists():
        raise InputError(f"{stale}: lists addresses of an earlier page; give --ip-range again, or delete it")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{out}: cannot be made ({error.strerror or error}); name another folder with -o") from error
    for name, text in files.items():
        write_whole(out / name, text)
        if as_json:
            emit({"file": out / name, "bytes": len(text.encode())})
        else:
            click.echo(clean(out / name))
