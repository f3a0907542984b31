"""WARC 1.1 records (ISO 28500): an Exchange as one, and records of any WARC read back, damaged files included.

A response keeps the fields and the payload as the site sent them; because the payload is stored decoded, the fields
that describe its coding on the wire are renamed `X-Crawler-*`, as Common Crawl does. What HTTP has no place for (site,
role, outcome, ...) stands as JSON in the named field `OpenWeb-Exchange`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import uuid
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from crawler.records import Exchange, Headers, Visit
from crawler.vocabulary import Observed, Outcome

EXCHANGE_FIELD = "OpenWeb-Exchange"
VISIT_FIELD = "OpenWeb-Visit"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
LEVEL = 6

_RENAMED = frozenset({"content-length", "content-encoding", "transfer-encoding"})
_PREFIX = "X-Crawler-"
_END_OF_HEAD = re.compile(rb"\r*\n\r*\n")
_REASON_OF_CUT = {True: "length", False: "disconnect"}


def record_id() -> str:
    """A fresh record id."""
    return f"<urn:uuid:{uuid.uuid4()}>"


def encode_record(kind: str, fields: Iterable[tuple[str, str]], block: bytes, *, ident: str | None = None) -> bytes:
    """One record as a gzip member of its own (WARC 1.1 annex D)."""
    head = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", ident or record_id()),
        *fields,
        ("WARC-Block-Digest", digest(block)),
        ("Content-Length", str(len(block))),
    ]
    lines = "".join(f"{name}: {value}\r\n" for name, value in head)
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, 31)
    return packer.compress(b"WARC/1.1\r\n" + lines.encode("utf-8") + b"\r\n" + block + b"\r\n\r\n") + packer.flush()


def encode_info(fields: Mapping[str, str], at: datetime, filename: str, ident: str) -> bytes:
    """The warcinfo record at the head of a segment; `fields` in order, one a line."""
    block = "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode("utf-8")
    head = [
        ("WARC-Date", _moment(at)),
        ("WARC-Filename", filename),
        ("Content-Type", "application/warc-fields"),
    ]
    return encode_record("warcinfo", head, block, ident=ident)


def encode_visit(visit: Visit, info: str) -> bytes:
    """Every exchange of a visit and the metadata record that makes it complete, as gzip members in a row.

    `info` is the record id of the segment's warcinfo.
    """
    members = [octets for exchange in visit.exchanges for octets in _encode_exchange(exchange, info)]
    end = {
        "site": visit.site,
        "started_at": visit.started_at.astimezone(UTC).isoformat(),
        "ended_at": visit.ended_at.astimezone(UTC).isoformat(),
        "exchanges": len(visit.exchanges),
        "basis": visit.basis.value,
    }
    text = _json(end)
    head = [
        ("WARC-Date", _moment(visit.ended_at)),
        ("WARC-Target-URI", "urn:openweb:visit"),
        ("WARC-Warcinfo-ID", info),
        ("Content-Type", "application/json"),
        (VISIT_FIELD, text),
    ]
    members.append(encode_record("metadata", head, text.encode("ascii")))
    return b"".join(members)


def _encode_exchange(exchange: Exchange, info: str) -> list[bytes]:
    facts: dict[str, object] = {
        "site": exchange.site,
        "role": exchange.role,
        "url": exchange.url,
        "outcome": exchange.outcome.value,
        "fetched_at": exchange.fetched_at.astimezone(UTC).isoformat(),
        "hop": exchange.hop,
        "status": exchange.status,
        "truncated": exchange.truncated,
        "redirect_to": exchange.redirect_to,
        "elapsed_ms": exchange.elapsed_ms,
        "detail": exchange.detail,
        "ip": exchange.ip,
        "body": exchange.body is not None,
    }
    if exchange.unchanged_since is not None:
        facts["unchanged_since"] = exchange.unchanged_since.astimezone(UTC).isoformat()
    text = _json(facts)
    head = [("WARC-Date", _moment(exchange.fetched_at)), ("WARC-Target-URI", _uri(exchange.url))]
    if exchange.ip is not None:
        head.append(("WARC-IP-Address", exchange.ip))
    head.append(("WARC-Warcinfo-ID", info))
    if exchange.status is None:
        head += [("Content-Type", "application/json"), (EXCHANGE_FIELD, text)]
        return [encode_record("metadata", head, text.encode("ascii"))]
    if exchange.unchanged_since is not None:
        return _encode_revisit(exchange, head, text, exchange.unchanged_since, info)
    body = exchange.body or b""
    if exchange.truncated or (exchange.outcome is Outcome.UNREACHABLE and exchange.body is not None):
        head.append(("WARC-Truncated", _REASON_OF_CUT[exchange.truncated]))
    head += [
        ("Content-Type", "application/http;msgtype=response"),
        ("WARC-Payload-Digest", digest(body)),
        (EXCHANGE_FIELD, text),
    ]
    return [encode_record("response", head, http_block(exchange.status, exchange.headers, body))]


def _encode_revisit(
    exchange: Exchange, head: list[tuple[str, str]], text: str, since: datetime, info: str
) -> list[bytes]:
    """A 304 as a revisit (WARC 1.1 6.7.3), after a resource record of the payload it stands for.

    So the segment holds all that was known, without the earlier one.
    """
    body = exchange.body or b""
    ident, payload = record_id(), ("WARC-Payload-Digest", digest(body))
    kind = next(iter(exchange.header("content-type")), "application/octet-stream")
    target = ("WARC-Target-URI", _uri(exchange.url))
    held = [("WARC-Date", _moment(since)), target, ("WARC-Warcinfo-ID", info), ("Content-Type", _uri(kind)), payload]
    head += [
        ("Content-Type", "application/http;msgtype=response"),
        ("WARC-Profile", NOT_MODIFIED),
        ("WARC-Refers-To", ident),
        ("WARC-Refers-To-Target-URI", _uri(exchange.url)),
        ("WARC-Refers-To-Date", _moment(since)),
        payload,
        (EXCHANGE_FIELD, text),
    ]
    block = http_block(304, exchange.headers, b"")
    return [encode_record("resource", held, body, ident=ident), encode_record("revisit", head, block)]


def http_block(status: int, headers: Headers, body: bytes) -> bytes:
    """An HTTP response as it is stored: fields as sent, those about the coding on the wire renamed, payload decoded."""
    lines = [f"HTTP/1.1 {status} "]
    for name, value in headers:
        lower = name.lower()
        prefix = _PREFIX if lower in _RENAMED or lower.startswith(_PREFIX.lower()) else ""
        lines.append(f"{prefix}{name}: {value}")
    lines += [f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode("latin-1", "backslashreplace") + body


def split_http(block: bytes) -> tuple[int | None, Headers, bytes]:
    """Status, fields as sent and what follows the empty line, of an HTTP response block; status None: not HTTP."""
    end = _END_OF_HEAD.search(block)
    head, body = (block[: end.start()], block[end.end() :]) if end else (block, b"")
    first, *lines = re.split(rb"\r*\n", head)
    words = first.split(None, 2)
    status = None
    if len(words) > 1 and words[0].upper().startswith((b"HTTP", b"ICY")) and words[1].isdigit() and len(words[1]) == 3:
        status = int(words[1])
    headers: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and headers:
            # RFC 9112 5.2: a line that begins with white space continues the field above it.
            name, value = headers[-1]
            headers[-1] = (name, f"{value} {_text(line)}".strip())
            continue
        key, colon, value_octets = line.partition(b":")
        if colon and key.strip():
            headers.append((_text(key), _text(value_octets)))
    return status, tuple(headers), body


def _text(octets: bytes) -> str:
    return octets.strip(b" \t\r\n").decode("latin-1")


def restored(headers: Headers) -> Headers:
    """The fields as the site sent them, of a response block that `http_block` (or Common Crawl) wrote."""
    kept = []
    for name, value in headers:
        if name.lower().startswith(_PREFIX.lower()):
            kept.append((name[len(_PREFIX) :], value))
        elif name.lower() != "content-length":
            kept.append((name, value))
    return tuple(kept)


def decode_exchange(fields: Mapping[str, str], block: bytes, held: bytes | None = None) -> Exchange:
    """The exchange in one of our own records; raises ValueError when it is not one.

    `held` is the payload of the resource record before it, which a revisit stands for.
    """
    facts = _object(fields.get(EXCHANGE_FIELD.lower(), ""))
    try:
        exchange = Exchange(
            site=facts["site"],
            role=facts["role"],
            url=facts["url"],
            outcome=Outcome(facts["outcome"]),
            fetched_at=_aware(facts["fetched_at"]),
            hop=int(facts["hop"]),
            status=facts["status"],
            truncated=bool(facts["truncated"]),
            redirect_to=facts["redirect_to"],
            elapsed_ms=facts["elapsed_ms"],
            detail=facts["detail"],
            ip=facts["ip"],
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"{EXCHANGE_FIELD} lacks or misstates {error}") from error
    if exchange.status is None:
        return exchange
    _, headers, body = split_http(block)
    if (since := facts.get("unchanged_since")) is not None:
        if held is None or digest(held) != fields.get("warc-payload-digest"):
            raise ValueError("a revisit record without the payload it stands for")
        exchange, body = replace(exchange, unchanged_since=_aware(since)), held
    return replace(exchange, headers=restored(headers), body=body if facts.get("body") else None)


def decode_visit_end(fields: Mapping[str, str]) -> tuple[str, datetime, datetime, int, Observed]:
    """Site, start, end, number of exchanges and basis of a visit's closing record; raises ValueError."""
    facts = _object(fields.get(VISIT_FIELD.lower(), ""))
    try:
        return (
            facts["site"],
            _aware(facts["started_at"]),
            _aware(facts["ended_at"]),
            int(facts["exchanges"]),
            Observed(facts["basis"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"{VISIT_FIELD} lacks or misstates {error}") from error


def digest(block: bytes) -> str:
    """A labelled digest as WARC tools write and check it: SHA-1 in base32."""
    return "sha1:" + base64.b32encode(hashlib.sha1(block, usedforsecurity=False).digest()).decode("ascii")


def _object(text: str) -> dict[str, Any]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError("expected a JSON object")
    return value


def _json(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _uri(url: str) -> str:
    """A URL as a record may name it: one line without control characters."""
    return "".join(character if character.isprintable() and character != " " else "%20" for character in url)[:8192]
