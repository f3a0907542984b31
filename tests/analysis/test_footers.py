"""The licence in a footer: of the whole site or of one work (signals-page 5.2); evidence, never a verdict."""

from __future__ import annotations

import pytest

from analysis.explain import explanation
from analysis.figures import Explanation
from reports.explained import explanation_text, records
from tests.analysis.builders import DAY, Site, archive_of

CC = "https://creativecommons.org/licenses"
WORDS = "Words about something, and enough of them that the page has a main part of its own. " * 5


def page(name: str, *footer: str, main: str = "") -> bytes:
    """A page of some words with these licences in its footer."""
    links = "".join(f'<a rel="license" href="{CC}/{code}/4.0/">CC {code}</a>' for code in footer)
    body = f"<main><h1>{name}</h1><p>{name} {WORDS}</p>{main}</main><footer>Site {links}</footer>"
    return f"<!doctype html><html><head><title>{name}</title></head><body>{body}</body></html>".encode()


def told(landing: bytes, *samples: bytes, about: str = "a.example") -> Explanation:
    """The explanation of a site of these pages."""
    files = {f"sample-{number}": body for number, body in enumerate(samples, 1)}
    with archive_of((DAY, {"a.example": Site(page=landing, files=files)})) as connection:
        return explanation(connection, about)


def lines(found: Explanation) -> list[tuple[str, str, int, int, int]]:
    """The footers of an explanation."""
    return [(line.spdx, line.scope, line.pages, line.looked_at, line.otherwise) for line in found.footers]


BY, NC = "CC-BY-4.0", "CC-BY-NC-4.0"


@pytest.mark.parametrize(
    ("pages", "expected", "words"),
    [
        pytest.param([["by"]], [(BY, "page", 1, 1, 0)], "no other page was looked at", id="one-page"),
        pytest.param([["by"], ["by"], ["by"]], [(BY, "site", 3, 3, 0)], "on 3 of 3 pages looked at", id="all-alike"),
        pytest.param(
            [["by"], ["by-nc"]], [(BY, "page", 1, 2, 0), (NC, "page", 1, 2, 0)], "on 1 of 2 pages", id="differ"
        ),
        pytest.param([["by"], ["by"], []], [(BY, "page", 2, 3, 0)], "on 2 of 3 pages looked at, not", id="one-without"),
        pytest.param([[], ["by"]], [(BY, "page", 1, 2, 0)], "only of https://a.example/sample-1", id="one-work"),
        pytest.param([[], []], [], None, id="none"),
    ],
)
def test_how_far_a_footer_reaches(
    pages: list[list[str]], expected: list[tuple[str, str, int, int, int]], words: str | None
) -> None:
    found = told(*(page(f"Page {number}", *footer) for number, footer in enumerate(pages)))
    assert lines(found) == expected
    text = " ".join(" ".join(explanation_text("a.example", found)).split())
    assert words is None or words in text
    assert [record["scope"] for record in records(found) if record["axis"] == "licence-scope"] == [
        scope for _, scope, *_ in expected
    ]


def test_the_same_page_twice_is_one_page() -> None:
    """A sample that leads back to the landing page is no second witness."""
    assert lines(told(page("Home", "by"), page("Home", "by"))) == [(BY, "page", 1, 1, 0)]


def test_a_work_with_a_licence_of_its_own_is_counted() -> None:
    """5.2: item-level markup beats the footer on sites whose items differ."""
    own = f'<script type="application/ld+json">{{"@type": "Article", "license": "{CC}/by-nc/4.0/"}}</script>'
    found = told(page("Home", "by"), page("Work", "by", main=own))
    assert lines(found) == [(BY, "site", 2, 2, 1)]
    assert "1 of them declare" in " ".join(" ".join(explanation_text("a.example", found)).split())


def test_a_url_that_was_not_fetched_is_told_of_the_footers_too() -> None:
    found = told(page("Home", "by"), page("Work", "by"), about="https://a.example/unseen")
    assert not found.page_seen
    assert lines(found) == [(BY, "site", 2, 2, 0)]


def test_no_verdict_rests_on_a_footer() -> None:
    with_, without = told(page("Home", "by"), page("Work", "by")), told(page("Home"), page("Work"))
    assert [(line.use, line.state, line.rule) for line in with_.verdicts] == [
        (line.use, line.state, line.rule) for line in without.verdicts
    ]
