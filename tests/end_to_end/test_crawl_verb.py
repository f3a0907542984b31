"""`openweb crawl` and `openweb ingest` as commands: what they print, what they leave behind, how they end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from crawler.sources.warc import read_visits
from crawler.spool import segments
from tests.crawler.loopback import CONTACT, Web, answer, page

RUN = [sys.executable, "-m", "openweb"]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def web() -> Iterator[Web]:
    with Web().running() as running:
        yield running


def many(web: Web, count: int) -> list[str]:
    robots = "User-agent: GPTBot\nDisallow: /\n"
    return [
        web.site(f"s{number}.test", {"/robots.txt": answer(200, robots), "/": page(str(number))})
        for number in range(count)
    ]


class Command:
    """The command in a folder of its own, under a settings file that reaches the test's web only."""

    def __init__(self, web: Web, folder: Path, sites: Sequence[str], *more: str) -> None:
        self.folder = folder
        (folder / "sites.txt").write_text("\n".join(sites))
        names = "\n".join(f'"{name}" = "{target}"' for name, target in web.resolve().items())
        (folder / "settings.toml").write_text(
            f'[identity]\ncontact_url = "{CONTACT}"\n[politeness]\ndelay = 0.02\ndelay_per_ip = 0.0\n'
            f'[crawl]\nconcurrency = 8\nsegment_visits = 7\n[network]\nallow_addresses = ["127.0.0.0/8"]\n'
            f"[network.resolve]\n{names}\n"
        )
        self.environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))}

    def start(self, *arguments: str, **more: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*RUN, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )

    def run(self, *arguments: str) -> tuple[int, str, str]:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        assert "Traceback" not in err, err
        return process.returncode, out, err

    def query(self, statement: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(self.folder / "openweb.duckdb"), read_only=True) as connection:
            return connection.execute(statement).fetchall()


CRAWL = ("crawl", "--sites", "sites.txt", "--date", "2026-11-01")


def test_a_snapshot_from_a_list_to_the_archive(web: Web, tmp_path: Path) -> None:
    command = Command(web, tmp_path, many(web, 9))
    code, out, err = command.run(*CRAWL, "--json")
    assert (code, err) == (0, "")
    (line,) = out.splitlines()
    told = json.loads(line)
    assert {key: told[key] for key in ("snapshot", "sites", "visited", "earlier", "reached", "coverage")} == {
        "snapshot": "2026-11-01", "sites": 9, "visited": 9, "earlier": 0, "reached": 9, "coverage": 1.0
    }  # fmt: skip
    assert told["robots"] == {"ok": 9}
    assert command.query("SELECT count(*), count(DISTINCT site) FROM visit") == [(9, 9)]
    assert command.query("SELECT count(*) FROM verdict") != [(0,)]
    assert command.query("SELECT snapshot_id, state FROM run") == [("2026-11-01", "finished")]
    assert command.query("SELECT sites FROM frame") == [(9,)]
    code, out, _ = command.run("ingest", "spool/2026-11-01")
    assert code == 0
    assert out.count("already in the archive") == 2


def test_the_summary_is_readable_and_the_same_run_again_is_refused(web: Web, tmp_path: Path) -> None:
    command = Command(web, tmp_path, many(web, 3))
    code, out, _ = command.run(*CRAWL, "--name", "pilot")
    assert code == 0
    assert "snapshot 2026-11-01-pilot: 3 sites visited, 0 earlier, of 3; 3 reached" in out
    code, _, err = command.run(*CRAWL, "--name", "pilot")
    assert code == 2
    assert "go on with --resume 2026-11-01-pilot" in err


def test_below_the_coverage_floor_the_exit_code_is_three(web: Web, tmp_path: Path) -> None:
    command = Command(web, tmp_path, [*many(web, 1), "dead1.test", "dead2.test"])
    settings = (tmp_path / "settings.toml").read_text()
    dead = '"dead1.test" = "127.0.0.1:1"\n"dead2.test" = "127.0.0.1:1"\n'
    (tmp_path / "settings.toml").write_text(settings + dead)
    code, _, err = command.run(*CRAWL)
    assert code == 3
    assert "only 1 of 3 sites gave any answer" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("crawl", "--sites", "sites.txt", "--contact", "https://example.com/bot"), "placeholder"),
        (("crawl", "--sites", "sites.txt", "--contact", ""), "--contact"),
        (("crawl", "--sites", "gone.txt"), "gone.txt"),
        (("crawl", "--resume", "2020-01-01"), "no snapshot there"),
        (("crawl", "--resume", "2020-01-01", "--sites", "sites.txt"), "leave out --sites"),
        (("crawl", "--sites", "sites.txt", "--shard", "3/2"), "1 <= i <= N"),
        (("crawl", "--sites", "sites.txt", "--date", "yesterday"), "yesterday"),
        (("ingest", "gone.warc.gz"), "gone.warc.gz: cannot be read"),
        (("ingest", "empty"), "no WARC, ARC or WACZ file"),
    ],
)
def test_wrong_use_is_said_in_a_line(web: Web, tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    (tmp_path / "empty").mkdir()
    command = Command(web, tmp_path, many(web, 1))
    code, out, err = command.run(*arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert web.hits == []


def test_shards_on_several_machines_merge_by_ingest(web: Web, tmp_path: Path) -> None:
    command = Command(web, tmp_path, many(web, 10))
    for shard in ("1/2", "2/2"):
        spool = f"machine-{shard[0]}"
        assert command.run(*CRAWL, "--shard", shard, "--spool", spool, "--db", f"{spool}.duckdb")[0] == 0
    code, out, _ = command.run("ingest", "machine-1", "machine-2", "--json")
    assert code == 0
    assert sum(json.loads(line)["visits"] for line in out.splitlines()) == 10
    assert command.query("SELECT count(*), count(DISTINCT site) FROM visit") == [(10, 10)]


def test_sigterm_ends_with_130_and_resume_needs_no_more_than_the_name(web: Web, tmp_path: Path) -> None:
    sites = many(web, 40)
    command = Command(web, tmp_path, sites)
    process = command.start(*CRAWL)
    _wait_for(lambda: len(web.hits) > 40)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "openweb crawl --resume 2026-11-01" in err
    (tmp_path / "sites.txt").unlink()
    (tmp_path / "settings.toml").unlink()
    code, _, err = command.run("crawl", "--resume", "2026-11-01")
    assert code == 0, err
    _complete(command, sites)
    assert command.query("SELECT state FROM run ORDER BY ended_at") == [("interrupted",), ("finished",)]


def _wait_for(condition: object) -> None:
    deadline = time.monotonic() + 60
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.01)


def _visited(command: Command) -> list[str]:
    folder = command.folder / "spool" / "2026-11-01"
    return [visit.site for path in segments(folder) for visit in read_visits(path)]


def _complete(command: Command, sites: Sequence[str]) -> None:
    """Every site once in the segments and once in the archive, and nothing damaged."""
    assert sorted(_visited(command)) == sorted(sites)
    assert sorted(command.query("SELECT site FROM visit")) == sorted((site,) for site in sites)
    assert command.query("SELECT count(*) FROM reject") == [(0,)]
    assert not list(command.folder.rglob("*.part"))
