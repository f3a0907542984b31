"""`openweb crawl` left alone: killed, out of disk, out of time, out of network; the next run goes on."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.spool import segments
from tests.crawler.loopback import Web, answer, page
from tests.end_to_end.kills import run
from tests.end_to_end.test_crawl_verb import CRAWL, Command, _complete, many


@pytest.fixture
def web() -> Iterator[Web]:
    with Web().running() as running:
        yield running


@pytest.mark.slow
def test_killed_again_and_again_nothing_is_lost_or_twice(tmp_path: Path) -> None:
    found = run(3, 60, tmp_path)
    assert found["wrong"] == []
    assert found["kills"] == 3


def test_a_full_disk_ends_the_run_and_loses_nothing(web: Web, tmp_path: Path) -> None:
    """A file may grow to 48 KiB here: the write that would go beyond fails as it does on a full disk."""
    sites = many(web, 12)
    for site in sites:
        # Bytes that do not compress, so that a few visits fill the segment.
        noise = "".join(f"{hash((site, number)):x}" for number in range(800))
        web.hosts[site]["/"] = page(noise)
    command = Command(web, tmp_path, sites)

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (48 * 1024, 48 * 1024))

    process = command.start(*CRAWL, "--log", "run.jsonl", "--set", "crawl.segment_visits=100", preexec_fn=small_disk)
    _, err = process.communicate(timeout=120)
    assert process.returncode not in (0, 3), err
    assert "Traceback" not in err
    assert "make room" in err
    assert "--resume" in err
    *_, last = map(json.loads, (tmp_path / "run.jsonl").read_text().splitlines())
    assert (last["event"], last["state"]) == ("end", "failed")
    code, _, err = command.run("crawl", "--resume", "2026-11-01")
    assert code == 0, err
    _complete(command, sites)


def test_the_time_budget_ends_a_run_with_its_visits_whole(web: Web, tmp_path: Path) -> None:
    sites = many(web, 40)
    command = Command(web, tmp_path, sites)
    code, _, err = command.run(*CRAWL, "--time-budget", "1", "--set", "politeness.delay=0.1")
    assert code == 130
    assert "interrupted by crawl.time_budget, 1 s; go on with" in err
    begun = {hit.host for hit in web.hits}
    assert 0 < len(begun) < 40
    assert {site for (site,) in command.query("SELECT site FROM visit")} == begun
    code, _, err = command.run("crawl", "--resume", "2026-11-01", "--time-budget", "0")
    assert code == 0, err
    _complete(command, sites)


def test_control_urls_tell_dead_sites_from_a_dead_network(web: Web, tmp_path: Path) -> None:
    control = web.site("control.test", {"/": answer(204)})
    dead = [f"d{number}.test" for number in range(30)]
    alive = many(web, 2)
    command = Command(web, tmp_path, [*dead, *alive])
    settings = tmp_path / "settings.toml"
    settings.write_text(settings.read_text() + "".join(f'"{name}" = "127.0.0.1:1"\n' for name in dead))
    controls = ("--set", f'crawl.control_urls=["http://{control}/"]', "--set", "quality.coverage_floor=0.0")
    code, _, err = command.run(*CRAWL, *controls)
    assert code == 0, err
    assert command.query("SELECT count(*) FROM visit") == [(32,)]
    assert web.paths(control), "asked when twenty sites in a row did not answer"
    settings.write_text(settings.read_text().replace(f":{web.ports['http']}", ":1"))
    code, _, err = command.run(*CRAWL, "--name", "down", *controls)
    assert code == 3
    assert "no URL of crawl.control_urls answered" in err
    assert command.query("SELECT state FROM run ORDER BY ended_at") == [("finished",), ("failed",)]
    assert not segments(tmp_path / "spool" / "2026-11-01-down")


def test_what_is_no_control_url_is_said_before_anything_is_asked(web: Web, tmp_path: Path) -> None:
    command = Command(web, tmp_path, many(web, 1))
    code, _, err = command.run(*CRAWL, "--set", 'crawl.control_urls=["ftp://x.test/"]')
    assert code == 2
    assert "crawl.control_urls" in err
    assert web.hits == []


def test_the_manifest_and_the_log_say_what_ran(web: Web, tmp_path: Path) -> None:
    sites = many(web, 3)
    command = Command(web, tmp_path, sites)
    code, _, err = command.run(*CRAWL, "--log", "run.jsonl", "--set", 'crawl.vantage="a desk"')
    assert code == 0, err
    (line,) = map(json.loads, (tmp_path / "spool" / "2026-11-01" / "runs.jsonl").read_text().splitlines())
    assert (line["snapshot"], line["state"], line["vantage"]) == ("2026-11-01", "finished", "a desk")
    assert line["counts"]["visited"] == line["frame"]["sites"] == 3
    assert {"openweb", "python", "scrapy", "aiohttp"} <= set(line["versions"])
    assert line["started_at"] < line["ended_at"]
    ((stored,),) = command.query("SELECT counts FROM run")
    assert json.loads(str(stored))["manifest"]["frame"] == line["frame"]
    events = [json.loads(text) for text in (tmp_path / "run.jsonl").read_text().splitlines()]
    assert [event["event"] for event in events] == ["start", "visit", "visit", "visit", "segment", "end"]
    assert {event["site"] for event in events if event["event"] == "visit"} == set(sites)
    assert all(event["robots"] == "ok" for event in events if event["event"] == "visit")
