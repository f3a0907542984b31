"""Visits to rows: hashes every body and header set, finds what is new, has it read, and spools all of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from crawler import classify
from crawler.archive import naive
from crawler.headers import fingerprint, retained
from crawler.ingest_read import Batches, Content, Readers, seldom_collected
from crawler.ingest_spool import Row, Spool
from crawler.records import Exchange, Headers, Reject, Visit
from crawler.settings import Politeness
from crawler.signals import readers_of
from crawler.vocabulary import ROLE_CONTROL, ROLE_ROBOTS, Outcome, Part, media_like, page_like

CHUNK_BYTES = 64 * 1024 * 1024
CHUNK_CONTENTS = 5_000
"""How much is gathered before the archive is asked what of it is new and the rest is read."""

LATE = "body:late"
"""The spool's name for bodies whose bytes the archive, or an earlier row of this portion, lacks."""

_CAPS = Politeness()

Key = tuple[str, str, str]
"""Role, part and hash of a content."""


class Known(NamedTuple):
    """What an archive has: the readers that have read a content, and of a body whether its bytes are held."""

    readers: dict[Key, frozenset[str]]
    bodies: dict[str, bool]


class _Body(NamedTuple):
    data: bytes | None
    size: int
    truncated: bool

    @property
    def kept(self) -> bool:
        return self.data is not None


def gather(
    visits: Iterable[tuple[str, Visit]],
    spool: Spool,
    known: Callable[[list[Key], list[str]], Known],
    *,
    keep_pages: bool,
    workers: int | None,
) -> list[Reject]:
    """Spool the rows of `visits`; `known` says of contents and bodies which the archive has. Bounded memory.

    Returns the visits that cannot be taken.
    """
    gatherer = _Gatherer(spool, known, keep_pages, Readers(workers))
    with seldom_collected():
        for snapshot_id, visit in visits:
            gatherer.visit(snapshot_id, visit)
        gatherer.finish()
    return gatherer.rejects


