"""Payment, identity and blocking as response headers and bodies show them: access, never a statement about rights.

A 402, a 403 or a bot challenge leaves what robots.txt and the files say about use as it is. These signals read only
what was refused; that nothing but a bare status came (an unknown paywall, a plain block) is in the exchange itself.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator

from crawler.records import Carrier, Exchange, Fact, Fault, Signal, Statement
from crawler.vocabulary import ROLE_PAGE, Axis, Outcome, Part

MAX_RAW = 500
MAX_JSON = 64 * 1024
REFUSING = frozenset({Outcome.PAID, Outcome.REFUSED, Outcome.RATE_LIMITED, Outcome.SERVER_ERROR})

_PAYMENT = Carrier(
    "payment",
    "Demand for payment",
    "https://developers.cloudflare.com/ai-crawl-control/features/pay-per-crawl/",
    "vendor products and drafts",
    axis=Axis.ACCESS,
)
_IDENTITY = Carrier(
    "web-bot-auth",
    "Web Bot Auth demand",
    "https://datatracker.ietf.org/doc/draft-ietf-webbotauth-httpsig-protocol/",
    "IETF working group draft",
    axis=Axis.ACCESS,
)
_BLOCK = Carrier(
    "bot-block",
    "Bot challenge or block",
    "https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/",
    "vendor products",
    axis=Axis.ACCESS,
)

_CHALLENGES = ("cf-mitigated", "x-amzn-waf-action", "x-vercel-mitigated")
# Who stands between crawler and site, as the `server` field of a refusal names it.
_EDGES = re.compile(
    r"^(cloudflare|akamaighost|akamainetstorage|cloudfront|awselb|sucuri/cloudproxy|datadome|imperva|incapsula"
    r"|ddos-guard|fastly|varnish|vercel|big-?ip|bunnycdn|keycdn|stackpath|qrator|wallarm|yunjiasu)",
    re.IGNORECASE,
)
_BLOCK_ERRORS = frozenset({"crawlerforbidden"})
_IDENTITY_ERRORS = frozenset({"strongauthrequired", "invalidsignature"})


def read_headers(exchange: Exchange) -> list[Statement]:
    """Facts `paid`, `licence_required`, `identity_required`, `challenged`, `blocked`, valued by their form.

    Signals-robots section 5: `pay-per-crawl` (crawler-price, crawler-error), `x402-v2` (PAYMENT-REQUIRED),
    `payment-auth` and `rsl-cap` (WWW-Authenticate), Web Bot Auth (Accept-Signature), challenges, the edge server.
    """
    return [*_payments(exchange), *_demands(exchange), *_blocks(exchange)]


def _payments(exchange: Exchange) -> Iterator[Statement]:
    for value in exchange.header("crawler-price"):
        yield _fact(_PAYMENT, "paid", f"pay-per-crawl {value.strip()}", "crawler-price", value)
    for value in exchange.header("crawler-error"):
        yield _crawler_error(value)
    for value in exchange.header("payment-required"):
        yield from _x402(value)


def _demands(exchange: Exchange) -> Iterator[Statement]:
    for value in exchange.header("www-authenticate"):
        yield from _authenticate(value)
    for value in exchange.header("accept-signature"):
        yield _fact(_IDENTITY, "identity_required", "web-bot-auth", "accept-signature", value)


def _blocks(exchange: Exchange) -> Iterator[Statement]:
    for name in _CHALLENGES:
        for value in exchange.header(name):
            kind = "challenged" if value.strip().lower() in ("challenge", "captcha") else "blocked"
            yield _fact(_BLOCK, kind, f"{name}: {value.strip()}", name, value)
    for value in exchange.header("server"):
        if edge := _EDGES.match(value.strip()):
            yield _fact(_BLOCK, "refused_by_edge", edge[1].lower(), "server", value)


def _crawler_error(value: str) -> Fact:
    word = value.strip().split(",", 1)[0].split(";", 1)[0].strip().lower()
    if word in _BLOCK_ERRORS:
        return _fact(_BLOCK, "blocked", f"pay-per-crawl {value.strip()}", "crawler-error", value)
    if word in _IDENTITY_ERRORS:
        return _fact(_IDENTITY, "identity_required", f"pay-per-crawl {value.strip()}", "crawler-error", value)
    return _fact(_PAYMENT, "paid", f"pay-per-crawl {value.strip()}", "crawler-error", value)


def _x402(value: str) -> Iterator[Statement]:
    """x402 version 2: base64 of a JSON object with `x402Version` and `accepts`."""
    try:
        data = json.loads(base64.b64decode(value.strip()[:MAX_JSON], validate=True))
    except (binascii.Error, ValueError, RecursionError):
        data = None
    if not isinstance(data, dict) or "x402Version" not in data:
        yield Fault(_PAYMENT.id, "payment-required is no x402 offer", "header payment-required", _clean(value))
        return
    yield _fact(_PAYMENT, "paid", f"x402-v{_version(data)}", "payment-required", value)
    yield from _offers(data, "header payment-required")


def _authenticate(value: str) -> Iterator[Fact]:
    """Challenges of one WWW-Authenticate line; schemes are case-insensitive (RFC 9110 11.3)."""
    for scheme in re.findall(
        r"(?:^|,)\s*([A-Za-z][\w!#$%&'*+.^`|~-]*)(?=\s+[\w!#$%&'*+.^`|~-]+\s*=|\s*(?:,|$))", value
    ):
        if scheme.lower() == "license":
            yield _fact(_PAYMENT, "licence_required", "rsl-cap", "www-authenticate", value)
        elif scheme.lower() == "payment":
            yield _fact(_PAYMENT, "paid", "payment-auth", "www-authenticate", value)


def read_body(exchange: Exchange) -> list[Statement]:
    """x402 version 1: a JSON body `{"x402Version": 1, "accepts": [...]}`."""
    body = (exchange.body or b"")[: MAX_JSON + 1]
    if len(body) > MAX_JSON or b"x402Version" not in body:
        return []
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return [Fault(_PAYMENT.id, "body is no x402 offer", "#", _clean(body.decode("utf-8", "replace")))]
    if not isinstance(data, dict) or "x402Version" not in data:
        return []
    shown = _clean(body.decode("utf-8", "replace"))
    return [Fact(_PAYMENT.id, "paid", f"x402-v{_version(data)}", "/x402Version", shown), *_offers(data, "/accepts")]


def _offers(data: dict[str, object], locator: str) -> Iterator[Fact]:
    offers = data.get("accepts")
    for offer in offers[:10] if isinstance(offers, list) else []:
        if not isinstance(offer, dict):
            continue
        words = (offer.get(key) for key in ("scheme", "network", "amount", "maxAmountRequired", "asset"))
        text = " ".join(str(word)[:100] for word in words if isinstance(word, (str, int)))
        if text:
            yield Fact(_PAYMENT.id, "payment_offer", _clean(text), locator, _clean(json.dumps(offer)))


def read_charged(exchange: Exchange) -> list[Statement]:
    """A 200 with `crawler-charged`: somebody paid, which must never happen to this crawler."""
    return [
        _fact(_PAYMENT, "charged", value.strip(), "crawler-charged", value)
        for value in exchange.header("crawler-charged")
    ]


def _version(data: dict[str, object]) -> str:
    return _clean(str(data.get("x402Version")))[:10]


def _fact(carrier: Carrier, name: str, value: str, header: str, raw: str) -> Fact:
    return Fact(carrier.id, name, _clean(value)[:200], f"header {header}", _clean(raw))


def _clean(text: str) -> str:
    return text[:MAX_RAW].encode("utf-8", "replace").decode("utf-8")


_CARRIERS = (_PAYMENT, _IDENTITY, _BLOCK)
ACCESS_PAGE = Signal("access-page", 1, ROLE_PAGE, Part.HEADERS, _CARRIERS, read_headers, outcomes=REFUSING)
ACCESS_BODY = Signal("access-body", 1, ROLE_PAGE, Part.BODY, (_PAYMENT,), read_body, outcomes=frozenset({Outcome.PAID}))
ACCESS_CHARGED = Signal("access-charged", 1, ROLE_PAGE, Part.HEADERS, (_PAYMENT,), read_charged)
