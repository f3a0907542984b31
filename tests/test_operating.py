"""What docs/operating.md tells an operator: its commands exist, its units are valid, its script does what it says."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import openweb
from crawler.errors import Exit
from crawler.miniweb.loading import load
from crawler.miniweb.server import MiniWeb
from crawler.settings import Settings
from reports.verbs import demo

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
UNITS = ROOT / "docs" / "systemd"
SCRIPT = UNITS / "openweb-snapshot"
UNREACHABLE = "customs-almanac.example"
"""Its certificate is not to be trusted in that month, and it has no plain http."""
FENCED = re.compile(r"^ *```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def fenced(language: str) -> list[str]:
    return [text for name, text in FENCED.findall(PAGE) if name == language]


def commands() -> Iterator[str]:
    """Every `openweb …` command of the page, in blocks and in sentences, and of the script."""
    for block in fenced("sh"):
        yield from (line.strip() for line in block.splitlines() if line.strip().startswith("openweb "))
    yield from re.findall(r"`(openweb [a-z][^`]*)`", FENCED.sub("", PAGE))
    for line in re.findall(r'"\$openweb" ([a-z].*)', SCRIPT.read_text(encoding="utf-8")):
        yield "openweb " + re.split(r" >| \|\|", line)[0]


@pytest.mark.parametrize("command", sorted(set(commands())))
def test_every_command_exists_with_its_options(command: str) -> None:
    words = shlex.split(command)[1:]
    found: click.Command = openweb.cli
    context = click.Context(found)
    while isinstance(found, click.Group) and words and not words[0].startswith("-"):
        inner = found.get_command(context, words[0])
        assert inner is not None, words[0]
        found, words = inner, words[1:]
    known = {name for parameter in found.params for name in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= known


def test_the_settings_shown_are_settings() -> None:
    (text,) = fenced("toml")
    Settings.model_validate(tomllib.loads("\n".join(line.strip() for line in text.splitlines())))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_units_are_valid(tmp_path: Path) -> None:
    """As `systemd-analyze verify` reads them, with programs that are where this copy has them."""
    for name in ("openweb-snapshot.service", "openweb-snapshot.timer"):
        text = (UNITS / name).read_text(encoding="utf-8").replace("/opt/openweb/docs/systemd", str(UNITS))
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", *sorted(map(str, tmp_path.iterdir()))],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    ours = [line for line in done.stderr.splitlines() if "openweb" in line]
    assert (done.returncode, ours) == (0, []), done.stderr
    calendar = re.search(r"OnCalendar=(.*)", (UNITS / "openweb-snapshot.timer").read_text(encoding="utf-8"))
    assert calendar
    shown = subprocess.run(
        ["systemd-analyze", "calendar", calendar[1]], capture_output=True, text=True, timeout=60, check=False
    )
    assert shown.returncode == 0, shown.stderr


def test_a_spoilt_unit_would_be_noticed(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not here")
    unit = tmp_path / "openweb-snapshot.service"
    text = (UNITS / unit.name).read_text(encoding="utf-8").replace("/opt/openweb/docs/systemd", "none/at/all")
    unit.write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", unit], capture_output=True, timeout=60, check=False
    )
    assert done.returncode != 0


def test_the_timer_leaves_room_for_the_run() -> None:
    """The unit waits longer than the time budget the page proposes, and restarts only what was cut short."""
    unit = (UNITS / "openweb-snapshot.service").read_text(encoding="utf-8")
    hours = re.search(r"TimeoutStartSec=(\d+)h", unit)
    budget = re.search(r"time_budget = ([\d.]+)", PAGE)
    assert hours
    assert budget
    assert int(hours[1]) * 3600 > float(budget[1])
    assert f"RestartPreventExitStatus={Exit.USAGE:d} {Exit.BELOW_FLOOR:d} {Exit.ARCHIVE:d}" in unit


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Path, MiniWeb]]:
    """An operator's folder, and the miniature web it crawls."""
    with MiniWeb(load(), "2026-10", ca_file=tmp_path / demo.AUTHORITY) as web:
        demo._write_settings(tmp_path, web)
        (tmp_path / demo.SETTINGS).rename(tmp_path / "settings.toml")
        sites = (tmp_path / demo.FRAME).read_text(encoding="utf-8").splitlines()
        few = [*sites[:9], next(line for line in sites if line.startswith(UNREACHABLE))]
        (tmp_path / "frame.csv").write_text("\n".join(few) + "\n", encoding="utf-8")
        yield tmp_path, web


