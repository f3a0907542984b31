"""What a table says of a fetch, in its own words, to an outcome: numbers, words, and what collectors wrote instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from crawler.classify import outcome_of
from crawler.errors import InputError
from crawler.vocabulary import ROLE_ROBOTS, Outcome

STATUS_HELP = """\b
What a status cell means:
  200, 404, ...   the HTTP status, mapped as in a live crawl
  ok              a file came; an empty body is a file without rules
  html, html:N    a page came: of N from 300 up the status counts, else it
                  is `not_the_file`
  error:TEXT      `unreachable` with TEXT as the reason; `redirect_limit`
                  where TEXT speaks of redirects
  absent, ...     an outcome by its own name
  (empty), or no status column
                  a body is judged by itself; no body, or an empty one, is
                  `not_the_file`: whoever kept no status cannot tell an
                  empty file from none, so it is never "no rules"
Anything else rejects the row, unless --status-map says what it means.
"""


class RowOutcome(NamedTuple):
    """The outcome of one row, its HTTP status where it is known, and the reason in plain words."""

    outcome: Outcome
    status: int | None = None
    detail: str | None = None


class StatusError(Exception):
    """A status cell that says nothing we know; the message is the reason of the reject."""


def status_map(pairs: tuple[str, ...]) -> dict[str, Outcome]:
    """`TEXT=OUTCOME` pairs; TEXT is compared without case and may end in `*`. Raises InputError."""
    found = {}
    for pair in pairs:
        text, equals, word = pair.rpartition("=")
        if not equals or word not in set(Outcome):
            raise InputError(f"--status-map {pair}: expected TEXT=OUTCOME with one of {', '.join(Outcome)}")
        found[text.strip().lower()] = Outcome(word)
    return found


def outcome_of_row(
    status: str | None, body: bytes | None, *, truncated: bool = False, mapped: Mapping[str, Outcome] | None = None
) -> RowOutcome:
    """The outcome of a row of robots.txt history; raises StatusError for a status that is not known."""
    text = (status or "").strip().lower()
    for known, outcome in (mapped or {}).items():
        if text == known or (known.endswith("*") and text.startswith(known[:-1])):
            return RowOutcome(outcome, detail=f"status {text[:100]!r}" if outcome is not Outcome.OK else None)
    if not text:
        if not body:
            return RowOutcome(Outcome.NOT_THE_FILE, detail="no status and no body kept: a file without rules, or none")
        return _of_body(None, body, truncated)
    if re.fullmatch(r"[1-9]\d\d(?:\.0)?", text):
        code = int(text[:3])
        if 200 <= code < 300:
            return _of_body(code, body, truncated)
        outcome, detail = outcome_of(code, ROLE_ROBOTS, (), body, truncated)
        return RowOutcome(outcome, code, detail)
    if text == Outcome.OK:
        return _of_body(None, body, truncated)
    if page := re.fullmatch(r"html(?::(\d\d\d))?", text):
        shown = int(page[1]) if page[1] else None
        if shown is not None and shown >= 300:
            outcome, detail = outcome_of(shown, ROLE_ROBOTS, (), body, truncated)
            return RowOutcome(outcome, shown, detail)
        return RowOutcome(Outcome.NOT_THE_FILE, shown, "a page came where a file was asked for")
    if text.startswith("error:"):
        reason = (status or "").strip()[len("error:") :].strip()
        limit = "redirect" in reason.lower()
        return RowOutcome(Outcome.REDIRECT_LIMIT if limit else Outcome.UNREACHABLE, detail=reason or "error")
    if text in set(Outcome):
        return RowOutcome(Outcome(text))
    raise StatusError(f"status {text[:100]!r} is not known; say what it means with --status-map")


def _of_body(code: int | None, body: bytes | None, truncated: bool) -> RowOutcome:
    if body is None:
        return RowOutcome(Outcome.NOT_THE_FILE, code, "a file came, its body was not kept")
    outcome, detail = outcome_of(code or 200, ROLE_ROBOTS, (), body, truncated)
    return RowOutcome(outcome, code, detail)
