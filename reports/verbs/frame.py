"""`openweb frame`: the list of sites a study is about, made from lists and shown."""

from __future__ import annotations

import sys
from collections import Counter
from importlib import resources
from pathlib import Path

import click

from crawler.errors import Exit, InputError
from crawler.frame import Frame, read_frame
from crawler.frame_build import ALL, NONE, Drawn, as_csv, build, merged, reject_counts, rejects_csv, stratifier
from crawler.whole import write_whole
from reports.verbs.options import clean, emit, json_option
from reports.words import many

SHOWN = 20


@click.group()
def command() -> None:
    """Build and show frames: the lists of sites a study is about.

    \b
    Examples:
      openweb frame build tranco.csv -o frame.csv --strata rank:1000,10000 --sample 500 --per-stratum --seed 7
      openweb frame show frame.csv
    """


@command.command("build")
@click.argument("lists", nargs=-1, metavar="LIST...")
@click.option("-o", "--out", required=True, metavar="FRAME.csv", help="Where the frame is written; - is stdout.")
@click.option("--column", metavar="NAME", help="The column the site stands in; default: site, domain, host, url.")
@click.option("--strata", metavar="BY", help="category, country, tld, or rank:1000,10000 (upper ends of its classes).")
@click.option("--sample", type=int, metavar="N", help="Draw N sites; default: all of them.")
@click.option("--per-stratum", is_flag=True, help="Draw N sites of each stratum.")
@click.option("--seed", type=int, default=0, show_default=True, help="What the draw depends on, beside the names.")
@click.option(
    "--panel", metavar="FILE", help="Sites that are in every frame of a series; the sample is drawn beside them."
)
@click.option(
    "--list-id", metavar="TEXT", help="What the list is called where it was published; default: its file name."
)
@click.option("--rejects", metavar="FILE", help="Write the entries left out, with their reasons, as CSV.")
@json_option
def build_(
    lists: tuple[str, ...],
    out: str,
    column: str | None,
    strata: str | None,
    sample: int | None,
    per_stratum: bool,
    seed: int,
    panel: str | None,
    list_id: str | None,
    rejects: str | None,
    as_json: bool,
) -> None:
    """Make a frame of lists of sites: normalised, each site once, sampled with known weights.

    LIST is a plain list, CSV or TSV, Tranco's CSV, JSON lines or Parquet, packed or not; - is stdin. Without one, the
    starter frame that ships with openweb is used. The same lists, options and seed give the same bytes.

    \b
    Examples:
      openweb frame build tranco.csv -o frame.csv --strata rank:1000,10000 --sample 500 --per-stratum --seed 7
      openweb frame build news.txt papers.parquet -o frame.csv --panel last.csv --sample 1000 --rejects left-out.csv

    A site's weight is how many listed sites it stands for: sites of its stratum listed / drawn. With --panel the
    panel's sites come first (part `panel`), and the sample (part `refresh`) holds none of them.
    """
    if per_stratum and sample is None:
        raise click.UsageError("--per-stratum says of what to draw; say how many with --sample N")
    if out == "-" and as_json:
        raise click.UsageError("-o - and --json both want stdout; name a file with -o")
    frame = merged([_read(name, column, list_id) for name in lists] or [_starter()])
    if not frame.sites:
        raise InputError(f"{frame.source}: no site in it; list one host a line, or a CSV with a column `site`")
    drawn = build(
        frame,
        strata=stratifier(strata, frame) if strata else None,
        sample=sample,
        seed=seed,
        per_stratum=per_stratum,
        panel=_read(panel, None, None) if panel else None,
    )
    text = as_csv(drawn.frame)
    if rejects is not None:
        write_whole(Path(rejects), rejects_csv(drawn.frame))
    if out == "-":
        click.echo(text, nl=False)
    else:
        write_whole(Path(out), text)
    _tell(drawn, out, as_json)


@command.command()
@click.argument("frame", type=click.Path(path_type=Path), required=False)
@json_option
def show(frame: Path | None, as_json: bool) -> int:
    """Show a frame: its id, where it comes from, and its sites by stratum, category and country.

    Without FRAME, the starter frame.

    \b
    Examples:
      openweb frame show frame.csv
      openweb frame show --json
    """
    found = _starter() if frame is None else read_frame(frame)
    counts = {
        key: Counter(str(getattr(site, key) or NONE) for site in found.sites)
        for key in ("part", "stratum", "category", "country")
    }
    if as_json:
        emit({**_head(found), **{f"by_{key}": dict(count.most_common()) for key, count in counts.items()}})
        return Exit.DONE
    click.echo(clean(f"frame {found.id}: {many(len(found.sites), 'site')} of {found.source}"))
    click.echo(f"source sha256 {found.sha256}")
    for key, count in counts.items():
        if set(count) == {NONE}:
            continue
        click.echo(f"by {key}:")
        for word, number in count.most_common(SHOWN):
            click.echo(f"  {number:>9,}  {clean(word)}")
        if len(count) > SHOWN:
            click.echo(f"             and {len(count) - SHOWN} more, all of them with --json")
    _tell_rejects(found)
    return Exit.DONE


def _read(name: str, column: str | None, list_id: str | None) -> Frame:
    if name == "-":
        return read_frame(sys.stdin.buffer.read(), name=list_id or "stdin", column=column)
    return read_frame(Path(name), name=list_id, column=column)


def _starter() -> Frame:
    with resources.as_file(resources.files("crawler") / "frames" / "starter.csv") as path:
        return read_frame(path)


def _head(frame: Frame) -> dict[str, object]:
    reasons = {reason: count for reason, count, _ in reject_counts(frame)}
    return {
        "frame": frame.id, "source": frame.source, "sha256": frame.sha256, "sites": len(frame.sites),
        "rejected": len(frame.rejected), "reasons": reasons,
    }  # fmt: skip


def _tell(drawn: Drawn, out: str, as_json: bool) -> None:
    frame = drawn.frame
    if as_json:
        strata = {key: {"listed": listed, "drawn": drawn.drawn.get(key, 0)} for key, listed in drawn.listed.items()}
        emit({**_head(frame), "panel": drawn.panel, "strata": strata, "path": out})
        return
    err = out == "-"
    click.echo(clean(f"frame {frame.id}: {many(len(frame.sites), 'site')} of {frame.source} -> {out}"), err=err)
    click.echo(f"source sha256 {frame.sha256}", err=err)
    if drawn.panel is not None:
        click.echo(f"  panel: {many(drawn.panel, 'site')}", err=err)
    for stratum, listed in drawn.listed.items():
        name = "sites" if stratum == ALL else stratum
        click.echo(clean(f"  {name}: {listed:,} listed, {drawn.drawn.get(stratum, 0):,} drawn"), err=err)
    _tell_rejects(frame)


def _tell_rejects(frame: Frame) -> None:
    for reason, count, first in reject_counts(frame):
        click.echo(
            clean(f"left out: {count:,}: {reason} (the first on line {first.line}: {first.text[:60]}: {first.reason})"),
            err=True,
        )
