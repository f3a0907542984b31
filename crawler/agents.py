"""The registry of crawler tokens: who runs each, what for, since when, on what evidence.

The facts stand in `agents.toml`; what follows from them is worked out here, once.
"""

from __future__ import annotations

import calendar
import difflib
import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from crawler.agents_model import Agent, Effective, Purpose, PurposeToken, Registry, effective
from crawler.errors import OpenwebError
from crawler.vocabulary import Use

__all__ = [
    "Agent",
    "AgentsError",
    "Effective",
    "Purpose",
    "PurposeToken",
    "Registry",
    "effective",
    "load",
    "parse",
]

_RFC9309_TOKEN = re.compile(r"[A-Za-z_-]+")
"""RFC 9309 2.2: `product-token = identifier`, `identifier = 1*(%x2D / %x41-5A / %x5F / %x61-7A)`."""
_PERIOD = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_RESPECTS = ("claimed", "no", "unknown")
_CONFIDENCE = ("sure", "fair", "unsure")
_NEEDED = ("token", "operator", "country", "purposes", "control_only", "respects_robots", "confidence", "sources")
_OPTIONAL = (
    *("announced", "named_since", "retired", "aliases", "related", "studies", "note"),
    *("falls_back_on", "ignores_wildcard", "valid_from", "valid_until"),
)
_LISTS = ("purposes", "sources", "aliases", "related", "studies", "falls_back_on")
_DATES = ("announced", "named_since", "retired", "valid_from", "valid_until")


class AgentsError(OpenwebError):
    """A registry that cannot be used; the message names file, line, agent, key and what was expected."""


@cache
def load() -> Registry:
    """The registry shipped with this version; raises AgentsError if its file is damaged."""
    return parse(resources.files("crawler").joinpath("agents.toml").read_bytes())


def parse(data: bytes, name: str = "agents.toml") -> Registry:
    """The registry written in `data` (TOML, UTF-8); raises AgentsError, whose message starts with `name`."""
    try:
        text = data.decode("utf-8")
        table = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AgentsError(f"{name}: not valid TOML: {error}") from error
    version = table.get("version")
    if not isinstance(version, str):
        raise AgentsError(f'{name}: version = {version!r}: expected a date in quotes, such as version = "2026-11-23"')
    purposes = {key: _purpose(name, key, value) for key, value in _table(name, table, "purposes").items()}
    studies, sources = _table(name, table, "studies"), _table(name, table, "sources")
    rows = table.get("agent", [])
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise AgentsError(f"{name}: no [[agent]] tables; a registry names at least one crawler token")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if re.match(r"\s*\[\[\s*agent\s*\]\]", line)]
    agents: list[Agent] = []
    seen: dict[str, int] = {}
    for position, row in enumerate(rows):
        line = lines[position] if position < len(lines) else 0
        agent = _agent(_Row(f"{name}:{line}: agent {row.get('token')!r}", row), purposes, studies, sources)
        if agent.token in seen and any(_overlap(agent, other) for other in agents if other.token == agent.token):
            raise AgentsError(
                f"{name}:{line}: agent {agent.token!r}: already at line {seen[agent.token]}; keep one, or give both"
                " valid_from and valid_until that do not meet"
            )
        seen[agent.token] = line
        agents.append(agent)
    tokens = {agent.token.casefold() for agent in agents}
    for agent in agents:
        for key, others in (("related", agent.related), ("falls_back_on", agent.falls_back_on)):
            for other in others:
                if other.casefold() not in tokens:
                    raise AgentsError(
                        f"{name}:{seen[agent.token]}: agent {agent.token!r}: {key} {other!r}: no such agent"
                    )
    digest = hashlib.sha256(data).hexdigest()
    named = MappingProxyType(_names(agents))
    return Registry(
        version,
        digest,
        tuple(agents),
        MappingProxyType(purposes),
        MappingProxyType(studies),
        tuple(_purpose_tokens(name, table, purposes)),
        named,
    )


def _overlap(one: Agent, other: Agent) -> bool:
    return (one.valid_from or date.min) <= (other.valid_until or date.max) and (other.valid_from or date.min) <= (
        one.valid_until or date.max
    )


