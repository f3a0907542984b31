"""The reader keeps every line: RFC 9309 sections 2.1, 2.2 and 2.5, and what real files hold beside."""

from __future__ import annotations

import pytest

from crawler.robots import CAP, Kind, notes_of, parse

LINES = [
    # id, body, (kind, field, value) of each line
    ("2.2 key, colon, value", b"User-agent: GPTBot\n", [("user_agent", "user-agent", "GPTBot")]),
    ("2.2 keys in any case", b"uSeR-aGeNt:a\nALLOW:/\n", [("user_agent", "user-agent", "a"), ("allow", "allow", "/")]),
    ("2.2 WS around key and value", b"\t Disallow \t:\t /x \t\n", [("disallow", "disallow", "/x")]),
    ("2.2 a comment ends the value", b"Disallow: /x#y\n", [("disallow", "disallow", "/x")]),
    ("2.2 an empty value is a rule", b"Disallow:\n", [("disallow", "disallow", "")]),
    ("2.2 a comment line", b"  # Disallow: /\n", [("comment", "", "")]),
    ("2.2 blank lines", b"\n \t\n", [("blank", "", ""), ("blank", "", "")]),
    ("2.2 no colon is no line", b"Disallow /x\n", [("junk", "", "")]),
    ("2.2 the first colon separates", b"Sitemap: https://a.example/s\n", [("other", "sitemap", "https://a.example/s")]),
    ("2.2.4 any other key", b"Clean-param: a&b /x\n", [("other", "clean-param", "a&b /x")]),
    ("2.2 EOL is CR", b"Allow: /a\rAllow: /b\r", [("allow", "allow", "/a"), ("allow", "allow", "/b")]),
    ("2.2 EOL is CRLF", b"Allow: /a\r\nAllow: /b", [("allow", "allow", "/a"), ("allow", "allow", "/b")]),
    (
        "2.2 CR LF CR are two",
        b"Allow: /a\r\n\rAllow: /b",
        [("allow", "allow", "/a"), ("blank", "", ""), ("allow", "allow", "/b")],
    ),
    (
        "2.2 VT, FF, FS, NEL, LS end no line",
        "Allow: /a\x0b\x0c\x1c\x85\u2028b".encode(),
        [("allow", "allow", "/a\x0b\x0c\x1c\x85\u2028b")],
    ),
    ("BOM of UTF-8", b"\xef\xbb\xbfAllow: /\n", [("allow", "allow", "/")]),
    ("BOM of UTF-16 LE", b"\xff\xfe" + "Allow: /ü\n".encode("utf-16-le"), [("allow", "allow", "/ü")]),
    ("BOM of UTF-16 BE", b"\xfe\xff" + "Allow: /ü\n".encode("utf-16-be"), [("allow", "allow", "/ü")]),
    ("octets that are no UTF-8", b"Disallow: /caf\xe9\n", [("disallow", "disallow", "/caf\xe9")]),
    (
        "a rule glued to a token is its value",
        b"User-agent: a disallow: /\n",
        [("user_agent", "user-agent", "a disallow: /")],
    ),
]


@pytest.mark.parametrize(("body", "expected"), [row[1:] for row in LINES], ids=[row[0] for row in LINES])
def test_each_line_is_what_the_grammar_says(body: bytes, expected: list[tuple[str, str, str]]) -> None:
    file = parse(body)
    assert [(str(line.kind), line.field, line.value) for line in file.lines] == expected
    assert [line.number for line in file.lines] == list(range(1, len(expected) + 1))


ODD = [
    ("version in a token", b"User-agent: GPTBot/1.0\n", "non_rfc_token"),
    ("digits in a token", b"User-agent: AI2Bot\n", "non_rfc_token"),
    ("no token", b"User-agent:\n", "empty_token"),
    ("a key that begins like a rule", b"DisallowAITraining: /\n", "rule_like_key"),
    ("a key with a space", b"Crawl delay: 1\n", "odd_key"),
    ("a pattern without its slash", b"Disallow: x\n", "no_leading_slash"),
    ("not UTF-8", b"Disallow: /\xff\n", "not_utf8"),
    ("a NUL", b"Disallow: /\0\n", "nul"),
]


@pytest.mark.parametrize(("body", "oddity"), [row[1:] for row in ODD], ids=[row[0] for row in ODD])
def test_oddities_are_named(body: bytes, oddity: str) -> None:
    assert oddity in parse(body).line(1).oddities


def test_text_that_is_no_utf8_gives_its_octets_back() -> None:
    assert parse(b"Disallow: /caf\xe9/\xff\n").line(1).octets == b"/caf\xe9/\xff"


def test_a_body_over_the_cap_is_cut_and_says_so() -> None:
    """Section 2.5: at least 500 kibibytes are parsed; half a line is no line."""
    head = b"User-agent: *\nDisallow: /\n"
    body = head + b"#" * (CAP - len(head) - 12) + b"\nDisallow: /private/more\n"
    assert body[:CAP].endswith(b"\nDisallow: /")
    file = parse(body)
    assert file.truncated
    assert file.lines[-1].kind is Kind.JUNK
    assert file.lines[-1].oddities == ("cut_by_cap",)
    assert "truncated" in {note.code for note in notes_of(file)}


def test_a_body_of_exactly_the_cap_is_whole() -> None:
    assert not parse(b"#" * CAP).truncated
    assert parse(b"#" * (CAP + 1)).truncated


