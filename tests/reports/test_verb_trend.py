"""`openweb trend`: a table that names its denominator, and JSON with all that a number carries."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.errors import Exit
from tests.reports.archives import records, run, small_archive

CARRIED = {
    *("snapshot", "date", "n", "N", "denominator", "unknown", "rate", "low", "high", "agent", "class"),
    *("registry", "reader", "rules", "definition", "frame", "bound_low", "bound_high", "source", "basis"),
}


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_archive(tmp_path_factory.mktemp("trend"))


def test_json_has_one_object_a_snapshot(db: Path) -> None:
    code, text = run("trend", "--agent", "GPTBot", "--class", "root_blocked", "--json", "--db", db)
    assert code == Exit.DONE
    first, last = records(text)
    assert first.keys() >= CARRIED
    assert (first["snapshot"], first["n"], first["N"], first["unknown"]) == ("2026-01-15", 0, 3, 0)
    assert (last["snapshot"], last["n"], last["N"], last["unknown"], last["frame"]) == ("2026-02-15", 1, 2, 1, 3)
    assert (last["agent"], last["class"], last["denominator"], last["rate"]) == (
        "GPTBot",
        "root_blocked",
        "answered",
        0.5,
    )


def test_json_of_a_use_names_state_and_reading(db: Path) -> None:
    _, text = run("trend", "--use", "train-generative", "--state", "reserved", "--strict", "--json", "--db", db)
    last = records(text)[-1]
    assert (last["use"], last["state"], last["reading"], last["denominator"]) == (
        "train-generative",
        "reserved",
        "strict",
        "frame",
    )
    assert (last["n"], last["N"], last["unknown"]) == (2, 3, 1)


def test_the_table_is_aligned_and_names_its_denominator(db: Path) -> None:
    _, text = run("trend", "--agent", "gptbot", "--db", db)
    lines = text.splitlines()
    assert lines[0] == "agent GPTBot, class root_blocked, basis any"
    assert lines[1].split()[:5] == ["snapshot", "date", "n", "N", "rate"]
    assert lines[3].split()[:5] == ["2026-02-15", "2026-02-15", "1", "2", "50.0%"]
    assert len({line.index("%") for line in lines[2:4]}) == 1
    assert "N: answered, of a frame of 3 sites" in text
    assert "registry" in text


@pytest.mark.parametrize(
    "arguments",
    [(), ("--agent", "GPTBot", "--use", "tdm"), ("--use", "nonsense"), ("--agent", "x", "--class", "nonsense")],
)
def test_usage(db: Path, arguments: tuple[str, ...]) -> None:
    code, _ = run("trend", *arguments, "--db", db)
    assert code == Exit.USAGE


def test_an_empty_span_says_so(db: Path) -> None:
    code, text = run("trend", "--agent", "GPTBot", "--from", "2030-01-01", "--db", db)
    assert (code, text.strip()) == (Exit.DONE, "no snapshot in this archive or span")


def test_help_begins_with_its_line() -> None:
    _, text = run("trend", "-h")
    assert "Print a rate over time with n, N, its denominator, its interval and what is unknown." in " ".join(
        text.split()
    )
