"""Crawled text is shown, linked and filed safely; numbers and dates have one format."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import render


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("<b>&\"'", "&lt;b&gt;&amp;&#34;&#39;"),
        ("a\u202eb", 'a<span class="esc">\\u202e</span>b'),
        ("\x1b[31m", '<span class="esc">\\x1b</span>[31m'),
        ("\x00", '<span class="esc">\\x00</span>'),
        ("tab\tline\n", "tab\tline\n"),
        ("cr\r\n", 'cr<span class="esc">\\x0d</span>\n'),
        ("\u2066", '<span class="esc">\\u2066</span>'),
        ("\u200f\u061c", '<span class="esc">\\u200f</span><span class="esc">\\u061c</span>'),
        ("zero\u200bwidth", 'zero<span class="esc">\\u200b</span>width'),
        ("half \ud83d", 'half <span class="esc">\\ud83d</span>'),
        ("tag \U000e0041", 'tag <span class="esc">\\U000e0041</span>'),
        ("Zürich 東京 עברית", "Zürich 東京 עברית"),
    ],
)  # fmt: skip
def test_hidden_characters_are_shown_and_markup_is_text(text: str, expected: str) -> None:
    assert render.shown(text) == expected


@given(st.text())
def test_whatever_is_shown_can_be_written_and_holds_no_markup_of_its_own(text: str) -> None:
    shown = str(render.shown(text))
    shown.encode("utf-8")
    assert "<" not in re.sub(r'<span class="esc">\\[xuU][0-9a-f]+</span>', "", shown)
    assert not render._HIDDEN.search(shown)
    assert not render._HIDDEN.search(render.clean(text))


@pytest.mark.parametrize(
    ("site", "name"),
    [
        ("example.org", "example.org"),
        ("example.org:8443", "example.org_3a8443"),
        ("[2001:db8::1]:443", "_5b2001_3adb8_3a_3a1_5d_3a443"),
        ("a/../../etc/passwd", "a_2f.._2f.._2fetc_2fpasswd"),
        ("..", "_2e."),
        ("-o", "_2do"),
        ("CON", "_43_4f_4e"),
        ("con", "_63on"),
        ("nul.example", "_6eul.example"),
        ("under_score", "under_5fscore"),
        ("münchen.de", "m_c3_bcnchen.de"),
        ("a\x00b", "a_00b"),
        ("", "_"),
        ("_", "_5f"),
        ("half \ud83d", "half_20_ed_a0_bd"),
    ],
)
def test_file_names(site: str, name: str) -> None:
    assert render.file_name(site) == name


def test_long_keys_keep_apart_in_short_names() -> None:
    names = {render.file_name(f"{'a' * 300}{ending}") for ending in ("b", "c")}
    assert len(names) == 2
    assert all(len(name) + len(".html") < 200 for name in names)


@given(st.text(max_size=60), st.text(max_size=60))
def test_two_sites_never_share_a_file_whatever_the_file_system_folds(one: str, other: str) -> None:
    names = render.file_name(one), render.file_name(other)
    assert all(re.fullmatch(r"[a-z0-9_~][a-z0-9._~-]*", name) for name in names)
    assert (names[0].lower() == names[1].lower()) == (one == other)


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://a.example/robots.txt", True),
        ("http://[2001:db8::1]:8080/x?y#z", True),
        ("https://münchen.example/", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt://a.example/%0aalert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,<script>", False),
        ("file:///etc/passwd", False),
        ("//a.example/", False),
        ("https://", False),
        ("https://[", False),
        ('https://a.example/"onmouseover=', False),
        ("https://a.example/\u202etxt.exe", False),
        (" https://a.example/", False),
        ("", False),
        (None, False),
    ],
)
def test_only_plain_web_addresses_are_linked(url: str | None, linked: bool) -> None:
    assert (render.web_address(url) == url) if linked else render.web_address(url) is None


@pytest.mark.parametrize(
    ("share", "text"), [(None, "–"), (0.0, "0.0%"), (0.38709, "38.7%"), (1.0, "100.0%"), (0.0004, "0.0%")]
)
def test_percent(share: float | None, text: str) -> None:
    assert render.percent(share) == text


@pytest.mark.parametrize(("number", "text"), [(None, "–"), (0, "0"), (1234567, "1,234,567"), ("x\x07", "x\\x07")])
def test_count(number: object, text: str) -> None:
    assert render.count(number) == text


def test_days_and_moments() -> None:
    assert render.day(date(2026, 10, 5)) == "5 October 2026"
    assert render.day(None) == "–"
    assert render.moment(datetime(2026, 10, 15, 4, 12, 9, 5, tzinfo=UTC)) == "2026-10-15 04:12:09 UTC"
    assert render.moment(datetime(2026, 10, 15, 4, 12, 9)) == "2026-10-15 04:12:09 UTC"  # noqa: DTZ001 - as archived
    east = timezone(timedelta(hours=3))
    assert render.moment(datetime(2026, 10, 15, 4, 12, 9, tzinfo=east)) == "2026-10-15 01:12:09 UTC"
    assert render.moment(None) == "–"


def test_the_script_source_is_its_sha256_in_base64() -> None:
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", render.script_source("search.js"))
    assert "</script" not in render.static("search.js").lower()
