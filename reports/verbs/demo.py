"""`openweb demo`: the miniature web on loopback, crawled month by month with the real crawler, and its report."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.errors import OpenwebError
from crawler.miniweb.loading import load
from crawler.miniweb.server import LOOPBACK, MiniWeb
from crawler.miniweb.world import Transport, World
from reports.verbs.options import clean
from reports.words import many

if TYPE_CHECKING:
    from analysis.figures import Figure

CONTACT = "http://auditor.example/bot"
SETTINGS = "demo.toml"
AUTHORITY = "authority.pem"
FRAME = "sites.csv"
DATABASE = "openweb.duckdb"
SPOOL = "spool"
REPORT = "report"
WAIT = 4.0
"""Seconds before a server of the miniature web is given up; it answers in milliseconds or never."""


class DemoError(OpenwebError):
    """The demo cannot go on; the message says at which step, and what that step said."""


@click.command(short_help="Serve the miniature web on loopback, crawl its twelve months, write the report.")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    default=Path("demo-out"),
    show_default=True,
    help="Folder to write; one that an earlier demo began is gone on with, any other that is not empty is refused.",
)
@click.option(
    "--months", type=click.IntRange(1, 12), default=12, show_default=True, help="How many months of the year."
)
@click.option("--serve", is_flag=True, help="Only serve the last of these months until interrupted, to look around.")
def command(out: Path, months: int, serve: bool) -> None:
    """Serve the miniature web on loopback, crawl its twelve months, write the report.

    Some fifty invented sites live through a year in which they refuse crawlers, change their minds, break and
    contradict themselves. Nothing leaves this machine. The crawler is the real one; only its waiting times are shorter,
    by the settings file that is left in the folder.

    \b
    Examples:
      openweb demo
      openweb demo --months 7 --serve
    """
    # Both signals must end the crawl before its web is gone, or it would write down every site as unreachable.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    world = load()
    if serve:
        _serve(world, world.months[months - 1])
        return
    begun = time.monotonic()
    out = _folder(out)
    with MiniWeb(world, world.months[0], ca_file=out / AUTHORITY) as web:
        _write_settings(out, web)
        for number in range(months):
            web.month = world.months[number]
            _crawl(out, web, number, months)
    step = time.monotonic()
    index = _openweb(out, "report", "--db", DATABASE, "-o", REPORT, "--quiet").strip().splitlines()
    click.echo(f"report  {time.monotonic() - step:.1f} s", err=True)
    click.echo(f"Done in {time.monotonic() - begun:.0f} s. The report: {out / (index[-1] if index else REPORT)}")
    click.echo(f"The archive: {out / DATABASE}, every byte that was received: {out / SPOOL}")
    for line in findings(out / DATABASE):
        click.echo(f"  - {clean(line)}")


def findings(database: Path) -> Iterator[str]:
    """Five findings of an archive in a sentence each, every rate with n, N and its denominator. Raises ArchiveError."""
    # Reading the archive takes libraries that `-h` does not need.
    from analysis import changes, overview, trends
    from crawler import archive
    from crawler.settings import Archive
    from crawler.vocabulary import AccessClass, Denominator, State, Use

    with archive.reading(Archive(path=str(database))) as connection:
        snapshots = sorted(overview.snapshots(connection), key=lambda line: (line.date, line.snapshot))
        states = {
            (figure.snapshot, figure.what["use"], figure.what["state"]): figure
            for figure in overview.availability(connection)
        }
        first, last = snapshots[0].snapshot, snapshots[-1].snapshot
        training = Use.TRAIN_GENERATIVE.value
        yield f"Generative training reserved: {_series([states[s, training, State.RESERVED] for s in (first, last)])}."
        refused = trends.trend(
            connection, agent="GPTBot", class_=AccessClass.ROOT_BLOCKED, denominator=Denominator.ANSWERED
        )
        yield f"GPTBot refused the front page: {_series([refused[0], refused[-1]])}."
        lines = [
            line
            for before, after in pairwise(snapshots)
            for line in changes.changes(connection, before.snapshot, after.snapshot)
        ]
        listed = states[last, training, State.RESERVED].N
        moved = [line for line in lines if line.subject == training and line.after == State.RESERVED and line.event]
        for line in sorted(moved, key=lambda line: -line.together)[:1]:
            yield (
                f"One hand, many sites: {line.together} of {listed} sites went from {line.before} to {line.after} for"
                f" {line.subject} by {line.to_snapshot} with one text ({line.provenance}): `{line.event}`."
            )
        yield f"Could not be told for generative training: {_series([states[last, training, State.UNKNOWN]])}."
        contradictions = [line for line in lines if line.after == State.CONFLICT]
        for line in contradictions[:1]:
            words = " against ".join(dict.fromkeys(f"`{evidence.raw}`" for evidence in line.lines if evidence.deciding))
            yield f"{line.site} contradicts itself from {line.to_snapshot} on ({line.subject}): {words}."


def _series(figures: Sequence[Figure]) -> str:
    """`1 of 55 (2 %) on 2025-11-15, 16 of 55 (29 %) on 2026-10-15, sites of the frame`."""
    shown = []
    for figure in figures:
        share = "no rate" if figure.rate is None else f"{figure.rate:.0%}".replace("%", " %")
        shown.append(f"{figure.n} of {figure.N} sites ({share}) on {figure.date.isoformat()}")
    return f"{', '.join(dict.fromkeys(shown))}; denominator {figures[-1].denominator}"


def _folder(out: Path) -> Path:
    """The demo's folder, made if need be; refused when it holds anything that is not a demo's."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()) and not (out / SETTINGS).is_file():
            raise DemoError(f"{out}: not empty and not a demo's folder; name another with -o, or empty it")
    except OSError as error:
        raise DemoError(f"{out}: cannot be used ({error.strerror}); name another folder with -o") from error
    return out.resolve()


