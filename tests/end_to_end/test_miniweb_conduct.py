"""How the crawler behaves on the miniature web, told by the server's own log (design section 6)."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping

import pytest

from crawler.miniweb.expected import expected
from crawler.miniweb.loading import load
from crawler.miniweb.server import MiniWeb, Request
from crawler.settings import Politeness
from crawler.vocabulary import Outcome
from reports.verbs import demo

WORLD = load()
MONTH = "2026-08"
"""The month with most to obey: 403, 429, resets, three sites that do not want us, a redirect to another host."""


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Request]]:
    """What every host was asked, in order, in one real crawl."""
    folder = tmp_path_factory.mktemp("conduct")
    with MiniWeb(WORLD, MONTH, ca_file=folder / demo.AUTHORITY) as web:
        demo._write_settings(folder, web)
        run = subprocess.run(
            [sys.executable, "-m", "openweb", "crawl", "--sites", demo.FRAME, "--settings", demo.SETTINGS],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        asked: dict[str, list[Request]] = defaultdict(list)
        for request in web.requests:
            asked[request.host].append(request)
    return asked


def test_every_site_is_asked_for_robots_txt_first(log: Mapping[str, list[Request]]) -> None:
    closed = {site.host for site in WORLD.listed if WORLD.face(site.host, MONTH).untrusted}
    assert log.keys() - {"mint-museum.example"} == {site.host for site in WORLD.listed} - closed
    for host, requests in log.items():
        assert requests[0].path == "/robots.txt", host


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.RATE_LIMITED, Outcome.UNREACHABLE])
def test_nothing_else_is_asked_of_a_site_whose_robots_txt_was_not_had(
    log: Mapping[str, list[Request]], outcome: Outcome
) -> None:
    hosts = [host for host in expected().sites if expected().seen(host, MONTH).robots is outcome and host in log]
    assert hosts
    for host in hosts:
        assert {request.path for request in log[host]} == {"/robots.txt"}, host


def test_a_site_that_does_not_want_us_is_asked_for_robots_txt_only(log: Mapping[str, list[Request]]) -> None:
    hosts = [host for host in expected().sites if expected().seen(host, MONTH).page is Outcome.DISALLOWED]
    assert sorted(hosts) == ["closed-cabinet.example", "loomtalk.example", "observatory-college.example"]
    for host in hosts:
        assert [request.path for request in log[host]] == ["/robots.txt"]


def test_a_redirect_to_another_host_is_followed_under_that_hosts_rules(log: Mapping[str, list[Request]]) -> None:
    assert [request.path for request in log["mint-museum.example"]] == ["/robots.txt", "/"]


def test_the_crawler_says_who_it_is_and_only_asks(log: Mapping[str, list[Request]]) -> None:
    for requests in log.values():
        for request in requests:
            assert request.method == "GET"
            assert re.fullmatch(rf"OpenWebAudit/\S+ \(\+{re.escape(demo.CONTACT)}\)", request.user_agent)


def test_the_budget_of_requests_a_site_is_kept_and_nothing_is_asked_twice(log: Mapping[str, list[Request]]) -> None:
    for host, requests in log.items():
        assert len(requests) <= Politeness().requests_per_site, host
        assert max(Counter(request.path for request in requests).values()) == 1, host
