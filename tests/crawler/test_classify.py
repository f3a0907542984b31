"""Outcomes of answered requests and the soft-404 test."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.classify import looks_like_html, outcome_of, stores_body, unmask
from crawler.records import Exchange, Visit
from crawler.vocabulary import Outcome

HTML = b"<!DOCTYPE html><html><body>Not here</body></html>"
ROBOTS = b"User-agent: *\nDisallow:\n"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.OK),
        (203, Outcome.OK),
        (400, Outcome.REFUSED),
        (401, Outcome.REFUSED),
        (402, Outcome.PAID),
        (403, Outcome.REFUSED),
        (404, Outcome.ABSENT),
        (405, Outcome.REFUSED),
        (410, Outcome.ABSENT),
        (429, Outcome.RATE_LIMITED),
        (451, Outcome.REFUSED),
        (500, Outcome.SERVER_ERROR),
        (503, Outcome.SERVER_ERROR),
        (599, Outcome.SERVER_ERROR),
        (999, Outcome.REFUSED),
        (None, Outcome.UNREACHABLE),
    ],
)
def test_status(status: int | None, outcome: Outcome) -> None:
    """Design 1: every status has one outcome, and an error's code stands in the detail."""
    found, detail = outcome_of(status, "page", (), b"x", False)
    assert found is outcome
    if status is not None and status >= 400:
        assert str(status) in (detail or "")


@pytest.mark.parametrize(
    ("status", "headers", "outcome"),
    [
        (301, (("Location", "/x"),), Outcome.OK),
        (302, (), Outcome.NOT_THE_FILE),
        (308, (("location", " "),), Outcome.NOT_THE_FILE),
        (304, (), Outcome.NOT_THE_FILE),
    ],
)
def test_redirect(status: int, headers: tuple[tuple[str, str], ...], outcome: Outcome) -> None:
    """A hop is `ok` when it points on, and not the file when it does not."""
    assert outcome_of(status, "robots.txt", headers, None, False)[0] is outcome


@pytest.mark.parametrize("status", [200, 202, 403, 503])
@pytest.mark.parametrize(
    ("name", "value"),
    [("CF-Mitigated", "challenge"), ("x-amzn-waf-action", "Challenge"), ("X-Vercel-Mitigated", "deny")],
)
def test_challenge(status: int, name: str, value: str) -> None:
    """Signals-robots 5(c): a challenge is access refused, whatever its status, and its body is no content."""
    found = outcome_of(status, "page", ((name, value),), b"", False)
    assert found == (Outcome.REFUSED, f"bot challenge ({name.lower()})")


def test_other_mitigation_is_no_challenge() -> None:
    """Only `challenge` of Cloudflare's and AWS's header says that a bot was challenged."""
    assert outcome_of(200, "page", (("cf-mitigated", "block"),), b"x", False)[0] is Outcome.OK


