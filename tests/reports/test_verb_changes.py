"""`openweb changes` and `openweb reread`: what differs, whose doing it is, and when to fail."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from crawler.errors import Exit
from tests.reports.archives import records, run, small_archive


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_archive(tmp_path_factory.mktemp("changes"))


def test_text_tells_the_site_from_our_sight_of_it(db: Path) -> None:
    code, text = run("changes", "--db", db)
    assert code == Exit.DONE
    assert text.splitlines()[0] == "2026-01-15 to 2026-02-15"
    site, _, sight = text.partition("Visibility changed:")
    assert "a.example: Training generative AI: silent -> reserved" in site
    assert "https://a.example/robots.txt line 2: Content-Signal: ai-train=no" in site
    assert "b.example: Search: silent -> unknown" in sight
    assert "\x1b" not in text


def test_json(db: Path) -> None:
    _, text = run("changes", "--json", "--db", db)
    lines = records(text)
    agent = next(line for line in lines if line["subject"] == "agent:GPTBot" and line["site"] == "a.example")
    assert (agent["before"], agent["after"], agent["cause"]) == ("not refused", "refused", "site changed")
    assert {line["cause"] for line in lines if line["site"] == "b.example"} == {"visibility changed"}


@pytest.mark.parametrize(
    ("fail_on", "code"),
    [("reserved", Exit.FINDING), ("refused", Exit.FINDING), ("any", Exit.FINDING), ("permitted", Exit.DONE)],
)
def test_fail_on(db: Path, fail_on: str, code: Exit) -> None:
    assert run("changes", "--fail-on", fail_on, "--db", db)[0] == code


def test_feeds(db: Path) -> None:
    _, text = run("changes", "--feed", "atom", "--db", db)
    assert text.startswith("<?xml")
    assert '<feed xmlns="http://www.w3.org/2005/Atom">' in text
    code, text = run("changes", "--feed", "json", "--fail-on", "reserved", "--db", db)
    assert code == Exit.FINDING
    feed = json.loads(text)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert {item["_openweb"]["cause"] for item in feed["items"]} == {"site changed", "visibility changed"}


def test_waves_tell_bytes_from_meaning(db: Path) -> None:
    """a.example states something new, b.example went out of sight, c.example is as it was."""
    code, text = run("changes", "--waves", "--db", db)
    assert code == Exit.DONE
    head, line, whole, *_ = text.splitlines()
    told = dict(zip(head.split(), line.split(), strict=True))
    assert told == {
        "snapshot": "2026-02-15",
        "before": "2026-01-15",
        "sites": "3",
        "sight": "1",
        "readable": "2",
        "bodies": "1",
        "states": "1",
        "access": "1",
        "details": "0",
        "neither": "0",
    }
    assert whole.split() == ["all", "3", "1", "2", "1", "1", "1", "0", "0"]
    assert "without any other meaning" in text
    _, text = run("changes", "--waves", "--json", "--db", db)
    (record,) = records(text)
    assert (record["snapshot_id"], record["before"], record["bodies"]) == ("2026-02-15", "2026-01-15", 1)


def test_waves_of_a_span_without_two_snapshots(db: Path) -> None:
    code, text = run("changes", "--waves", "--to", "2026-01-15", "--db", db)
    assert (code, text.splitlines()) == (
        Exit.DONE,
        ["no two snapshots of one source in this archive or span: nothing to compare"],
    )


@pytest.mark.parametrize("more", [("--agent", "GPTBot"), ("--fail-on", "any"), ("--feed", "atom")])
def test_waves_stand_alone(db: Path, more: tuple[str, str]) -> None:
    code, text = run("changes", "--waves", *more, "--db", db)
    assert code == Exit.USAGE
    assert "leave out" in text


def test_a_snapshot_that_is_not_there(db: Path) -> None:
    code, text = run("changes", "--from", "2020-01-01", "--db", db)
    assert code == Exit.USAGE
    assert "no such snapshot" in text


def test_reread_with_nothing_new_changes_nothing(db: Path) -> None:
    code, text = run("reread", "--db", db)
    assert code == Exit.DONE
    assert "0 contents read, 0 readings found, 0 pictures judged" in text
    assert "no verdict changed" in text


def test_reread_says_what_it_alone_changed(tmp_path: Path) -> None:
    path = small_archive(tmp_path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE verdict SET rules = '0'")
        connection.execute("UPDATE verdict SET state = 'silent', rule = 'silent' WHERE state = 'reserved'")
    _, text = run("reread", "--db", path)
    assert "we changed, the sites did not:" in text
    assert "silent (silent) -> reserved (reserved)" in text
    _, again = run("reread", "--json", "--db", path)
    assert records(again[again.index("{") :])[-1] == {"contents": 0, "readings": 0, "judged": 0}


@pytest.mark.parametrize(
    ("verb", "line"),
    [
        ("changes", "List what differs between two snapshots, and whether the site or we changed."),
        (
            "reread",
            "Judge the whole archive again with today's readers, registry and rules; say what that alone changed.",
        ),
    ],
)
def test_help_begins_with_its_line(verb: str, line: str) -> None:
    _, text = run(verb, "-h")
    assert line in " ".join(text.split())
