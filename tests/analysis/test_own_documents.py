"""An RSL document that robots.txt declares for one crawler is said to that one and to nobody else (RSL 1.0 4.1)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analysis.explain import explanation
from crawler.declared import declared_documents
from crawler.records import Exchange, Reading
from crawler.signals import read
from crawler.vocabulary import Outcome, State, Use
from tests.analysis.builders import DAY, Site, archive_of

OF_ALL = "License: https://a.example/rsl\n"
OF_GPTBOT = "User-agent: GPTBot\nLicense: https://a.example/rsl@ccbot,gptbot\nAllow: /\n"
EVERYBODY = "User-agent: *\nAllow: /\n"


def rsl(rule: str) -> bytes:
    """A document about the whole site."""
    return (
        f'<rsl xmlns="https://rslstandard.org/rsl"><content url="/"><license>{rule}</license></content></rsl>'.encode()
    )


RESERVES = rsl('<prohibits type="usage">ai-train</prohibits>')
PERMITS = rsl('<permits type="usage">ai-train</permits>')
OWN = "rsl@ccbot,gptbot"


def state_of(robots: str, files: dict[str, bytes | Outcome], agent: str | None) -> tuple[State, str]:
    """The verdict about training, and the rule, as said to an agent."""
    with archive_of((DAY, {"a.example": Site(robots=robots.encode(), files=files)})) as connection:
        (line,) = explanation(connection, "a.example", use=Use.TRAIN_GENERATIVE, agent=agent).verdicts
        return line.state, line.rule


@pytest.mark.parametrize(
    ("robots", "files", "agent", "expected"),
    [
        pytest.param(OF_GPTBOT + EVERYBODY, {OWN: RESERVES}, "GPTBot", (State.RESERVED, "reserved"), id="to-it"),
        pytest.param(OF_GPTBOT + EVERYBODY, {OWN: RESERVES}, None, (State.SILENT, "silent"), id="to-everybody"),
        pytest.param(OF_GPTBOT + EVERYBODY, {OWN: RESERVES}, "ClaudeBot", (State.SILENT, "silent"), id="to-another"),
        pytest.param(
            OF_ALL + OF_GPTBOT, {"rsl": RESERVES, OWN: PERMITS}, "GPTBot", (State.PERMITTED, "permitted"), id="replaces"
        ),
        pytest.param(
            OF_ALL + OF_GPTBOT, {"rsl": RESERVES, OWN: PERMITS}, None, (State.RESERVED, "reserved"), id="general-stays"
        ),
        pytest.param(
            OF_GPTBOT + EVERYBODY,
            {OWN: Outcome.SERVER_ERROR},
            "GPTBot",
            (State.UNKNOWN, "unseen"),
            id="4.3-not-obtained-is-unknown-to-it",
        ),
        pytest.param(
            OF_GPTBOT + EVERYBODY, {OWN: Outcome.SERVER_ERROR}, None, (State.SILENT, "silent"), id="not-to-everybody"
        ),
    ],
)
def test_whom_a_document_binds(
    robots: str, files: dict[str, bytes | Outcome], agent: str | None, expected: tuple[State, str]
) -> None:
    assert state_of(robots, files, agent) == expected


def test_its_readings_name_the_crawlers_it_was_declared_for() -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    robots = b"User-agent: GPTBot\nUser-agent: CCBot\nLicense: https://a.example/l.xml\nAllow: /\n"
    asked = Exchange("a.example", "robots.txt", "https://a.example/robots.txt", Outcome.OK, at, status=200, body=robots)
    ((role, url),) = declared_documents([asked])
    answered = Exchange("a.example", role, url, Outcome.OK, at, status=200, body=RESERVES)
    stated = {(said.agent, str(said.use), str(said.stance)) for _, said in read(answered) if isinstance(said, Reading)}
    assert {agent for agent, _, _ in stated} == {"ccbot", "gptbot"}
    assert ("ccbot", "train-generative", "reserved") in stated
