"""Which declared documents a crawler must ask for: RSL (signals-robots 4) and TDM policies (signals-page 1)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.declared import declared_documents
from crawler.records import Exchange, Headers
from crawler.vocabulary import Outcome

RSL = 'rel="license"; type="application/rsl+xml"'


def exchange(role: str, path: str, body: str = "", headers: Headers = (), outcome: Outcome = Outcome.OK) -> Exchange:
    """An exchange of `s.example`."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    url = f"https://s.example{path}"
    return Exchange("s.example", role, url, outcome, at, status=200, headers=headers, body=body.encode())


def robots(body: str) -> Exchange:
    """A robots.txt."""
    return exchange("robots.txt", "/robots.txt", body)


def page(body: str = "", *fields: tuple[str, str]) -> Exchange:
    """A landing page."""
    return exchange("page", "/start/", body, fields)


def tdmrep(body: str) -> Exchange:
    """A tdmrep.json."""
    return exchange("tdmrep.json", "/.well-known/tdmrep.json", body)


@pytest.mark.parametrize(
    ("exchanges", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param(
            [robots("License: https://s.example/l.xml\nUser-agent: *\nDisallow:\n")],
            [("rsl", "https://s.example/l.xml")],
            id="robots-4.1-global",
        ),
        pytest.param(
            [
                robots(
                    "License: https://s.example/l.xml\nUser-agent: GPTBot\nLicense: https://s.example/g.xml\nAllow: /\n"
                )
            ],
            [("rsl", "https://s.example/l.xml"), ("rsl@gptbot", "https://s.example/g.xml")],
            id="robots-4-test(a)-group-is-for-one-crawler",
        ),
        pytest.param(
            [robots("User-agent: GPTBot\nUser-agent: CCBot\nLicense: https://s.example/g.xml\nAllow: /\n")],
            [("rsl@ccbot,gptbot", "https://s.example/g.xml")],
            id="robots-4.1-one-document-for-two-crawlers",
        ),
        pytest.param(
            [robots("User-agent: GPTBot\nLicense: /g.xml\nAllow: /\n")],
            [("rsl@gptbot", "https://s.example/g.xml")],
            id="robots-4-test(b)-relative-in-a-group-is-for-that-group",
        ),
        pytest.param(
            [
                robots("License: https://s.example/l\nUser-agent: A\nLicense: https://s.example/l\nAllow: /\n"),
            ],
            [("rsl", "https://s.example/l")],
            id="robots-4.1-the-same-document-in-a-group-is-asked-for-once",
        ),
        pytest.param(
            [
                robots("User-agent: A\nLicense: https://s.example/a\nAllow: /\n"),
                page("", ("Link", f"<https://s.example/l>; {RSL}")),
            ],
            [("rsl", "https://s.example/l"), ("rsl-2@a", "https://s.example/a")],
            id="robots-4.2-what-the-page-declares-holds-for-that-crawler-too",
        ),
        pytest.param(
            [
                robots(
                    "".join(f"User-agent: A{n}\nLicense: https://s.example/{n}\nAllow: /\n" for n in range(9)),
                )
            ],
            [(f"rsl@a{n}", f"https://s.example/{n}") for n in range(3)],
            id="at-most-three-for-single-crawlers",
        ),
        pytest.param(
            [robots("User-agent: *\nLicense: /license.xml\nDisallow:\n")],
            [("rsl", "https://s.example/license.xml")],
            id="robots-4-test(b)-relative-resolved",
        ),
        pytest.param(
            [robots("License: https://creativecommons.org/licenses/by/4.0/\nUser-agent: *\nDisallow:\n")],
            [],
            id="robots-4-test(f)-plain-licence",
        ),
        pytest.param(
            [page("", ("Link", f"<https://s.example/l.xml>; {RSL}"))],
            [("rsl", "https://s.example/l.xml")],
            id="link-header",
        ),
        pytest.param(
            [page('<link rel="license" type="application/rsl+xml" href="../l.xml#x">')],
            [("rsl", "https://s.example/l.xml")],
            id="link-element",
        ),
        pytest.param(
            [
                robots("License: https://s.example/l.xml\nUser-agent: *\nDisallow:\n"),
                page("", ("Link", f"<https://s.example/l.xml>; {RSL}, <https://o.example/2>; {RSL}")),
            ],
            [("rsl", "https://s.example/l.xml"), ("rsl-2", "https://o.example/2")],
            id="same-once-others-apart",
        ),
        pytest.param(
            [page("", *[("Link", f"<https://s.example/{n}>; {RSL}") for n in range(9)])],
            [("rsl", "https://s.example/0"), ("rsl-2", "https://s.example/1"), ("rsl-3", "https://s.example/2")],
            id="at-most-three",
        ),
        pytest.param(
            [tdmrep('[{"location":"/","tdm-reservation":1,"tdm-policy":"https://p.example/policy"}]')],
            [("tdm-policy", "https://p.example/policy")],
            id="page-1.1-policy",
        ),
        pytest.param(
            [tdmrep('[{"location":"/","tdm-reservation":0,"tdm-policy":"https://p.example/policy"}]')],
            [],
            id="page-1.7(10)-not-fetched",
        ),
        pytest.param(
            [
                tdmrep('[{"location":"/","tdm-reservation":1,"tdm-policy":"https://p.example/file"}]'),
                page("", ("tdm-reservation", "1"), ("tdm-policy", "/header")),
            ],
            [("tdm-policy", "https://s.example/header")],
            id="page-1.5-header-before-file",
        ),
        pytest.param(
            [
                page(
                    '<meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="policy.json">',
                    ("tdm-reservation", "1"),
                    ("tdm-policy", "/header"),
                )
            ],
            [("tdm-policy", "https://s.example/start/policy.json")],
            id="page-1.5-meta-first-relative",
        ),
        pytest.param(
            [exchange("page", "/", "", (("Link", f"<https://s.example/l>; {RSL}"),), Outcome.REFUSED)], [], id="refused"
        ),
    ],
)
def test_declared(exchanges: list[Exchange], expected: list[tuple[str, str]]) -> None:
    """What must be asked for, under which role."""
    assert declared_documents(exchanges) == expected


@pytest.mark.parametrize(
    "url",
    [
        "ftp://s.example/l",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://user:pass@s.example/l",
        "https://[::1/l",
        "https://s.example:0/l",
        "https://s.example:99999/l",
        "https://",
        "https://s.example/" + "a" * 3_000,
        "data:text/xml,<rsl/>",
    ],
)
def test_only_plain_http_addresses(url: str) -> None:
    """Absolute http(s) only, without credentials; anything else is not asked for."""
    assert declared_documents([page("", ("Link", f"<{url}>; {RSL}"))]) == []


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.text("htps:/?#@[]%.\ud800 ", max_size=30))
def test_never_raises(text: str, url: str) -> None:
    """Any body and any address."""
    found = declared_documents(
        [
            robots(f"License: {url}\n".encode("utf-8", "replace").decode()),
            page(
                f'<meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="{url}">'.replace(
                    "\ud800", ""
                )
            ),
            page("", ("Link", f"<{url}>; {RSL}")),
            tdmrep(text.encode("utf-8", "replace").decode()),
        ]
    )
    assert all(address.startswith(("http://", "https://")) for _, address in found)
