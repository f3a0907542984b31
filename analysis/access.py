"""Access of agents to a path: what robots.txt declares, what RFC 9309 makes of how it answered, whom operators obey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.figures import AccessLine
from crawler import agents
from crawler.agents import effective
from crawler.robots import RobotsFile, decide
from crawler.vocabulary import ANYONE, ROLE_ROBOTS, Basis, Outcome

_MEANS: dict[str, tuple[str, str]] = {
    Outcome.ABSENT: ("allowed", "there is no robots.txt (4xx): any path may be fetched (RFC 9309 2.3.1.3)"),
    Outcome.REFUSED: ("allowed", "robots.txt was refused (4xx): RFC 9309 2.3.1.3 lets any path be fetched"),
    Outcome.PAID: ("allowed", "robots.txt asks a price (4xx): RFC 9309 2.3.1.3 lets any path be fetched"),
    Outcome.RATE_LIMITED: (
        "allowed",
        "robots.txt answered 429 (4xx): RFC 9309 2.3.1.3 lets any path be fetched; Google takes it for a server error",
    ),
    Outcome.SERVER_ERROR: ("refused", "robots.txt failed (5xx): complete disallow (RFC 9309 2.3.1.4)"),
    Outcome.UNREACHABLE: ("refused", "robots.txt did not answer: complete disallow (RFC 9309 2.3.1.4)"),
    Outcome.REDIRECT_LIMIT: (
        "allowed",
        "too many redirects: robots.txt may be taken for unavailable (RFC 9309 2.3.1.2)",
    ),
}


def access_lines(
    path: str, file: RobotsFile | None, exchanges: Sequence[Mapping[str, Any]], tokens: Sequence[str]
) -> list[AccessLine]:
    """One line for each of `tokens` (as the registry spells them, or as given), then one for `*`.

    `exchanges` are those of one visit, in order; the last one of robots.txt is what `file` was read from.
    """
    asked = [one for one in exchanges if one["role"] == ROLE_ROBOTS]
    last = asked[-1] if asked else None
    return [_line(token, path, file, last) for token in dict.fromkeys([*tokens, ANYONE])]


def _line(token: str, path: str, file: RobotsFile | None, last: Mapping[str, Any] | None) -> AccessLine:
    url = last["url"] if last else None
    seen = last["fetched_at"] if last else None
    outcome = last["outcome"] if last else Outcome.NOT_ASKED.value
    if file is None or outcome != Outcome.OK:
        told = _MEANS.get(outcome)
        answer, why = told or ("unknown", f"robots.txt: {outcome}")
        declared = "unstated" if outcome == Outcome.ABSENT else "unknown"
        return AccessLine(token, path, declared, answer, answer, None, None, why, url=url, seen_at=seen)
    assert last is not None
    own = decide(file, token, path)
    declared = ("allowed" if own.allowed else "refused") if own.basis is not Basis.DEFAULT else "unstated"
    strict = "allowed" if own.allowed else "refused"
    obeys, by_operator, why = _operator(token, path, file, strict)
    notes = {Basis.EXPLICIT: "its own group", Basis.WILDCARD: "the `*` group", Basis.DEFAULT: "no group holds for it"}
    return AccessLine(
        token,
        path,
        declared,
        strict,
        by_operator,
        obeys,
        own.basis.value,
        "; ".join(filter(None, (notes[own.basis], why))),
        url=url,
        content_sha256=last["body_sha256"],
        line=own.line,
        raw=own.raw,
        seen_at=seen,
    )


def _operator(token: str, path: str, file: RobotsFile, strict: str) -> tuple[str | None, str, str]:
    """The group an operator says its crawler obeys, what follows from it, and the chain it says so of."""
    agent = agents.load().get(token) if token != ANYONE else None
    if agent is None:
        return (ANYONE if ANYONE in file.index else None), strict, ""
    obeyed = effective(agent, file.index)
    chain = " then ".join([agent.token, *agent.falls_back_on, *([] if agent.ignores_wildcard else [ANYONE])])
    told = f"{agent.operator} says it obeys {chain}" if agent.falls_back_on or agent.ignores_wildcard else ""
    if obeyed.token is None:
        return None, "allowed", told
    found = decide(file, obeyed.token, path)
    return obeyed.token, "allowed" if found.allowed else "refused", told
