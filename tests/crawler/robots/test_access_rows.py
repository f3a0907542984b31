"""Access classes: one row a token, the columns other studies' figures are made of, and where the readings differ."""

from __future__ import annotations

import pytest

from crawler.records import AccessRow
from crawler.robots import access_rows, other_rows, parse
from crawler.vocabulary import AccessClass

ROWS = [
    # id, body, token, basis, classes, deciding line
    (
        "full_exact: one Disallow of /",
        "User-agent: a\nDisallow: /",
        "a",
        "explicit",
        "root_blocked full_exact full_probe full_dpi",
        2,
    ),
    (
        "full_exact: not with a second rule",
        "User-agent: a\nDisallow: /\nDisallow: /x",
        "a",
        "explicit",
        "root_blocked full_probe full_dpi",
        2,
    ),
    (
        "full_dpi: not with any Allow",
        "User-agent: a\nDisallow: /\nAllow: /robots.txt",
        "a",
        "explicit",
        "root_blocked partial",
        2,
    ),
    (
        "full_dpi: a rule with ? is left out",
        "User-agent: a\nDisallow: /\nAllow: /x?y",
        "a",
        "explicit",
        "root_blocked full_dpi partial",
        2,
    ),
    ("full_dpi: /* is not exactly /", "User-agent: a\nDisallow: /*", "a", "explicit", "root_blocked full_probe", 2),
    (
        "full_probe: an Allow that opens nothing named",
        "User-agent: a\nDisallow: /\nAllow: x",
        "a",
        "explicit",
        "root_blocked full_probe",
        2,
    ),
    (
        "full_probe: an Allow elsewhere in the file opens nothing here",
        "User-agent: a\nDisallow: /\n\nUser-agent: b\nAllow: /x",
        "a",
        "explicit",
        "root_blocked full_exact full_probe full_dpi",
        2,
    ),
    ("root_blocked: only the front page", "User-agent: a\nDisallow: /$", "a", "explicit", "root_blocked partial", 2),
    ("partial", "User-agent: a\nDisallow: /x", "a", "explicit", "partial", 1),
    (
        "partial: an Allow of / outdoes nothing longer",
        "User-agent: a\nAllow: /\nDisallow: /x",
        "a",
        "explicit",
        "partial explicit_allow",
        2,
    ),
    ("none: an empty Disallow", "User-agent: a\nDisallow:", "a", "explicit", "none", 1),
    ("none: no rules", "User-agent: a", "a", "explicit", "none", 1),
    ("none: the tie allows", "User-agent: a\nDisallow: /\nAllow: /", "a", "explicit", "none explicit_allow", 3),
    (
        "none: every Disallow is outdone by the same Allow",
        "User-agent: a\nDisallow: /x\nAllow: /x",
        "a",
        "explicit",
        "none",
        1,
    ),
    ("explicit_allow: by name", "User-agent: a\nAllow: /", "a", "explicit", "none explicit_allow", 2),
    ("explicit_allow: never through *", "User-agent: *\nAllow: /", "*", "wildcard", "none", 2),
    ("wildcard", "User-agent: *\nDisallow: /", "*", "wildcard", "root_blocked full_exact full_probe full_dpi", 2),
    ("default: a file without *", "User-agent: a\nDisallow: /", "*", "default", "none", None),
    ("default: an empty file", "", "*", "default", "none", None),
    (
        "merged groups",
        "User-agent: a\nDisallow: /x\n\nUser-agent: a\nDisallow: /",
        "a",
        "explicit",
        "root_blocked full_probe full_dpi",
        5,
    ),
    (
        "two lines saying the same are two",
        "User-agent: a\nDisallow: /\nDisallow: /",
        "a",
        "explicit",
        "root_blocked full_probe full_dpi",
        2,
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_classes(row: tuple[str, str, str, str, str, int | None]) -> None:
    _, body, token, basis, classes, line = row
    found = {row.token: row for row in access_rows(parse(body.encode()))}[token]
    assert str(found.basis) == basis
    assert " ".join(name for name in AccessClass if getattr(found, name)) == classes
    assert found.line == line
    assert found.raw == (None if line is None else body.splitlines()[line - 1])
    assert found.profile == "rfc9309"


def test_every_token_has_one_row_and_everybody_else_the_last() -> None:
    body = b"User-agent: B\nUser-agent: a\nDisallow: /\n\nUser-agent: b\nAllow: /\n\nUser-agent:\nDisallow: /\n"
    assert [row.token for row in access_rows(parse(body))] == ["b", "a", "*"]


def profiles(body: bytes) -> dict[tuple[str, str], AccessRow]:
    file = parse(body)
    return {(row.profile, row.token): row for row in other_rows(file, access_rows(file))}


OTHER = [
    # id, body, rows of other profiles: (profile, token, basis, root_blocked)
    ("nothing to read otherwise", b"User-agent: GPTBot\nDisallow: /\n", set()),
    (
        "a key Google knows by its beginning",
        b"User-agent: *\nDisallowAITraining: /\n",
        {("google", "*", "wildcard", True)},
    ),
    ("a misspelling", b"User-agent: a\nDissallow: /\n", {("google", "a", "explicit", True)}),
    (
        "an Allow of index.html opens /",
        b"User-agent: a\nAllow: /index.html\nDisallow: /\n",
        {("google", "a", "explicit", False)},
    ),
    (
        "a version is cut",
        b"User-agent: GPTBot/1.0\nDisallow: /\n",
        {
            ("google", "gptbot", "explicit", True),
            ("google", "gptbot/1.0", "default", False),
            ("intended", "gptbot", "explicit", True),
        },
    ),
    (
        "Content-Usage closes the tokens",
        b"User-agent: CCBot\nContent-Usage: train-ai=n\nUser-agent: *\nDisallow: /\n",
        {
            ("aipref", "ccbot", "explicit", False),
        },
    ),
    ("a company's name", b"User-agent: openai-crawler\nDisallow: /\n", {("intended", "gptbot", "explicit", True)}),
    (
        "a name meant and also named: nothing to add",
        b"User-agent: openai-crawler\nUser-agent: GPTBot\nDisallow: /\n",
        set(),
    ),
    (
        "a glued rule",
        b"User-agent: GPTBot disallow: /\n",
        {
            ("google", "gptbot", "explicit", False),
            ("google", "gptbot disallow: /", "default", False),
            ("intended", "gptbot", "explicit", True),
        },
    ),
    (
        "U+2011",
        "User-agent: Perplexity\u2011User\nDisallow: /\n".encode(),
        {
            ("google", "perplexity", "explicit", True),
            ("google", "perplexity\u2011user", "default", False),
            ("intended", "perplexity-user", "explicit", True),
        },
    ),
    (
        "UTF-16 is nothing to Google",
        b"\xff\xfe" + "User-agent: *\nDisallow: /\n".encode("utf-16-le"),
        {("google", "*", "default", False)},
    ),
]


@pytest.mark.parametrize(("body", "expected"), [row[1:] for row in OTHER], ids=[row[0] for row in OTHER])
def test_rows_of_other_profiles_stand_only_where_they_differ(
    body: bytes, expected: set[tuple[str, str, str, bool]]
) -> None:
    found = {(p, t, str(row.basis), row.root_blocked) for (p, t), row in profiles(body).items()}
    assert found == expected


def test_an_intended_row_points_to_the_line_in_the_file() -> None:
    row = profiles(b"# x\nUser-agent: a\nDisallow: /a\n\nUser-agent: GPTBot disallow: /\n")["intended", "gptbot"]
    assert (row.line, row.raw) == (5, "User-agent: GPTBot disallow: /")
