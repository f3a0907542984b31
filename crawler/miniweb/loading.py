"""The TOML files of the miniature web read into a `World`, every key checked, with errors that name the place."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, TypeVar

from crawler.miniweb.world import (
    ENCODINGS,
    Behaviour,
    Block,
    Entry,
    Event,
    Network,
    Site,
    Span,
    Spec,
    Transport,
    World,
    WorldError,
)

E = TypeVar("E", bound=StrEnum)

FEWEST = 40
"""Listed sites a world has at least."""
_HOST = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\.example")
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+: \S.*")
_PATH = re.compile(r"/[^?#\s]*")
_ADDED_KEYS = ("head", "main", "foot")
_ANSWER_KEYS = ("status", "headers", "body", "page", "to", "encoding", "newlines", "pad_to", "behaviour", *_ADDED_KEYS)
_ENTRY_KEYS = ("from", "until", "note", "all", "managed", "certificate")
_SITE_KEYS = ("host", "name", "kind", "country", "about", "text", "lang", "transport", "cdn", "listed", "diary")
_WORLD_KEYS = ("states", "kind", "text", "cdn", "event")


@dataclass(frozen=True, slots=True)
class Table:
    """One TOML table and how to speak of it in an error; its methods raise WorldError for a value of another kind."""

    where: str
    values: Mapping[str, Any]

    def fail(self, key: str, expected: str) -> WorldError:
        """An error about the value of `key`."""
        return WorldError(f"{self.where}: {key} = {self.values.get(key)!r}: expected {expected}")

    def only(self, *known: str, paths: bool = False) -> None:
        """Refuse every key that is not `known` (nor, with `paths`, a path)."""
        for key in self.values:
            if key not in known and not (paths and _PATH.fullmatch(key)):
                near = difflib.get_close_matches(key, known, n=1, cutoff=0.4)
                hint = f"the nearest known key is {near[0]!r}" if near else f"known keys: {', '.join(known)}"
                raise WorldError(f"{self.where}: {key}: no such key; {hint}")

    def text(self, key: str, default: str | None = None) -> str:
        """A text, not empty unless there is a default."""
        value = self.values.get(key, default)
        if not isinstance(value, str) or (default is None and not value):
            raise self.fail(key, "a text")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        if not isinstance(value := self.values.get(key, default), bool):
            raise self.fail(key, "true or false")
        return value

    def number(self, key: str, default: int) -> int:
        """A whole number from 0 up."""
        value = self.values.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.fail(key, "a whole number")
        return value

    def strings(self, key: str) -> tuple[str, ...]:
        """A list of texts, empty where it is not given."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.fail(key, "a list of texts")
        return tuple(value)

    def tables(self, key: str) -> Iterator[Table]:
        """The tables of an array of tables, each knowing its place."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.fail(key, f"[[{key}]] tables")
        for number, item in enumerate(value, 1):
            yield Table(f"{self.where}: {key} {number}", item)

    def word(self, key: str, words: type[E], default: E) -> E:
        """One word of an enumeration."""
        value = self.values.get(key, default)
        if value not in list(words):
            raise self.fail(key, f"one of {', '.join(words)}")
        return words(value)

    def span(self, months: Sequence[str]) -> Span:
        """`from` and `until`, both months of the year."""
        for key in ("from", "until"):
            if (key == "from" or key in self.values) and self.values.get(key) not in months:
                raise self.fail(key, f"a month from {months[0]} to {months[-1]}")
        span = Span(self.text("from"), self.values.get("until"))
        if span.until is not None and span.until < span.first:
            raise self.fail("until", f"a month from {span.first} on")
        return span


@cache
def load() -> World:
    """The miniature web shipped with this version; raises WorldError if one of its files is damaged."""
    folder = resources.files("crawler") / "miniweb"
    sites = {
        f"sites/{file.name}": file.read_text(encoding="utf-8")
        for file in sorted((folder / "sites").iterdir(), key=lambda file: file.name)
        if file.name.endswith(".toml")
    }
    return parse((folder / "world.toml").read_text(encoding="utf-8"), sites)


def parse(world: str, sites: Mapping[str, str]) -> World:
    """The world written in the text of `world.toml` and of the files of sites by name; raises WorldError."""
    top = Table("world.toml", toml("world.toml", world))
    top.only(*_WORLD_KEYS)
    states = top.values.get("states")
    if not isinstance(states, list) or not states or not all(type(day) is date for day in states):
        raise top.fail("states", "a list of days")
    months = [day.strftime("%Y-%m") for day in states]
    if sorted(set(months)) != months:
        raise top.fail("states", "one day a month, in order")
    kinds, texts = (_strings(top, key) for key in ("kind", "text"))
    for name in ("page", "lost"):
        if name not in texts:
            raise WorldError(f"world.toml: text.{name} is missing; it is the page that every site is dressed in")
    networks = {network.id: network for network in (_network(table, months) for table in top.tables("cdn"))}
    found: dict[str, Site] = {}
    for name, text in sites.items():
        file = Table(name, toml(name, text))
        file.only("site")
        for table in file.tables("site"):
            site = _Reader(texts, months).site(table)
            if site.host in found:
                raise WorldError(f"{table.where}: host = {site.host!r}: already taken; a host is one site")
            if site.kind not in kinds:
                raise table.fail("kind", f"one of [kind]: {', '.join(kinds)}")
            if site.cdn is not None and site.cdn not in networks:
                raise table.fail("cdn", f"one of [[cdn]]: {', '.join(networks) or 'there are none'}")
            found[site.host] = site
    listed = sum(site.listed for site in found.values())
    if listed < FEWEST:
        raise WorldError(f"world.toml: {listed} listed sites; a miniature web has at least {FEWEST}")
    events = tuple(_event(table, states, found) for table in top.tables("event"))
    if len({event.id for event in events}) < len(events):
        raise WorldError("world.toml: two events have one id")
    return World(
        tuple(states),
        MappingProxyType(kinds),
        MappingProxyType(texts),
        MappingProxyType(networks),
        tuple(found.values()),
        events,
    )


def toml(name: str, text: str) -> dict[str, Any]:
    """The tables of a TOML text; raises WorldError, whose message starts with `name`."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WorldError(f"{name}: not valid TOML: {error}; mend that place") from error


