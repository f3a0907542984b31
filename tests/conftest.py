"""What several test modules look at: one run of the demo, made once. And no test looks a name up."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.no_look_ups import no_look_ups

__all__ = ["demo", "no_look_ups"]


@dataclass(frozen=True)
class Demo:
    """What one run of the demo left: its folder, what it printed, how much processor time it and its crawls took."""

    folder: Path
    out: str
    err: str
    seconds: float


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The installed command, run as `make demo` runs it, in a folder of its own."""
    folder = tmp_path_factory.mktemp("year")
    environ = {key: value for key, value in os.environ.items() if not key.startswith("OPENWEB_")}
    begun = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(
        [sys.executable, "-m", "openweb", "demo", "-o", "demo-out"],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert run.returncode == 0, run.stderr
    seconds = ended.ru_utime + ended.ru_stime - begun.ru_utime - begun.ru_stime
    return Demo(folder / "demo-out", run.stdout, run.stderr, seconds)
