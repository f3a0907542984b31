"""What an audit of the miniature web should find, as `expected.toml` says it by hand, in frozen records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TypeVar

from crawler.miniweb.loading import Table, load, toml
from crawler.miniweb.world import Span, World, WorldError
from crawler.vocabulary import Cause, Outcome, Provenance, State, Strength, Subject, Use

S = TypeVar("S", bound=StrEnum)

ANY = "any"
EVERY = "every"
_GROUPS: Mapping[str, tuple[Use, ...]] = {
    "train": (Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER),
    **{use.value: (use,) for use in Use},
}
_SEEN_KEYS = (
    *("from", "until", "robots", "page", "refuses", "closed", "licences", "strict", "strength", "because"),
    *(EVERY, *_GROUPS),
)
_CHANGE_KEYS = ("event", "on", "sites", "uses", "before", "after", "cause", "provenance", "together")


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen of one site in a run of months; `page` None where the specifications leave its outcome open.

    `states` and `strict` have every use, `strength` those worth saying. `refuses` are lower-case tokens refused the
    front page by name, `closed` whether every token that is not named is. `licences` are (SPDX id, subject).
    """

    span: Span
    robots: Outcome
    page: Outcome | None
    refuses: frozenset[str]
    closed: bool
    licences: frozenset[tuple[str, Subject]]
    states: Mapping[Use, State]
    strict: Mapping[Use, State]
    strength: Mapping[Use, Strength]
    because: str


@dataclass(frozen=True, slots=True)
class Change:
    """One verdict that differs from the month before; `provenance` and `together` where they are worth saying."""

    event: str
    month: str
    site: str
    use: Use
    before: State
    after: State
    cause: Cause
    provenance: Provenance | None
    together: int | None


@dataclass(frozen=True, slots=True)
class Expected:
    """Every listed site in every month, and every change between two months in the order of the file."""

    sites: Mapping[str, tuple[Seen, ...]]
    changes: tuple[Change, ...]

    def seen(self, host: str, month: str) -> Seen:
        """What is seen of `host` in `month`."""
        return next(seen for seen in self.sites[host] if seen.span.holds(month))


@cache
def expected() -> Expected:
    """The expectation shipped with the world; raises WorldError if its file is damaged."""
    return parse((resources.files("crawler") / "miniweb" / "expected.toml").read_text(encoding="utf-8"), load())


def parse(text: str, world: World) -> Expected:
    """The expectation written in `text`; raises WorldError unless it has every listed site in every month once."""
    top = Table("expected.toml", toml("expected.toml", text))
    top.only("site", "change")
    sites: dict[str, tuple[Seen, ...]] = {}
    for table in top.tables("site"):
        table.only("host", "hosts", "seen")
        hosts = table.strings("hosts") or (table.text("host"),)
        seen = tuple(_seen(run, world.months) for run in table.tables("seen"))
        for month in world.months:
            if (runs := sum(run.span.holds(month) for run in seen)) != 1:
                raise WorldError(f"{table.where} ({hosts[0]}): {month} is in {runs} runs of months; expected one")
        for host in hosts:
            if host in sites:
                raise table.fail("host", f"a site that is not written yet; {host} is")
            sites[host] = seen
    if wrong := sites.keys() ^ {site.host for site in world.listed}:
        raise WorldError(f"expected.toml: {', '.join(sorted(wrong))}: listed in the world or expected, but not both")
    changes = tuple(change for table in top.tables("change") for change in _changes(table, world))
    return Expected(MappingProxyType(sites), changes)


def _seen(table: Table, months: Sequence[str]) -> Seen:
    table.only(*_SEEN_KEYS)
    page = None if table.values.get("page") == ANY else table.word("page", Outcome, Outcome.OK)
    default = table.word(EVERY, State, State.SILENT)
    states = dict.fromkeys(Use, default) | dict(_by_use(table, State))
    strict = states | dict(_by_use(_inner(table, "strict"), State))
    return Seen(
        span=table.span(months),
        robots=table.word("robots", Outcome, Outcome.OK),
        page=page,
        refuses=frozenset(token.lower() for token in table.strings("refuses")),
        closed=table.flag("closed", default=False),
        licences=frozenset(_licence(table, text) for text in table.strings("licences")),
        states=MappingProxyType(states),
        strict=MappingProxyType(strict),
        strength=MappingProxyType(dict(_by_use(_inner(table, "strength"), Strength))),
        because=table.text("because", ""),
    )


def _inner(table: Table, key: str) -> Table:
    value = table.values.get(key, {})
    if not isinstance(value, dict):
        raise table.fail(key, "a table of uses")
    inner = Table(f"{table.where}: {key}", value)
    inner.only(*_GROUPS)
    return inner


def _by_use(table: Table, words: type[S]) -> Iterator[tuple[Use, S]]:
    for key, uses in _GROUPS.items():
        if key in table.values:
            for use in uses:
                yield use, table.word(key, words, next(iter(words)))


def _licence(table: Table, text: str) -> tuple[str, Subject]:
    spdx, of, subject = text.partition(" of ")
    if not of or subject not in list(Subject):
        raise table.fail("licences", f'lines "SPDX-ID of SUBJECT", subject one of {", ".join(Subject)}')
    return spdx, Subject(subject)


def _changes(table: Table, world: World) -> Iterator[Change]:
    table.only(*_CHANGE_KEYS)
    event = next((event for event in world.events if event.id == table.values.get("event")), None)
    if event is None:
        raise table.fail("event", "the id of an event of the world")
    if (month := table.values.get("on")) not in world.months:
        raise table.fail("on", f"a month from {world.months[0]} to {world.months[-1]}")
    hosts = table.strings("sites")
    if not hosts or not set(hosts) <= set(event.sites):
        raise table.fail("sites", f"sites of the event: {', '.join(event.sites)}")
    for key in ("before", "after", "cause"):
        table.text(key)
    uses: list[Use] = []
    for name in table.strings("uses"):
        if name != EVERY and name not in _GROUPS:
            raise table.fail("uses", f"a list of {', '.join((EVERY, *_GROUPS))}")
        uses.extend(Use if name == EVERY else _GROUPS[name])
    for host in hosts:
        for use in uses:
            yield Change(
                event=event.id,
                month=month,
                site=host,
                use=use,
                before=table.word("before", State, State.SILENT),
                after=table.word("after", State, State.SILENT),
                cause=table.word("cause", Cause, Cause.SITE_CHANGED),
                provenance=table.word("provenance", Provenance, Provenance.ORIGIN)
                if "provenance" in table.values
                else None,
                together=table.number("together", 0) or None,
            )
