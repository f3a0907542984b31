"""Whole runs: lazily drawn, resumable, sharded, interruptible, and counted."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from crawler.engine import crawl, in_shard, open_snapshot
from crawler.records import Visit
from crawler.run_result import OWN_FAULT
from crawler.settings import SettingsError
from crawler.sources.warc import read_visits
from crawler.spider import NetworkLost
from crawler.spool import SpoolError, segments
from crawler.visit import Visitor
from crawler.vocabulary import Outcome
from tests.crawler.loopback import Taken, Web, answer, frame_of, page, settings_for, take

ON = date(2026, 11, 1)
USERS = [f"u{number}.github.io" for number in range(60)]


@pytest.fixture
def web() -> Iterator[Web]:
    with Web().running() as running:
        yield running


def many(web: Web, count: int) -> list[str]:
    return [
        web.site(f"s{number}.test", {"/robots.txt": answer(404), "/": page(str(number))}) for number in range(count)
    ]


def visited(folder: Path) -> list[str]:
    return [visit.site for path in segments(folder) for visit in read_visits(path)]


def test_counts_are_those_of_the_visits(web: Web, tmp_path: Path) -> None:
    many(web, 5)
    web.site("down.test")
    web.hosts["busy.test"] = {"/robots.txt": answer(503)}
    dead = {**web.resolve(), "down.test:80": "127.0.0.1:1"}
    taken = take(web, tmp_path, network__resolve=dead)
    result = taken.result
    assert (result.sites, result.visited, result.earlier, result.reached) == (7, 7, 0, 6)
    assert result.robots == {"absent": 5, "unreachable": 1, "server_error": 1}
    assert result.coverage == pytest.approx(6 / 7)
    every = [exchange for visit in taken.visits.values() for exchange in visit.exchanges]
    assert result.outcomes == {
        outcome.value: count for outcome in Outcome if (count := sum(exchange.outcome is outcome for exchange in every))
    }
    # Every site is asked over https first, where nothing listens.
    assert result.requests == len(web.hits) + 8


def test_a_fault_of_ours_costs_its_own_visit_and_is_counted(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(web, 3)
    whole = Visitor.visit

    async def faulty(self: Visitor) -> Visit:
        if self.site == "s1.test":
            raise ZeroDivisionError("ours")
        return await whole(self)

    monkeypatch.setattr(Visitor, "visit", faulty)
    taken = take(web, tmp_path)
    assert (taken.result.visited, taken.result.reached, taken.result.faults) == (3, 2, 1)
    (note,) = taken.visits["s1.test"].exchanges
    assert (note.outcome, note.detail) == (Outcome.NOT_ASKED, f"{OWN_FAULT}: ZeroDivisionError: ours")


def test_a_run_begun_twice_is_refused_and_resumed_is_nothing_new(web: Web, tmp_path: Path) -> None:
    many(web, 4)
    first = take(web, tmp_path)
    hits = len(web.hits)
    settings, frame = settings_for(web, tmp_path), frame_of(*web.hosts)
    snapshot = open_snapshot(settings, frame, on=ON)
    with pytest.raises(SpoolError, match="--resume 2026-11-01"):
        crawl(settings, frame, snapshot, resume=False)
    again = crawl(settings, frame, snapshot, resume=True)
    assert (again.visited, again.earlier, again.reached) == (0, 4, first.result.reached)
    assert again.outcomes == first.result.outcomes
    assert len(web.hits) == hits


def test_segments_are_handed_on_while_the_crawl_goes_on(web: Web, tmp_path: Path) -> None:
    sites = many(web, 10)
    settings = settings_for(web, tmp_path, crawl__segment_visits=3, crawl__concurrency=2)
    frame = frame_of(*sites)
    handed: list[tuple[str, int]] = []
    done: list[str] = []

    def on_segment(path: Path) -> None:
        handed.append((path.name, len(list(read_visits(path)))))

    def progress(visit: Visit) -> None:
        done.append(visit.site)

    snapshot = open_snapshot(settings, frame, on=ON)
    crawl(settings, frame, snapshot, resume=False, on_segment=on_segment, progress=progress)
    assert handed == [(f"000{number}-crawl.warc.gz", size) for number, size in ((1, 3), (2, 3), (3, 3), (4, 1))]
    assert sorted(done) == sorted(sites) == sorted(visited(tmp_path / "spool" / "2026-11-01"))


def test_a_fault_in_taking_in_comes_after_the_crawl(web: Web, tmp_path: Path) -> None:
    sites = many(web, 4)
    settings, frame = settings_for(web, tmp_path, crawl__segment_visits=1), frame_of(*sites)

    def on_segment(path: Path) -> None:
        raise SpoolError(f"{path.name}: will not do")

    with pytest.raises(SpoolError, match="will not do"):
        crawl(settings, frame, open_snapshot(settings, frame, on=ON), resume=False, on_segment=on_segment)
    assert sorted(visited(tmp_path / "spool" / "2026-11-01")) == sorted(sites)


def test_shards_part_a_frame_without_rest_or_overlap(web: Web, tmp_path: Path) -> None:
    sites = many(web, 12)
    settings, frame = settings_for(web, tmp_path), frame_of(*sites)
    snapshot = open_snapshot(settings, frame, on=ON)
    parts = [crawl(settings, frame, snapshot, resume=False, shard=(index, 3)) for index in (1, 2, 3)]
    assert sum(part.sites for part in parts) == 12
    assert all(part.visited == part.sites for part in parts)
    assert sorted(visited(tmp_path / "spool" / "2026-11-01")) == sorted(sites)


@pytest.mark.parametrize("count", [1, 2, 7])
def test_hosts_of_one_registrable_domain_share_a_shard(count: int) -> None:
    """By the public suffix list: example.co.uk is one domain, two customers of github.io are two."""
    for group in (["a.example.co.uk", "www.example.co.uk", "example.co.uk:8080"], ["x.y.z.example.ch", "example.ch"]):
        shards = [[index for index in range(1, count + 1) if in_shard(site, (index, count))] for site in group]
        assert len(shards[0]) == 1
        assert shards == [shards[0]] * len(group)
    shards_of = {user: [index for index in range(1, count + 1) if in_shard(user, (index, count))] for user in USERS}
    users = {index for found in shards_of.values() for index in found}
    assert users == set(range(1, count + 1))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_with_visits_in_flight_finished(web: Web, tmp_path: Path, number: int) -> None:
    sites = many(web, 60)
    settings = settings_for(web, tmp_path, crawl__concurrency=3, politeness__delay=0.05)
    frame = frame_of(*sites)
    done: list[str] = []

    def progress(visit: Visit) -> None:
        done.append(visit.site)
        if len(done) == 3:
            os.kill(os.getpid(), number)

    snapshot = open_snapshot(settings, frame, on=ON)
    result = crawl(settings, frame, snapshot, resume=False, progress=progress)
    assert result.interrupted
    assert 3 <= result.visited < 20
    folder = tmp_path / "spool" / "2026-11-01"
    assert sorted(visited(folder)) == sorted(done)
    begun = {hit.host for hit in web.hits}
    assert begun == set(done), "what was begun was finished"
    rest = crawl(settings, frame, snapshot, resume=True)
    assert not rest.interrupted
    assert sorted(visited(folder)) == sorted(sites)


def test_a_run_waits_for_a_visit_that_hangs_only_so_long(web: Web, tmp_path: Path) -> None:
    async def hang(writer: object) -> None:
        await asyncio.sleep(60)

    web.site("hang.test", {"/robots.txt": hang})
    settings = settings_for(web, tmp_path, politeness__timeout=60.0)
    frame = frame_of("hang.test")
    threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGTERM)).start()
    began = time.monotonic()
    result = crawl(settings, frame, open_snapshot(settings, frame, on=ON), resume=False)
    assert result.interrupted
    assert result.visited == 0
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("identity__contact_url", "", "identity.contact_url"),
        ("identity__contact_url", "https://example.com/", "placeholder"),
        ("network__ca_file", "/nowhere/ca.pem", "network.ca_file"),
        ("network__allow_addresses", ["10.0.0.0/99"], "network.allow_addresses"),
        ("crawl__optout_file", "/nowhere/optout.txt", "crawl.optout_file"),
    ],
)
def test_a_setting_that_will_not_do_stops_the_run_before_it_asks(
    web: Web, tmp_path: Path, key: str, value: object, words: str
) -> None:
    many(web, 1)
    with pytest.raises(SettingsError, match=words):
        take(web, tmp_path, **{key: value})
    assert web.hits == []


def test_two_runs_in_one_process_are_two_runs(web: Web, tmp_path: Path) -> None:
    many(web, 2)
    taken: list[Taken] = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        taken.append(take(web, tmp_path / name))
    assert taken[0].visits.keys() == taken[1].visits.keys()


def test_an_empty_frame_is_a_run_of_nothing(web: Web, tmp_path: Path) -> None:
    settings, frame = settings_for(web, tmp_path), frame_of()
    result = crawl(settings, frame, open_snapshot(settings, frame, on=ON, name="empty"), resume=False)
    assert (result.snapshot_id, result.visited, result.coverage, result.segments) == ("2026-11-01-empty", 0, 1.0, [])


def test_a_run_that_loses_its_network_stops_and_records_no_dead_sites(web: Web, tmp_path: Path) -> None:
    alive = many(web, 3)
    dead = [f"d{number}.test" for number in range(300)]
    nowhere = {**web.resolve(), **dict.fromkeys(dead, "127.0.0.1:1")}
    settings = settings_for(web, tmp_path, network__resolve=nowhere, crawl__concurrency=4)
    frame = frame_of(*alive, *dead)
    snapshot = open_snapshot(settings, frame, on=ON)
    with pytest.raises(NetworkLost, match="--resume"):
        crawl(settings, frame, snapshot, resume=False)
    folder = tmp_path / "spool" / "2026-11-01"
    held = set(visited(folder))
    mended = {**web.resolve(), **dict.fromkeys(dead, f"127.0.0.1:{web.ports['http']}")}
    web.hosts.update({site: {"/robots.txt": answer(503)} for site in dead})
    result = crawl(settings_for(web, tmp_path, network__resolve=mended), frame, snapshot, resume=True)
    assert result.earlier == len(held)
    assert sorted(visited(folder)) == sorted([*alive, *dead])


def test_a_few_dead_sites_among_living_ones_are_recorded(web: Web, tmp_path: Path) -> None:
    alive, dead = many(web, 2), ["d1.test", "d2.test", "d3.test"]
    nowhere = {**web.resolve(), **dict.fromkeys(dead, "127.0.0.1:1")}
    taken = take(web, tmp_path, *alive, *dead, network__resolve=nowhere)
    assert {site for site, visit in taken.visits.items() if visit.exchanges[0].outcome is Outcome.UNREACHABLE} >= set(
        dead
    )
    assert taken.result.reached == 2