def _strings(top: Table, key: str) -> dict[str, str]:
    value = top.values.get(key, {})
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise top.fail(key, "a table of texts")
    return value


def _network(table: Table, months: Sequence[str]) -> Network:
    table.only("id", "name", "diary")
    diary = []
    for entry in table.tables("diary"):
        entry.only("from", "until", "note", "robots")
        diary.append(Block(entry.span(months), entry.text("note"), entry.text("robots")))
    return Network(table.text("id"), table.text("name"), tuple(diary))


def _event(table: Table, states: Sequence[date], sites: Mapping[str, Site]) -> Event:
    table.only("id", "on", "sites", "sentence")
    on = table.values.get("on")
    if type(on) is not date or on not in states:
        raise table.fail("on", "one of the states")
    hosts = table.strings("sites")
    if not hosts or not set(hosts) <= set(sites):
        raise table.fail("sites", "hosts of sites that exist")
    return Event(table.text("id"), on, hosts, table.text("sentence"))


@dataclass(frozen=True, slots=True)
class _Reader:
    """What the sites' files are read against: the shared texts and the months there are."""

    texts: Mapping[str, str]
    months: Sequence[str]

    def site(self, table: Table) -> Site:
        host = table.text("host")
        table = Table(f"{table.where} ({host})", table.values)
        table.only(*_SITE_KEYS)
        if not _HOST.fullmatch(host):
            raise table.fail("host", "a lower-case name under .example (RFC 2606)")
        diary = tuple(self._entry(entry) for entry in table.tables("diary"))
        if not diary or diary[0].span != Span(self.months[0], None):
            raise WorldError(f"{table.where}: the diary begins with an entry from {self.months[0]} that has no end")
        return Site(
            host=host,
            name=table.text("name"),
            kind=table.text("kind"),
            country=table.text("country"),
            about=table.text("about"),
            text=table.strings("text"),
            lang=table.text("lang", "en"),
            transport=table.word("transport", Transport, Transport.HTTP),
            cdn=table.text("cdn", "") or None,
            listed=table.flag("listed", default=True),
            diary=diary,
        )

    def _entry(self, table: Table) -> Entry:
        table.only(*_ENTRY_KEYS, paths=True)
        paths = {path: self._spec(table, path) for path in table.values if path.startswith("/")}
        if table.values.get("certificate", "untrusted") != "untrusted":
            raise table.fail("certificate", '"untrusted"')
        return Entry(
            span=table.span(self.months),
            note=table.text("note"),
            paths=MappingProxyType(paths),
            everything=self._spec(table, "all") if "all" in table.values else None,
            managed=table.flag("managed", default=True) if "managed" in table.values else None,
            untrusted=True if "certificate" in table.values else None,
        )

    def _spec(self, table: Table, path: str) -> Spec:
        value = table.values[path]
        if isinstance(value, (str, list)):
            return Spec(body=self._body(Table(table.where, {path: value}), path))
        if not isinstance(value, dict):
            raise table.fail(path, "a text, a list of texts or a table")
        answer = Table(f"{table.where}: {path}", value)
        answer.only(*_ANSWER_KEYS)
        for line in answer.strings("headers"):
            if not _HEADER.fullmatch(line):
                raise answer.fail("headers", 'lines "Name: value"')
        if (encoding := answer.text("encoding", "utf-8")) not in ENCODINGS:
            raise answer.fail("encoding", f"one of {', '.join(ENCODINGS)}")
        if (newlines := answer.text("newlines", "")) not in ("", "crlf"):
            raise answer.fail("newlines", '"crlf"')
        written = {"body", "to", "behaviour"} & value.keys()
        page = answer.flag("page", default=path == "/" and not written)
        if len(written) + page != 1:
            raise WorldError(f"{answer.where}: expected one of body, to, behaviour, or page = true")
        if not page and any(key in value for key in _ADDED_KEYS):
            raise WorldError(f"{answer.where}: {', '.join(_ADDED_KEYS)} are added to a page; this is none")
        return Spec(
            status=answer.number("status", 302 if "to" in value else 200),
            headers=tuple((name, text) for name, _, text in (s.partition(": ") for s in answer.strings("headers"))),
            body=self._body(answer, "body") if "body" in value else "",
            page=page,
            head=answer.text("head", ""),
            main=answer.text("main", ""),
            foot=answer.text("foot", ""),
            to=answer.text("to") if "to" in value else None,
            encoding=encoding,
            crlf=newlines == "crlf",
            pad_to=answer.number("pad_to", 0),
            behaviour=answer.word("behaviour", Behaviour, Behaviour.ANSWER),
        )

    def _body(self, table: Table, key: str) -> str:
        value = table.values[key]
        parts = table.strings(key) if isinstance(value, list) else (table.text(key),)
        return "".join(self._resolved(table, key, part) for part in parts)

    def _resolved(self, table: Table, key: str, part: str) -> str:
        if not part.startswith("@"):
            return part
        if part[1:] not in self.texts:
            raise table.fail(key, f"a text, or @ and the name of one: {', '.join(self.texts)}")
        return self.texts[part[1:]]
