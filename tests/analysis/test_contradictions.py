"""Contradictions and licences of a site: both sides shown, nothing settled (signals-robots 9.3, signals-page 0)."""

from __future__ import annotations

import pytest

from analysis.explain import explanation
from analysis.figures import Explanation
from crawler.vocabulary import Outcome
from tests.analysis.builders import DAY, HTML, Site, archive_of
from tests.analysis.combinations import MANAGED, robots, tdmrep
from tests.analysis.test_closeup import ARTICLES


def asked(site: Site) -> Explanation:
    with archive_of((DAY, {"a.example": site})) as connection:
        return explanation(connection, "a.example")


CONTRADICTIONS: list[tuple[str, Site, set[tuple[str, str]]]] = [
    (
        "9.4-1 Content-Signal against an AIPREF header",
        Site(robots=b"User-agent: *\nContent-Signal: ai-train=no\n", headers=(("Content-Usage", "train-ai=y"),)),
        {("across families", "train-generative")},
    ),
    (
        "2.6-a robots against header, one family",
        Site(robots=b"User-agent: *\nContent-Usage: train-ai=n\n", headers=(("Content-Usage", "train-ai=y"),)),
        {("within a family", "train-generative")},
    ),
    (
        "9.4-8 RSL against Content-Signal",
        Site(
            robots=b"License: https://a.example/rsl\nUser-agent: *\nContent-Signal: ai-train=yes\n",
            files={"rsl": ARTICLES.replace(b'"/articles/"', b'"/*"')},
        ),
        {("across families", "train-generative,train-other"), ("within a family", "train-generative,train-other")},
    ),
    (
        "CC BY beside a reservation",
        tdmrep(
            '[{"location": "/", "tdm-reservation": 1}]',
            page=HTML.replace(
                b"</head>", b'<link rel="license" href="https://creativecommons.org/licenses/by/4.0/"></head>'
            ),
        ),
        {("licence beside a reservation", "tdm")},
    ),
    (
        "a managed block beside an owner's Allow",
        Site(robots=MANAGED + b"\nUser-agent: GPTBot\nAllow: /\n"),
        {("managed block against the owner", "")},
    ),
    (
        "3.4-e the managed signal beside an owner's Allow of an agent it does not name",
        Site(robots=MANAGED + b"\nUser-agent: PetalBot\nAllow: /\n"),
        {("managed block against the owner", "train-generative,train-other")},
    ),
    (
        "9.3 policy against enforcement",
        Site(robots=b"User-agent: *\nContent-Signal: search=yes\n", page=Outcome.REFUSED),
        {("statement against enforcement", "search")},
    ),
    (
        "9.3 Allow beside a reservation of use is none",
        robots("User-agent: *\nAllow: /\nContent-Signal: ai-train=no\n"),
        set(),
    ),
    (
        "9.3 different uses",
        robots("User-agent: *\nContent-Signal: search=yes\nUser-agent: GPTBot\nDisallow: /\n"),
        set(),
    ),
    ("absent against anything", Site(robots=b"User-agent: *\nContent-Signal: search=yes\n"), set()),
    ("a refusal alone", Site(robots=b"", page=Outcome.REFUSED), set()),
]


@pytest.mark.parametrize(("site", "expected"), [c[1:] for c in CONTRADICTIONS], ids=[c[0] for c in CONTRADICTIONS])
def test_contradictions_are_listed(site: Site, expected: set[tuple[str, str]]) -> None:
    found = asked(site).contradictions
    assert {(line.kind, ",".join(line.uses)) for line in found} == expected
    for line in found:
        assert len(line.sides) >= 2
        assert all(side.raw or side.locator for side in line.sides)


def test_licences_have_class_spdx_and_subject() -> None:
    page = HTML.replace(b"</head>", b'<link rel="license" href="https://creativecommons.org/licenses/by/4.0/"></head>')
    (line, *_) = asked(Site(page=page)).licences
    assert (line.subject, line.spdx, line.licence_class) == ("document", "CC-BY-4.0", "A")
