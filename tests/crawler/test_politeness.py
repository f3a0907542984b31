"""Who we say we are, what robots.txt lets us ask, how long we wait, and whom we leave alone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.politeness import (
    OptOuts,
    RobotsGate,
    Spacing,
    add_opt_out,
    control_path,
    require_contact,
    retry_after,
    user_agent,
)
from crawler.records import Exchange
from crawler.settings import Identity, Politeness, SettingsError
from crawler.vocabulary import ROLE_ROBOTS, Outcome

NOW = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)
TOKEN = "OpenWebAudit"


@pytest.mark.parametrize(
    "contact",
    [
        "https://audit.uni-somewhere.de/bot",
        "http://bot.openweb-audit-tests.net",
        "mailto:crawler@uni-somewhere.de",
        "https://xn--mller-kva.de/bot",
        "https://münchen.de/bot".replace("ü", "%C3%BC").replace("%C3%BC", "ue"),
    ],
)
def test_a_contact_that_can_reach_somebody(contact: str) -> None:
    require_contact(Identity(contact_url=contact))
    assert user_agent(Identity(contact_url=contact)) == f"OpenWebAudit/0.1.0 (+{contact})"


@pytest.mark.parametrize(
    "contact",
    [
        "",
        "   ",
        "audit.uni-somewhere.de/bot",
        "ftp://audit.uni-somewhere.de/",
        "https://",
        "https:///bot",
        "https://localhost/bot",
        "https://example.com/bot",
        "https://www.example.org/bot",
        "https://my.example/bot",
        "https://bot.test/",
        "https://bot.invalid/",
        "https://crawler.internal/",
        "https://intranet/bot",
        "https://192.168.1.1/bot",
        "https://8.8.8.8/bot",
        "https://[2606:2800::1]/bot",
        "mailto:votrenom@example.com",
        "mailto:nobody",
        "mailto:",
        "https://a.de/bot\r\nX-Evil: 1",
        "https://a.de/(bot)",
        "https://a.de/bö",
        "https://[::1",
    ],
)
def test_a_contact_that_cannot(contact: str) -> None:
    with pytest.raises(SettingsError, match=r"identity\.contact_url.*--contact"):
        require_contact(Identity(contact_url=contact))


def test_a_placeholder_that_the_crawled_net_answers_for_is_real() -> None:
    require_contact(Identity(contact_url="https://bot.test/"), ["bot.test:443"])


def gate_of(outcome: Outcome, *, status: int | None = 200, body: bytes = b"", detail: str | None = None) -> RobotsGate:
    answer = Exchange("s.test", ROLE_ROBOTS, "https://s.test/robots.txt", outcome, NOW, status=status, body=body)
    return RobotsGate.of(
        TOKEN, Exchange("s.test", ROLE_ROBOTS, answer.url, outcome, NOW, status=status, body=body, detail=detail)
    )


@pytest.mark.parametrize(
    ("outcome", "status", "closed"),
    [
        pytest.param(Outcome.OK, 200, False, id="RFC 9309 2.3.1.1, 200"),
        pytest.param(Outcome.NOT_THE_FILE, 200, False, id="RFC 9309 2.3.1.1, a page"),
        pytest.param(Outcome.NOT_THE_FILE, 304, True, id="a redirect to nowhere"),
        pytest.param(Outcome.ABSENT, 404, False, id="RFC 9309 2.3.1.3, 404"),
        pytest.param(Outcome.ABSENT, 410, False, id="RFC 9309 2.3.1.3, 410"),
        pytest.param(Outcome.REFUSED, 400, False, id="RFC 9309 2.3.1.3, 400"),
        pytest.param(Outcome.REFUSED, 401, True, id="design 6, 401"),
        pytest.param(Outcome.REFUSED, 403, True, id="design 6, 403"),
        pytest.param(Outcome.REFUSED, 451, True, id="RFC 7725, 451"),
        pytest.param(Outcome.PAID, 402, True, id="402"),
        pytest.param(Outcome.RATE_LIMITED, 429, True, id="design 6, 429"),
        pytest.param(Outcome.SERVER_ERROR, 500, True, id="RFC 9309 2.3.1.4, 500"),
        pytest.param(Outcome.SERVER_ERROR, 599, True, id="RFC 9309 2.3.1.4, 599"),
        pytest.param(Outcome.UNREACHABLE, None, True, id="RFC 9309 2.3.1.4, no answer"),
        pytest.param(Outcome.UNREACHABLE, 200, True, id="RFC 9309 2.3.1.4, cut off"),
        pytest.param(Outcome.REDIRECT_LIMIT, None, False, id="RFC 9309 2.3.1.2, too many redirects"),
        pytest.param(Outcome.NOT_ASKED, None, True, id="not asked"),
    ],
)
def test_what_an_answer_to_robots_means(outcome: Outcome, status: int | None, closed: bool) -> None:
    gate = gate_of(outcome, status=status)
    assert (gate.closed is not None) is closed
    assert gate.rule("https://s.test/").allowed is not closed


def test_a_bot_challenge_closes_an_origin() -> None:
    assert gate_of(Outcome.REFUSED, status=418, detail="bot challenge (cf-mitigated)").closed is not None


@pytest.mark.parametrize(
    ("body", "path", "allowed", "word"),
    [
        pytest.param(b"User-agent: *\nDisallow: /a\n", "/ab", False, "line 2", id="RFC 9309 2.2.2"),
        pytest.param(b"User-agent: *\nDisallow: /\n", "/robots.txt", True, "", id="RFC 9309 2.2.2, robots.txt itself"),
        pytest.param(b"User-agent: *\nDisallow: /\nAllow: /a\n", "/ab", True, "", id="RFC 9309 2.2.2, longest"),
        pytest.param(
            b"User-agent: *\nDisallow: /\n\nUser-agent: OPENWEBAUDIT\nDisallow: /x\n",
            "/",
            True,
            "",
            id="RFC 9309 2.2.1",
        ),
        pytest.param("\ufeffUser-agent: *\nDisallow: /\n".encode("utf-16-le"), "/", False, "line 2", id="UTF-16"),
        pytest.param(b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n", "/", False, "line 2", id="RFC 9309 2.2, BOM"),
        pytest.param(
            b"User-agent: OpenWeb\nDisallow: /\n", "/", False, "parser_disagreement", id="RFC 9309 2.2.1, token"
        ),
        pytest.param(b"<html><p>User-agent: *</p></html>", "/", True, "", id="a page in disguise"),
        pytest.param(b"\x00\xff\xfe" * 100, "/", True, "", id="octets"),
    ],
)
def test_rules(body: bytes, path: str, allowed: bool, word: str) -> None:
    ruling = gate_of(Outcome.OK, body=body).rule(f"https://s.test{path}")
    assert ruling.allowed is allowed
    assert word in (ruling.detail or "")


@given(st.binary(max_size=300), st.text(max_size=30))
def test_no_robots_file_at_all_makes_a_gate_raise(body: bytes, path: str) -> None:
    gate_of(Outcome.OK, body=b"User-agent: *\nDisallow: " + body).rule(f"https://s.test/{path}")


@pytest.mark.parametrize(
    ("body", "delay"),
    [
        (b"User-agent: *\nCrawl-delay: 10\n", 10.0),
        (b"User-agent: *\nCRAWL-DELAY : 2.5 # slow\n", 2.5),
        (b"User-agent: *\nCrawl-delay: 1\nDisallow: /x\nCrawl-delay: 7\n", 7.0),
        (b"User-agent: *\nDisallow:\nCrawl-delay: 99\n\nUser-agent: OpenWebAudit\nCrawl-delay: 3\n", 3.0),
        (b"User-agent: *\nDisallow:\nCrawl-delay: 99\n\nUser-agent: OpenWebAudit\nDisallow:\n", None),
        # RFC 9309 2.2.1: only a rule ends a run of user-agent lines, so this is one group; the longer delay is kept.
        (b"User-agent: *\nCrawl-delay: 99\n\nUser-agent: OpenWebAudit\nCrawl-delay: 3\n", 99.0),
        (b"User-agent: GPTBot\nCrawl-delay: 99\n", None),
        (b"User-agent: *\nCrawl-delay: soon\n", None),
        (b"User-agent: *\nCrawl-delay: -1\n", None),
        (b"User-agent: *\nCrawl-delay: inf\n", None),
        (b"User-agent: *\nCrawl-delay: 1e9\n", None),
        (b"Crawl-delay: 5\n", None),
    ],
)
def test_crawl_delay(body: bytes, delay: float | None) -> None:
    assert gate_of(Outcome.OK, body=body).crawl_delay == delay


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        pytest.param("120", 120.0, id="RFC 9110 10.2.3, seconds"),
        pytest.param("0", 0.0, id="RFC 9110 10.2.3, none"),
        pytest.param("Wed, 25 Nov 2026 12:02:00 GMT", 120.0, id="RFC 9110 5.6.7, IMF-fixdate"),
        pytest.param("Wednesday, 25-Nov-26 12:02:00 GMT", 120.0, id="RFC 9110 5.6.7, RFC 850"),
        pytest.param("Wed Nov 25 12:02:00 2026", 120.0, id="RFC 9110 5.6.7, asctime"),
        pytest.param("Wed, 25 Nov 2026 11:00:00 GMT", 0.0, id="RFC 9110 10.2.3, in the past"),
        pytest.param("soon", None, id="nonsense"),
        pytest.param("-5", None, id="negative"),
        pytest.param("1.5", None, id="no delay-seconds"),
        pytest.param("", None, id="empty"),
        pytest.param("99999999999999999999", None, id="no number anybody means"),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after((("Content-Type", "x"), ("retry-AFTER", value)), NOW) == seconds


def test_no_retry_after() -> None:
    assert retry_after((("Content-Type", "x"),), NOW) is None


def test_the_control_path_is_the_same_in_every_run_and_no_other_origins() -> None:
    paths = {control_path(f"https://s{number}.test") for number in range(100)}
    assert len(paths) == 100
    assert control_path("https://s1.test") == control_path("https://s1.test")
    assert all(path.startswith("/") and path[1:].isalnum() for path in paths)


def spacing(**given: float) -> Spacing:
    return Spacing(Politeness(**given))  # type: ignore[arg-type]


def test_a_host_is_given_its_gap_after_each_answer() -> None:
    space = spacing(delay=1.0, delay_per_ip=0.0)
    assert space.ready("a", 100.0, gap=1.0) == 100.0
    space.end("a", 103.0)
    assert space.ready("a", 103.2, gap=1.0) == 104.0
    assert space.ready("a", 105.0, gap=1.0) == 105.0
    assert space.ready("b", 103.2, gap=1.0) == 103.2


def test_an_address_is_given_its_gap_whatever_the_host() -> None:
    space = spacing(delay=0.0, delay_per_ip=0.5)
    assert [space.reserve("ip", 100.0) for _ in range(4)] == [100.0, 100.5, 101.0, 101.5]
    assert space.reserve("other", 100.0) == 100.0


def test_an_address_that_is_strained_is_slowed_down_and_recovers() -> None:
    space = spacing(delay=0.0, delay_per_ip=0.5, crawl_delay_cap=30.0)

    def gap() -> float:
        space.reserve("ip", 1000.0)
        first = space.reserve("ip", 1000.0)
        return space.reserve("ip", 1000.0) - first

    assert gap() == 0.5
    for _ in range(2):
        space.judge("ip", strained=True)
    assert gap() == 2.0
    for _ in range(9):
        space.judge("ip", strained=True)
    assert gap() == space.slowest == 8.0
    for _ in range(9):
        space.judge("ip", strained=False)
    assert gap() == 0.5


def test_a_host_that_asked_to_wait_is_waited_for() -> None:
    space = spacing(delay=0.0, delay_per_ip=0.0)
    space.hold("a", 160.0)
    assert space.ready("a", 100.0, gap=0.0) == 160.0
    assert space.left_alone("a", 100.0) is None
    space.hold("b", 160.0, leave="Retry-After")
    assert space.left_alone("b", 100.0) == "Retry-After"
    assert space.left_alone("b", 161.0) is None


def test_a_long_run_remembers_no_more_than_a_short_one() -> None:
    space = spacing(delay=1.0, delay_per_ip=0.2)
    for number in range(20_000):
        now = 100.0 + number
        space.ready(f"h{number}", now, gap=1.0)
        space.reserve(f"ip{number}", now)
        space.end(f"h{number}", now)
    assert len(space._hosts) < 200
    assert len(space._addresses) < 200


@pytest.mark.parametrize(
    ("host", "entry"),
    [
        ("left.test", "left.test"),
        ("deep.below.left.test", "left.test"),
        ("left.test:8080", "left.test"),
        ("notleft.test", None),
        ("test", None),
        ("[2606:2800::1]", "[2606:2800::1]"),
        ("xn--mller-kva.de", "xn--mller-kva.de"),
    ],
)
def test_opt_outs_cover_a_host_and_all_below_it(tmp_path: Path, host: str, entry: str | None) -> None:
    path = tmp_path / "optout.txt"
    path.write_text("\ufeff# who asked\n\nhttps://LEFT.test/some/page  # by mail\n[2606:2800::1]\nmüller.de\n", "utf-8")
    assert OptOuts.read(str(path)).covers(host) == entry


def test_an_opt_out_list_with_an_entry_that_is_no_host_stops_the_run(tmp_path: Path) -> None:
    path = tmp_path / "optout.txt"
    path.write_text("fine.test\nnot a host\n")
    with pytest.raises(SettingsError, match=r"optout\.txt:2: 'not a host'"):
        OptOuts.read(str(path))


def test_an_opt_out_list_that_is_not_there_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"crawl\.optout_file"):
        OptOuts.read(str(tmp_path / "gone.txt"))


def test_no_opt_out_list_covers_nobody() -> None:
    assert OptOuts.read("").covers("a.test") is None


def test_an_entry_added_is_honoured_and_a_note_cannot_add_another(tmp_path: Path) -> None:
    path = tmp_path / "optout.txt"
    path.write_text("first.test")
    add_opt_out(path, "second.test", "by mail\nthird.test # yes", date(2026, 11, 25))
    assert OptOuts.read(str(path)).hosts == ("first.test", "second.test")
    assert path.read_text() == "first.test\nsecond.test  # 2026-11-25 by mail third.test yes\n"
