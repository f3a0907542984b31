"""WARC files as portions: our own segments in full, anybody's by what their URLs say about them."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

from crawler.classify import outcome_of
from crawler.errors import InputError
from crawler.frame import Frame, host_key
from crawler.frame_formats import FrameError
from crawler.ingest import Portion
from crawler.records import Exchange, Headers, Reject, Snapshot, Visit
from crawler.settings import Politeness
from crawler.signals import PROBES
from crawler.sources.wacz import is_wacz, unpacked
from crawler.spool import FRAME_FILE, SNAPSHOT_FIELD, SpoolError, read_frame_copy, snapshot_of
from crawler.vocabulary import ROLE_PAGE, ROLE_ROBOTS, Outcome
from crawler.warc import EXCHANGE_FIELD, VISIT_FIELD, decode_exchange, decode_visit_end, restored, split_http
from crawler.warc_reader import Record, read_records

_EXCHANGE = EXCHANGE_FIELD.lower()
_VISIT = VISIT_FIELD.lower()
_CAPS = Politeness()
_ROLES = {"/robots.txt": ROLE_ROBOTS, **{path: role for role, path in PROBES.items()}}
_MOST_HELD = 128 * 1024 * 1024
"""Octets of payloads remembered for the revisit records that may follow."""


def portions(path: Path) -> Iterator[Portion]:
    """The one portion of a WARC or ARC file, or of each in a WACZ; raises InputError when it cannot be opened.

    One of our own segments gives its snapshot, frame (where its copy lies beside it) and visits as they were. Any
    other file gives a snapshot a month of capture and a visit a site and month: robots.txt, the probes, and HTML at
    the root path. What cannot be read becomes a Reject, known once the visits have been drawn.
    """
    if is_wacz(path):
        for member in unpacked(path):
            yield from portions(member)
        return
    rejects: list[Reject] = []
    name, sha256 = path.name, _sha256(path)
    snapshot = _own_snapshot(path)
    if snapshot is not None:
        frames = tuple(_frame_beside(path, snapshot, rejects))
        visits = ((snapshot.id, visit) for visit in read_visits(path, rejects))
        yield Portion(sha256, name, (snapshot,), visits, rejects, frames)
        return
    foreign = _Foreign(path, rejects)
    foreign.survey()
    yield Portion(sha256, name, foreign.snapshots(), foreign.visits(), rejects)


def read_visits(path: Path, rejects: list[Reject] | None = None) -> Iterator[Visit]:
    """The complete visits of one of our own segments; what is damaged or unfinished goes to `rejects`."""
    rejects = [] if rejects is None else rejects
    pending: list[Exchange] = []
    begun, held = 0, None
    for record in read_records(path):
        if isinstance(record, Reject):
            rejects.append(record)
            continue
        if record.kind == "resource":
            held = record.block
            continue
        try:
            if _VISIT in record.fields:
                site, started, ended, count, basis = decode_visit_end(record.fields)
                mine = [exchange for exchange in pending if exchange.site == site]
                pending, lost = [], len(pending) - len(mine)
                if len(mine) != count or lost:
                    reason = f"a visit with {len(mine)} of its {count} exchanges"
                    rejects.append(Reject(f"offset {record.offset}", reason, site))
                    continue
                yield Visit(site, tuple(mine), started, ended, basis)
            elif _EXCHANGE in record.fields:
                begun = begun if pending else record.offset
                pending.append(decode_exchange(record.fields, record.block, held))
        except ValueError as error:
            rejects.append(Reject(f"offset {record.offset}", str(error)[:300]))
    if pending:
        rejects.append(Reject(f"offset {begun}", "a visit that was never finished", pending[0].site))


def _own_snapshot(path: Path) -> Snapshot | None:
    """The snapshot a segment of ours names in its first record; None for any other file."""
    first = next(read_records(path), None)
    if not isinstance(first, Record) or first.kind != "warcinfo":
        return None
    for line in first.block.decode("utf-8", "replace").splitlines():
        key, _, value = line.partition(":")
        if key.strip().lower() == SNAPSHOT_FIELD:
            try:
                return snapshot_of(json.loads(value))
            except (ValueError, KeyError, TypeError):
                return None
    return None


def _frame_beside(path: Path, snapshot: Snapshot, rejects: list[Reject]) -> Iterator[Frame]:
    if (path.parent / FRAME_FILE).exists():
        try:
            frame = read_frame_copy(path.parent)
        except SpoolError as error:
            rejects.append(Reject(FRAME_FILE, str(error)[:300]))
            return
        if frame.id == snapshot.frame_id:
            yield frame


class _Foreign:
    """Somebody's WARC, read twice: once for its months and how much there is a site, once for the visits.

    A site's exchanges may stand anywhere in the file; they are held only until the last of them has been read.
    """

    def __init__(self, path: Path, rejects: list[Reject]) -> None:
        self._path = path
        self._rejects = rejects
        self._counts: Counter[tuple[str, str]] = Counter()
        self._payloads: dict[str, Exchange] = {}
        self._held = 0

    def survey(self) -> None:
        """Count the exchanges of each month and site."""
        for record in read_records(self._path):
            if isinstance(record, Record) and (found := _placed(record)) is not None:
                self._counts[found[0].strftime("%Y-%m"), found[1]] += 1

    def snapshots(self) -> tuple[Snapshot, ...]:
        """One a month of capture, on its first day."""
        months = sorted({month for month, _ in self._counts})
        return tuple(Snapshot(month, date.fromisoformat(f"{month}-01"), "warc") for month in months)

    def visits(self) -> Iterator[tuple[str, Visit]]:
        """A visit a site and month, in the order in which they are complete."""
        pending: dict[tuple[str, str], list[Exchange]] = {}
        for record in read_records(self._path):
            if isinstance(record, Reject):
                self._rejects.append(record)
                continue
            found = _placed(record)
            if found is None:
                continue
            key = found[0].strftime("%Y-%m"), found[1]
            held = pending.setdefault(key, [])
            if (exchange := self._exchange(record, *found)) is not None:
                held.append(exchange)
            self._counts[key] -= 1
            if not self._counts[key]:
                del pending[key]
                if held:
                    yield key[0], _visit(key[1], held)

    def _exchange(self, record: Record, moment: datetime, site: str, role: str, url: str) -> Exchange | None:
        """The exchange of a record; a revisit (WARC 1.1 6.7.2) has the payload of the record it is identical to."""
        digest = record.fields.get("warc-payload-digest", "")
        if record.kind != "revisit":
            exchange = _exchange(record, moment, site, role, url)
            if digest and exchange.body is not None and self._held < _MOST_HELD:
                self._payloads[digest] = exchange
                self._held += len(exchange.body) + 500
            return exchange
        known = self._payloads.get(digest)
        if known is None or known.role != role:
            reason = "a revisit record: the payload stands in a record that is not in this file"
            self._rejects.append(Reject(f"offset {record.offset}", reason, site, url[:500]))
            return None
        status, headers, _ = split_http(record.block)
        ip = record.fields.get("warc-ip-address") or None
        headers = headers if status is not None else known.headers
        return replace(known, site=site, url=url, fetched_at=moment, headers=headers, ip=ip)


def _visit(site: str, exchanges: list[Exchange]) -> Visit:
    """A visit of captures made independently: of a role captured several times, the latest comes last."""
    ordered = tuple(sorted(exchanges, key=lambda exchange: exchange.fetched_at))
    return Visit(site, ordered, ordered[0].fetched_at, ordered[-1].fetched_at)


def _placed(record: Record) -> tuple[datetime, str, str, str] | None:
    """When, which site, role and URL a record is about; None where it is none of our business."""
    if record.kind not in ("response", "resource", "revisit"):
        return None
    url = record.fields.get("warc-target-uri", "")
    moment = _date(record.fields.get("warc-date", ""))
    try:
        parts = urlsplit(url)
        if moment is None or parts.scheme not in ("http", "https") or not parts.netloc:
            return None
        site = host_key(parts.netloc)
    except (ValueError, FrameError):
        return None
    role = _ROLES.get(parts.path) if not parts.query else None
    if role is None:
        if parts.path not in ("", "/") or parts.query:
            return None
        role = ROLE_PAGE
    if role == ROLE_PAGE and not _html(record):
        return None
    return moment, site, role, url


def _html(record: Record) -> bool:
    """Whether a record holds a page: HTML, or an answer without any content (a redirect, an error)."""
    if record.kind == "revisit":
        return True
    if record.kind == "resource":
        kind = record.fields.get("content-type", "")
    else:
        status, headers, _ = split_http(record.block)
        if status is None:
            return False
        kind = next((value for name, value in headers if name.lower() == "content-type"), "")
        if status >= 300:
            return True
    return kind.partition(";")[0].strip().lower() in ("text/html", "application/xhtml+xml", "")


def _exchange(record: Record, moment: datetime, site: str, role: str, url: str) -> Exchange:
    cap = _CAPS.page_bytes if role == ROLE_PAGE else _CAPS.policy_file_bytes
    ip = record.fields.get("warc-ip-address") or None
    if record.kind == "resource":
        status, headers, body = 200, _resource_headers(record), record.block
    else:
        found, headers, payload = split_http(record.block)
        if found is None:
            return Exchange(site, role, url, Outcome.UNREACHABLE, moment, detail="not HTTP", ip=ip)
        status, body = found, decoded(headers, payload)
        if any(name.lower().startswith("x-crawler-") for name, _ in headers):
            headers = restored(headers)
    truncated = len(body) > cap or "warc-truncated" in record.fields
    body = body[:cap]
    outcome, detail = outcome_of(status, role, headers, body, truncated)
    target = next((value for name, value in headers if name.lower() == "location"), None)
    redirect = target if outcome is Outcome.OK and 300 <= status < 400 else None
    return Exchange(
        site,
        role,
        url,
        outcome,
        moment,
        status=status,
        headers=headers,
        body=body,
        truncated=truncated,
        redirect_to=redirect,
        detail=detail,
        ip=ip,
    )


def _resource_headers(record: Record) -> Headers:
    kind = record.fields.get("content-type")
    return (("Content-Type", kind),) if kind else ()


def decoded(headers: Headers, payload: bytes) -> bytes:
    """A payload without the transfer and content codings its fields name, up to the page cap; as it is where they lie.

    Many archives keep the fields as sent and store the payload decoded, so a coding that does not fit is ignored.
    """
    names = {name.lower(): value.lower() for name, value in headers}
    body = payload
    if "chunked" in names.get("transfer-encoding", ""):
        body = _unchunked(payload)
    coding = names.get("content-encoding", "").strip()
    for bits in _WINDOWS.get(coding, ()):
        inflate = zlib.decompressobj(bits)
        with suppress(zlib.error):
            if (data := inflate.decompress(body, _CAPS.page_bytes + 1)) or inflate.eof:
                return data
    return body


_WINDOWS = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}
_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")


def _unchunked(payload: bytes) -> bytes:
    """The data of a chunked payload; where the chunks stop making sense, the rest is taken as it is."""
    parts: list[bytes] = []
    at = 0
    while (head := _SIZE.match(payload, at)) is not None:
        size = int(head[1], 16)
        if size == 0:
            return b"".join(parts)
        parts.append(payload[head.end() : head.end() + size])
        at = head.end() + size
        at += 2 if payload.startswith(b"\r\n", at) else payload.startswith(b"\n", at)
    return b"".join((*parts, payload[at:]))


def _date(text: str) -> datetime | None:
    """A WARC-Date (ISO 8601) or an ARC date (14 digits, or fewer)."""
    try:
        if re.fullmatch(r"\d{8}(?:\d{6})?", text):
            return datetime.strptime(text.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text.strip()))
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error
