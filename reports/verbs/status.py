"""`openweb status`: what an archive holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reports.verbs.options import clean, db_option, emit, json_option, plain, settings_from, settings_options
from reports.words import many

if TYPE_CHECKING:
    from crawler.archive_state import SnapshotState, State

SHOWN = 12


@click.command()
@click.option("--all", "every", is_flag=True, help=f"Every snapshot, not the last {SHOWN} alone.")
@click.option(
    "--prometheus",
    type=click.Path(path_type=Path),
    metavar="FILE.prom",
    help="Write the numbers as a Prometheus textfile too, in one step.",
)
@settings_options
@db_option
@json_option
def command(
    every: bool,
    prometheus: Path | None,
    settings_file: Path | None,
    set_: tuple[str, ...],
    db: str | None,
    as_json: bool,
) -> None:
    """Show the snapshots, runs and contents of an archive.

    \b
    Examples:
      openweb status --db panel.duckdb
      openweb status --json | jq 'select(.kind == "snapshot") | .answered'
      openweb status --prometheus /var/lib/node_exporter/textfile/openweb.prom

    --json prints one object of kind `archive`, then one a snapshot, one a run and one a reason of rejects.
    """
    # Imported where they are used, so that `-h` answers at once.
    from crawler.archive import reading
    from crawler.archive_state import state
    from crawler.metrics_text import render
    from crawler.whole import write_whole

    settings = settings_from(settings_file, set_, db=db)
    path = Path(settings.archive.path)
    with reading(settings.archive) as connection:
        found = state(connection, path)
    if prometheus is not None:
        write_whole(prometheus, render(found))
    if as_json:
        _emit(found, path)
    else:
        _print(found, path, every)


def _emit(found: State, path: Path) -> None:
    head = {"schema": found.schema, "written_by": found.written_by, "file_bytes": found.file_bytes}
    emit({"kind": "archive", "path": path, **head, **found.totals})
    for snapshot in found.snapshots:
        emit({"kind": "snapshot", **asdict(snapshot)})
    for run in found.runs:
        emit({"kind": "run", **asdict(run)})
    for reason, count, example in found.rejects:
        emit({"kind": "reject", "reason": reason, "rejects": count, "example": example})


def _print(found: State, path: Path, every: bool) -> None:
    click.echo(f"{clean(path)}: schema {found.schema}, {found.file_bytes:,} bytes, made by {clean(found.written_by)}")
    for key, value in found.totals.items():
        shown = f"{value:,}" if isinstance(value, int) else plain(value)
        click.echo(f"  {key.replace('_', ' '):<15} {shown}")
    shown_snapshots = found.snapshots if every else found.snapshots[-SHOWN:]
    if shown_snapshots:
        click.echo(f"snapshots ({len(shown_snapshots)} of {len(found.snapshots)} shown):")
    for snapshot in shown_snapshots:
        click.echo(f"  {_line(snapshot)}")
    for run in found.runs:
        counts = ", ".join(_counted(run.counts))
        click.echo(
            clean(f"run: {run.snapshot} {run.state}, {plain(run.started_at)} to {plain(run.ended_at)}; {counts}")
        )
    for reason, count, example in found.rejects:
        click.echo(clean(f"rejected: {count:,} {reason.strip()} (such as: {example[:120]})"))


def _counted(counts: Mapping[str, object]) -> Iterator[str]:
    """The counts of a run in words; its manifest and the findings of the gate stand in --json."""
    for key, value in counts.items():
        if isinstance(value, Mapping):
            if key == "quality":
                yield "not good enough (see openweb gate)" if value.get("breached") else "good enough"
            elif key != "manifest":
                yield f"{key}: {', '.join(f'{word} {number}' for word, number in value.items())}"
        elif isinstance(value, float):
            yield f"{key} {value:.4g}"
        else:
            yield f"{key} {value}"


def _line(snapshot: SnapshotState) -> str:
    outcomes = ", ".join(f"{word} {count:,}" for word, count in snapshot.outcomes.items())
    seen = f"{many(snapshot.sites, 'site')}, {snapshot.observed:,} observed, {snapshot.answered:,} answered"
    return clean(f"{snapshot.snapshot}  {snapshot.source}: {seen}  ({outcomes})")
