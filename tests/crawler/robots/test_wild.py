"""Real files: none raises, every line is accounted for, and each profile agrees with an implementation not ours.

A sample; docs/robots-disagreements.md records the run over every file. Skips where the shared data are absent.
"""

from __future__ import annotations

import importlib.util
import random
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from crawler import signals
from crawler.records import Exchange
from crawler.robots import CAP, Line, parse
from crawler.vocabulary import ROLE_ROBOTS, Outcome

DATA = Path(__file__).parents[3] / "../shared/data"
SCRIPT = Path(__file__).parents[2] / "bench/robots_disagreements.py"
SAMPLE = 400
COMPARED = 120
LARGEST = 60_000
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.skipif(
    not (DATA / "robots_snapshot_2024.parquet").exists(), reason=f"shared robots.txt bodies are not here: {DATA}"
)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("robots_disagreements", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def bodies(script: ModuleType) -> list[bytes]:
    every = [body for body in script.bodies(DATA, ("robots_snapshot_2019", "robots_panel_2025_2026")) if body]
    return random.Random(9309).sample(every, SAMPLE)


def test_no_file_raises_and_every_line_is_accounted_for(bodies: list[bytes]) -> None:
    for body in bodies:
        file = parse(body)
        assert len(file.lines) == len(file.shape)
        assert not file.truncated or len(body) > 512_000
        if not file.encoding.startswith("utf-16"):
            octets = body[:CAP].removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            assert b"\n".join(line.raw.encode(_codec(line)) for line in file.lines) == octets.removesuffix(b"\n")
        exchange = Exchange("a.example", ROLE_ROBOTS, "https://a.example/robots.txt", Outcome.OK, MOMENT, body=body)
        for signal, statement in signals.read(exchange):
            assert signal.role == ROLE_ROBOTS
            assert statement is not None


def _codec(line: Line) -> str:
    return "latin-1" if "not_utf8" in line.oddities else "utf-8"


def test_both_profiles_agree_with_implementations_not_ours(script: ModuleType, bodies: list[bytes]) -> None:
    rng = random.Random(1994)
    asked = 0
    open_cases = []
    for body in [body for body in bodies if len(body) < LARGEST][:COMPARED]:
        for peer, agent, url, reason, ours in script.compare(body, rng):
            asked += 1
            if reason in ("differs", script.UNEXPLAINED):
                open_cases.append((peer, agent, url, ours))
    assert open_cases == []
    assert asked > COMPARED * 20
