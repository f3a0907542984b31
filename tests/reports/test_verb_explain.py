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
