"""The licence of a page's own main content: pages as they are written, and what a careful reader says of each."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.licences.page import NONE, PageLicence, page_licence
from crawler.records import Exchange, LicenceClaim
from crawler.signals import SIGNALS
from crawler.vocabulary import ROLE_PAGE, LicenceClass, Outcome, Subject

CC = "https://creativecommons.org/licenses"
BY, SA, NC, ND = f"{CC}/by/4.0/", f"{CC}/by-sa/4.0/", f"{CC}/by-nc/4.0/", f"{CC}/by-nd/4.0/"
LONG = "Once upon a time there was a page about something else entirely, and it went on for quite a while. " * 4
AT = datetime(2026, 11, 1, tzinfo=UTC)
CASES: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("licences_pages.toml").read_text(encoding="utf-8")
)
READERS = [s for s in SIGNALS if s.role == ROLE_PAGE and Outcome.OK in s.outcomes and s.id.startswith("licence-")]


def licence_of(html: str, *links: str) -> PageLicence:
    """What the claims of every reader say of this page."""
    body = html.encode()
    headers = tuple(("Link", link) for link in links)
    exchange = Exchange(
        "p.example", ROLE_PAGE, "https://p.example/a", Outcome.OK, AT, status=200, headers=headers, body=body
    )
    found = [statement for signal in READERS for statement in signal.read(exchange)]
    return page_licence([each for each in found if isinstance(each, LicenceClaim)])


def written(case: dict[str, Any]) -> str:
    """The page of a case, its stand-ins filled."""
    html = str(case["html"]).replace("LONG", LONG).replace("CC_", CC)
    for name, url in (("BY_", BY), ("SA_", SA), ("NC_", NC), ("ND_", ND)):
        html = html.replace(name, url)
    return html


@pytest.mark.parametrize("name", CASES)
def test_page(name: str) -> None:
    """5.1, 5.2: the licence a careful reader says the page's own main content is under, or none."""
    case = CASES[name]
    kind = LicenceClass(case["class"]) if "class" in case else None
    found = licence_of(written(case))
    assert (found.spdx, found.licence_class, found.conflict) == (case.get("licence"), kind, False)
    if kind is not None:
        assert found.partial is case.get("partial", False)


@pytest.mark.parametrize(
    "html",
    [
        f'<head><link rel="license" href="{BY}"></head><footer><a rel="license" href="{NC}">x</a></footer>',
        f'<footer><a rel="license" href="{BY}">x</a> <a rel="license" href="{SA}">y</a></footer>',
        f'<script type="application/ld+json">{json.dumps({"@type": "Article", "license": [BY, SA]})}</script>',
    ],
    ids=["5.2-head-footer", "5.2-two-in-the-footer", "5.2-two-in-one-item"],
)
def test_conflict(html: str) -> None:
    """5.2: two families of class B or better on one subject are a conflict, and no single licence is reported."""
    assert licence_of(html) == PageLicence(None, None, False, True)


def test_header_comes_first() -> None:
    """5.1: inside a class the order of sources decides which version is named."""
    html = f'<head><link rel="license" href="{CC}/by/3.0/"></head>'
    assert licence_of(html, f'<{BY}>; rel="license"').spdx == "CC-BY-4.0"
    assert licence_of(html).spdx == "CC-BY-3.0"


def test_order_of_claims_does_not_matter() -> None:
    """The same claims in another order give the same licence; none give none."""

    def one(name: str, kind: LicenceClass, carrier: str) -> LicenceClaim:
        return LicenceClaim(carrier, name, name, kind, Subject.DOCUMENT, "x", "x", family=name, version="4.0")

    claims = [one("CC-BY-4.0", LicenceClass.C, "licence-link"), one("CC-BY-SA-4.0", LicenceClass.A, "licence-html")]
    assert page_licence(claims) == page_licence(claims[::-1])
    assert page_licence(claims).spdx == "CC-BY-SA-4.0"
    assert page_licence([]) == NONE
