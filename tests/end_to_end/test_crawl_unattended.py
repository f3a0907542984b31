"""`openweb crawl` left alone: killed, out of disk, out of time, out of network; the next run goes on."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from pathlib import Path

import duckdb
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
    found = run(3, 40, tmp_path, longest=4.0)
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


def test_a_snapshot_unlike_the_one_before_ends_with_three_and_says_why(web: Web, tmp_path: Path) -> None:
    """Three of twelve sites answer 503 a week later: that is 25 %, and 5 % may be."""
    sites = many(web, 12)
    command = Command(web, tmp_path, sites)
    few = ("--set", "quality.least_sites=10", "--set", "quality.latency_growth=1000.0")
    code, out, err = command.run(*CRAWL, *few, "--json")
    assert (code, err) == (0, ""), "a first snapshot is held against nothing"
    assert json.loads(out)["quality"]["previous"] is None
    for site in sites[:3]:
        web.hosts[site]["/robots.txt"] = answer(503)
    later = ("crawl", "--sites", "sites.txt", "--date", "2026-11-08")
    code, _, err = command.run(*later, *few, "--log", "run.jsonl")
    assert code == 3
    assert "NOT GOOD    robots_ok            robots.txt ok on 9 of 12 sites, on 12 of the same before" in err
    assert "snapshot 2026-11-08 against 2026-11-01: not good enough" in err
    ((stored,),) = command.query("SELECT counts FROM run WHERE snapshot_id = '2026-11-08'")
    quality = json.loads(str(stored))["quality"]
    assert (quality["previous"], quality["breached"]) == ("2026-11-01", True)
    assert {one["check"] for one in quality["findings"] if one["judgement"] == "breach"} == {
        "robots_ok", "robots_server_error"
    }  # fmt: skip
    *_, end = map(json.loads, (tmp_path / "run.jsonl").read_text().splitlines())
    assert end["quality"] == quality
    assert command.query("SELECT count(*) FROM visit WHERE snapshot_id = '2026-11-08'") == [(12,)]
    code, out, _ = command.run("crawl", "--resume", "2026-11-08", *few, "--json")
    assert (code, json.loads(out)["quality"]["breached"]) == (3, True), "judged again"
    runs = [line for line in command.run("status")[1].splitlines() if line.startswith("run: 2026-11-08 finished")]
    assert all("not good enough (see openweb gate)" in line for line in runs)
    assert len(runs) == 2
    off = ("--name", "off", "--set", "quality.gate=false", "--json")
    code, out, _ = command.run("crawl", "--sites", "sites.txt", "--date", "2026-11-09", *few, *off)
    assert (code, json.loads(out)["quality"]) == (0, None)


def test_a_week_without_news_costs_304s_and_changes_nothing(web: Web, tmp_path: Path) -> None:
    """RFC 9110 13: what is known is asked for by its validator; pictures and changes are as if it had come."""
    whole: dict[str, dict[str, bytes]] = {}
    for number in range(5):
        robots = f"User-agent: GPTBot\nDisallow: /\n# {number}\n" + "# a comment\n" * 500
        policy = json.dumps([{"location": "/", "tdm-reservation": number % 2}])
        whole[f"s{number}.test"] = {
            "/robots.txt": answer(200, robots, ("ETag", f'"r{number}"')),
            "/.well-known/tdmrep.json": answer(200, policy, ("ETag", f'W/"t{number}"'), kind="application/json"),
        }
    command = Command(web, tmp_path, [web.site(site, {**files, "/": page()}) for site, files in whole.items()])
    assert command.run(*CRAWL)[0] == 0
    first = list(web.hits)
    assert not any("if-none-match" in hit.fields for hit in first)
    web.hits.clear()
    for number, (site, files) in enumerate(whole.items()):
        for path, tag in zip(files, (f'"r{number}"', f'W/"t{number}"'), strict=True):
            web.hosts[site][path] = f"HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\n\r\n".encode()
    code, _, err = command.run("crawl", "--sites", "sites.txt", "--date", "2026-11-08")
    assert code == 0, err
    asked = {(hit.host, hit.path): hit.fields.get("if-none-match") for hit in web.hits}
    assert [(hit.host, hit.path) for hit in first if (hit.host, hit.path) not in asked] == []
    for number, (site, files) in enumerate(whole.items()):
        assert [asked[site, path] for path in files] == [f'"r{number}"', f'W/"t{number}"']
        assert sum(len(str(web.hosts[site][path])) for path in files) < sum(map(len, files.values())) / 40
    pictures = "SELECT site, evidence_id FROM visit WHERE snapshot_id = ? ORDER BY site"
    with duckdb.connect(str(tmp_path / "openweb.duckdb"), read_only=True) as connection:
        old, new = (connection.execute(pictures, [day]).fetchall() for day in ("2026-11-01", "2026-11-08"))
        unchanged = connection.execute(
            "SELECT snapshot_id, role, count(unchanged_since) AS n FROM exchange GROUP BY ALL HAVING n > 0 ORDER BY ALL"
        ).fetchall()
    assert old == new, "one picture of each site, so one verdict"
    assert unchanged == [("2026-11-08", "robots.txt", 5), ("2026-11-08", "tdmrep.json", 5)]
    code, out, _ = command.run("changes", "--from", "2026-11-01", "--to", "2026-11-08", "--json")
    assert (code, [line for line in map(json.loads, out.splitlines()) if line.get("site")]) == (0, [])
    assert command.run("verify")[0] == 0
    assert not (tmp_path / "spool" / "2026-11-08" / "known.sqlite3").exists(), "what is done with goes"


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
