"""From a response to an outcome: the status codes of the design's vocabulary, soft 404s and bot challenges told apart.

An outcome is about access. None of them says anything about rights.
"""

from __future__ import annotations

import re

from crawler.records import Headers
from crawler.vocabulary import ROLE_CONTROL, ROLE_PAGE, ROLE_ROBOTS, Outcome

ROLE_RSL = "rsl"
ROLE_TDM_POLICY = "tdm-policy"
"""Roles of declared documents: RSL is XML by right, a TDM policy may be written for people (TDMRep: `text/html`)."""

HEAD_BYTES = 1024

_CHALLENGES = (
    ("cf-mitigated", "challenge"),
    ("x-amzn-waf-action", "challenge"),
    ("x-vercel-mitigated", None),
)
_HTML_TAG = re.compile(rb"^(?![ \t]*#)[^\r\n#]*?<(?:html[\s>]|!doctype\s)", re.IGNORECASE | re.MULTILINE)
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
    if _HTML_TAG.search(head[:HEAD_BYTES]):
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
            if wanted is None or value.strip().lower() == wanted:
                return Outcome.REFUSED, f"bot challenge ({name})"
    if status < 300:
        return _of_success(role, headers, body, truncated)
    if status < 400:
        if any(value.strip() for value in _values(headers, "location")):
            return Outcome.OK, None
        return Outcome.NOT_THE_FILE, f"HTTP {status} without Location"
    return _of_error(status), f"HTTP {status}"


def _of_success(role: str, headers: Headers, body: bytes | None, truncated: bool) -> tuple[Outcome, str | None]:
    if role in (ROLE_PAGE, ROLE_CONTROL, ROLE_TDM_POLICY) or body is None:
        return Outcome.OK, None
    kind = next(iter(_values(headers, "content-type")), None)
    robots = role == ROLE_ROBOTS
    if role == ROLE_RSL:
        page = _HTML_TAG.search(body[:HEAD_BYTES]) is not None
    else:
        page = looks_like_html(body, kind, robots=robots)
    if page:
        return Outcome.NOT_THE_FILE, "a page came where a file was asked for"
    if truncated and not robots:
        return Outcome.OVERSIZE, f"more than {len(body)} bytes"
    return Outcome.OK, None


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
