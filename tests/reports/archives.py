"""An archive file of two small snapshots, and the command run on it, for the tests of the verbs that read archives."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import click
from click.testing import CliRunner

import openweb
from analysis.verdicts import judge
from crawler.errors import OpenwebError
from crawler.ingest import take_in
from crawler.settings import Archive
from crawler.vocabulary import Outcome
from tests.analysis.builders import Site, portion

JAN, FEB = date(2026, 1, 15), date(2026, 2, 15)
HOSTILE = b"User-agent: *\nContent-Signal: ai-train=no # \x1b[31m\xe2\x80\xaetxt\n"


def small_archive(folder: Path) -> Path:
    """Two snapshots: a.example begins to reserve and to refuse GPTBot, b.example cannot be reached any more."""
    path = folder / "openweb.duckdb"
    silent, reserves = Site(robots=b""), Site(robots=HOSTILE + b"\nUser-agent: GPTBot\nDisallow: /\n")
    legacy = Site(robots=b"User-agent: *\nContent-Usage: train-ai=n\n")
    for on, sites in (
        (JAN, {"a.example": silent, "b.example": silent, "c.example": legacy}),
        (FEB, {"a.example": reserves, "b.example": Site(robots=Outcome.UNREACHABLE), "c.example": legacy}),
    ):
        take_in(Archive(path=str(path), threads=1), portion(sites, on), after=judge, workers=1)
    return path


def run(*arguments: object) -> tuple[int, str]:
    """Exit code and output of `openweb ARGUMENTS`; of an error, its message."""
    result = CliRunner().invoke(openweb.cli, [str(item) for item in arguments], standalone_mode=False)
    match result.exception:
        case None:
            return int(result.return_value or 0), result.output
        case OpenwebError() as error:
            return int(error.exit_code), str(error)
        case click.ClickException() as error:
            return error.exit_code, error.format_message()
        case error:
            raise error


def records(output: str) -> list[dict[str, Any]]:
    """The JSON objects of an output, one a line."""
    return [json.loads(line) for line in output.splitlines()]
