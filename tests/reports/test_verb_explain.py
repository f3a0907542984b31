"""`openweb explain`: wording of signals-page section 6, evidence, JSON."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.errors import Exit
from tests.reports.archives import records, run, small_archive

FORBIDDEN = ("allowed " + "to", "complian", "legal")
"""Parts of what no verdict may say, whole nowhere in this project."""


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_archive(tmp_path_factory.mktemp("explain"))


def test_reservation_found_where_and_when(db: Path) -> None:
    code, text = run("explain", "a.example", "--use", "train-generative", "--db", db)
    assert code == Exit.DONE
    assert "reservation found (Content-Signal, 2026-02-15), vendor" in text.replace(
        "Content-Signal line", "Content-Signal"
    )
    assert "https://a.example/robots.txt line 2, seen 2026-02-15 04:12:09 UTC" in text
    assert "sha256 " in text
    assert "would change it:" in text
    assert "rule reserved:" in text


def test_none_found_names_how_many_places(db: Path) -> None:
    _, text = run("explain", "a.example", "--use", "tdm", "--at", "2026-01-31", "--db", db)
    assert "none found in the 8 places checked" in text


def test_could_not_check_names_what(db: Path) -> None:
    _, text = run("explain", "b.example", "--use", "search", "--db", db)
    assert "could not check" in text
    assert "unreachable" in text
    assert "not checked:" in text


def test_a_draft_is_called_a_draft(db: Path) -> None:
    _, text = run("explain", "c.example", "--use", "train-generative", "--db", db)
    assert "draft" in text


def test_crawled_text_sends_nothing_to_the_terminal(db: Path) -> None:
    _, text = run("explain", "a.example", "--db", db)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\\x1b" in text


@pytest.mark.parametrize("site", ["a.example", "b.example", "c.example"])
def test_no_word_about_what_anybody_may_do(db: Path, site: str) -> None:
    _, text = run("explain", site, "--db", db)
    assert not [phrase for phrase in FORBIDDEN if phrase in text.lower()]
    assert "Never looked at:" in text


def test_json_has_a_verdict_a_line_with_its_evidence(db: Path) -> None:
    _, text = run("explain", "a.example", "--db", db, "--json")
    lines = [line for line in records(text) if line["axis"] == "use"]
    assert [line["use"] for line in lines][:2] == ["train-generative", "train-other"]
    first = lines[0]
    assert {
        "site",
        "snapshot",
        "date",
        "state",
        "state_strict",
        "rule",
        "reason",
        "strength",
        "would_change",
    } <= first.keys()
    deciding = [item for item in first["evidence"] if item["deciding"]]
    assert [(item["line"], item["kind"], item["seen_at"]) for item in deciding] == [
        (2, "reading", "2026-02-15T04:12:09Z")
    ]


def test_an_agent_has_its_line(db: Path) -> None:
    _, text = run("explain", "a.example", "--agent", "gptbot", "--db", db)
    assert "gptbot" in text
    assert "line 5" in text


def test_a_url_is_answered_for_its_path(db: Path) -> None:
    _, text = run("explain", "https://a.example/some/page", "--use", "train-generative", "--db", db)
    assert "about /some/page, to everybody" in text
    assert "not looked at: this URL itself" in text
    assert "reservation found" in text


def test_three_axes_are_told_apart(db: Path) -> None:
    _, text = run("explain", "a.example", "--agent", "GPTBot", "--json", "--db", db)
    lines = records(text)
    assert {line["axis"] for line in lines} >= {"use", "access"}
    access = next(line for line in lines if line["axis"] == "access" and line["agent"] == "GPTBot")
    assert (access["declared"], access["effective"], access["line"]) == ("refused", "refused", 5)


def test_old_evidence_is_called_stale(db: Path) -> None:
    _, text = run("explain", "a.example", "--at", "2026-12-31", "--db", db)
    assert "319 days old, more than 90: stale" in text
    assert "reservation found" in text
    _, text = run("explain", "a.example", "--at", "2026-12-31", "--max-age", "400", "--db", db)
    assert "stale" not in text.replace("may be stale", "")


def test_history_names_the_visits_around_a_state(db: Path) -> None:
    _, text = run("explain", "a.example", "--history", "--use", "train-generative", "--db", db)
    assert "silent, rule silent: seen 2026-01-15 to 2026-01-15" in text
    assert "began after 2026-01-15, ended not seen to end" in text
    _, text = run("explain", "a.example", "--history", "--json", "--db", db)
    first = records(text)[0]
    assert (first["state"], first["first_seen"], first["not_after"]) == ("silent", "2026-01-15", "2026-02-15")


def test_a_site_that_is_not_there_is_a_usage_error(db: Path) -> None:
    code, text = run("explain", "aa.example", "--db", db)
    assert code == Exit.USAGE
    assert "did you mean a.example" in text


def test_no_archive_is_an_archive_error(tmp_path: Path) -> None:
    code, text = run("explain", "a.example", "--db", tmp_path / "none.duckdb")
    assert code == Exit.ARCHIVE
    assert "no archive there" in text


def test_help_begins_with_its_line() -> None:
    code, text = run("explain", "-h")
    assert code == Exit.DONE
    assert "Show the verdicts about a site and the lines that made them." in text
    assert text.count("openweb explain") >= 2