@pytest.mark.parametrize(
    ("role", "kind", "body", "truncated", "outcome"),
    [
        pytest.param("tdmrep.json", "text/html", HTML, False, Outcome.NOT_THE_FILE, id="0.1(3)-html-type"),
        pytest.param("tdmrep.json", "application/json", HTML, False, Outcome.NOT_THE_FILE, id="0.1(3)-html-body"),
        pytest.param("tdmrep.json", "text/html", b"[]", False, Outcome.NOT_THE_FILE, id="0.1(3)-html-type-json-body"),
        pytest.param("ai.txt", None, b"\n  <p>hello", False, Outcome.NOT_THE_FILE, id="0.1(3)-first-byte"),
        pytest.param("ai.txt", None, b"\xef\xbb\xbf<rss/>", False, Outcome.NOT_THE_FILE, id="0.1(3)-bom-xml"),
        pytest.param("tdmrep.json", "application/json", b"[]", False, Outcome.OK, id="0.1-json"),
        pytest.param("tdmrep.json", None, b"", False, Outcome.OK, id="0.1-empty"),
        pytest.param("tdmrep.json", None, HTML.decode().encode("utf-16"), False, Outcome.NOT_THE_FILE, id="0.1-utf-16"),
        pytest.param("llms.txt", "text/plain", b"# T\n", True, Outcome.OVERSIZE, id="0.1(4)-oversize"),
        pytest.param("llms.txt", "text/plain", HTML, True, Outcome.NOT_THE_FILE, id="0.1-html-before-oversize"),
        pytest.param("robots.txt", "text/plain", ROBOTS, True, Outcome.OK, id="RFC9309-2.5-truncated"),
        pytest.param("robots.txt", "text/html", ROBOTS, False, Outcome.OK, id="1.4-html-type-known-key"),
        pytest.param("robots.txt", "text/html", b"hello", False, Outcome.NOT_THE_FILE, id="1.4-html-type-no-key"),
        pytest.param("robots.txt", "text/plain", HTML + ROBOTS, False, Outcome.NOT_THE_FILE, id="1.4-html-tag"),
        pytest.param("robots.txt", "text/plain", b"# <html> not\n" + ROBOTS, False, Outcome.OK, id="1.4-comment"),
        pytest.param("robots.txt", "text/plain", b"hello", False, Outcome.OK, id="1.4-text"),
        pytest.param("page", "text/html", HTML, True, Outcome.OK, id="page"),
        pytest.param("control", "text/html", HTML, False, Outcome.OK, id="control"),
        pytest.param("rsl", "text/xml", b'<?xml version="1.0"?><rsl/>', False, Outcome.OK, id="RSL-4.2-xml"),
        pytest.param("rsl", "text/xml", HTML, False, Outcome.NOT_THE_FILE, id="RSL-html"),
        pytest.param("tdm-policy", "text/html", HTML, False, Outcome.OK, id="TDMRep-policy-for-people"),
    ],
)
def test_success(role: str, kind: str | None, body: bytes, truncated: bool, outcome: Outcome) -> None:
    """Signals-page 0.1 and signals-robots 1.4: a 2xx is the file only if it looks like it."""
    headers = (("Content-Type", kind),) if kind else ()
    assert outcome_of(200, role, headers, body, truncated)[0] is outcome


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        (b"x" * 2000 + b"<html>", "text/plain", False),
        (b"x" * 500 + b"<HTML lang=en>", "text/plain", True),
        (b"", "text/html", True),
        (b"<", None, True),
        (b"plain", None, False),
        (b"plain", "application/xhtml+xml", True),
    ],
)
def test_looks_like_html(body: bytes, kind: str | None, expected: bool) -> None:
    """Signals-page 0.1(3): tag in the first 1 KiB, first character, or type."""
    assert looks_like_html(body, kind) is expected


@given(
    st.none() | st.integers(-1, 1200),
    st.sampled_from(["page", "robots.txt", "ai.txt", "rsl"]),
    st.lists(st.tuples(st.sampled_from(["location", "cf-mitigated", "content-type"]), st.text(max_size=9))),
    st.none() | st.binary(max_size=60),
    st.booleans(),
)
def test_never_raises(
    status: int | None, role: str, headers: list[tuple[str, str]], body: bytes | None, truncated: bool
) -> None:
    """Any answer has an outcome, and only `ok` comes without a reason."""
    outcome, detail = outcome_of(status, role, tuple(headers), body, truncated)
    assert (detail is None) is (outcome is Outcome.OK)


AT = datetime(2026, 11, 1, tzinfo=UTC)


def asked(role: str, path: str, body: bytes | None, status: int = 200, hop: int = 0, **more: Any) -> Exchange:
    """An exchange of `s.example` as it came, outcome told from the answer."""
    outcome, detail = outcome_of(status, role, (), body, False)
    url = f"https://s.example{path}"
    return Exchange("s.example", role, url, outcome, AT, hop=hop, status=status, body=body, detail=detail, **more)


def visit(*exchanges: Exchange) -> Visit:
    """A visit of these exchanges."""
    return Visit("s.example", exchanges, AT, AT)


PLAIN = b"Nothing here: 404 for /%s, request 1234-abcdef01\n"