class _Gatherer:
    def __init__(
        self, spool: Spool, known: Callable[[list[Key], list[str]], Known], keep_pages: bool, readers: Readers
    ) -> None:
        self.spool, self.known, self.keep_pages, self.readers = spool, known, keep_pages, readers
        self.rejects: list[Reject] = []
        self.visited: set[tuple[str, str]] = set()
        self.seq = 0
        # What this portion has handed on already: contents, header sets, evidence, and bodies with or without bytes.
        self.asked: dict[Key, frozenset[str]] = {}
        self.seen_sets: set[str] = set()
        self.seen_evidence: dict[tuple[Row, ...], int] = {}
        self.handed: dict[str, bool] = {}
        self.contents: dict[Key, tuple[frozenset[str], bytes | Headers]] = {}
        self.bodies: dict[str, _Body] = {}
        self.size = 0

    def visit(self, snapshot_id: str, visit: Visit) -> None:
        """Rows of one visit; of two visits of a site in a snapshot the first is taken, the other rejected."""
        visit = classify.unmask(visit)
        if not visit.exchanges or (snapshot_id, visit.site) in self.visited:
            place = f"visit at {visit.started_at.isoformat()}"
            twice = f"already visited in snapshot {snapshot_id} in this portion"
            self.rejects.append(Reject(place, twice if visit.exchanges else "a visit without an exchange", visit.site))
            return
        self.visited.add((snapshot_id, visit.site))
        picture: dict[str, Row] = {}
        for exchange in visit.exchanges:
            cut = _cut(exchange)
            body_sha = self._body(cut) if classify.stores_body(cut) else None
            set_sha = self._header_set(cut) if cut.headers else None
            self._exchange(snapshot_id, visit.site, cut, body_sha, set_sha)
            # A later exchange of a role replaces an earlier one: http after https, the next hop after a redirect.
            picture[cut.role] = (cut.role, cut.outcome.value, _status(cut), body_sha, set_sha, cut.truncated)
        evidence_id = self._evidence(picture)
        times = (naive(visit.started_at), naive(visit.ended_at))
        row = (snapshot_id, visit.site, evidence_id, visit.basis.value, snapshot_id, 0, *times)
        self.spool.add("visit", row)
        if self.size >= CHUNK_BYTES or len(self.contents) + len(self.bodies) >= CHUNK_CONTENTS:
            self._flush()

    def finish(self) -> None:
        """Have the rest read."""
        self._flush()
        for batches in self.readers.rest():
            self._spool(batches)

    def _exchange(
        self, snapshot_id: str, site: str, exchange: Exchange, body_sha: str | None, set_sha: str | None
    ) -> None:
        etag = modified = None
        if exchange.headers:
            etag, modified = (next(iter(exchange.header(name)), None) for name in ("etag", "last-modified"))
        who = (0, self.seq, snapshot_id, site, exchange.role, exchange.hop, exchange.url, exchange.outcome.value)
        how = (_status(exchange), exchange.detail, naive(exchange.fetched_at), exchange.elapsed_ms, exchange.ip)
        since = naive(exchange.unchanged_since) if exchange.unchanged_since is not None else None
        what = (body_sha, set_sha, exchange.truncated, exchange.redirect_to, etag, modified, since)
        self.spool.add("exchange", (*who, *how, *what))
        self.seq += 1

    def _body(self, exchange: Exchange) -> str:
        body = exchange.body or b""
        digest = hashlib.sha256(body).hexdigest()
        kept = self.keep_pages or not (page_like(exchange.role) or media_like(exchange.role))
        waiting = self.bodies.get(digest)
        handed = self.handed.get(digest, False) or (waiting is not None and waiting.kept)
        if (waiting is None and digest not in self.handed) or (kept and not handed):
            self.bodies[digest] = _Body(body if kept else None, len(body), exchange.truncated)
            self.size += len(body) if kept else 0
        self._content(exchange, Part.BODY, digest, body)
        return digest

    def _header_set(self, exchange: Exchange) -> str:
        kept = retained(exchange.headers)
        digest = fingerprint(kept)
        if digest not in self.seen_sets:
            self.seen_sets.add(digest)
            for ordinal, (name, value) in enumerate(kept):
                self.spool.add("header_set", (digest, ordinal, name, value), len(value))
        self._content(exchange, Part.HEADERS, digest, kept)
        return digest

    def _content(self, exchange: Exchange, part: Part, digest: str, data: bytes | Headers) -> None:
        """Have a part read by the signals of its role and outcome, unless this portion has asked for that already."""
        if exchange.redirect_to is not None:
            return
        key = (exchange.role, part.value, digest)
        wanted = _readers(exchange.role, part, exchange.outcome) - self.asked.get(key, frozenset())
        if wanted:
            self.asked[key] = self.asked.get(key, frozenset()) | wanted
            waiting, _ = self.contents.get(key, (frozenset(), data))
            self.contents[key] = (waiting | wanted, data)
            self.size += len(data)

    def _evidence(self, picture: dict[str, Row]) -> int:
        rows = tuple(sorted(picture.values(), key=lambda row: str(row[0])))
        evidence_id = self.seen_evidence.get(rows)
        if evidence_id is None:
            digest = hashlib.sha256(json.dumps(rows, ensure_ascii=True).encode("ascii")).digest()
            evidence_id = self.seen_evidence[rows] = int.from_bytes(digest[:8], "big", signed=True)
            for row in rows:
                self.spool.add("evidence", (evidence_id, *row))
        return evidence_id

    def _flush(self) -> None:
        """Spool the bodies and have the contents read that the archive does not know."""
        if not self.contents and not self.bodies:
            return
        known = self.known(list(self.contents), list(self.bodies))
        for digest, body in self.bodies.items():
            row = (digest, body.size, body.truncated, body.data)
            if digest not in self.handed and digest not in known.bodies:
                self.spool.add("body", row, len(body.data or b""))
            elif body.kept and not known.bodies.get(digest, False):
                self.spool.add(LATE, row, len(body.data or b""))
            self.handed[digest] = body.kept
        for batches in self.readers.read(list(self._unread(known))):
            self._spool(batches)
        self.contents, self.bodies, self.size = {}, {}, 0

    def _spool(self, batches: Batches) -> None:
        for table, batch in batches.items():
            self.spool.extend(table, batch)

    def _unread(self, known: Known) -> Iterator[Content]:
        for key, (wanted, data) in self.contents.items():
            role, part, digest = key
            if readers := wanted - known.readers.get(key, frozenset()):
                yield Content(role, Part(part), digest, data, readers)


@cache
def _readers(role: str, part: Part, outcome: Outcome) -> frozenset[str]:
    return frozenset(filter(None, readers_of(role, part, outcome).split(",")))


def _cut(exchange: Exchange) -> Exchange:
    """The exchange with its body cut at the cap of its kind; media files have been held to theirs when asked."""
    if media_like(exchange.role):
        return exchange
    received = len(exchange.body or b"")
    cap = _CAPS.page_bytes if page_like(exchange.role) or exchange.role == ROLE_CONTROL else _CAPS.policy_file_bytes
    if exchange.body is None or received <= cap:
        return exchange
    cut = replace(exchange, body=exchange.body[:cap], truncated=True)
    whole = not page_like(exchange.role) and exchange.role not in (ROLE_CONTROL, ROLE_ROBOTS)
    if exchange.outcome is Outcome.OK and whole:
        # Half a JSON or XML file is no file; of robots.txt the first part counts (RFC 9309 2.5).
        cut = replace(cut, outcome=Outcome.OVERSIZE, detail=f"{received} bytes, more than {cap}")
    return cut


def _status(exchange: Exchange) -> int | None:
    """The status code, None for a number that is none (a server may send anything there)."""
    return exchange.status if exchange.status is not None and 0 <= exchange.status <= 999 else None
