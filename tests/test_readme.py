"""The README, run: every command in it, in order, and every line of output it shows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.miniweb.loading import load
from crawler.miniweb.server import MiniWeb
from reports.verbs import demo as demo_verb
from tests.conftest import Demo

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> list[tuple[str, list[str]]]:
    """Each command of the README with the lines it is shown to print."""
    found: list[tuple[str, list[str]]] = []
    for block in BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8")):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


@pytest.fixture(scope="module")
def folder(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the README's reader stands: `make demo` was run, and the miniature web still answers, as settings say."""
    here = tmp_path_factory.mktemp("readme")
    shutil.copytree(demo.folder, here / "demo-out")
    with MiniWeb(load(), "2026-10", ca_file=here / demo_verb.AUTHORITY) as web:
        demo_verb._write_settings(here, web)
        (here / demo_verb.SETTINGS).rename(here / "settings.toml")
        yield here


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_command_does_what_the_readme_shows(folder: Path) -> None:
    """Exit 0, and the shown lines stand in the output in their order; `...` leaves out lines, or the rest of one."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    commands = blocks()
    assert len(commands) >= 10
    for command, shown in commands:
        run = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert run.returncode == 0, f"{command}\n{run.stderr}"
        printed = iter(run.stdout.splitlines())
        for line in shown:
            wanted = line.removesuffix("...")
            if wanted:
                assert any(
                    found.startswith(wanted) if line.endswith("...") else found == wanted for found in printed
                ), f"{command}\nshould print: {line}\nprints:\n{run.stdout}"


def test_the_two_commands_are_those_of_the_makefile() -> None:
    """`make demo` and `make test` do what the README says they do."""
    wanted = {"demo": "openweb demo -o demo-out", "test": "-m pytest"}
    for target, command in wanted.items():
        plan = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)
        assert plan.returncode == 0, plan.stderr
        assert command in plan.stdout
