"""The invented web read into frozen records, and what any of its hosts answers in any of its months.

The language of the files is explained at the top of `world.toml`. Months are written `YYYY-MM` and compare as text.
"""

from __future__ import annotations

import html
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from string import Template
from types import MappingProxyType

from crawler.errors import OpenwebError
from crawler.records import Headers

ROBOTS_PATH = "/robots.txt"
_BOM = {"utf-8": b"", "utf-8-sig": b"\xef\xbb\xbf", "utf-16": b"\xff\xfe"}
_CODEC = {"utf-8": "utf-8", "utf-8-sig": "utf-8", "utf-16": "utf-16-le"}
ENCODINGS = tuple(_CODEC)
_TYPES = {".json": "application/json", ".txt": "text/plain; charset=utf-8"}


class WorldError(OpenwebError):
    """A file of the miniature web that cannot be used; the message names file, site, diary entry and key."""


class Behaviour(StrEnum):
    """What the server does with a request: answer it, tear the connection down, or keep silent."""

    ANSWER = "answer"
    RESET = "reset"
    HANG = "hang"


class Transport(StrEnum):
    """The only scheme a site answers; the port of the other one is closed."""

    HTTP = "http"
    HTTPS = "https"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one path of one host answers; status, headers and body mean nothing unless `behaviour` is `answer`."""

    status: int
    headers: Headers
    body: bytes
    behaviour: Behaviour = Behaviour.ANSWER


@dataclass(frozen=True, slots=True)
class Spec:
    """An answer as a diary writes it: a page of the site (with what is added to it), a body, or a redirect."""

    status: int = 200
    headers: Headers = ()
    body: str = ""
    page: bool = False
    head: str = ""
    main: str = ""
    foot: str = ""
    to: str | None = None
    encoding: str = "utf-8"
    crlf: bool = False
    pad_to: int = 0
    behaviour: Behaviour = Behaviour.ANSWER


@dataclass(frozen=True, slots=True)
class Span:
    """The months something holds, both ends included; `until` None means to the end of the year."""

    first: str
    until: str | None

    def holds(self, month: str) -> bool:
        """Whether `month` lies in the span."""
        return self.first <= month and (self.until is None or month <= self.until)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a site's diary; None where it says nothing about a thing."""

    span: Span
    note: str
    paths: Mapping[str, Spec]
    everything: Spec | None = None
    managed: bool | None = None
    untrusted: bool | None = None


@dataclass(frozen=True, slots=True)
class Face:
    """A site as it is in one month: the diary entries that hold, laid over one another."""

    paths: Mapping[str, Spec]
    everything: Spec | None
    managed: bool
    untrusted: bool


@dataclass(frozen=True, slots=True)
class Site:
    """One invented site; `listed` False keeps it out of the study's frame, `cdn` names the network in front of it."""

    host: str
    name: str
    kind: str
    country: str
    about: str
    text: tuple[str, ...]
    lang: str
    transport: Transport
    cdn: str | None
    listed: bool
    diary: tuple[Entry, ...]

    def face(self, month: str) -> Face:
        """The site as it is in `month`; later entries replace earlier ones key by key."""
        held = [entry for entry in self.diary if entry.span.holds(month)]
        paths: dict[str, Spec] = {}
        for entry in held:
            paths |= entry.paths
        return Face(
            MappingProxyType(paths),
            next((entry.everything for entry in reversed(held) if entry.everything is not None), None),
            next((entry.managed for entry in reversed(held) if entry.managed is not None), True),
            next((entry.untrusted for entry in reversed(held) if entry.untrusted is not None), False),
        )


@dataclass(frozen=True, slots=True)
class Block:
    """A managed robots.txt as a network writes it in a span of months."""

    span: Span
    note: str
    robots: str


