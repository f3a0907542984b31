"""An exchange as somebody's JSON gives it, and the role its address and bytes tell."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

from crawler.classify import ROLE_RSL, ROLE_TDM_POLICY, outcome_of
from crawler.html import RSL_XML
from crawler.records import Exchange, Headers
from crawler.rsl import NAMESPACE
from crawler.settings import Politeness
from crawler.signals import PROBES, SIGNALS
from crawler.vocabulary import ROLE_CONTROL, ROLE_MEDIA, ROLE_PAGE, ROLE_ROBOTS, Outcome

ROLES = frozenset({signal.role for signal in SIGNALS} | {ROLE_ROBOTS, ROLE_PAGE, ROLE_CONTROL})
_SNIFFED = 4_096
_CAPS = Politeness()
_PATHS = {path: role for role, path in PROBES.items()} | {"/robots.txt": ROLE_ROBOTS}
_RSL_ROOT = re.compile(r"<(?:[\w.-]+:)?rsl[\s>/]")
# No well-known path exists, but these names are what people use.
_RSL_PATH = re.compile(r"/(?:rsl|licen[cs]e|royalty)\.xml$", re.IGNORECASE)
_MEDIA_TYPE = re.compile(r"image/(?!svg)|application/(?:pdf|epub\+zip)$")
_MEDIA_HEAD = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n|GIF8[79]a|RIFF....WEBP|II\*\x00|MM\x00\*|ID3|%PDF-|PK\x03\x04.{0,200}application/epub\+zip",
    re.DOTALL,
)
_MOST_MEDIA = 64 * 1024 * 1024
_NOT_RSL = re.compile(r"<(?:!doctype\s+html|html|rss|feed|rdf:RDF)[\s>]", re.IGNORECASE)


class GivenError(ValueError):
    """A record that cannot become an exchange; the message says which field and why."""


@dataclass(frozen=True, slots=True)
class Broken:
    """Input that could not become an exchange: where it stands and why; `url` where it could be told."""

    place: str
    reason: str
    url: str | None = None


def exchange_of(record: Mapping[str, object], *, now: datetime) -> Exchange:
    """The exchange a record with `url`, `status`, `headers`, `body` or `body_b64`, and `fetched_at` describes.

    Only `url` is required. Without a status a body counts as answered (200) and no body as `unreachable`; without
    `fetched_at` the moment is `now`. `headers` is a list of pairs or an object whose values are texts or lists of
    texts. `role` and `truncated` may be given. Raises GivenError.
    """
    url = record.get("url")
    if not isinstance(url, str) or not url.strip():
        raise GivenError("url: missing or not a text")
    role = record.get("role")
    if role is not None and not (isinstance(role, str) and role in ROLES):
        raise GivenError(f"role: {str(role)[:60]!r} is none of {', '.join(sorted(ROLES))}")
    headers = _headers(record.get("headers"))
    body = _body(record)
    return answer(
        url,
        _status(record.get("status"), body),
        headers,
        body,
        at=now if record.get("fetched_at") is None else moment(record["fetched_at"]),
        role=role,
        truncated=record.get("truncated") is True,
    )


def answer(
    url: str,
    status: int | None,
    headers: Headers,
    body: bytes | None,
    *,
    at: datetime,
    role: str | None = None,
    truncated: bool = False,
) -> Exchange:
    """The exchange of an answer found somewhere, its role told from `url`, type and body where none is given.

    More bytes than a crawl would have taken are cut, as a crawl would have; a media file is read whole. Raises
    GivenError for a URL that is none.
    """
    try:
        host = urlsplit(url).hostname or ""
    except ValueError as error:
        raise GivenError(f"url: {error}") from error
    role = role or role_of(url, headers, body)
    cap = _CAPS.page_bytes if role in (ROLE_PAGE, ROLE_CONTROL) else _CAPS.policy_file_bytes
    cap = _MOST_MEDIA if role == ROLE_MEDIA else cap
    if body is not None and len(body) > cap:
        body, truncated = body[:cap], True
    outcome, detail = outcome_of(status, role, headers, body, truncated)
    location = next((value.strip() for name, value in headers if name.lower() == "location" and value.strip()), None)
    hop = outcome is Outcome.OK and status is not None and 300 <= status < 400
    return Exchange(
        site=host.lower(),
        role=role,
        url=url,
        outcome=outcome,
        fetched_at=at,
        status=status,
        headers=headers,
        body=body,
        truncated=truncated,
        redirect_to=_joined(url, location) if hop and location else None,
        detail=detail,
    )


def role_of(url: str, headers: Headers = (), body: bytes | None = None) -> str:
    """Why an address would be asked: by its path robots.txt or a well-known file; by type or first bytes a media file;
    by type or root an RSL document; by its profile a TDM policy; else a page.
    """
    try:
        path = urlsplit(url).path
    except ValueError:
        return ROLE_PAGE
    if role := _PATHS.get(path):
        return role
    head = (body or b"")[:_SNIFFED]
    text = head.decode("utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig", "replace").lstrip()
    kinds = {value.split(";", 1)[0].strip().lower() for name, value in headers if name.lower() == "content-type"}
    if _MEDIA_HEAD.match(head) or (not text.startswith("<") and any(_MEDIA_TYPE.match(kind) for kind in kinds)):
        return ROLE_MEDIA
    if RSL_XML in kinds or (text.startswith("<") and not _NOT_RSL.search(text) and _is_rsl(path, text)):
        return ROLE_RSL
    if text.startswith("{") and "ns/tdmrep" in text and "permission" in (body or b"").decode("utf-8", "replace"):
        return ROLE_TDM_POLICY
    return ROLE_PAGE


def _is_rsl(path: str, text: str) -> bool:
    return bool(_RSL_ROOT.search(text)) or NAMESPACE in text or _RSL_PATH.search(path) is not None


def _headers(value: object) -> Headers:
    if value is None:
        return ()
    if isinstance(value, Mapping):
        return tuple(_pairs(value))
    if not isinstance(value, list):
        raise GivenError("headers: expected a list of [name, value] pairs or an object")
    pairs = []
    for item in value:
        if not (isinstance(item, list) and len(item) == 2 and all(isinstance(part, str) for part in item)):
            raise GivenError("headers: every item must be [name, value], both texts")
        pairs.append((item[0], item[1]))
    return tuple(pairs)


def _pairs(fields: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, (str, int, float)):
                raise GivenError(f"headers: the value of {str(name)[:60]!r} is neither a text nor a list of texts")
            yield str(name), str(item)


def _body(record: Mapping[str, object]) -> bytes | None:
    encoded, text = record.get("body_b64"), record.get("body")
    if encoded is not None:
        if not isinstance(encoded, str):
            raise GivenError("body_b64: not a text")
        try:
            return base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError) as error:
            raise GivenError(f"body_b64: {error}") from error
    if text is None:
        return None
    if not isinstance(text, str):
        raise GivenError("body: not a text; give bytes as body_b64")
    # The text has been decoded already: a mark says so, lest an encoding named inside be applied once more.
    mark = "" if text.isascii() or text.startswith("\ufeff") else "\ufeff"
    return f"{mark}{text}".encode("utf-8", "surrogatepass")


def _status(value: object, body: bytes | None) -> int | None:
    if value is None or value == "":
        return 200 if body is not None else None
    if isinstance(value, str) and value.strip().isdigit() and len(value.strip()) <= 4:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise GivenError(f"status: {str(value)[:60]!r} is no status code")
    return value


def moment(value: object) -> datetime:
    """The moment of an ISO 8601 text, 14 digits (ARC, Wayback) or seconds since 1970, in UTC. Raises GivenError."""
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value < 10**11:
            return datetime.fromtimestamp(value, UTC)
        text = str(value).strip()
        if re.fullmatch(r"[0-9]{8}(?:[0-9]{6})?", text):
            text = f"{text[:8]}T{text[8:] or '000000'}"
        # WARC 1.1 allows nine digits of a second, Python six.
        found = datetime.fromisoformat(re.sub(r"(\.[0-9]{6})[0-9]+", r"\1", text))
    except (ValueError, OverflowError, OSError) as error:
        raise GivenError(f"fetched_at: {str(value)[:60]!r} is no ISO 8601 moment") from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return location
