"""`openweb robots`: an oracle for robots.txt over JSON lines, and one file explained line by line."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO

import click

from crawler.errors import Exit
from crawler.records import AccessRow, Exchange, Fact, Fault, Reading, Statement
from crawler.robots import Kind, Line, RobotsFile, google_of, parse
from crawler.robots.oracle import PROFILES, Oracle, QuestionError
from crawler.vocabulary import ANYONE, ROLE_ROBOTS, AccessClass, Interpretation, Outcome
from reports.verbs.options import clean

MAX_LINE = 16 * 1024 * 1024
"""Octets of a line of input; a longer one is answered with an error."""
BUFFER = 1024 * 1024
BATCH = 100
"""Answers written at once."""


@click.command(name="robots")
@click.argument("source", type=click.File("rb"), default="-", metavar="[FILE]")
@click.option("--profile", type=click.Choice(PROFILES), default=PROFILES[0], show_default=True, help="How to read.")
@click.option("--explain", type=click.File("rb"), metavar="FILE", help="Print one robots.txt with each line's meaning.")
def command(source: BinaryIO, profile: str, explain: BinaryIO | None) -> int:
    """Answer for JSON lines of robots.txt, agent and URL: allowed or not, and by which line.

    \b
    Examples:
      openweb robots < questions.jsonl > answers.jsonl
      openweb robots --explain robots.txt

    \b
    In:  {"robots": TEXT or "robots_b64": BASE64, "agent": "GPTBot", "url": "https://site.example/a", "id": any}
    Out: {"allowed", "rule", "line", "basis", "class", "notes"}, and "id" where one was given

    One answer a line, in the order asked; blank lines are skipped. "rule" is the deciding line as it stands, null where
    none matched; "class" lists the access classes of the agent in this file; "notes" codes of what is odd about the
    file, with "differs:PROFILE" where the other profile answers otherwise. A line that cannot be answered gives
    {"error", "line"} and the run goes on; the exit code is 2 only where nothing could be answered.
    """
    if explain is not None:
        _explain(explain.read(), profile)
        return Exit.DONE
    oracle, encode = Oracle(profile), json.JSONEncoder(ensure_ascii=False).encode
    answered = failed = False
    waiting: list[str] = []
    for number, line in enumerate(_lines(source), 1):
        if line.isspace():
            continue
        record = _answer(oracle, line, number)
        failed, answered = failed or "error" in record, answered or "error" not in record
        waiting.append(encode(record))
        if len(waiting) >= BATCH:
            _write(waiting)
    _write(waiting)
    return Exit.USAGE if failed and not answered else Exit.DONE


def _write(waiting: list[str]) -> None:
    if waiting:
        sys.stdout.write("\n".join(waiting) + "\n")
        sys.stdout.flush()
        waiting.clear()


def _lines(source: BinaryIO) -> Iterator[bytes]:
    raw = getattr(source, "raw", None)
    if isinstance(raw, io.RawIOBase):
        # Lines hold whole files: the usual buffer of 8 KiB would mean a system call or two for each.
        source = io.BufferedReader(raw, BUFFER)
    while line := source.readline(MAX_LINE):
        yield line
        while len(line) >= MAX_LINE and not line.endswith(b"\n"):
            # What is left of a line already answered with an error.
            line = source.readline(MAX_LINE)


def _answer(oracle: Oracle, line: bytes, number: int) -> dict[str, object]:
    try:
        question = oracle.question(line)
    except (ValueError, RecursionError) as error:
        return {"error": f"not JSON: {error}", "line": number}
    if not isinstance(question, dict):
        return {"error": 'expected an object: {"robots", "agent", "url"}', "line": number}
    named = {"id": question["id"]} if "id" in question else {}
    try:
        return oracle.answer(question).record() | named
    except QuestionError as error:
        return {"error": str(error), "line": number} | named


def _explain(body: bytes, profile: str) -> None:
    file = parse(body)
    shown = google_of(file) if profile == "google" else file
    said: dict[int, list[str]] = {}
    where: list[str] = []
    for statement in _statements(body):
        text = _words(statement)
        if text and (number := _line_of(statement)):
            said.setdefault(number, []).append(text)
        elif text:
            where.append(text)
    for text in dict.fromkeys(where):
        click.echo(f"# {clean(text)}")
    for line in shown.lines:
        meaning = "; ".join(dict.fromkeys(filter(None, (_meaning(shown, line), *said.get(line.number, ())))))
        click.echo(f"{line.number:>5}  {clean(line.raw)}")
        if meaning:
            click.echo(f"       ^ {clean(meaning)}")


def _statements(body: bytes) -> Iterator[Statement]:
    # Only this needs every reader: a question is answered the sooner without them.
    from crawler import signals

    moment = datetime.fromtimestamp(0, UTC)
    exchange = Exchange("-", ROLE_ROBOTS, "file:robots.txt", Outcome.OK, moment, status=200, body=body)
    for _, statement in signals.read(exchange):
        yield statement


def _line_of(statement: Statement) -> int | None:
    if isinstance(statement, AccessRow):
        return None
    words = statement.locator.split()
    return int(words[1]) if words[:1] == ["line"] else None


def _words(statement: Statement) -> str:
    """A statement in plain words; "" where the line's own meaning says it already."""
    if isinstance(statement, Reading):
        whom = "everybody" if statement.agent == ANYONE else statement.agent
        shade = "" if statement.interpretation is Interpretation.BOTH else f", {statement.interpretation.value} reading"
        note = f" ({statement.note})" if statement.note else ""
        by = (
            f"{statement.strength.value}, {statement.vocabulary.value}"
            if statement.in_force_from
            else statement.strength.value
        )
        return f"{statement.use.value} {statement.stance.value} for {whom}, {by}{shade}{note}"
    if isinstance(statement, Fault):
        return f"malformed {statement.carrier}: {statement.reason}"
    if isinstance(statement, Fact):
        return f"{statement.name.removeprefix('note:')}: {statement.value}"
    if isinstance(statement, AccessRow) and statement.profile != "rfc9309":
        classes = ", ".join(name.value for name in AccessClass if getattr(statement, name.value))
        return f"{statement.profile} reads it otherwise for {statement.token}: {statement.basis.value}, {classes}"
    return ""


_KINDS = {
    Kind.COMMENT: "",
    Kind.BLANK: "",
    Kind.JUNK: "not a line of robots.txt",
    Kind.USER_AGENT: "names whom the rules below are for",
}


def _meaning(file: RobotsFile, line: Line) -> str:
    if line.kind in (Kind.ALLOW, Kind.DISALLOW):
        group = next((g for g in file.groups if g.first_line <= line.number <= g.last_line), None)
        verb = "allows" if line.kind is Kind.ALLOW else "refuses"
        if group is None:
            return f"{verb} nothing: in no group"
        what = line.value or "nothing: no path"
        return f"{verb} {what} for {', '.join(dict.fromkeys(group.tokens[:8]))}"
    return _KINDS.get(line.kind, "")