def script(folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    given = {key: value for key, value in os.environ.items() if not key.startswith("OPENWEB")}
    given |= {"OPENWEB": str(Path(sys.executable).parent / "openweb"), "DAY": "2026-10-15", **environ}
    return subprocess.run(
        ["sh", SCRIPT], cwd=folder, env=given, capture_output=True, text=True, timeout=240, check=False
    )


def here(text: str, folder: Path) -> str:
    """A text of the page with its places where this copy and this test have them."""
    places = {
        "/opt/openweb/.venv/bin/openweb": str(Path(sys.executable).parent / "openweb"),
        "/opt/openweb": str(ROOT),
        "/var/lib/openweb": str(folder),
    }
    for place, ours in places.items():
        text = text.replace(place, ours)
    return text


def cron(folder: Path) -> subprocess.CompletedProcess[str]:
    """The line of the crontab as cron runs it: by sh, from home, with next to nothing in the environment."""
    (entry,) = [line for line in fenced("crontab")[0].splitlines() if not line.lstrip().startswith("#")]
    *when, command = entry.strip().split(None, 5)
    assert len(when) == 5
    assert all(re.fullmatch(r"[\d*/,-]+", field) for field in when)
    assert "%" not in command, "cron would end the command there (crontab(5))"
    stubs = folder / "stubs"
    stubs.mkdir(exist_ok=True)
    (stubs / "mail").write_text(f'#!/bin/sh\necho "$@" >{folder}/mailed.txt\ncat >>{folder}/mailed.txt\n')
    (stubs / "mail").chmod(0o755)
    given = {"HOME": str(folder), "LOGNAME": "openweb", "SHELL": "/bin/sh", "PATH": f"{stubs}:/usr/bin:/bin"}
    return subprocess.run(
        ["/bin/sh", "-c", here(command, folder)], cwd="/", env={**given, "DAY": "2026-10-15"},
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip


def scheduled(folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """The step of the CI schedule that takes the snapshot, as a runner runs it, in its working directory."""
    (workflow,) = [text for text in fenced("yaml") if "on:\n  schedule:" in text]
    steps = re.split(r"^ {6}- ", workflow, flags=re.MULTILINE)[1:]
    (step,) = [text for text in steps if "openweb-snapshot" in text]
    command = json.loads(re.search(r"^run: (.*)$", step, re.MULTILINE)[1])  # type: ignore[index]
    assert re.search(r"^ +working-directory: /srv/openweb$", step, re.MULTILINE)
    (variable,) = re.findall(r"^ +OPENWEB: (.*)$", step, re.MULTILINE)
    given = {key: value for key, value in os.environ.items() if not key.startswith("OPENWEB")}
    given |= {"GITHUB_WORKSPACE": str(ROOT), "DAY": "2026-10-15"}
    given["OPENWEB"] = here(variable.replace("${{ github.workspace }}", "/opt/openweb"), folder)
    return subprocess.run(
        ["bash", "-e", "-c", command], cwd=folder, env={**given, **environ},
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(shutil.which("flock") is None, reason="flock is not here")
def test_cron_and_a_ci_schedule_take_a_snapshot_once(place: tuple[Path, MiniWeb]) -> None:
    """Begun, judged, reported and measured; a second start asks nobody anything, and judges by its own settings."""
    folder, web = place
    first = cron(folder)
    told = (folder / "last-run.log").read_text(encoding="utf-8")
    assert (first.returncode, first.stdout, first.stderr) == (Exit.DONE, "", ""), told
    assert not (folder / "mailed.txt").exists(), "no mail about what went well"
    asked = len(web.requests)
    assert asked > 0
    assert (folder / "report" / "index.html").exists()
    assert 'openweb_last_run_state{state="finished"} 1' in (folder / "openweb.prom").read_text(encoding="utf-8")
    assert "snapshot 2026-10-15 on its own: good enough" in told
    again = scheduled(folder, REPORT="", OPENWEB_QUALITY_COVERAGE_FLOOR="1.0")
    assert len(web.requests) == asked
    assert again.returncode == Exit.BELOW_FLOOR, again.stdout + again.stderr
    assert "NOT GOOD    coverage             8 of 9 sites of the frame answered" in again.stdout


@pytest.mark.skipif(shutil.which("flock") is None, reason="flock is not here")
def test_cron_mails_what_must_be_mended(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[crawl]\noptout_file = 'none.txt'\n", encoding="utf-8")
    assert cron(tmp_path).returncode == 0
    mailed = (tmp_path / "mailed.txt").read_text(encoding="utf-8")
    assert mailed.startswith(f"-s openweb ended with {Exit.USAGE:d} you@you.example\n")
    assert "none.txt cannot be read" in mailed


def test_the_other_steps_of_the_ci_schedule_are_there() -> None:
    """What it installs with is a target of the Makefile, what it keeps is what the script writes."""
    (workflow,) = [text for text in fenced("yaml") if "on:\n  schedule:" in text]
    for target in re.findall(r"run: make (\w+)", workflow):
        done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, check=False)
        assert done.returncode == 0, target
    assert "path: /srv/openweb/report" in workflow
    assert "\t" not in workflow


def test_every_alert_asks_for_a_gauge_there_is() -> None:
    (alerts,) = [text for text in fenced("yaml") if "- alert:" in text]
    code = (ROOT / "crawler" / "metrics_text.py").read_text(encoding="utf-8")
    for gauge in re.findall(r"\bopenweb_(\w+)", alerts):
        assert f'"{gauge}"' in code or gauge == "last_run_coverage", gauge


def test_the_script_stops_where_something_must_be_mended(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[crawl]\noptout_file = 'none.txt'\n", encoding="utf-8")
    done = script(tmp_path)
    assert done.returncode == Exit.USAGE
    assert "MEND" in done.stderr
    assert "none.txt cannot be read" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["doctor.txt", "settings.toml"]


def test_the_page_names_every_code_of_the_script() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    assert os.access(SCRIPT, os.X_OK)
    for code in (Exit.DONE, Exit.USAGE, Exit.BELOW_FLOOR, Exit.ARCHIVE, Exit.INTERRUPTED):
        assert re.search(rf"\b{code:d}\b", text), code
    assert json.dumps("once a week") in PAGE
