"""`openweb check` as its user runs it, against one month of the miniature web on loopback."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.errors import Exit
from crawler.miniweb.loading import load
from crawler.miniweb.server import MiniWeb
from reports.verbs import demo


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with settings that map October 2026 of the miniature web, which is served meanwhile."""
    here = tmp_path_factory.mktemp("check")
    with MiniWeb(load(), "2026-10", ca_file=here / demo.AUTHORITY) as web:
        demo._write_settings(here, web)
        yield here


def check(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """The verb in that folder."""
    command = [sys.executable, "-m", "openweb", "check", *args, "--settings", demo.SETTINGS]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def test_json_gives_every_verdict_with_its_line(folder: Path) -> None:
    """One object a use; a contradiction shows both lines, robots.txt against the header."""
    result = check(folder, "capital-wire.example", "--json")
    assert result.returncode == Exit.DONE, result.stderr
    lines = {line["use"]: line for line in map(json.loads, result.stdout.splitlines())}
    assert {use: lines[use]["state"] for use in ("train-generative", "train-other", "search")} == {
        "train-generative": "conflict",
        "train-other": "reserved",
        "search": "permitted",
    }
    deciding = {item["raw"] for item in lines["train-generative"]["evidence"] if item["deciding"]}
    assert deciding == {"Content-Signal: search=yes, ai-train=no", "train-ai=y"}


def test_text_names_the_line_and_what_was_not_looked_at(folder: Path) -> None:
    result = check(folder, "https://morning-ledger.example/", "--use", "tdm")
    assert result.returncode == Exit.DONE, result.stderr
    assert "tdm-reservation" in result.stdout
    assert "Never looked at" in result.stdout


@pytest.mark.parametrize(("state", "code"), [("reserved", Exit.FINDING), ("conflict", Exit.DONE)])
def test_fail_on(folder: Path, state: str, code: Exit) -> None:
    """For publishers' continuous checks: 1 when a verdict is in that state, else 0."""
    assert check(folder, "gazette-du-lac.example", "--use", "tdm", "--fail-on", state).returncode == code


def test_a_dead_site_could_not_be_checked(folder: Path) -> None:
    """A torn connection is unknown with its reason, never silence, and no traceback."""
    result = check(folder, "glasshouse-podcast.example", "--use", "search", "--json")
    assert result.returncode == Exit.DONE
    verdict = json.loads(result.stdout)
    assert verdict["state"] == "unknown"
    assert "unreachable" in verdict["reason"]
    assert "Traceback" not in result.stderr


def test_nothing_to_check_is_usage(folder: Path) -> None:
    for args in ((), ("not a host",)):
        result = check(folder, *args)
        assert (result.returncode, result.stdout) == (Exit.USAGE, "")
        assert "Traceback" not in result.stderr


def test_no_archive_is_left_behind(folder: Path) -> None:
    """Nothing is written where the command runs."""
    before = sorted(path.name for path in folder.iterdir())
    check(folder, "tidewrack-notes.example", "--use", "tdm")
    assert sorted(path.name for path in folder.iterdir()) == before