def _write_settings(out: Path, web: MiniWeb) -> None:
    """The settings and the list of sites, written anew each time: the ports differ from run to run."""
    sections: Mapping[str, Mapping[str, object]] = {
        "identity": {"contact_url": CONTACT},
        "politeness": {"delay": 0.0, "delay_per_ip": 0.0, "timeout": WAIT},
        "network": {"allow_addresses": ["127.0.0.0/8"], "ca_file": AUTHORITY, "resolve": web.resolve_map()},
        "crawl": {"spool": SPOOL, "vantage": "the miniature web, on loopback"},
        "archive": {"path": DATABASE},
        # A year is told in twelve steps on some fifty sites: every month would be an alarm.
        "quality": {"gate": False},
        "report": {"title": "How open is the miniature web to AI?"},
    }
    lines = ["# The demo's settings: waiting times shortened, names answered here, one more authority trusted.", ""]
    for name, section in sections.items():
        lines.append(f"[{name}]")
        for key, value in section.items():
            if isinstance(value, Mapping):
                lines.append(f"[{name}.{key}]")
                lines.extend(f"{json.dumps(host)} = {json.dumps(place)}" for host, place in value.items())
            else:
                lines.append(f"{key} = {json.dumps(value)}")
        lines.append("")
    (out / SETTINGS).write_text("\n".join(lines), encoding="utf-8")
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(("site", "name", "category", "country"))
    writer.writerows((site.host, site.name, site.kind, site.country) for site in web.world.listed)
    (out / FRAME).write_text(table.getvalue(), encoding="utf-8")


def _crawl(out: Path, web: MiniWeb, number: int, months: int) -> None:
    """One month's snapshot; one that an earlier demo began is completed."""
    day = web.world.states[number]
    begun = time.monotonic()
    if (out / SPOOL / day.isoformat()).exists():
        # A snapshot is gone on with under the settings it was begun with, but the ports of that run are closed.
        mapped = ", ".join(f"{json.dumps(host)} = {json.dumps(place)}" for host, place in web.resolve_map().items())
        moved = ("--set", f"network.resolve={{{mapped}}}")
        _openweb(out, "crawl", "--resume", day.isoformat(), "--db", DATABASE, unsaid=moved)
    else:
        _openweb(out, "crawl", "--sites", FRAME, "--date", day.isoformat(), "--db", DATABASE)
    events = [event.id for event in web.world.events if event.on == day]
    told = f"  {', '.join(events)}" if events and number else ""
    click.echo(f"{number + 1} of {months}  {day:%B %Y}  {time.monotonic() - begun:.1f} s{told}", err=True)


def _openweb(out: Path, *arguments: str, unsaid: Sequence[str] = ()) -> str:
    """Run a verb of the installed command in the demo's folder; returns what it printed, or raises DemoError.

    `unsaid` are further arguments, too long to be repeated in a message.
    """
    environ = {key: value for key, value in os.environ.items() if not key.startswith("OPENWEB_")}
    run = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "openweb", *arguments, "--settings", SETTINGS, *unsaid],
        cwd=out,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if run.returncode:
        said = "\n  ".join(clean(line) for line in run.stderr.strip().splitlines()[-8:])
        raise DemoError(
            f"`openweb {' '.join(arguments)} --settings {SETTINGS}` in {out} ended with exit code {run.returncode}:\n"
            f"  {said}\nMend that and run the demo again; it goes on where it stopped."
        )
    return run.stdout


def _serve(world: World, month: str) -> None:
    """Serve one month until interrupted, with the commands to look at it."""
    with (
        tempfile.TemporaryDirectory(prefix="openweb-demo-") as folder,
        MiniWeb(world, month, ca_file=Path(folder) / AUTHORITY) as web,
    ):
        click.echo(f"The miniature web of {month} on {LOOPBACK}: {len(world.listed)} sites. Ctrl-C ends it.\n")
        click.echo("\n".join(_examples(web)))
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo(f"{many(len(web.requests), 'request')} answered.", err=True)


def _examples(web: MiniWeb) -> Iterator[str]:
    plain, secure = web.http_port, web.https_port
    for host in ("harbour-news.example", "blue-kiln-docs.example"):
        yield f"curl --resolve {host}:{plain}:{LOOPBACK} http://{host}:{plain}/robots.txt"
    yield f"curl -L --connect-to ::{LOOPBACK}:{plain} http://old-mint-museum.example/robots.txt"
    host = "river-registry.example"
    yield f"curl --cacert {web.ca_file} --resolve {host}:{secure}:{LOOPBACK} https://{host}:{secure}/robots.txt"
    hosts = ", ".join(site.host for site in web.world.sites if site.transport is Transport.HTTP)
    yield f"\nEvery site over plain http:\n{textwrap.fill(hosts, 110, break_on_hyphens=False)}"