@pytest.mark.parametrize(
    ("probe", "control", "masked"),
    [
        pytest.param(PLAIN % b"ai.txt", PLAIN % b"zx81.txt", True, id="0.1(2)-same-but-for-the-path"),
        pytest.param(b"not  found\n", b"Not found", True, id="0.1(2)-white-space-and-case"),
        pytest.param(b"error id 17", b"error id 99", True, id="0.1(2)-numbers"),
        pytest.param(b"", b"", True, id="0.1(2)-empty-everywhere"),
        pytest.param(b"User-Agent: *\nDisallow: *\n", b"not found", False, id="0.1-a-file"),
        pytest.param(b"User-Agent: *\nDisallow: *\n", b"", False, id="0.1-a-file-where-others-are-empty"),
    ],
)
def test_unmask(probe: bytes, control: bytes, masked: bool) -> None:
    """Signals-page 0.1(2): "reject when status + normalised body hash equals the control"."""
    found = unmask(
        visit(
            asked("robots.txt", "/robots.txt", probe),
            asked("control", "/zx81.txt", control),
            asked("ai.txt", "/ai.txt", probe),
        )
    )
    assert found.exchanges[2].outcome is (Outcome.NOT_THE_FILE if masked else Outcome.OK)
    assert (found.exchanges[2].detail is not None) is masked
    assert found.exchanges[2].body == probe


def test_unmask_leaves_robots_page_and_declared_documents_alone() -> None:
    """Whatever is asked for anyway, or was pointed to, is judged by itself."""
    exchanges = [asked(role, f"/{role}", b"same") for role in ("robots.txt", "page", "rsl", "rsl-2", "tdm-policy")]
    before = visit(asked("control", "/zx81.txt", b"same"), *exchanges)
    assert unmask(before) == before


@pytest.mark.parametrize(
    "control",
    [
        pytest.param([], id="no-control"),
        pytest.param([asked("control", "/zx81.txt", b"same", 404)], id="honest-404"),
        pytest.param([asked("control", "/zx81.txt", b"same", 203)], id="other-status"),
        pytest.param([asked("control", "/zx81.txt", b"same", redirect_to="https://s.example/")], id="redirected-away"),
    ],
)
def test_unmask_needs_an_answered_control(control: list[Exchange]) -> None:
    """Only a random path that is answered like a file unmasks anything."""
    before = visit(*control, asked("ai.txt", "/ai.txt", b"same"))
    assert unmask(before) == before


def test_unmask_looks_at_the_last_hop() -> None:
    """Of a redirect chain the last answer is compared."""
    hop = asked("ai.txt", "/ai.txt", b"", redirect_to="https://s.example/oops")
    before = visit(asked("control", "/zx81.txt", b"sorry"), hop, asked("ai.txt", "/oops", b"sorry", hop=1))
    assert [exchange.outcome for exchange in unmask(before).exchanges] == [Outcome.OK, Outcome.OK, Outcome.NOT_THE_FILE]


@pytest.mark.parametrize(
    ("exchange", "stored"),
    [
        (asked("page", "/", b"<p>"), True),
        (asked("ai.txt", "/ai.txt", b"User-Agent: *"), True),
        (asked("robots.txt", "/robots.txt", b"<html>"), True),
        (asked("page", "/", b'{"x402Version":1}', 402), True),
        (asked("ai.txt", "/ai.txt", b"<html>"), False),
        (asked("page", "/", b"<p>", 404), False),
        (asked("page", "/", b"<p>", 503), False),
        (asked("control", "/zx81.txt", b"<p>"), False),
        (asked("page", "/", b"moved", redirect_to="https://s.example/a"), False),
        (asked("page", "/", None), False),
    ],
)
def test_stores_body(exchange: Exchange, stored: bool) -> None:
    """Content is what was answered; error pages, soft 404s, hops and challenges are not, and are not hashed."""
    assert stores_body(exchange) is stored


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b'<!DOCTYPE rsl [<!ENTITY a "b">]><rsl/>', Outcome.OK),
        (b"<!-- x --><!DOCTYPE html><p>", Outcome.NOT_THE_FILE),
        (b"<HTML lang=en>", Outcome.NOT_THE_FILE),
    ],
)
@pytest.mark.parametrize("role", ["rsl", "rsl-2", "rsl-3"])
def test_rsl_documents(role: str, body: bytes, outcome: Outcome) -> None:
    """RSL 4.2: XML by right, a doctype of its own too; a page is no document."""
    assert outcome_of(200, role, (), body, False)[0] is outcome
