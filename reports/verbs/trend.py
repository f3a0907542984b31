"""`openweb trend`: a rate over time that carries its definition."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from crawler.vocabulary import AccessClass, Basis, Denominator, State, Use
from reports.verbs.options import db_option, emit, json_option, settings_from, settings_options

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--agent", metavar="TOKEN", help="Sites by what their robots.txt lets this crawler fetch.")
@click.option(
    "--class",
    "class_",
    type=click.Choice([str(name) for name in AccessClass]),
    default=str(AccessClass.ROOT_BLOCKED),
    show_default=True,
    help="With --agent: which access class counts.",
)
@click.option(
    "--basis",
    type=click.Choice(["any", str(Basis.EXPLICIT)]),
    default="any",
    show_default=True,
    help="With --agent: any group that holds for it, or only files that name it.",
)
@click.option("--use", type=click.Choice([str(use) for use in Use]), help="Sites by the verdict about this use.")
@click.option(
    "--state",
    type=click.Choice([str(state) for state in State]),
    default=str(State.RESERVED),
    show_default=True,
    help="With --use: which state counts.",
)
@click.option("--strict", is_flag=True, help="With --use: to the letter of the specifications.")
@click.option(
    "--denominator",
    type=click.Choice([str(name) for name in Denominator]),
    help="N is over these sites; default: answered for --agent, frame for --use.",
)
@click.option(
    "--vocabulary",
    type=click.Choice(["current", "as_of"]),
    default="current",
    show_default=True,
    help="With --use: drafts as they are worded now, or as they were worded at each snapshot.",
)
@click.option(
    "--registry",
    type=click.Choice(["pinned", "as-of"]),
    default="pinned",
    show_default=True,
    help="All agents of the registry, or at each snapshot those announced by then.",
)
@click.option("--from", "since", type=DAY, help="First day of the series.")
@click.option("--to", "until", type=DAY, help="Last day of the series.")
@db_option
@json_option
@settings_options
def command(
    agent: str | None,
    class_: str,
    basis: str,
    use: str | None,
    state: str,
    strict: bool,
    denominator: str | None,
    vocabulary: str,
    registry: str,
    since: datetime | None,
    until: datetime | None,
    db: str | None,
    as_json: bool,
    settings_file: Path | None,
    set_: tuple[str, ...],
) -> None:
    """Print a rate over time with n, N, its denominator, its interval and what is unknown.

    \b
    Examples:
      openweb trend --agent GPTBot --class root_blocked --db panel.duckdb
      openweb trend --use train-generative --state reserved --denominator matched --json --db panel.duckdb

    Denominators: frame (every site listed), answered (robots.txt read or known to be absent), has_robots, has_rules,
    matched (sites known in every snapshot of the series). An agent that a file does not name has its `*` group.
    """
    # Imported where they are used, so that `-h` answers at once.
    from analysis.trends import trend
    from crawler import archive
    from reports.terminal import figure_record, trended

    if (agent is None) == (use is None):
        raise click.UsageError("a trend is about one agent or one use: give --agent TOKEN or --use USE")
    settings = settings_from(settings_file, set_, db=db)
    with archive.reading(settings.archive) as connection:
        figures = trend(
            connection,
            agent=agent,
            use=Use(use) if use else None,
            class_=AccessClass(class_),
            basis=Basis.EXPLICIT if basis == Basis.EXPLICIT else None,
            state=State(state),
            strict=strict,
            denominator=Denominator(denominator) if denominator else None,
            since=since.date() if since else None,
            until=until.date() if until else None,
            as_of_words=vocabulary == "as_of",
            as_of_agents=registry == "as-of",
        )
    if as_json:
        for figure in figures:
            emit(figure_record(figure))
        return
    for text in trended(figures):
        click.echo(text)
