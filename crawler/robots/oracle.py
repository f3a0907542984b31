"""One question at a time: may this agent fetch this URL under this robots.txt, by which line, and what is odd there.

Bodies are remembered, so a stream of questions about few files costs little more than reading the questions.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from crawler.records import AccessRow
from crawler.robots.classes import access_rows
from crawler.robots.differences import notes_of
from crawler.robots.google import google_of, may_differ
from crawler.robots.matcher import Decision, decide, google_path_of, path_of
from crawler.robots.model import RAW_LIMIT, RobotsFile
from crawler.robots.reader import parse
from crawler.vocabulary import ANYONE, AccessClass

PROFILES = ("rfc9309", "google")
MAX_OCTETS = 64 * 1024 * 1024
"""Octets of bodies that are remembered; the least recently used go first."""
_CLASSES = tuple(AccessClass)
_PLAIN_URL = re.compile(r"(?:https?://[A-Za-z0-9.:-]+)?/(?!/)[A-Za-z0-9/._~?=&-]*\Z")
"""A URL of which both profiles make the same path, and in which nothing could be escaped otherwise."""


_BODY_KEYS = frozenset(("robots", "robots_b64"))


def _alone(head: bytes) -> object:
    """The body of `{"robots": BODY` where that is an object of nothing else once closed, else None."""
    try:
        found = json.loads(head + b"}")
    except ValueError:
        return None
    return found["robots"] if isinstance(found, dict) and found.keys() == {"robots"} else None


class QuestionError(ValueError):
    """A question that cannot be answered as it stands; the message names the field and what was expected."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`rule` is the deciding line as it stands (None: no rule matched) and `line` its number, from 1.

    `basis` is which group spoke: `explicit`, `wildcard` or `default`; `classes` are the access classes of the agent, as
    the columns of an access row; `notes` the codes of what is odd about the file, and `differs:PROFILE` where the other
    profile answers otherwise.
    """

    allowed: bool
    rule: str | None
    line: int | None
    basis: str
    classes: tuple[str, ...]
    notes: tuple[str, ...]

    def record(self) -> dict[str, object]:
        """The answer as it is written in JSON."""
        return {
            "allowed": self.allowed,
            "rule": self.rule,
            "line": self.line,
            "basis": self.basis,
            "class": list(self.classes),
            "notes": list(self.notes),
        }


class _Body:
    """One body under both profiles, and what has been worked out about it."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self.rfc9309 = parse(octets)
        self.google = google_of(self.rfc9309)
        self.may_differ = may_differ(self.rfc9309) or b"%" in octets or not octets.isascii()
        self.notes = tuple(dict.fromkeys(note.code for note in notes_of(self.rfc9309)))
        self._classes: dict[str, dict[str, tuple[str, ...]]] = {}

    def file(self, profile: str) -> RobotsFile:
        return self.google if profile == "google" else self.rfc9309

    def classes(self, profile: str, token: str) -> tuple[str, ...]:
        if profile not in self._classes:
            self._classes[profile] = {row.token: _names(row) for row in access_rows(self.file(profile))}
        rows = self._classes[profile]
        return rows[token] if token in rows else rows[ANYONE]


def _names(row: AccessRow) -> tuple[str, ...]:
    return tuple(name.value for name in _CLASSES if getattr(row, name.value))


class Oracle:
    """Answers under one profile, `rfc9309` or `google`."""

    def __init__(self, profile: str = "rfc9309") -> None:
        if profile not in PROFILES:
            raise QuestionError(f"profile: {profile!r}: expected one of {', '.join(PROFILES)}")
        self.profile = profile
        self.other = "rfc9309" if profile == "google" else "google"
        self._bodies: OrderedDict[str | bytes, _Body] = OrderedDict()
        self._octets = 0
        self._heads: dict[bytes, str] = {}
        self._headed = 0

    def ask(self, body: str | bytes, agent: str, url: str) -> Answer:
        """Whether `agent` (a product token) may fetch `url` (absolute, or a path); text is taken as UTF-8."""
        known = self._body(body)
        found, notes = self._decide(known, self.profile, agent, url), known.notes
        if known.may_differ or not _PLAIN_URL.match(url) or url.endswith("/robots.txt"):
            other = self._decide(known, self.other, agent, url)
            if other.allowed is not found.allowed:
                notes = (*notes, f"differs:{self.other}")
        return Answer(
            found.allowed,
            None if found.raw is None else found.raw[:RAW_LIMIT],
            found.line,
            found.basis.value,
            known.classes(self.profile, agent.lower()),
            notes,
        )

    def question(self, line: bytes) -> object:
        """A line of JSON, read; raises ValueError. A body seen before in the same spelling is not read anew.

        Lines mostly begin `{"robots": BODY, "agent": ...`: what stands before the agent is looked up as it is, and
        remembered only where it is an object by itself once closed.
        """
        at = line.rfind(b'"agent"')
        head = line[:at] if at > 0 else b""
        if head and (body := self._heads.get(head)) is not None:
            rest = json.loads(b"{" + line[at:])
            if isinstance(rest, dict) and not rest.keys() & _BODY_KEYS:
                return {"robots": body, **rest}
        found = json.loads(line)
        if head and isinstance(found, dict) and isinstance(body := found.get("robots"), str):
            closed = head.rstrip()
            if closed.endswith(b",") and _alone(closed[:-1]) == body:
                if self._headed > MAX_OCTETS:
                    self._heads.clear()
                    self._headed = 0
                self._heads[head] = body
                self._headed += len(head)
        return found

    def answer(self, question: Mapping[str, object]) -> Answer:
        """The answer to `{"robots" or "robots_b64", "agent", "url"}`; raises QuestionError."""
        body: str | bytes
        if "robots" in question:
            if not isinstance(text := question["robots"], str):
                raise QuestionError('"robots": expected the text of the file; for octets use "robots_b64"')
            body = text
        elif "robots_b64" in question:
            try:
                body = base64.b64decode(str(question["robots_b64"]), validate=True)
            except (binascii.Error, ValueError) as error:
                raise QuestionError(f'"robots_b64": not Base64: {error}') from error
        else:
            raise QuestionError('"robots" (text) or "robots_b64" (Base64) is missing')
        agent, url = question.get("agent"), question.get("url")
        if not isinstance(agent, str):
            raise QuestionError('"agent": expected a product token, such as "GPTBot"')
        if not isinstance(url, str):
            raise QuestionError('"url": expected a URL or a path')
        return self.ask(body, agent, url)

    @staticmethod
    def _decide(body: _Body, profile: str, agent: str, url: str) -> Decision:
        return decide(body.file(profile), agent, google_path_of(url) if profile == "google" else path_of(url))

    def _body(self, body: str | bytes) -> _Body:
        known = self._bodies.get(body)
        if known is not None:
            self._bodies.move_to_end(body)
            return known
        octets = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
        known = self._bodies[body] = _Body(octets)
        self._octets += len(octets)
        while self._octets > MAX_OCTETS and len(self._bodies) > 1:
            self._octets -= len(self._bodies.popitem(last=False)[1].octets)
        return known
