"""The front door: assembles the verbs of the command `openweb` and re-exports the names programs may use."""

from __future__ import annotations

import importlib
import importlib.util
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler import __version__
from crawler.errors import Exit, OpenwebError

if TYPE_CHECKING:
    from analysis.door import (
        AccessClass,
        AccessRow,
        Archive,
        Basis,
        Cause,
        ChangeLine,
        Compiled,
        Decision,
        Denominator,
        Evidence,
        Fact,
        Fault,
        Figure,
        LicenceClaim,
        Policy,
        Profile,
        Reading,
        RobotsDecision,
        RobotsFile,
        Ruling,
        SnapshotLine,
        Stance,
        State,
        Statement,
        Strength,
        Unseen,
        Use,
        VerdictLine,
        Wave,
        load_policy,
        may_fetch,
        open_archive,
        parse_robots,
        profile,
        read_signals,
    )

__all__ = [
    "AccessClass",
    "AccessRow",
    "Archive",
    "Basis",
    "Cause",
    "ChangeLine",
    "Compiled",
    "Decision",
    "Denominator",
    "Evidence",
    "Fact",
    "Fault",
    "Figure",
    "LicenceClaim",
    "OpenwebError",
    "Policy",
    "Profile",
    "Reading",
    "RobotsDecision",
    "RobotsFile",
    "Ruling",
    "SnapshotLine",
    "Stance",
    "State",
    "Statement",
    "Strength",
    "Unseen",
    "Use",
    "VerdictLine",
    "Wave",
    "__version__",
    "load_policy",
    "may_fetch",
    "open_archive",
    "parse_robots",
    "profile",
    "read_signals",
]
"""What programs may use; documented in docs/python.md and imported when it is first asked for."""

VERBS = {
    "check": "Audit sites now, no archive needed: every signal, a verdict per use, the line that made it.",
    "crawl": "Take a snapshot of a frame of sites: polite, resumable, spooled as WARC, then taken in.",
    "ingest": "Take WARC files into the archive.",
    "backfill": "Take history in through the same door: tables of robots.txt bodies by site and date.",
    "robots": "Answer for JSON lines of robots.txt, agent and URL: allowed or not, and by which line.",
    "read": "Read the signals of local files or a WARC, no archive needed.",
    "reread": "Judge the whole archive again with today's readers, registry and rules; say what that alone changed.",
    "explain": "Show the verdicts about a site and the lines that made them.",
    "changes": "List what differs between two snapshots, and whether the site or we changed.",
    "trend": "Print a rate over time with n, N, its denominator, its interval and what is unknown.",
    "report": "Write the static report of an archive.",
    "agents": "List the registry of crawler tokens, or show one.",
    "frame": "Build and show frames: the lists of sites a study is about.",
    "profiles": "List the profiles that turn verdicts into allow, deny or unknown, or show one.",
    "status": "Show the snapshots, runs and contents of an archive.",
    "gate": "Hold a snapshot against the one before it: did the run go well, and is what differs us or them.",
    "verify": "Check an archive: bytes and headers true to their hashes, tables that fit together.",
    "doctor": "Check that a crawl could run here: environment, contact, token, spool, archive, clock, settings.",
    "botpage": "Write the page that tells webmasters who we are, and the addresses we come from.",
    "optout": "Keep the list of hosts that asked us to stay away; no crawl asks them anything.",
    "demo": "Serve the miniature web on loopback, crawl its twelve months, write the report.",
}
"""Verb to its one line; the verb itself is `command` in `reports.verbs.VERB`, imported when it is asked for."""

EXIT_CODES = """\b
Exit codes:
  0  done
  1  a finding that --fail-on asked for
  2  usage, settings or input that cannot be used
  3  finished below the coverage floor
  4  archive unreadable, busy or of another version
  130  interrupted
"""


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """The public names are imported only when they are used, so that `openweb -h` answers at once."""
        if name in __all__:
            found: object = getattr(importlib.import_module("analysis.door"), name)
            globals()[name] = found
            return found
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        """The names of the module, those not imported yet too."""
        return sorted({*globals(), *__all__})


class _Verbs(click.Group):
    """Verbs that are imported only when they are used, so that `openweb -h` answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [verb for verb in VERBS if importlib.util.find_spec(f"reports.verbs.{verb}")]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"reports.verbs.{cmd_name}").command
        # click keeps the first help option it makes: a command that was run by itself before would know no `-h`.
        command._help_option = None
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if rows := [(verb, VERBS[verb]) for verb in self.list_commands(ctx)]:
            with formatter.section("Verbs"):
                formatter.write_dl(rows)


@click.group(
    cls=_Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog=EXIT_CODES,
)
@click.version_option(__version__, "-V", "--version", prog_name="openweb")
def cli() -> None:
    """Measure how open the web is to AI: who reserves what, by which signal, for which use, since when.

    \b
    Examples:
      openweb demo
      openweb check example.org --contact https://you.example/bot
    """


def foreign_packages() -> list[str]:
    """Which of the three packages were imported from somewhere else than beside this file, with both paths."""
    here = Path(__file__).resolve().parent
    wrong = []
    for name in ("crawler", "analysis", "reports"):
        spec = importlib.util.find_spec(name)
        places = [Path(place).resolve() for place in (spec.submodule_search_locations or [])] if spec else []
        if here / name not in places:
            wrong.append(f"{name}: expected {here / name}, found {', '.join(map(str, places)) or 'nothing'}")
    return wrong


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit with a documented code; an operational error is one line on stderr."""
    if wrong := foreign_packages():
        click.echo(
            "openweb: another package of the same name stands in the way:\n  "
            + "\n  ".join(wrong)
            + "\nRun openweb from an environment of its own, or remove the other package from the path.",
            err=True,
        )
        sys.exit(Exit.USAGE)
    for stream in (sys.stdout, sys.stderr):
        # Crawled text may hold half a character; it is shown escaped rather than ending the run.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = cli.main(args=list(args) if args is not None else None, prog_name="openweb", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("openweb: interrupted", err=True)
        sys.exit(Exit.INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(Exit.USAGE)
    except OpenwebError as error:
        click.echo(f"openweb: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output has gone; what it did not want is no error of ours.
        sys.stderr.close()
        sys.exit(Exit.DONE)
    sys.exit(code if isinstance(code, int) else Exit.DONE)


if __name__ == "__main__":
    main()
