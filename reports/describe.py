"""Reference pages made from the code: `docs/cli.md` from the commands, `docs/signals.md` from the readers,
`docs/profiles.md` from the profiles.

`python -m reports.describe docs/` writes them; a test compares them with what the code says now.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from crawler.records import Carrier
from crawler.signals import CARRIERS, SIGNALS
from crawler.vocabulary import Axis
from reports.profile_text import document
from reports.words import NEVER_CHECKED, USES

NOTE = "<!-- Written by `make docs`; edit the code, not this page. -->"
AXES = {
    Axis.USE: "Statements about use",
    Axis.LICENCE: "Licences",
    Axis.ACCESS: "Access",
    Axis.FACT: "Plain facts",
}


def cli() -> str:
    """The reference of the command line: every verb with the help it prints."""
    import openweb

    root = click.Context(
        openweb.cli, info_name="openweb", terminal_width=100, max_content_width=100, help_option_names=["-h", "--help"]
    )
    lines = ["# The command line", "", NOTE, "", "```text", openweb.cli.get_help(root), "```", ""]
    for verb in openweb.cli.list_commands(root):
        command = openweb.cli.get_command(root, verb)
        if command is not None:
            lines += [f"## openweb {verb}", "", openweb.VERBS[verb], "", *_help(command, root, f"openweb {verb}")]
    return "\n".join(lines)


def signals() -> str:
    """The reference of the signals: every carrier by what it speaks about, and every reader."""
    lines = [
        "# The signals",
        "",
        NOTE,
        "",
        "A carrier is a place a statement can stand. Statements about use, licences and access are three axes that",
        "never cancel each other. Within a family the carrier of the highest precedence speaks.",
        "",
    ]
    for axis, title in AXES.items():
        if found := [carrier for carrier in CARRIERS.values() if carrier.axis is axis]:
            lines += [f"## {title}", "", *_carriers(found)]
    lines += [
        "## Readers",
        "",
        "A reader is a pure function of one part of one answer; its version is stored with what it reads.",
        "",
    ]
    lines += _table(
        ("Reader", "Version", "Reads", "Carriers"),
        (
            (
                f"`{signal.id}`",
                str(signal.version),
                f"{signal.part} of {signal.role}" + (f" (`{signal.probe}`)" if signal.probe else ""),
                ", ".join(f"`{carrier.id}`" for carrier in signal.carriers),
            )
            for signal in SIGNALS
        ),
    )
    lines += ["## Uses", ""]
    lines += _table(("Use", "Title", "Meaning"), ((f"`{use}`", word.title, word.meaning) for use, word in USES.items()))
    lines += ["## Places never checked", "", *(f"- {place}" for place in NEVER_CHECKED), ""]
    return "\n".join(lines)


PAGES = {"cli.md": cli, "profiles.md": document, "signals.md": signals}


def main(folder: Path) -> None:
    """Write every page into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8", newline="\n")
        click.echo(folder / name)


def _help(command: click.Command, parent: click.Context, name: str) -> Iterator[str]:
    context = click.Context(
        command, info_name=name, terminal_width=100, max_content_width=100, help_option_names=["-h", "--help"]
    )
    yield from ("```text", command.get_help(context), "```", "")
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            child = command.get_command(context, inner)
            if child is not None:
                yield from (f"### {name} {inner}", "", *_help(child, context, f"{name} {inner}"))


def _carriers(carriers: Iterable[Carrier]) -> list[str]:
    return _table(
        ("Carrier", "Title", "Uses it can speak about", "Family (precedence)", "Specification", "Standing"),
        (
            (
                f"`{carrier.id}`",
                carrier.title,
                ", ".join(f"`{use}`" for use in carrier.uses) or "any" if carrier.axis is Axis.USE else "–",
                f"{carrier.family or carrier.id} ({carrier.precedence})",
                carrier.spec,
                carrier.standing,
            )
            for carrier in carriers
        ),
    )


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    def row(cells: Iterable[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

    return [row(columns), row("---" for _ in columns), *map(row, rows), ""]


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
