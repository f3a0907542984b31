"""Payment, identity and blocking: signals-robots section 5, as outcome, detail and facts, never as a reading."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.classify import outcome_of, stores_body
from crawler.records import Exchange, Fact, Fault, Headers, Reading
from crawler.signals import SIGNALS, read, readers_of
from crawler.signals.access import ACCESS_BODY, ACCESS_CHARGED, ACCESS_PAGE
from crawler.vocabulary import Axis, Outcome, Part

X402_V2 = base64.b64encode(
    json.dumps({"x402Version": 2, "accepts": [{"scheme": "exact", "network": "base", "amount": "10"}]}).encode()
).decode()
X402_V1 = b'{"x402Version":1,"accepts":[{"scheme":"exact","network":"base","maxAmountRequired":"10000"}]}'


def answered(status: int, headers: Headers = (), body: bytes = b"", role: str = "page") -> Exchange:
    """The exchange a response becomes."""
    outcome, detail = outcome_of(status, role, headers, body, False)
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return Exchange(
        "s.example", role, "https://s.example/", outcome, at, status=status, headers=headers, body=body, detail=detail
    )


def facts(exchange: Exchange) -> set[tuple[str, str]]:
    """Name and value of what the signals find, which is never a stance."""
    found = [statement for _, statement in read(exchange)]
    assert not [statement for statement in found if isinstance(statement, Reading)]
    return {(statement.name, statement.value) for statement in found if isinstance(statement, Fact)}


@pytest.mark.parametrize(
    ("status", "headers", "body", "outcome", "detail", "expected"),
    [
        pytest.param(
            402,
            (("crawler-price", "USD 0.01"),),
            b"",
            Outcome.PAID,
            "HTTP 402: pay per crawl, USD 0.01",
            {("paid", "pay-per-crawl USD 0.01")},
            id="5-pay-per-crawl",
        ),
        pytest.param(
            402,
            (("crawler-error", "MissingCrawlerPrice"),),
            b"",
            Outcome.PAID,
            "HTTP 402: pay per crawl, MissingCrawlerPrice",
            {("paid", "pay-per-crawl MissingCrawlerPrice")},
            id="5(e)-missing-price",
        ),
        pytest.param(
            403,
            (("Crawler-Error", "CrawlerForbidden"),),
            b"",
            Outcome.REFUSED,
            "HTTP 403: pay per crawl, CrawlerForbidden",
            {("blocked", "pay-per-crawl CrawlerForbidden")},
            id="5(e)-forbidden",
        ),
        pytest.param(
            400,
            (("crawler-error", "StrongAuthRequired"),),
            b"",
            Outcome.REFUSED,
            "HTTP 400: pay per crawl, StrongAuthRequired",
            {("identity_required", "pay-per-crawl StrongAuthRequired")},
            id="5-strong-auth",
        ),
        pytest.param(
            502,
            (("crawler-error", "InvalidContentPrice"),),
            b"",
            Outcome.SERVER_ERROR,
            "HTTP 502: pay per crawl, InvalidContentPrice",
            {("paid", "pay-per-crawl InvalidContentPrice")},
            id="5-invalid-content-price",
        ),
        pytest.param(
            402,
            (("PAYMENT-REQUIRED", X402_V2),),
            b"",
            Outcome.PAID,
            "HTTP 402: x402 version 2",
            {("paid", "x402-v2"), ("payment_offer", "exact base 10")},
            id="5-x402-v2",
        ),
        pytest.param(
            402,
            (("content-type", "application/json"),),
            X402_V1,
            Outcome.PAID,
            "HTTP 402: x402 version 1",
            {("paid", "x402-v1"), ("payment_offer", "exact base 10000")},
            id="5(b)-x402-v1",
        ),
        pytest.param(
            402,
            (("WWW-Authenticate", 'Payment id="x", method="tempo"'),),
            b"",
            Outcome.PAID,
            "HTTP 402: Payment authentication",
            {("paid", "payment-auth")},
            id="5-payment-auth-402",
        ),
        pytest.param(
            401,
            (("WWW-Authenticate", 'payment id="x"'),),
            b"",
            Outcome.REFUSED,
            "HTTP 401: Payment authentication",
            {("paid", "payment-auth")},
            id="5-payment-auth-401",
        ),
        pytest.param(
            401,
            (("WWW-Authenticate", 'License error="invalid_request"'),),
            b"",
            Outcome.REFUSED,
            "HTTP 401: RSL licence required",
            {("licence_required", "rsl-cap")},
            id="5-rsl-cap",
        ),
        pytest.param(402, (), b"pay", Outcome.PAID, "HTTP 402: unknown paywall", set(), id="5-unknown-paywall"),
        pytest.param(
            403,
            (("Accept-Signature", 'sig1=("@authority");tag="web-bot-auth"'),),
            b"",
            Outcome.REFUSED,
            "HTTP 403: Web Bot Auth demanded",
            {("identity_required", "web-bot-auth")},
            id="5-web-bot-auth",
        ),
        pytest.param(
            403,
            (("cf-mitigated", "challenge"), ("server", "cloudflare")),
            b"<html>",
            Outcome.REFUSED,
            "bot challenge (cf-mitigated)",
            {("challenged", "cf-mitigated: challenge"), ("refused_by_edge", "cloudflare")},
            id="5-cloudflare-challenge",
        ),
        pytest.param(
            202,
            (("x-amzn-waf-action", "challenge"),),
            b"",
            Outcome.REFUSED,
            "bot challenge (x-amzn-waf-action)",
            {("challenged", "x-amzn-waf-action: challenge")},
            id="5(c)-aws-challenge-202",
        ),
        pytest.param(
            405,
            (("x-amzn-waf-action", "captcha"),),
            b"",
            Outcome.REFUSED,
            "bot challenge (x-amzn-waf-action)",
            {("challenged", "x-amzn-waf-action: captcha")},
            id="5-aws-captcha",
        ),
        pytest.param(
            403,
            (("x-vercel-mitigated", "deny"),),
            b"",
            Outcome.REFUSED,
            "bot challenge (x-vercel-mitigated)",
            {("blocked", "x-vercel-mitigated: deny")},
            id="5-vercel",
        ),
        pytest.param(
            403,
            (("Server", "AkamaiGHost"),),
            b"",
            Outcome.REFUSED,
            "HTTP 403",
            {("refused_by_edge", "akamaighost")},
            id="5-waf",
        ),
        pytest.param(403, (("Server", "Apache"),), b"", Outcome.REFUSED, "HTTP 403", set(), id="5-plain-refusal"),
        pytest.param(429, (), b"", Outcome.RATE_LIMITED, "HTTP 429", set(), id="5-rate-limit"),
        pytest.param(
            401, (("WWW-Authenticate", 'Basic realm="License"'),), b"", Outcome.REFUSED, "HTTP 401", set(), id="5-basic"
        ),
        pytest.param(200, (("server", "cloudflare"),), b"x", Outcome.OK, None, set(), id="answered"),
    ],
)
def test_forms(
    status: int, headers: Headers, body: bytes, outcome: Outcome, detail: str | None, expected: set[tuple[str, str]]
) -> None:
    """Section 5: what an outside auditor can see, and how it is called."""
    exchange = answered(status, headers, body)
    assert (exchange.outcome, exchange.detail) == (outcome, detail)
    assert facts(exchange) == expected


def test_nothing_of_it_is_about_use() -> None:
    """5(a): a price is a condition of access; every carrier of these signals stands on the axis of access."""
    carriers = [c for signal in SIGNALS if signal.id.startswith("access-") for c in signal.carriers]
    assert carriers
    assert {carrier.axis for carrier in carriers} == {Axis.ACCESS}


def test_charged_is_told() -> None:
    """Section 5: "200 + crawler-charged: we paid (must never happen)"."""
    assert facts(answered(200, (("crawler-charged", "USD 0.01"),), b"x")) == {("charged", "USD 0.01")}


def test_statements_of_use_on_a_refusal_are_not_read() -> None:
    """What a challenge page or a paywall carries in its fields speaks of that page, not of what was asked for."""
    refused = answered(403, (("x-robots-tag", "noai"), ("tdm-reservation", "1"), ("accept-signature", "sig1=()")))
    assert facts(refused) == {("identity_required", "web-bot-auth")}


def test_a_challenge_is_no_content() -> None:
    """5(c): "do not hash the body as content"; a priced offer is read, an error page is not kept."""
    assert not stores_body(answered(202, (("x-amzn-waf-action", "challenge"),), b"<html>token"))
    assert not stores_body(answered(403, (), b"<html>ray 1"))
    assert stores_body(answered(402, (), X402_V1))


def test_readers_of_what_was_refused() -> None:
    """The same fields are read by other signals when they came with a refusal."""
    answered_by = readers_of("page", Part.HEADERS)
    refused_by = readers_of("page", Part.HEADERS, Outcome.REFUSED)
    assert refused_by == f"access-page@{ACCESS_PAGE.version}"
    assert not set(answered_by.split(",")) & set(refused_by.split(","))
    assert readers_of("page", Part.BODY, Outcome.PAID) == f"access-body@{ACCESS_BODY.version}"


@pytest.mark.parametrize(
    "value", ["", "####", "e30=", base64.b64encode(b"[" * 5_000).decode(), "A" * 1_000_000], ids=str.__len__
)
def test_bad_offers_are_faults(value: str) -> None:
    """A header that is no x402 offer is told, in bounded time."""
    started = time.monotonic()
    found = ACCESS_PAGE.read(answered(402, (("payment-required", value),)))
    assert [type(statement) for statement in found] == [Fault]
    assert time.monotonic() - started < 2.0


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["crawler-price", "crawler-error", "payment-required", "www-authenticate", "server"]),
            st.text(max_size=30) | st.sampled_from(["License", "Payment a=b, License c=d", "cloudflare", "e30="]),
        ),
        max_size=4,
    ),
    st.binary(max_size=60) | st.just(X402_V1),
)
def test_never_raises(headers: list[tuple[str, str]], body: bytes) -> None:
    """Any fields and any body give facts whose texts can be stored."""
    for signal in (ACCESS_PAGE, ACCESS_BODY, ACCESS_CHARGED):
        for statement in signal.read(answered(402, tuple(headers), body)):
            assert isinstance(statement, Fact | Fault)
            assert statement.raw.encode("utf-8") is not None


@pytest.mark.parametrize("body", [b'{"x402Version":' + b"[" * 60_000, b'{"x402Version":1,' + b" " * 10_000_000])
def test_hostile_bodies_in_bounded_time(body: bytes) -> None:
    """A body nested without end or of ten megabytes costs bounded time."""
    started = time.monotonic()
    ACCESS_BODY.read(answered(402, (), body))
    assert time.monotonic() - started < 2.0