@dataclass(frozen=True, slots=True)
class Network:
    """A content delivery network and the diary of the robots.txt it puts in front of its customers' own."""

    id: str
    name: str
    diary: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens in the year, in a sentence, with the sites it happens to."""

    id: str
    on: date
    sites: tuple[str, ...]
    sentence: str


@dataclass(frozen=True)
class World:
    """The whole invented web; `states` are the days on which it is looked at, one a month."""

    states: tuple[date, ...]
    kinds: Mapping[str, str]
    texts: Mapping[str, str]
    networks: Mapping[str, Network]
    sites: tuple[Site, ...]
    events: tuple[Event, ...]
    _faces: dict[tuple[str, str], Face] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def months(self) -> tuple[str, ...]:
        """The months of the year, `YYYY-MM`, in order."""
        return tuple(day.strftime("%Y-%m") for day in self.states)

    @cached_property
    def listed(self) -> tuple[Site, ...]:
        """The sites of the study's frame."""
        return tuple(site for site in self.sites if site.listed)

    @cached_property
    def by_host(self) -> Mapping[str, Site]:
        """Every site by host."""
        return MappingProxyType({site.host: site for site in self.sites})

    def face(self, host: str, month: str) -> Face:
        """`host` as it is in `month`; raises WorldError for a host or month there is not."""
        if (face := self._faces.get((host, month))) is not None:
            return face
        if month not in self.months:
            raise WorldError(f"{month}: no such month; there are {self.months[0]} to {self.months[-1]}")
        if (site := self.by_host.get(host)) is None:
            raise WorldError(f"{host}: no such site in the miniature web")
        return self._faces.setdefault((host, month), site.face(month))

    def answer(self, host: str, path: str, month: str) -> Answer:
        """What `host` answers to `path` (with its query, if any) in `month`; pure. Raises WorldError as `face` does."""
        face, site = self.face(host, month), self.by_host[host]
        bare = path.partition("?")[0]
        spec = face.everything or face.paths.get(bare) or (Spec(page=True) if bare == "/" else None)
        answer = self._lost(site) if spec is None else self._told(site, spec, path)
        if bare == ROBOTS_PATH and answer.behaviour is Behaviour.ANSWER and (block := self._block(site, month, face)):
            return _managed(answer, block)
        return answer

    def _block(self, site: Site, month: str, face: Face) -> str | None:
        if site.cdn is None or not face.managed:
            return None
        held = [block.robots for block in self.networks[site.cdn].diary if block.span.holds(month)]
        return held[-1] if held else None

    def _lost(self, site: Site) -> Answer:
        page = Template(self.texts["lost"]).substitute(name=html.escape(site.name))
        return Answer(404, (("Content-Type", "text/html; charset=utf-8"),), page.encode())

    def _told(self, site: Site, spec: Spec, path: str) -> Answer:
        headers = list(spec.headers)
        if spec.to is not None:
            place = spec.to.removesuffix("*") + path.removeprefix("/") if spec.to.endswith("*") else spec.to
            headers.append(("Location", place))
        body = self._page(site, spec) if spec.page else spec.body
        if body and not any(name.lower() == "content-type" for name, _ in headers):
            plain = _TYPES.get(posixpath.splitext(path.partition("?")[0])[1])
            headers.append(("Content-Type", (not spec.page and plain) or "text/html; charset=utf-8"))
        return Answer(spec.status, tuple(headers), _encoded(body, spec), spec.behaviour)

    def _page(self, site: Site, spec: Spec) -> str:
        return Template(self.texts["page"]).substitute(
            lang=site.lang,
            title=html.escape(site.name),
            name=html.escape(site.name),
            about=html.escape(site.about),
            kind=site.kind.replace("-", " "),
            paragraphs="\n".join(f"<p>{html.escape(text, quote=False)}</p>" for text in site.text),
            head=_lines(spec.head),
            main=_lines(spec.main),
            foot=_lines(spec.foot),
        )


def _lines(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"


def _encoded(body: str, spec: Spec) -> bytes:
    if len(body) < spec.pad_to:
        line = "# generated from the table of contents, which is generated from this file\n"
        body += line * (1 + (spec.pad_to - len(body)) // len(line))
    if spec.crlf:
        body = body.replace("\n", "\r\n")
    return _BOM[spec.encoding] + body.encode(_CODEC[spec.encoding])


def _managed(answer: Answer, block: str) -> Answer:
    """The network's block before the site's own file when that answers 200, alone when there is none."""
    if answer.status == 200:
        return Answer(200, answer.headers, block.encode() + answer.body)
    if answer.status == 404:
        return Answer(200, (("Content-Type", _TYPES[".txt"]),), block.encode())
    return answer
