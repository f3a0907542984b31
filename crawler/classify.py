"""From a response to an outcome: the status codes of the design's vocabulary, soft 404s and bot challenges told apart.

An outcome is about access. None of them says anything about rights.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

from crawler.records import Exchange, Headers, Visit
from crawler.vocabulary import ROLE_CONTROL, ROLE_ROBOTS, Outcome, page_like

ROLE_RSL = "rsl"
ROLE_TDM_POLICY = "tdm-policy"
"""Roles of declared documents: RSL is XML by right, a TDM policy may be written for people (TDMRep: `text/html`).

A second and third declared RSL document have the roles `rsl-2` and `rsl-3`, one declared for some crawlers only has
those behind an `@`: `rsl@ccbot,gptbot`.
"""

ROLE_SITEMAP = "sitemap"
"""Role of a sitemap asked for its addresses; XML by right."""

HEAD_BYTES = 1024

_CHALLENGES = (
    ("cf-mitigated", ("challenge",)),
    ("x-amzn-waf-action", ("challenge", "captcha")),
    ("x-vercel-mitigated", ()),
)
_CHALLENGED = "bot challenge"
_HTML_TAG = re.compile(rb"^(?![ \t]*#)[^\r\n#]*?<(?:html[\s>]|!doctype\s)", re.IGNORECASE | re.MULTILINE)
_HTML_PAGE = re.compile(rb"<(?:html[\s>]|!doctype\s+html[\s>])", re.IGNORECASE)
_ROBOTS_KEY = re.compile(
    rb"^[ \t]*(?:user-?agent|(?:dis)?allow|sitemap|crawl-delay|content-signal|content-usage|license|host|clean-param)"
    rb"[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_BOMS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))


def looks_like_html(body: bytes, content_type: str | None, *, robots: bool = False) -> bool:
    """Whether `body` is a page where a text or JSON file was asked for: the soft-404 test.

    True for `<html` or `<!doctype` in the first 1 KiB (outside a `#` comment), for a first character `<`, and for a
    `text/html` type. With `robots`, the last two hold only where no line starts with a known robots.txt key, since
    servers label real robots.txt files `text/html`.
    """
    head = body[: 4 * HEAD_BYTES]
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            head = head.decode(encoding, "replace").encode("utf-8", "replace")
            break
    if b"<" in head[:HEAD_BYTES] and _HTML_TAG.search(head[:HEAD_BYTES]):
        return True
    typed = (content_type or "").split(";", 1)[0].strip().lower() in ("text/html", "application/xhtml+xml")
    if not typed and not head.lstrip().startswith(b"<"):
        return False
    return not (robots and _ROBOTS_KEY.search(body))


def outcome_of(
    status: int | None, role: str, headers: Headers, body: bytes | None, truncated: bool
) -> tuple[Outcome, str | None]:
    """The outcome of one answered request and its detail in plain words; pure, never raises.

    404 and 410 are `absent`, 402 `paid`, 429 `rate_limited`, 5xx `server_error`, every other 4xx `refused` with the
    code in the detail. A 3xx is a hop when it says where to, else `not_the_file`. A 2xx is `ok` unless a policy file
    was asked for and a page came (`not_the_file`), or more than the cap (`oversize`; robots.txt is read up to the
    cap, RFC 9309 2.5). A bot challenge is `refused` whatever its status.
    """
    if status is None or status < 200:
        return Outcome.UNREACHABLE, "no final response" if status is None else f"no final response (HTTP {status})"
    for name, wanted in _CHALLENGES:
        for value in _values(headers, name):
            if not wanted or value.strip().lower() in wanted:
                return Outcome.REFUSED, f"{_CHALLENGED} ({name})"
    if status < 300:
        return _of_success(role, headers, body, truncated)
    if status < 400:
        if any(value.strip() for value in _values(headers, "location")):
            return Outcome.OK, None
        if status == 304:
            return Outcome.NOT_THE_FILE, "HTTP 304 about a file that is not known"
        return Outcome.NOT_THE_FILE, f"HTTP {status} without Location"
    form = _form(status, headers, body)
    return _of_error(status), f"HTTP {status}: {form}" if form else f"HTTP {status}"


def _of_success(role: str, headers: Headers, body: bytes | None, truncated: bool) -> tuple[Outcome, str | None]:
    if page_like(role) or role in (ROLE_CONTROL, ROLE_TDM_POLICY) or body is None:
        return Outcome.OK, None
    kind = next(iter(_values(headers, "content-type")), None)
    robots = role == ROLE_ROBOTS
    if is_rsl(role) or role == ROLE_SITEMAP:
        page = _HTML_PAGE.search(body[: 4 * HEAD_BYTES]) is not None
    else:
        page = looks_like_html(body, kind, robots=robots)
    if page:
        return Outcome.NOT_THE_FILE, "a page came where a file was asked for"
    if truncated and not robots:
        return Outcome.OVERSIZE, f"more than {len(body)} bytes"
    return Outcome.OK, None


def _form(status: int, headers: Headers, body: bytes | None) -> str | None:
    """Which product or protocol refused, as far as the response says (signals-robots section 5); None for no word."""
    schemes = " ".join(_values(headers, "www-authenticate")).lower().split()
    if _values(headers, "crawler-price"):
        return f"pay per crawl, {_values(headers, 'crawler-price')[0].strip()[:60]}"
    if _values(headers, "crawler-error"):
        return f"pay per crawl, {_values(headers, 'crawler-error')[0].strip()[:60]}"
    if _values(headers, "payment-required"):
        return "x402 version 2"
    if "license" in schemes:
        return "RSL licence required"
    if status in (401, 402) and "payment" in schemes:
        return "Payment authentication"
    if status == 402:
        return "x402 version 1" if b'"x402Version"' in (body or b"")[:65_536] else "unknown paywall"
    if status in (401, 403) and _values(headers, "accept-signature"):
        return "Web Bot Auth demanded"
    return None


def is_rsl(role: str) -> bool:
    """Whether a role is one of the declared RSL documents'."""
    return role == ROLE_RSL or role.startswith((f"{ROLE_RSL}-", f"{ROLE_RSL}@"))


