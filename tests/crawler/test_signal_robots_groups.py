"""The access rows and facts of a robots.txt, and the RSL line, as statements."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.records import AccessRow, Exchange, Fact, Fault, Statement
from crawler.signals.robots_groups import MAX_FACTS, read
from crawler.signals.robots_licence import read as read_licence
from crawler.vocabulary import ROLE_ROBOTS, Outcome

MOMENT = datetime(2026, 10, 1, tzinfo=UTC)


def exchange(body: bytes | None) -> Exchange:
    return Exchange("a.example", ROLE_ROBOTS, "https://a.example/robots.txt", Outcome.OK, MOMENT, body=body)


def facts(items: list[Statement]) -> list[tuple[str, str, str]]:
    return [(item.name, item.value, item.locator) for item in items if isinstance(item, Fact)]


def test_a_row_for_every_token_and_for_everybody() -> None:
    rows = [item for item in read(exchange(b"User-agent: GPTBot\nDisallow: /\n")) if isinstance(item, AccessRow)]
    assert [(row.token, str(row.basis), row.root_blocked, row.profile) for row in rows] == [
        ("gptbot", "explicit", True, "rfc9309"),
        ("*", "default", False, "rfc9309"),
    ]


@pytest.mark.parametrize("body", [None, b""])
def test_an_empty_file_refuses_nobody(body: bytes | None) -> None:
    assert [item[:2] for item in read(exchange(body)) if isinstance(item, AccessRow)] == [("*", "default")]


def test_rows_of_other_profiles_follow() -> None:
    items = read(exchange(b"User-agent: *\nDisallowAITraining: /\n"))
    assert [(i.profile, i.root_blocked) for i in items if isinstance(i, AccessRow)] == [
        ("rfc9309", False),
        ("google", True),
    ]
    assert ("note:accidental_block_risk", "*", "line 2") in facts(items)


FACTS = [
    ("Crawl-delay for everybody", b"User-agent: *\nCrawl-delay: 10\n", ("crawl_delay", "10", "line 2")),
    ("Crawl-delay of a token", b"User-agent: BingBot\nCrawl-delay: 2.5\n", ("crawl_delay@bingbot", "2.5", "line 2")),
    (
        "Sitemap in a group",
        b"User-agent: *\nSitemap: https://a.example/s\n",
        ("sitemap", "https://a.example/s", "line 2"),
    ),
    ("Sitemap outside", b"Sitemap: https://a.example/s\n", ("sitemap", "https://a.example/s", "line 1")),
    ("Noindex", b"User-agent: *\nNoindex: /x\n", ("noindex", "/x", "line 2")),
    ("two tokens refused by name", b"User-agent: b\nUser-agent: A\nDisallow: /\n", ("blocklist", "2", "file")),
    (
        "the writer of a block",
        b"# START YOAST BLOCK\nUser-agent: *\nDisallow:\n# END YOAST BLOCK\n",
        ("template", "yoast", "lines 1-4"),
    ),
    (
        "WordPress's own group",
        b"User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n",
        ("template", "wordpress", "lines 1-3"),
    ),
    (
        "a service's file",
        b"# Squarespace Robots Txt\nUser-agent: *\nDisallow: /config\n",
        ("template", "squarespace", "lines 1-3"),
    ),
]


@pytest.mark.parametrize(("body", "expected"), [row[1:] for row in FACTS], ids=[row[0] for row in FACTS])
def test_facts(body: bytes, expected: tuple[str, str, str]) -> None:
    found = facts(read(exchange(body)))
    if expected[0] == "blocklist":
        assert [(name, value.split(":")[0], where) for name, value, where in found] == [("blocklist", "2", "file")]
    else:
        assert expected in found


def test_the_same_list_in_any_order_and_case_has_one_hash() -> None:
    one = facts(read(exchange(b"User-agent: a\nUser-agent: b\nDisallow: /\n")))
    other = facts(read(exchange(b"User-agent: B\nDisallow: /\n\nUser-agent: A\nDisallow: /\n")))
    assert one == other


def test_a_list_copied_from_ai_robots_txt_is_a_template() -> None:
    tokens = (
        "GPTBot",
        "ChatGPT-User",
        "CCBot",
        "anthropic-ai",
        "Claude-Web",
        "ClaudeBot",
        "Google-Extended",
        "Bytespider",
    )
    body = "".join(f"User-agent: {t}\n" for t in (*tokens, "PerplexityBot", "Diffbot", "omgili")) + "Disallow: /\n"
    assert ("template", "ai.robots.txt", "lines 1-12") in facts(read(exchange(body.encode())))


def test_facts_of_one_name_are_capped_and_counted() -> None:
    found = facts(read(exchange(b"Sitemap: https://a.example/s\n" * (MAX_FACTS + 7))))
    assert sum(name == "sitemap" for name, _, _ in found) == MAX_FACTS
    assert found[-1] == ("note:capped", "7 more sitemap", "file")


RSL = [
    # id, text, facts, faults
    (
        "4.1 global",
        "License: https://a.example/l.xml\nUser-agent: *\nAllow: /\n",
        [("rsl_document", "https://a.example/l.xml")],
        [],
    ),
    (
        "4.1 in the * group",
        "User-agent: *\nLicense: https://a.example/l.xml\n",
        [("rsl_document", "https://a.example/l.xml")],
        [],
    ),
    (
        "4.4 a a group's own replaces the global one for it",
        "License: https://a.example/g\nUser-agent: GPTBot\nLicense: https://a.example/l\n",
        [("rsl_document", "https://a.example/g"), ("rsl_document@gptbot", "https://a.example/l")],
        [],
    ),
    (
        "4.1 the * group's replaces the global one",
        "License: https://a.example/g\nUser-agent: *\nLicense: https://a.example/l\n",
        [("rsl_document_replaced", "https://a.example/g"), ("rsl_document", "https://a.example/l")],
        [],
    ),
    (
        "4.1 repeatable",
        "License: https://a.example/1\nLicense: https://a.example/2\n",
        [("rsl_document", "https://a.example/1"), ("rsl_document", "https://a.example/2")],
        [],
    ),
    ("4.4 b relative", "License: /license.xml\n", [], ["relative_url"]),
    ("empty", "License:\n", [], ["empty"]),
    (
        "4.4 f a licence text",
        "License: https://creativecommons.org/licenses/by/4.0/\n",
        [("licence_url", "https://creativecommons.org/licenses/by/4.0/")],
        [],
    ),
    ("another spelling", "Licence: https://a.example/l\n", [], ["key_spelling: licence"]),
    ("none", "User-agent: *\nAllow: /\n", [], []),
]


@pytest.mark.parametrize(("text", "expected", "faults"), [row[1:] for row in RSL], ids=[row[0] for row in RSL])
def test_the_licence_line(text: str, expected: list[tuple[str, str]], faults: list[str]) -> None:
    items = read_licence(exchange(text.encode()))
    assert [(item.name, item.value) for item in items if isinstance(item, Fact)] == expected
    assert [item.reason for item in items if isinstance(item, Fault)] == faults
