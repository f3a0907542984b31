"""Conduct as the server's log shows it: what a crawl may ask, in which order, how far apart, and what it must not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.signals import PROBES
from crawler.visit import ROLE_TARGET_ROBOTS
from crawler.vocabulary import ROLE_CONTROL, ROLE_PAGE, ROLE_ROBOTS, Outcome
from tests.crawler.loopback import CONTACT, Reply, Web, answer, moved, open_site, page, take


@pytest.fixture
def web() -> Iterator[Web]:
    with Web().running() as running:
        yield running


def test_a_visit_asks_in_order_and_says_who_it_is(web: Web, tmp_path: Path) -> None:
    web.site("plain.test", https=True)
    taken = take(web, tmp_path)
    paths = web.paths("plain.test")
    control = taken.last("plain.test", ROLE_CONTROL)
    assert paths == ["/robots.txt", control.url.removeprefix("https://plain.test"), *PROBES.values(), "/"]
    assert {hit.method for hit in web.hits} == {"GET"}
    assert {hit.scheme for hit in web.hits} == {"https"}
    assert {hit.fields["user-agent"] for hit in web.hits} == {f"OpenWebAudit/0.1.0 (+{CONTACT})"}
    assert all("cookie" not in hit.fields and "referer" not in hit.fields for hit in web.hits)
    roles = [exchange.role for exchange in taken.visits["plain.test"].exchanges]
    assert roles == [ROLE_ROBOTS, ROLE_CONTROL, *PROBES, ROLE_PAGE]
    assert taken.last("plain.test", ROLE_PAGE).ip == "127.0.0.1"


def test_http_is_asked_only_where_https_is_unreachable(web: Web, tmp_path: Path) -> None:
    web.site("secure.test", {"/robots.txt": answer(503)}, https=True)
    web.site("plain.test")
    taken = take(web, tmp_path)
    assert [(hit.scheme, hit.path) for hit in web.hits if hit.host == "secure.test"] == [("https", "/robots.txt")]
    first, second, *_ = taken.visits["plain.test"].exchanges
    assert (first.url, first.outcome) == ("https://plain.test/robots.txt", Outcome.UNREACHABLE)
    assert (second.url, second.outcome) == ("http://plain.test/robots.txt", Outcome.ABSENT)
    assert taken.last("plain.test", ROLE_PAGE).url == "http://plain.test/"


@pytest.mark.parametrize(
    ("robots", "outcome"),
    [
        pytest.param(answer(500), Outcome.SERVER_ERROR, id="RFC 9309 2.3.1.4, 500"),
        pytest.param(answer(503, b"User-agent: *\nAllow: /\n"), Outcome.SERVER_ERROR, id="RFC 9309 2.3.1.4, 503"),
        pytest.param(answer(429), Outcome.RATE_LIMITED, id="design 6, 429"),
        pytest.param(answer(401), Outcome.REFUSED, id="design 6, 401"),
        pytest.param(answer(403), Outcome.REFUSED, id="design 6, 403"),
        pytest.param(answer(451), Outcome.REFUSED, id="RFC 7725, 451"),
        pytest.param(answer(402), Outcome.PAID, id="signals-robots 5, 402"),
        pytest.param(
            answer(200, b"", ("cf-mitigated", "challenge")), Outcome.REFUSED, id="signals-robots 5, challenge"
        ),
    ],
)
def test_nothing_is_asked_after_robots_forbids_or_fails(
    web: Web, tmp_path: Path, robots: bytes, outcome: Outcome
) -> None:
    web.site("closed.test", {"/robots.txt": robots, "/": page()})
    taken = take(web, tmp_path)
    assert web.paths("closed.test") == ["/robots.txt"]
    assert taken.last("closed.test", ROLE_ROBOTS).outcome is outcome
    rest = {role: exchange for role, exchange in taken.roles("closed.test").items() if role != ROLE_ROBOTS}
    assert set(rest) == {ROLE_CONTROL, ROLE_PAGE, *PROBES}
    assert {exchange.outcome for exchange in rest.values()} == {Outcome.NOT_ASKED}
    assert all(str(outcome) in (exchange.detail or "") for exchange in rest.values())


@pytest.mark.parametrize(
    "robots",
    [
        pytest.param(answer(404), id="RFC 9309 2.3.1.3, 404"),
        pytest.param(answer(410), id="RFC 9309 2.3.1.3, 410"),
        pytest.param(answer(400), id="RFC 9309 2.3.1.3, 400"),
        pytest.param(answer(200, b""), id="RFC 9309 2.3.1.1, empty"),
        pytest.param(page(), id="RFC 9309 2.3.1.1, a page without rules"),
        pytest.param(answer(200, "User-agent: GPTBot\nDisallow: /\n"), id="RFC 9309 2.2.1, no group for us"),
    ],
)
def test_everything_is_asked_where_robots_forbids_nothing(web: Web, tmp_path: Path, robots: bytes) -> None:
    web.site("open.test", {"/robots.txt": robots, "/": page()})
    taken = take(web, tmp_path)
    assert web.paths("open.test")[-1] == "/"
    assert taken.last("open.test", ROLE_PAGE).outcome is Outcome.OK


def test_robots_is_obeyed_for_well_known_files_too(web: Web, tmp_path: Path) -> None:
    rules = "User-agent: *\nAllow: /\n\nUser-agent: openwebaudit\nDisallow: /.well-known/\nDisallow: /ai.txt\n"
    web.site("picky.test", {"/robots.txt": answer(200, rules), "/": page()})
    taken = take(web, tmp_path)
    asked = web.paths("picky.test")
    assert not [path for path in asked if path.startswith(("/.well-known/", "/ai.txt"))]
    assert asked[-1] == "/"
    refused = taken.roles("picky.test")["tdmrep.json"]
    assert (refused.outcome, refused.detail) == (Outcome.DISALLOWED, "robots.txt line 5: Disallow: /.well-known/")


def test_both_parsers_must_allow(web: Web, tmp_path: Path) -> None:
    """RFC 9309 2.2.1 wants the whole token; Protego takes `OpenWeb` for a prefix of ours, and so we stay away."""
    rules = "User-agent: OpenWeb\nDisallow: /\n"
    web.site("vague.test", {"/robots.txt": answer(200, rules), "/": page()})
    taken = take(web, tmp_path)
    assert web.paths("vague.test") == ["/robots.txt"]
    refused = taken.last("vague.test", ROLE_PAGE)
    assert refused.outcome is Outcome.DISALLOWED
    assert "parser_disagreement" in (refused.detail or "")


def test_requests_to_a_host_keep_their_distance(web: Web, tmp_path: Path) -> None:
    for name in ("one.test", "two.test"):
        web.site(name)
    take(web, tmp_path, politeness__delay=0.15, politeness__delay_per_ip=0.02)
    for name in ("one.test", "two.test"):
        times = [hit.at for hit in web.hits if hit.host == name]
        assert min(later - sooner for sooner, later in itertools.pairwise(times)) >= 0.15
    times = sorted(hit.at for hit in web.hits)
    # Starts are 20 ms apart; how long a head takes to arrive varies by a little.
    assert min(later - sooner for sooner, later in itertools.pairwise(times)) >= 0.01


def test_crawl_delay_is_kept_up_to_its_cap(web: Web, tmp_path: Path) -> None:
    web.site("slow.test", {"/robots.txt": answer(200, "User-agent: *\nCrawl-delay: 0.2\n"), "/": page()})
    web.site("snail.test", {"/robots.txt": answer(200, "User-agent: *\nCrawl-delay: 3600\n"), "/": page()})
    taken = take(web, tmp_path)
    times = [hit.at for hit in web.hits if hit.host == "slow.test"]
    assert len(times) > 3
    assert min(later - sooner for sooner, later in itertools.pairwise(times)) >= 0.2
    assert web.paths("snail.test") == ["/robots.txt"]
    left = taken.last("snail.test", ROLE_PAGE)
    assert left.outcome is Outcome.NOT_ASKED
    assert "crawl_delay_cap" in (left.detail or "")


def test_retry_after_is_waited_for_up_to_its_cap(web: Web, tmp_path: Path) -> None:
    web.site("busy.test", open_site(**{"ai.txt": answer(429, b"", ("Retry-After", "1"))}))
    web.site("shut.test", open_site(**{"ai.txt": answer(503, b"", ("Retry-After", "7200"))}))
    taken = take(web, tmp_path)
    hits = [hit for hit in web.hits if hit.host == "busy.test"]
    after = next(at for at, hit in enumerate(hits) if hit.path == "/ai.txt") + 1
    assert hits[after].at - hits[after - 1].at >= 1.0
    assert taken.last("busy.test", ROLE_PAGE).outcome is Outcome.OK
    assert web.paths("shut.test")[-1] == "/ai.txt"
    assert "retry_after_cap" in (taken.last("shut.test", ROLE_PAGE).detail or "")


def test_a_second_429_ends_the_visit(web: Web, tmp_path: Path) -> None:
    web.site("tired.test", {"/robots.txt": answer(404), "*": answer(429)})
    taken = take(web, tmp_path)
    assert len(web.paths("tired.test")) == 3
    assert taken.last("tired.test", ROLE_PAGE).detail == "answered 429 twice"


def test_the_budget_of_a_site_is_kept_and_the_page_comes_first(web: Web, tmp_path: Path) -> None:
    web.site("big.test", open_site())
    taken = take(web, tmp_path, politeness__requests_per_site=6)
    # The refused connection for https counts: it was a request.
    assert len(web.paths("big.test")) == 4
    assert taken.last("big.test", ROLE_PAGE).outcome is Outcome.OK
    left = [role for role, exchange in taken.roles("big.test").items() if exchange.outcome is Outcome.NOT_ASKED]
    assert left
    assert all("requests_per_site" in (taken.last("big.test", role).detail or "") for role in left)


def test_redirects_are_followed_hop_by_hop_within_the_limit(web: Web, tmp_path: Path) -> None:
    for count, name in ((5, "five.test"), (6, "six.test")):
        chain: dict[str, Reply] = {f"/r{hop}": moved(f"/r{hop + 1}") for hop in range(1, count)}
        web.site(name, {**open_site(), **chain, "/": moved("/r1"), f"/r{count}": page()})
    taken = take(web, tmp_path, politeness__requests_per_site=30)
    hops = [exchange for exchange in taken.visits["five.test"].exchanges if exchange.role == ROLE_PAGE]
    assert [exchange.hop for exchange in hops] == [0, 1, 2, 3, 4, 5]
    assert [exchange.redirect_to for exchange in hops] == [f"http://five.test/r{hop}" for hop in range(1, 6)] + [None]
    assert hops[-1].outcome is Outcome.OK
    assert taken.last("six.test", ROLE_PAGE).outcome is Outcome.REDIRECT_LIMIT
    assert "/r6" not in web.paths("six.test")


def test_a_redirect_loop_is_left_at_once(web: Web, tmp_path: Path) -> None:
    web.site("loop.test", open_site(**{"a": moved("/"), "": moved("/a")}))
    taken = take(web, tmp_path)
    assert web.paths("loop.test")[-2:] == ["/", "/a"]
    last = taken.last("loop.test", ROLE_PAGE)
    assert (last.outcome, last.detail) == (Outcome.REDIRECT_LIMIT, "a redirect loop")


def test_a_redirect_to_another_host_obeys_that_hosts_robots(web: Web, tmp_path: Path) -> None:
    web.site("from.test", {"/robots.txt": answer(404), "/": moved("http://to.test/here")})
    web.site("also.test", {"/robots.txt": answer(404), "/": moved("http://no.test/here")})
    web.site("to.test", {"/robots.txt": answer(200, "User-agent: *\nDisallow: /private\n"), "/here": page()})
    web.site("no.test", {"/robots.txt": answer(200, "User-agent: *\nDisallow: /here\n"), "/here": page()})
    taken = take(web, tmp_path, "from.test", "also.test")
    assert web.paths("to.test") == ["/robots.txt", "/here"]
    assert web.paths("no.test") == ["/robots.txt"]
    assert taken.last("from.test", ROLE_PAGE).url == "http://to.test/here"
    assert taken.last("also.test", ROLE_PAGE).outcome is Outcome.DISALLOWED
    assert ROLE_TARGET_ROBOTS in taken.roles("from.test")


@pytest.mark.parametrize(
    "target",
    [
        "http://10.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:10.1.2.3]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://inside.test/",
        "http://odd.test:8080/",
        "ftp://odd.test/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://user:secret@odd.test/",
        "http://exa mple/",
        "//[",
    ],
)
def test_a_redirect_to_where_we_must_not_go_is_refused(web: Web, tmp_path: Path, target: str) -> None:
    web.site("odd.test", {"/robots.txt": answer(404), "/": moved(target)})
    settings = {**web.resolve(), "inside.test": "192.168.7.7"}
    taken = take(web, tmp_path, "odd.test", network__resolve=settings)
    last = taken.last("odd.test", ROLE_PAGE)
    assert last.outcome is Outcome.NOT_ASKED
    assert last.hop == 1
    assert last.detail
    assert {hit.host for hit in web.hits} == {"odd.test"}


def test_robots_moved_to_the_www_twin_is_asked_there_at_once(web: Web, tmp_path: Path) -> None:
    web.site("short.test", {"*": moved("http://www.short.test/robots.txt")})
    web.site("www.short.test", {"/robots.txt": answer(200, "User-agent: *\nDisallow: /ai.txt\n"), "/": page()})
    taken = take(web, tmp_path, "short.test")
    assert web.paths("short.test") == ["/robots.txt"]
    assert web.paths("www.short.test").count("/robots.txt") == 1
    assert "/ai.txt" not in web.paths("www.short.test")
    assert taken.last("short.test", ROLE_PAGE).url == "http://www.short.test/"


def test_an_opted_out_host_is_never_asked(web: Web, tmp_path: Path) -> None:
    web.site("sub.left.test")
    web.site("way.test", {"/robots.txt": answer(404), "/": moved("http://sub.left.test/")})
    listed = tmp_path / "optout.txt"
    listed.write_text("# asked by mail\nLEFT.test  # and everything below\n")
    taken = take(web, tmp_path, crawl__optout_file=str(listed))
    assert web.paths("sub.left.test") == []
    assert {exchange.outcome for exchange in taken.visits["sub.left.test"].exchanges} == {Outcome.NOT_ASKED}
    assert taken.last("way.test", ROLE_PAGE).outcome is Outcome.NOT_ASKED
