"""Who may fetch what, under both profiles: RFC 9309 2.2.1 to 2.2.3 and the known differences between parsers."""

from __future__ import annotations

import pytest

from crawler.robots import AIPREF, decide, google_of, google_path_of, parse, path_of, select

A, D = True, False

RULES = [
    # id, body, agent, url, rfc9309, google
    ("1.5 a frequent misspelling", "User-agent: *\nDissallow: /", "a", "/", A, D),
    ("1.5 DisallowAITraining", "User-agent: *\nDisallowAITraining: /", "a", "/", A, D),
    ("1.5 Disallow-AI-Training", "User-agent: *\nDisallow-AI-Training: /", "a", "/", A, D),
    ("1.5 Disallowed", "User-agent: *\nDisallowed: /x", "a", "/x", A, D),
    ("1.5 AllowAITraining beside Disallow", "User-agent: *\nDisallow: /\nAllowAITraining: /", "a", "/", D, A),
    ("1.5 no colon", "User-agent A\nDisallow /", "A", "/", A, D),
    ("1.5 no colon, three words", "User-agent: *\nDisallow / x", "a", "/", A, A),
    ("1.5 digits, the value", "User-agent: AI2Bot\nDisallow: /", "AI2Bot", "/", D, A),
    ("1.5 digits, what is left of it", "User-agent: AI2Bot\nDisallow: /", "AI", "/", A, D),
    ("1.5 version", "User-agent: GPTBot/1.0\nDisallow: /", "GPTBot", "/", A, D),
    ("1.5 two words", "User-agent: Kangaroo Bot\nDisallow: /", "Kangaroo", "/", A, D),
    ("1.5 comma list, the first", "User-agent: GPTBot, CCBot\nDisallow: /", "GPTBot", "/", A, D),
    ("1.5 comma list, the second", "User-agent: GPTBot, CCBot\nDisallow: /", "CCBot", "/", A, A),
    ("1.5 Claude is not ClaudeBot", "User-agent: Claude\nDisallow: /", "ClaudeBot", "/", A, A),
    ("1.5 Applebot is not Applebot-Extended", "User-agent: Applebot\nDisallow: /", "Applebot-Extended", "/", A, A),
    ("1.5 Google is not Google-Extended", "User-agent: Google\nDisallow: /", "Google-Extended", "/", A, A),
    ("1.5 no wildcard in tokens", "User-agent: GPT*\nDisallow: /", "GPTBot", "/", A, A),
    ("1.5 * and more words", "User-agent: * bot\nDisallow: /", "a", "/", A, D),
    (
        "1.5 unknown key between",
        "User-agent: A\nContent-Signal: ai-train=no\nUser-agent: B\nDisallow: /",
        "A",
        "/",
        D,
        D,
    ),
    ("1.5 Crawl-delay between", "User-agent: A\nCrawl-delay: 1\nUser-agent: B\nDisallow: /", "A", "/", D, D),
    ("1.5 Sitemap between", "User-agent: A\nSitemap: x\nUser-agent: B\nDisallow: /", "A", "/", D, D),
    ("1.5 two * groups", "User-agent: *\nAllow: /\n\nUser-agent: *\nDisallow: /x", "a", "/x", D, D),
    ("1.5 escaped unreserved", "User-agent: *\nDisallow: /%62%61%7A", "a", "/baz", D, A),
    ("1.5 %2F is no slash", "User-agent: *\nDisallow: /a%2Fb", "a", "/a/b", A, A),
    ("1.5 reserved in a query", "User-agent: *\nDisallow: /f?b=https%3A%2F%2Fx", "a", "/f?b=https://x", D, A),
    ("1.5 BOM", "\ufeffUser-agent: *\nDisallow: /", "a", "/", D, D),
    ("1.5 CR only", "User-agent: *\rDisallow: /\r", "a", "/", D, D),
    ("1.5 FF inside a line", "User-agent: *\nDisallow: /a\x0cb", "a", "/a", A, A),
    ("1.5 U+2028 inside a line", "User-agent: *\nDisallow: /\u2028x", "a", "/", A, A),
    ("1.5 index.html", "User-agent: *\nAllow: /d/index.html\nDisallow: /", "a", "/d/", D, A),
    ("1.5 index.htm elsewhere", "User-agent: *\nAllow: /d/index.html\nDisallow: /", "a", "/d/e", D, D),
    ("1.5 /robots.txt", "User-agent: *\nDisallow: /", "a", "/robots.txt", A, D),
    ("2.2.2 /robots.txt with a query is a path", "User-agent: *\nDisallow: /", "a", "/robots.txt?x", D, D),
    (
        "1.8.1 a signal ends no group",
        "User-agent: *\nContent-Signal: ai-train=no\n\nUser-agent: GPTBot\nDisallow: /",
        "x",
        "/",
        D,
        D,
    ),
    (
        "1.8.2 Content-Usage ends none either",
        "User-agent: CCBot\nContent-Usage: train-ai=n\nUser-agent: *\nDisallow: /",
        "CCBot",
        "/",
        D,
        D,
    ),
    ("1.8.3 no inheritance", "User-agent: *\nDisallow: /\n\nUser-agent: CCBot\nAllow: /pub", "CCBot", "/x", A, A),
    ("1.8.4 more octets win", "User-agent: *\nAllow: /page\nDisallow: /*.htm", "a", "/page.htm", D, D),
    ("2.2.1 any case", "USER-AGENT: gptBOT\nDisallow: /", "GPTbot", "/", D, D),
    (
        "2.2.1 groups of one token are merged",
        "User-agent: a\nDisallow: /x\n\nUser-agent: a\nDisallow: /y",
        "a",
        "/x",
        D,
        D,
    ),
    ("2.2.1 the order of groups is nothing", "User-agent: *\nDisallow: /\n\nUser-agent: a\nAllow: /", "a", "/", A, A),
    ("2.2.2 a tie allows", "User-agent: *\nDisallow: /x\nAllow: /x", "a", "/x", A, A),
    ("2.2.2 an empty pattern matches nothing", "User-agent: *\nDisallow:", "a", "/", A, A),
    ("2.2.2 no rule matches", "User-agent: *\nDisallow: /x", "a", "/y", A, A),
    ("2.2.2 case matters in paths", "User-agent: *\nDisallow: /X", "a", "/x", A, A),
    ("2.2.2 non-ASCII on one side", "User-agent: *\nDisallow: /ツ", "a", "/%E3%83%84", D, D),
    ("2.2.2 non-ASCII on the other", "User-agent: *\nDisallow: /%e3%83%84", "a", "/ツ", D, A),
    ("2.2.2 upper and lower hexadecimal", "User-agent: *\nDisallow: /%3c", "a", "/%3C", D, D),
    ("2.2.3 * is any run", "User-agent: *\nDisallow: /a*z", "a", "/a/b/cz/", D, D),
    ("2.2.3 $ ends", "User-agent: *\nDisallow: /a$", "a", "/ab", A, A),
    ("2.2.3 $ and a query", "User-agent: *\nDisallow: /*.php$", "a", "/x.php?y", A, A),
    ("2.2.3 a literal *", "User-agent: *\nDisallow: /a%2Ab", "a", "/a*b", D, A),
    ("2.2.3 a literal $", "User-agent: *\nDisallow: /a%24", "a", "/a$b", D, A),
    ("2.2.3 $ inside is itself", "User-agent: *\nDisallow: /a$b", "a", "/a$b", D, D),
    ("2.2 a pattern may begin with * (erratum 7995)", "User-agent: *\nDisallow: *x", "a", "/ax", D, D),
    ("2.2 a pattern without a slash", "User-agent: *\nDisallow: x", "a", "/x", A, A),
    ("2.2.2 the query counts", "User-agent: *\nDisallow: /*?s=", "a", "/p?s=1", D, D),
    ("NUL ends a line at Google", "User-agent: *\nDisallow: /x\0y", "a", "/x", A, D),
]


