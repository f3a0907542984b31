"""The address guard: which URLs and addresses may be asked, and that no name is looked up behind its back."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from crawler.guard import Address, Guard, NoAddress, NotAsked
from crawler.settings import Network, SettingsError
from crawler.vocabulary import ROLE_PAGE, Outcome
from tests.crawler.loopback import Web, take


def guard(**network: Any) -> Guard:
    return Guard(Network(**network), dns_timeout=0.5)


def addresses(of: Guard, host: str, port: int = 80) -> list[Address]:
    return asyncio.run(of.addresses(host, port))


@pytest.mark.parametrize(
    ("ip", "public"),
    [
        pytest.param("93.184.215.14", True, id="public IPv4"),
        pytest.param("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True, id="public IPv6"),
        pytest.param("0.0.0.0", False, id="RFC 1122 3.2.1.3, this host"),
        pytest.param("10.0.0.1", False, id="RFC 1918, 10/8"),
        pytest.param("172.16.0.1", False, id="RFC 1918, 172.16/12"),
        pytest.param("172.32.0.1", True, id="just outside RFC 1918, 172.16/12"),
        pytest.param("192.168.1.1", False, id="RFC 1918, 192.168/16"),
        pytest.param("100.64.0.1", False, id="RFC 6598, shared"),
        pytest.param("127.0.0.1", False, id="RFC 1122, loopback"),
        pytest.param("127.255.255.254", False, id="RFC 1122, loopback, all of it"),
        pytest.param("169.254.169.254", False, id="RFC 3927, link-local"),
        pytest.param("192.0.2.1", False, id="RFC 5737, documentation"),
        pytest.param("198.18.0.1", False, id="RFC 2544, benchmarking"),
        pytest.param("224.0.0.1", False, id="RFC 5771, multicast"),
        pytest.param("239.255.255.250", False, id="RFC 2365, multicast"),
        pytest.param("240.0.0.1", False, id="RFC 1112, reserved"),
        pytest.param("255.255.255.255", False, id="RFC 919, broadcast"),
        pytest.param("::", False, id="RFC 4291, unspecified"),
        pytest.param("::1", False, id="RFC 4291, loopback"),
        pytest.param("::127.0.0.1", False, id="RFC 4291 2.5.5.1, IPv4-compatible"),
        pytest.param("::ffff:127.0.0.1", False, id="RFC 4291 2.5.5.2, IPv4-mapped loopback"),
        pytest.param("::ffff:93.184.215.14", False, id="RFC 4291 2.5.5.2, IPv4-mapped public"),
        pytest.param("64:ff9b::7f00:1", False, id="RFC 6052, NAT64 of loopback"),
        pytest.param("2002:7f00:1::1", False, id="RFC 3056, 6to4 of loopback"),
        pytest.param("2001:0:4136:e378:8000:63bf:3fff:fdd2", False, id="RFC 4380, Teredo"),
        pytest.param("fc00::1", False, id="RFC 4193, unique local"),
        pytest.param("fd12:3456::1", False, id="RFC 4193, unique local, fd"),
        pytest.param("fe80::1", False, id="RFC 4291, link-local"),
        pytest.param("fe80::1%lo", False, id="RFC 4007, scoped"),
        pytest.param("fec0::1", False, id="RFC 3879, site-local"),
        pytest.param("ff02::1", False, id="RFC 4291, multicast"),
        pytest.param("ff0e::1", False, id="RFC 4291, global multicast"),
        pytest.param("2001:db8::1", False, id="RFC 3849, documentation"),
    ],
)
def test_public_addresses(ip: str, public: bool) -> None:
    assert guard().may_connect(ip) is public


def test_an_address_named_in_the_settings_may_be_asked() -> None:
    allowed = guard(allow_addresses=["10.1.0.0/16", "::1/128"])
    assert allowed.may_connect("10.1.2.3")
    assert allowed.may_connect("::ffff:10.1.2.3")
    assert allowed.may_connect("::1")
    assert not allowed.may_connect("10.2.0.1")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://a.test/", None),
        ("http://a.test:80/x?y", None),
        ("http://[2606:2800:21f::1]/", None),
        ("ftp://a.test/", "scheme 'ftp'"),
        ("gopher://a.test/", "scheme 'gopher'"),
        ("HTTPS://a.test/", None),
        ("http://a.test:8080/", "port 8080"),
        ("http://a.test:99999/", "not a URL"),
        ("http://user@a.test/", "user name"),
        ("http://:secret@a.test/", "user name"),
        ("http:///x", "no host"),
        ("http://a b/", "not a host name"),
        ("http://a..b/", "empty label"),
        ("http://[::1", "not a URL"),
        ("http://a.test/" + "x" * 9000, "longer than"),
    ],
)
def test_urls(url: str, words: str | None) -> None:
    if words is None:
        guard().check(url)
    else:
        with pytest.raises(NotAsked, match=words):
            guard().check(url)


@pytest.mark.parametrize(
    ("target", "host", "port", "found"),
    [
        ("127.0.0.1", "a.test", 80, Address("127.0.0.1", 80)),
        ("127.0.0.1:8080", "a.test", 443, Address("127.0.0.1", 8080)),
        ("::1", "a.test", 80, Address("::1", 80)),
        ("[::1]", "a.test", 80, Address("::1", 80)),
        ("[::1]:8080", "a.test", 80, Address("::1", 8080)),
    ],
)
def test_mapped_names(target: str, host: str, port: int, found: Address) -> None:
    mapped = guard(resolve={"A.test": target}, allow_addresses=["127.0.0.0/8", "::1/128"])
    assert addresses(mapped, host, port) == [found]


def test_a_mapping_of_host_and_port_goes_before_one_of_the_host() -> None:
    mapped = guard(resolve={"a.test": "127.0.0.1:1", "a.test:443": "127.0.0.1:2"}, allow_addresses=["127.0.0.1"])
    assert addresses(mapped, "a.test", 443) == [Address("127.0.0.1", 2)]
    assert addresses(mapped, "a.test", 80) == [Address("127.0.0.1", 1)]


def test_a_mapping_is_judged_like_any_address() -> None:
    with pytest.raises(NotAsked, match=r"127\.0\.0\.1 is not public"):
        addresses(guard(resolve={"a.test": "127.0.0.1"}), "a.test")


def test_an_address_cannot_be_mapped_to_one_that_is_allowed() -> None:
    with pytest.raises(NotAsked, match=r"10\.0\.0\.1 is not public"):
        addresses(guard(resolve={"10.0.0.1": "127.0.0.1"}, allow_addresses=["127.0.0.0/8"]), "10.0.0.1")


@pytest.mark.parametrize("target", ["", "localhost", "a.test:80", "127.0.0.1:0", "127.0.0.1:x", "127.0.0.1:70000"])
def test_a_mapping_to_no_address_is_an_error_of_the_settings(target: str) -> None:
    with pytest.raises(SettingsError, match=r"network\.resolve: 'a\.test'"):
        guard(resolve={"a.test": target})


def test_an_allowed_range_that_is_none_is_an_error_of_the_settings() -> None:
    with pytest.raises(SettingsError, match=r"network\.allow_addresses: 'everything'"):
        guard(allow_addresses=["everything"])


def answering(*ips: str) -> Any:
    """A look-up that answers with these addresses, as getaddrinfo does."""

    def look_up(host: str, port: int, *rest: object, **named: object) -> Sequence[tuple[object, ...]]:
        if not ips:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(0, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (ip, port)) for ip in ips]

    return look_up


def test_of_several_addresses_only_public_ones_are_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answering("10.0.0.1", "93.184.215.14", "::1", "2606:2800::1"))
    assert [address.ip for address in addresses(guard(), "a.test")] == ["93.184.215.14", "2606:2800::1"]


def test_the_second_address_tried_is_of_the_other_family(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answering("93.184.215.14", "93.184.215.15", "2606:2800::1"))
    found = [address.ip for address in addresses(guard(), "a.test")]
    assert found == ["93.184.215.14", "2606:2800::1", "93.184.215.15"]


def test_a_name_that_has_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answering())
    with pytest.raises(NoAddress, match="DNS: no such name"):
        addresses(guard(), "a.test")


def test_a_name_that_points_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answering("192.168.0.1", "::ffff:10.0.0.1"))
    with pytest.raises(NotAsked, match=r"192\.168\.0\.1 is not public \(private\)"):
        addresses(guard(), "a.test")


def test_an_answer_that_changes_after_the_check_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """DNS rebinding: the second look-up would answer with an address inside; there is no second look-up."""
    answers = iter([["127.0.0.1"], ["10.0.0.1"], ["10.0.0.1"], ["10.0.0.1"]])
    asked: list[str] = []

    def look_up(host: str, port: int, *rest: object, **named: object) -> Sequence[tuple[object, ...]]:
        asked.append(host)
        return [(0, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (ip, port)) for ip in next(answers)]

    rebinding = guard(allow_addresses=["127.0.0.0/8"])
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert addresses(rebinding, "a.test") == [Address("127.0.0.1", 80)]
    assert addresses(rebinding, "a.test") == [Address("127.0.0.1", 80)]
    assert asked == ["a.test"]


def test_a_whole_crawl_of_mapped_names_looks_nothing_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def forbidden(*names: object, **named: object) -> None:
        raise AssertionError(f"looked up: {names}")

    with Web().running() as web:
        web.site("one.test", https=True)
        web.site("two.test")
        for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getfqdn"):
            monkeypatch.setattr(socket, name, forbidden)
        monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", forbidden)
        taken = take(web, tmp_path)
    assert {taken.last(site, ROLE_PAGE).outcome for site in ("one.test", "two.test")} == {Outcome.OK}
