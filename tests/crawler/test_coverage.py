"""Coverage of one exchange: silence, absence, ignorance and damage kept apart (signals-page 0, signals-robots 9.1)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.coverage import cover
from crawler.given import answer
from crawler.records import Exchange, Headers
from crawler.signals import CARRIERS, read
from crawler.vocabulary import CoverageState, Outcome

AT = datetime(2026, 11, 1, tzinfo=UTC)
PRESENT, ABSENT = CoverageState.PRESENT, CoverageState.ABSENT
UNOBSERVED, MALFORMED = CoverageState.UNOBSERVED, CoverageState.MALFORMED


def covered(exchange: Exchange) -> dict[str, tuple[CoverageState, str | None]]:
    """State and reason by carrier."""
    return {item.carrier: (item.state, item.reason) for item in cover(exchange, read(exchange))}


def answered(path: str, status: int | None, body: str | None = "", headers: Headers = ()) -> Exchange:
    """What a response becomes."""
    return answer(f"https://s.example{path}", status, headers, None if body is None else body.encode(), at=AT)


def test_every_carrier_every_time() -> None:
    """Every carrier there is has a state for every exchange, each once, in the order of the registry."""
    for path in ("/", "/robots.txt", "/ai.txt", "/.well-known/tdmrep.json"):
        assert [item.carrier for item in cover(answered(path, 200), [])] == list(CARRIERS)


@pytest.mark.parametrize(
    ("path", "status", "body", "carrier", "state", "reason"),
    [
        pytest.param("/ai.txt", 404, "", "ai-txt", ABSENT, None, id="4xx-absent"),
        pytest.param("/ai.txt", 410, "", "ai-txt", ABSENT, None, id="410-absent"),
        pytest.param("/ai.txt", 403, "", "ai-txt", ABSENT, None, id="403-of-a-file-absent"),
        pytest.param("/ai.txt", 200, "<!doctype html>", "ai-txt", ABSENT, None, id="soft-404-absent"),
        pytest.param("/ai.txt", 402, "", "ai-txt", UNOBSERVED, "paid", id="402"),
        pytest.param("/ai.txt", 429, "", "ai-txt", UNOBSERVED, "rate_limited", id="429"),
        pytest.param("/ai.txt", 503, "", "ai-txt", UNOBSERVED, "server_error", id="5xx-unobserved"),
        pytest.param("/ai.txt", None, None, "ai-txt", UNOBSERVED, "unreachable", id="timeout-unobserved"),
        pytest.param("/ai.txt", 200, "", "ai-txt", ABSENT, None, id="empty"),
        pytest.param("/ai.txt", 200, "Some words\n", "ai-txt", ABSENT, None, id="other-dialect-says-nothing"),
        pytest.param("/ai.txt", 200, "User-Agent: *\nDisallow: *\n", "ai-txt", PRESENT, None, id="present"),
        pytest.param("/ai.txt", 200, "Allow-Training: no\n", "ai-txt", PRESENT, None, id="lenient-without-fault"),
        pytest.param("/", 404, "", "robots-meta", ABSENT, None, id="page-404"),
        pytest.param("/", 403, "", "robots-meta", UNOBSERVED, "refused", id="page-403"),
        pytest.param("/", 402, "", "robots-meta", UNOBSERVED, "paid", id="robots-5-page-402"),
        pytest.param("/", 200, "<p>x", "robots-meta", ABSENT, None, id="page-silent"),
        pytest.param("/", 200, "<meta name=robots content=noai>", "robots-meta", PRESENT, None, id="page-present"),
        pytest.param("/robots.txt", 200, "<html>", "content-signal", UNOBSERVED, "not_the_file", id="robots-html"),
        pytest.param("/robots.txt", 503, "", "content-signal", UNOBSERVED, "server_error", id="robots-1.8(5)"),
        pytest.param("/robots.txt", 404, "", "content-signal", ABSENT, None, id="robots-404"),
        pytest.param("/robots.txt", 200, "", "robots-groups", ABSENT, None, id="robots-empty"),
        pytest.param(
            "/robots.txt", 200, "User-agent: *\nDisallow: /\n", "robots-groups", PRESENT, None, id="robots-rule"
        ),
        pytest.param(
            "/.well-known/tdmrep.json",
            200,
            '{"location":"/","tdm-reservation":1}',
            "tdmrep-file",
            MALFORMED,
            "wrong_shape: not an array",
            id="1.7(1)",
        ),
        pytest.param("/llms.txt", 200, "# Title\n", "llms-txt", PRESENT, None, id="fact-carrier"),
        pytest.param("/llms.txt", 200, "no title\n", "llms-txt", MALFORMED, "no title", id="fact-carrier-malformed"),
        pytest.param("/", 402, "", "payment", ABSENT, None, id="access-looked-at"),
        pytest.param("/", None, None, "payment", UNOBSERVED, "unreachable", id="access-unreachable"),
    ],
)
def test_states(
    path: str, status: int | None, body: str | None, carrier: str, state: CoverageState, reason: str | None
) -> None:
    """4xx of a file says there is none; 5xx, time-outs, payments and refusals of the page say nothing."""
    assert covered(answered(path, status, body))[carrier] == (state, reason)


@pytest.mark.parametrize(
    ("headers", "carrier", "state", "reason"),
    [
        (
            (("content-usage", "Train-AI=n"),),
            "content-usage-header",
            MALFORMED,
            "unparseable; probable intent: train-ai=n",
        ),
        ((("content-usage", "train-ai=n"),), "content-usage-header", PRESENT, None),
        ((("tdm-reservation", "yes"),), "tdmrep-header", MALFORMED, "value"),
        ((("tdm-reservation", "1, 1"),), "tdmrep-header", MALFORMED, "repeated"),
    ],
)
def test_headers(headers: Headers, carrier: str, state: CoverageState, reason: str | None) -> None:
    """What cannot be read as its specification asks is malformed, also where a lenient reading stands beside it."""
    assert covered(answered("/", 200, "", headers))[carrier] == (state, reason)


def test_other_roles_are_not_asked() -> None:
    """One exchange says nothing of what stands elsewhere."""
    assert covered(answered("/", 200))["tdmrep-file"] == (UNOBSERVED, "not_asked")


def test_declared_documents() -> None:
    """Robots 4.3: behind a declaration nothing but the document itself is knowledge."""
    declaring = answered("/robots.txt", 200, "License: https://s.example/l.xml\nUser-agent: *\nDisallow:\n")
    assert covered(declaring)["rsl-document"] == (UNOBSERVED, "declared, not in this input")
    for status in (404, 403, 500):
        gone = answer("https://s.example/l.xml", status, (), b"", at=AT, role="rsl")
        assert covered(gone)["rsl-document"][0] is UNOBSERVED
    got = answer("https://s.example/l.xml", 200, (), b'<rsl xmlns="https://rslstandard.org/rsl"/>', at=AT)
    assert covered(got)["rsl-document"] == (ABSENT, None)


def test_redirects_and_cuts() -> None:
    """A hop shows nothing of what it points to; a file cut at the cap may have said more."""
    hop = answered("/", 301, "", (("Location", "/start"),))
    assert (hop.outcome, hop.redirect_to) == (Outcome.OK, "https://s.example/start")
    assert covered(hop)["robots-meta"] == (UNOBSERVED, "redirect")
    cut = answer("https://s.example/robots.txt", 200, (), b"# x\n" * 200_000, at=AT)
    assert cut.truncated
    assert covered(cut)["content-signal"] == (UNOBSERVED, "truncated")
    nested = answered("/", 200, "<br>" * 40_000)
    assert covered(nested)["robots-meta"] == (UNOBSERVED, "truncated")