@pytest.mark.parametrize("row", RULES, ids=[row[0] for row in RULES])
def test_both_profiles(row: tuple[str, str, str, str, bool, bool]) -> None:
    _, body, agent, url, rfc9309, google = row
    file = parse(body.encode())
    assert decide(file, agent, path_of(url)).allowed is rfc9309
    assert decide(google_of(file), agent, google_path_of(url)).allowed is google


def test_the_decision_names_line_raw_and_basis() -> None:
    file = parse(b"User-agent: *\nDisallow: /\n\nUser-agent: GPTBot\nAllow: /a # yes\nDisallow: /a/b\n")
    found = decide(file, "gptbot", "/a/c")
    assert (found.allowed, found.line, found.raw, found.basis) == (True, 5, "Allow: /a # yes", "explicit")
    found = decide(file, "other", "/a/c")
    assert (found.allowed, found.line, found.raw, found.basis) == (False, 2, "Disallow: /", "wildcard")
    found = decide(parse(b"User-agent: b\nDisallow: /\n"), "a", "/")
    assert (found.allowed, found.line, found.raw, found.basis) == (True, None, None, "default")


def test_google_answers_with_the_line_as_it_stands() -> None:
    found = decide(google_of(parse(b"User agent FooBot\n Dissallow : /x # no\n")), "FooBot", "/x")
    assert (found.allowed, found.line) == (True, None)
    found = decide(google_of(parse(b"User-agent FooBot\n Dissallow : /x # no\n")), "FooBot", "/x")
    assert (found.allowed, found.line, found.raw) == (False, 2, " Dissallow : /x # no")


