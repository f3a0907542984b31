"""A profile of one's own: every mistake is told with file, line, key, what was expected and the nearest known word."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.profile_file import parse
from analysis.profiles import ProfileError, find, load
from reports.profile_text import shown

MINE = """\
format = 1

[profile.mine]
version = "1"
dated = "2026-11-25"
title = "Mine"
purpose = "For me."
jurisdictions = ["EU"]
grounds = ["eu-art-4"]
max_age_days = 30
max_age_why = "so"

[[profile.mine.use]]
uses = ["tdm"]
reading = "lenient"
why = "because"
reserved = ["deny", "a"]
conditional = ["deny", "b"]
conflict = ["deny", "c"]
permitted = ["allow", "d"]
silent = ["allow", "e"]
unknown = ["unknown", "f"]
""".replace('grounds = ["eu-art-4"]', 'grounds = ["ground"]').replace(
    "[profile.mine]",
    '[ground.ground]\ntitle = "t"\njurisdiction = "EU"\ndated = "2019"\nurl = "https://a.example/"\nsays = "s"\n'
    'effect = "e"\n\n[profile.mine]',
    1,
)


def at(text: str) -> int:
    """The line of the first occurrence of a text in MINE."""
    return MINE[: MINE.index(text)].count("\n") + 1


MISTAKES = [
    ("format = 1", "format = 2", "format = 1", "expected format = 1, found 2"),
    ('reserved = ["deny", "a"]', 'reservd = ["deny", "a"]', "reserved", "nearest known is 'reserved'"),
    ('uses = ["tdm"]', 'uses = ["tmd"]', "uses =", "nearest known is 'tdm'"),
    ('["deny", "a"]', '["denie", "a"]', "reserved =", "nearest known is 'deny'"),
    ('["deny", "a"]', '["allow", "a"]', "reserved =", "cannot be answered with allow"),
    ('["unknown", "f"]', '["allow", "f"]', "unknown =", "silence is not ignorance"),
    ('conditional = ["deny", "b"]\n', "", "[[profile.mine.use]]", "conditional: missing"),
    ('["deny", "c"]', '"deny"', "conflict =", 'expected ["allow|deny|unknown", "why"]'),
    ('["deny", "c"]', '["deny", " "]', "conflict =", "expected a reason"),
    ("max_age_days = 30", 'max_age_days = "30"', "max_age_days", "expected a number of days"),
    ("max_age_days = 30", "max_age_days = -1", "max_age_days", "from 0 up"),
    ('"lenient"', '"lenent"', "reading", "nearest known is 'lenient'"),
    ('title = "Mine"', "title = 7", 'title = "Mine"', "expected a text in quotes, found 7"),
    ('grounds = ["ground"]', 'grounds = ["grund"]', "grounds =", "nearest known is 'ground'"),
    ('dated = "2019"', 'dated = "19"', 'dated = "2019"', "expected a year, month or day"),
    ('url = "https://a.example/"', 'url = "a.example"', "url =", "expected a web address"),
    ('version = "1"\n', "", "[profile.mine]", "version: expected a text in quotes, found nothing"),
    ('uses = ["tdm"]', 'uses = ["tdm", "tdm"]', "uses =", "stands there twice"),
    ("[profile.mine]", "[profile.Mine]", "[profile.mine]", "small letters"),
    ("max_age_days = 30", "max_age = 30", "max_age_days", "nearest known is 'max_age_days'"),
    ("max_age_days = 30", "max_age_days = 30.5", "max_age_days", "found 30.5"),
    ('"deny", "c"', '"DENY", "c"', "conflict =", "nearest known is 'deny'"),
    ('["deny", "c"]', "false", "conflict =", "found false"),
    ('["deny", "c"]', '["deny", "c", "d"]', "conflict =", "found ['deny', 'c', 'd']"),
    ('dated = "2026-11-25"', "dated = 2026-11-25", 'dated = "2026', "found 2026-11-25 without quotes"),
    ('version = "1"', "version = 1", "version =", "expected a text in quotes, found 1"),
    ('version = "1"', 'version = "1"\nversion = "2"', 'dated = "2026', "for the second time"),
    ('title = "Mine"', 'title = "Mine', 'title = "Mine"', "not closed by a quote"),
    ("[[profile.mine.use]]", "[profile.mine.use]", "[[profile.mine.use]]", "expected tables [[profile.mine.use]]"),
    ("[[profile.mine.use]]", "[[profile.mine.uses]]", "[[profile.mine.use]]", "nearest known is 'use'"),
    ("[ground.ground]", "[grounds.ground]", "[ground.ground]", "nearest known is 'ground'"),
    ('says = "s"', 'say = "s"', "says =", "nearest known is 'says'"),
    ('jurisdictions = ["EU"]', 'jurisdictions = "EU"', "jurisdictions =", "expected a list of codes such as EU"),
    (
        'reserved = ["deny", "a"]',
        'reserved-informl = ["deny", "a"]',
        "reserved =",
        "nearest known is 'reserved-informal'",
    ),
    ('effect = "e"', "effect = []", "effect =", "expected a text in quotes, found []"),
    ('effect = "e"', 'effect = "e"\nchecked = "yesterday"', "\n[profile.mine]", "expected a year, month or day"),
    ('effect = "e"', 'effect = "e"\nrecalled = ["date"]', "\n[profile.mine]", "nearest known is 'dated'"),
]


@pytest.mark.parametrize(
    ("old", "new", "place", "message"), MISTAKES, ids=[f"{new or old}" for old, new, *_ in MISTAKES]
)
def test_a_mistake_is_told_with_line_key_and_the_nearest(old: str, new: str, place: str, message: str) -> None:
    text = MINE.replace(old, new, 1)
    if new.startswith("[profile.M"):
        text = text.replace("profile.mine.use", "profile.Mine.use")
    with pytest.raises(ProfileError) as caught:
        parse(text, "mine.toml")
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"mine.toml:{at(place)}: "), str(caught.value)


ACCESS = """
[profile.mine.access]
agents = ["GPTBot"]
why = "w"
admitted = ["allow", "x"]
refused = ["deny", "y"]
unknown = ["unknown", "z"]
"""
LICENCE = """
[profile.mine.licence]
classes = ["A"]
subjects = ["document"]
why = "w"
open = ["allow", "x"]
limited = ["deny", "y"]
unclear = ["unknown", "z"]
several = ["unknown", "z"]
partial = ["unknown", "z"]
none = ["deny", "z"]
unknown = ["unknown", "z"]
"""
PART_MISTAKES = [
    ("profile.mine.access", "profile.mine.acess", "[profile.mine.access]", "nearest known is 'access'"),
    ("profile.mine.licence", "profile.mine.license", "[profile.mine.licence]", "nearest known is 'licence'"),
    ('agents = ["GPTBot"]', 'agents = "GPTBot"', "agents =", "expected a list of product tokens"),
    ('agents = ["GPTBot"]', "agents = []", "agents =", "expected a list of product tokens"),
    ('"GPTBot"', '"GPTBot #1"', "agents =", "'GPTBot #1' is no product token"),
    ('"GPTBot"', '"GPTBot", "gptbot"', "agents =", "stands there twice"),
    ("admitted =", "admited =", "admitted =", "nearest known is 'admitted'"),
    ('refused = ["deny"', 'refused = ["allow"', "refused =", "refused cannot be answered with allow"),
    ('limited = ["deny"', 'limited = ["allow"', "limited =", "limited cannot be answered with allow"),
    ('classes = ["A"]', 'classes = ["a"]', "classes =", "nearest known is 'A'"),
    ('subjects = ["document"]', 'subjects = ["page"]', "subjects =", "known: document, object, other, excluded"),
    ('none = ["deny", "z"]\n', "", "[profile.mine.licence]", "none: missing; every state needs an answer"),
    ('why = "w"\nadmitted', 'why = ""\nadmitted', 'why = "w"', "expected a text in quotes, found ''"),
]


@pytest.mark.parametrize(
    ("old", "new", "place", "message"), PART_MISTAKES, ids=[f"{new or old}" for old, new, *_ in PART_MISTAKES]
)
def test_a_mistake_about_access_or_licences_is_told_as_well(old: str, new: str, place: str, message: str) -> None:
    whole = MINE + ACCESS + LICENCE
    line = whole[: whole.index(place, len(MINE))].count("\n") + 1
    parse(whole, "mine.toml")
    with pytest.raises(ProfileError) as caught:
        parse(MINE + (ACCESS + LICENCE).replace(old, new, 1), "mine.toml")
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"mine.toml:{line}: "), str(caught.value)


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINE, encoding="utf-8-sig")
    assert "mine" in load(path)


def test_a_token_nobody_knows_is_pointed_out_where_a_profile_is_shown() -> None:
    text = MINE + ACCESS.replace("GPTBot", "GPTBott")
    shown_as = " ".join(" ".join(shown(parse(text, "mine.toml")["mine"])).split())
    assert "GPTBott is not in the registry of crawlers (did you mean GPTBot?)" in shown_as
    assert "not in the registry" not in " ".join(shown(find("training-strict")))


def test_other_mistakes() -> None:
    with pytest.raises(ProfileError, match="expected format = 1, found nothing"):
        parse("", "mine.toml")
    with pytest.raises(ProfileError, match=r"mine.toml:1: not valid TOML: expected KEY = VALUE"):
        parse("profile:\n  mine: 1\n", "mine.toml")
    with pytest.raises(ProfileError, match="not valid TOML"):
        parse("[", "mine.toml")
    with pytest.raises(ProfileError, match=r"at least one \[profile.NAME\]"):
        parse("format = 1", "mine.toml")
    head = MINE[: MINE.index("[[profile")]
    with pytest.raises(ProfileError, match=r"expected \[\[profile.mine.use\]\]"):
        parse(head, "mine.toml")
    again = MINE[MINE.index("[[profile") :]
    with pytest.raises(ProfileError, match="tdm: answered twice"):
        parse(MINE + again, "mine.toml")