def test_a_line_that_ends_at_the_cap_is_whole() -> None:
    body = b"#" * (CAP - 13) + b"\nDisallow: /x" + b"\nAllow: /\n"
    assert parse(body).lines[-1].value == "/x"


def test_lines_beyond_the_file_are_an_index_error() -> None:
    for number in (0, 2):
        with pytest.raises(IndexError):
            parse(b"Allow: /\n").line(number)


GROUPS = [
    ("2.1 blank lines end no group", b"User-agent: a\n\nUser-agent: b\n\nDisallow: /\n", [("a", "b")]),
    (
        "2.1 a user-agent after a rule begins one",
        b"User-agent: a\nDisallow: /\nUser-agent: b\nAllow: /\n",
        [("a",), ("b",)],
    ),
    ("2.1 rules before any are in none", b"Disallow: /\nUser-agent: a\nAllow: /\n", [("a",)]),
    ("2.1 a last group without rules", b"User-agent: a\nDisallow: /\nUser-agent: b\n", [("a",), ("b",)]),
    ("2.2.4 Sitemap ends no group", b"User-agent: a\nSitemap: x\nUser-agent: b\nDisallow: /\n", [("a", "b")]),
    ("2.2.4 Crawl-delay ends no group", b"User-agent: a\nCrawl-delay: 1\nUser-agent: b\nDisallow: /\n", [("a", "b")]),
    ("2.2.4 an empty Disallow is a rule", b"User-agent: a\nDisallow:\nUser-agent: b\nDisallow: /\n", [("a",), ("b",)]),
    ("2.2.1 a comma list is one value", b"User-agent: a, b\nDisallow: /\n", [("a, b",)]),
]


@pytest.mark.parametrize(("body", "tokens"), [row[1:] for row in GROUPS], ids=[row[0] for row in GROUPS])
def test_groups(body: bytes, tokens: list[tuple[str, ...]]) -> None:
    assert [group.tokens for group in parse(body).groups] == tokens


NOTES = [
    (
        "sheet 1.8.1",
        b"User-agent: *\nContent-Signal: ai-train=no\n\nUser-agent: GPTBot\nDisallow: /\n",
        "signal_only_group_merge",
        4,
    ),
    (
        "sheet 1.8.2",
        b"User-agent: CCBot\nContent-Usage: train-ai=n\nUser-agent: *\nDisallow: /\n",
        "group_boundary_ambiguous",
        3,
    ),
    ("sheet 6 b", b"User-agent: *\nDisallowAITraining: /\n", "accidental_block_risk", 2),
    ("sheet 6 c", b"User-agent: *\nDisallow AITraining: /\n", "accidental_block_risk", 2),
    (
        "sheet 1.5 AllowAITraining opens",
        b"User-agent: *\nDisallow: /\nAllowAITraining: /\n",
        "accidental_allow_risk",
        3,
    ),
    ("sheet 1.1 digits", b"User-agent: AI2Bot\nDisallow: /\n", "invalid_token", 1),
    ("agents 3.3 a company's name", b"User-agent: openai\nDisallow: /\n", "intended_token", 1),
    ("agents 3.4 U+2011", "User-agent: Perplexity\u2011User\nDisallow: /\n".encode(), "intended_token", 1),
    ("agents 3.5 a comma list", b"User-agent: GPTBot, CCBot\nDisallow: /\n", "intended_token", 1),
    ("agents 3.5 a glued rule", b"User-agent: GPTBot disallow: /\n", "intended_token", 1),
    (
        "agents 3.2 a whole user-agent string",
        b"User-agent: Mozilla/5.0 (compatible; GPTBot/1.0)\nDisallow: /\n",
        "intended_token",
        1,
    ),
    ("2.1 rules outside", b"Disallow: /\nUser-agent: a\n", "rule_outside_group", 1),
    ("UTF-16", b"\xff\xfe" + "Allow: /\n".encode("utf-16-le"), "encoding", None),
    ("NUL", b"Allow: /\0\n", "nul_bytes", None),
]


@pytest.mark.parametrize(("body", "code", "line"), [row[1:] for row in NOTES], ids=[row[0] for row in NOTES])
def test_notes(body: bytes, code: str, line: int | None) -> None:
    assert (code, line) in {(note.code, note.line) for note in notes_of(parse(body))}


def test_half_a_line_at_the_cap_is_no_risk() -> None:
    """RFC 9309 section 2.5: what the cap cuts in two is no rule, to Google's reading neither."""
    body = b"User-agent: *\nDisallow: /a\n"
    body += b"#" * (CAP - len(body) - len(b"\nDisallowX: /")) + b"\nDisallowX: /bcd\n"
    file = parse(body)
    assert file.octet_lines[-1] == b"DisallowX: /"
    assert {note.code for note in notes_of(file)} == {"truncated"}


def test_an_equally_long_allow_takes_the_risk_away() -> None:
    """Sheet 6 a: `Allow: /` ties with what Google reads as `Disallow: /`, and the tie allows."""
    body = b"User-agent: *\nAllow: /\nDisallowAITraining: /\n"
    assert not notes_of(parse(body))


def test_a_file_without_anything_odd_has_no_notes() -> None:
    body = (
        b"User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /\n\nUser-agent: *\nAllow: /\nSitemap: https://a.example/s\n"
    )
    assert notes_of(parse(body)) == []