def stores_body(exchange: Exchange) -> bool:
    """Whether the body is content of the site that is worth keeping: what was answered, or a priced offer.

    Error pages, soft 404s, redirects and above all bot challenges differ at every request and are no content, so they
    are not hashed either: two visits with nothing but a new challenge token between them are the same picture. A page
    that came as robots.txt is kept, since whoever re-reads the file must see what a crawler would have got.
    """
    if exchange.body is None or exchange.redirect_to is not None or exchange.role == ROLE_CONTROL:
        return False
    if exchange.role == ROLE_ROBOTS and exchange.outcome is Outcome.NOT_THE_FILE:
        return True
    return exchange.outcome in (Outcome.OK, Outcome.PAID)


_SPACE = re.compile(rb"\s+")
_VARYING = re.compile(rb"[0-9a-f]{8,}|[0-9]+")
_MAX_COMPARED = 256 * 1024


def unmask(visit: Visit) -> Visit:
    """The visit with every well-known file that equals the control exchange told for what it is: `not_the_file`.

    A site that answers a random path with a page of status S answers every path with it: a probe with the same status
    and the same body, letting white space, numbers and the path asked differ, is no file. robots.txt, the page and
    declared documents are left alone.
    """
    last = {exchange.role: index for index, exchange in enumerate(visit.exchanges)}
    position = last.get(ROLE_CONTROL)
    control = visit.exchanges[position] if position is not None else None
    if control is None or control.outcome is not Outcome.OK or control.redirect_to is not None:
        return visit
    wanted = _normal(control)
    exchanges = list(visit.exchanges)
    for role, index in last.items():
        found = exchanges[index]
        if page_like(role) or role in (ROLE_ROBOTS, ROLE_CONTROL, ROLE_TDM_POLICY) or is_rsl(role):
            continue
        answered = found.outcome is Outcome.OK and found.redirect_to is None and found.status == control.status
        if answered and _normal(found) == wanted:
            detail = "the same answer as a random path"
            exchanges[index] = replace(found, outcome=Outcome.NOT_THE_FILE, detail=detail)
    return replace(visit, exchanges=tuple(exchanges)) if exchanges != list(visit.exchanges) else visit


def _normal(exchange: Exchange) -> bytes:
    body = (exchange.body or b"")[:_MAX_COMPARED].lower()
    path = urlsplit(exchange.url).path.lower().encode("utf-8", "replace")
    for own in (path, path.rsplit(b"/", 1)[-1]):
        if len(own) > 1:
            body = body.replace(own, b"")
    return _VARYING.sub(b"0", _SPACE.sub(b" ", body)).strip()


def _of_error(status: int) -> Outcome:
    if status in (404, 410):
        return Outcome.ABSENT
    if status == 402:
        return Outcome.PAID
    if status == 429:
        return Outcome.RATE_LIMITED
    if 500 <= status < 600:
        return Outcome.SERVER_ERROR
    return Outcome.REFUSED


def _values(headers: Headers, name: str) -> list[str]:
    return [value for key, value in headers if key.lower() == name]