def test_aipref_grouping_gives_the_token_above_a_group_of_its_own() -> None:
    """Sheet 1.8.2: a Content-Usage line is a rule there, and closes the list of tokens."""
    file = parse(b"User-agent: CCBot\nContent-Usage: train-ai=n\nUser-agent: *\nDisallow: /\n", AIPREF)
    assert decide(file, "CCBot", "/").allowed
    assert not decide(file, "x", "/").allowed


def test_selection_names_the_merged_groups() -> None:
    file = parse(b"User-agent: a\nDisallow: /x\n\nUser-agent: b\nAllow: /\n\nUser-agent: A\nDisallow: /y\n")
    chosen = select(file, "a")
    assert [rule.value for rule in chosen.rules] == ["/x", "/y"]
    assert [group.first_line for group in chosen.groups] == [1, 7]


URLS = [
    # id, url, RFC 3986 path and query, GetPathParamsQuery (from the table of robots_test.cc)
    ("", "/", "/"),
    ("http://www.example.com", "/", "/"),
    ("http://www.example.com/", "/", "/"),
    ("http://www.example.com/a", "/a", "/a"),
    ("http://www.example.com/a/b?c=http://d.e/", "/a/b?c=http://d.e/", "/a/b?c=http://d.e/"),
    ("http://www.example.com/a/b?c=d&e=f#fragment", "/a/b?c=d&e=f", "/a/b?c=d&e=f"),
    ("http://www.example.com?a", "/?a", "/?a"),
    ("//a/b/c", "/b/c", "/b/c"),
    ("/a/b", "/a/b", "/a/b"),
    ("example.com/a", "/example.com/a", "/a"),
    ("http://a.example/a;b#c", "/a;b", "/a;b"),
]


@pytest.mark.parametrize(("url", "path", "google"), URLS, ids=[row[0] or "empty" for row in URLS])
def test_the_path_of_a_url(url: str, path: str, google: str) -> None:
    assert path_of(url) == path
    assert google_path_of(url) == google