def _purpose_tokens(name: str, table: Mapping[str, Any], purposes: Mapping[str, Purpose]) -> Iterator[PurposeToken]:
    rows = table.get("purpose_token", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise AgentsError(f"{name}: purpose_token: expected [[purpose_token]] tables")
    for position, values in enumerate(rows, 1):
        row = _Row(f"{name}: purpose token {position}", values)
        for key in ("purpose", "since", "standing"):
            if not row.text(key):
                raise row.fail(key, "a string in quotes")
        if (purpose := purposes.get(values["purpose"])) is None:
            raise row.fail("purpose", f"one of {', '.join(purposes)}")
        _last_day(row, "since")
        yield PurposeToken(
            token=row.text("token") or None,
            purpose=purpose.id,
            uses=purpose.uses,
            since=row.text("since"),
            standing=row.text("standing"),
            sources=row.strings("sources"),
            note=row.text("note"),
        )


def _names(agents: list[Agent]) -> dict[str, tuple[Agent, ...]]:
    """Agents by case-folded token; an alias is filed only where no token has that name."""
    names: dict[str, tuple[Agent, ...]] = {}
    for agent in agents:
        key = agent.token.casefold()
        names[key] = (*names.get(key, ()), agent)
    tokens = set(names)
    for agent in agents:
        for alias in {alias.casefold() for alias in agent.aliases} - tokens:
            names[alias] = (*names.get(alias, ()), agent)
    return names


@dataclass(frozen=True, slots=True)
class _Row:
    """One `[[agent]]` table and how to speak of it in an error."""

    where: str
    values: dict[str, Any]

    def fail(self, key: str, expected: str, value: object = None) -> AgentsError:
        shown = self.values.get(key) if value is None else value
        return AgentsError(f"{self.where}: {key} = {shown!r}: expected {expected}")

    def text(self, key: str) -> str:
        value = self.values.get(key, "")
        if not isinstance(value, str):
            raise self.fail(key, "a string in quotes")
        return value

    def one_of(self, key: str, allowed: tuple[str, ...]) -> str:
        if (value := self.text(key)) not in allowed:
            raise self.fail(key, f"one of {', '.join(allowed)}")
        return value

    def strings(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.fail(key, "a list of strings")
        return tuple(value)


def _agent(row: _Row, purposes: Mapping[str, Purpose], studies: Mapping[str, str], sources: Mapping[str, str]) -> Agent:
    for key in row.values:
        if key not in _NEEDED + _OPTIONAL:
            near = difflib.get_close_matches(key, _NEEDED + _OPTIONAL, n=1, cutoff=0.4)
            raise AgentsError(f"{row.where}: {key}: no such key; the nearest known key is {(near or _NEEDED[:1])[0]!r}")
    for key in _NEEDED:
        if row.values.get(key) in (None, "", []):
            raise AgentsError(f"{row.where}: {key} is missing; every agent states {', '.join(_NEEDED)}")
    lists = {key: row.strings(key) for key in _LISTS}
    for key, known in (("purposes", purposes), ("studies", studies)):
        for item in lists[key]:
            if item not in known:
                raise row.fail(key, f"only names from [{key}]: {', '.join(known)}", item)
    if not isinstance(control_only := row.values["control_only"], bool):
        raise row.fail("control_only", "true or false")
    announced = row.text("announced")
    named_since = row.text("named_since")
    ends = {key: _last_day(row, key) for key in _DATES}
    ignores_wildcard = row.values.get("ignores_wildcard", False)
    if not isinstance(ignores_wildcard, bool):
        raise row.fail("ignores_wildcard", "true or false")
    urls = tuple(sources.get(item, item) for item in lists["sources"])
    for url in urls:
        if not re.match(r"https?://[^\s/]+", url):
            raise row.fail("sources", f"web pages, or names from [sources]: {', '.join(sources)}", url)
    return Agent(
        token=row.text("token"),
        operator=row.text("operator"),
        country=row.text("country"),
        purposes=lists["purposes"],
        uses=tuple(dict.fromkeys(use for item in lists["purposes"] for use in purposes[item].uses)),
        control_only=control_only,
        announced=announced or None,
        named_since=named_since or None,
        announced_by=ends["announced"] or ends["named_since"],
        retired=row.text("retired") or None,
        respects_robots=row.one_of("respects_robots", _RESPECTS),
        aliases=lists["aliases"],
        related=lists["related"],
        studies=lists["studies"],
        valid_token=_RFC9309_TOKEN.fullmatch(row.text("token")) is not None,
        confidence=row.one_of("confidence", _CONFIDENCE),
        sources=urls,
        note=row.text("note"),
        falls_back_on=lists["falls_back_on"],
        ignores_wildcard=ignores_wildcard,
        valid_from=_first_day(row, "valid_from"),
        valid_until=ends["valid_until"],
    )


def _first_day(row: _Row, key: str) -> date | None:
    """The first day of the period `key` states, already known to be one."""
    match = _PERIOD.fullmatch(row.text(key))
    return date(int(match[1]), int(match[2] or 1), int(match[3] or 1)) if match else None


def _last_day(row: _Row, key: str) -> date | None:
    """The last day of the year, month or day that `key` states, None where it states nothing."""
    if not (text := row.text(key)):
        return None
    expected = "a year, month or day: 2023, 2023-08 or 2023-08-07"
    if not (match := _PERIOD.fullmatch(text)):
        raise row.fail(key, expected)
    year, month, day = (int(part or 0) for part in match.groups())
    try:
        month = month or 12
        return date(year, month, day or calendar.monthrange(year, month)[1])
    except ValueError as error:
        raise row.fail(key, expected) from error


def _table(name: str, table: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = table.get(key, {})
    wanted = dict if key == "purposes" else str
    if not isinstance(value, dict) or not all(isinstance(item, wanted) for item in value.values()):
        raise AgentsError(f"{name}: [{key}]: expected a table of {'tables' if wanted is dict else 'strings in quotes'}")
    return value


def _purpose(name: str, key: str, value: Mapping[str, Any]) -> Purpose:
    uses, why = value.get("uses"), value.get("why")
    if not isinstance(uses, list) or not isinstance(why, str) or not why:
        raise AgentsError(f'{name}: [purposes.{key}]: expected uses = [...] and why = "one sentence"')
    for use in uses:
        if use not in list(Use):
            raise AgentsError(f"{name}: [purposes.{key}]: uses {use!r}: expected only {', '.join(Use)}")
    return Purpose(key, tuple(Use(use) for use in uses), why)
