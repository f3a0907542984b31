"""The quality gate: snapshots made to differ in one way each, and what must be said about it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from analysis.quality import Finding, Gate, Judgement, compare, gate
from analysis.verdicts import judge
from crawler.archive import memory, reading
from crawler.errors import Exit, InputError
from crawler.frame import Frame, read_frame
from crawler.ingest import Portion, take_in, take_in_to
from crawler.records import Snapshot, Visit
from crawler.settings import Archive, Quality
from crawler.vocabulary import Outcome
from tests.analysis.builders import Site, visit
from tests.reports.archives import records, run

JAN, FEB, MAR = date(2026, 1, 15), date(2026, 2, 15), date(2026, 3, 15)


def sites(count: int) -> dict[str, Site]:
    """`count` sites with a robots.txt."""
    return {f"s{n}.example": Site(robots=b"User-agent: *\n") for n in range(count)}


def dead(name: str, on: date) -> Visit:
    """A visit in which nothing answered."""
    whole = visit(name, Site(), on)
    exchanges = tuple(
        replace(one, outcome=Outcome.UNREACHABLE if at == 0 else Outcome.NOT_ASKED, status=None, body=None, headers=())
        for at, one in enumerate(whole.exchanges)
    )
    return replace(whole, exchanges=exchanges)


def snapshot_of(
    on: date,
    names: Mapping[str, Site],
    *,
    dark: range = range(0),
    frame: Frame | None = None,
    elapsed: int | None = None,
    source: str = "crawl",
) -> Portion:
    """A snapshot of those sites; those numbered in `dark` did not answer, answers took `elapsed` milliseconds."""
    snapshot = Snapshot(f"{on}-{source}", on, source, frame.id if frame else None)
    visits = []
    for name, site in names.items():
        made = dead(name, on) if name in {f"s{n}.example" for n in dark} else visit(name, site, on)
        timed = tuple(
            replace(one, elapsed_ms=elapsed, status=one.status or 404) if one.outcome in ("ok", "absent") else one
            for one in made.exchanges
        )
        visits.append((snapshot.id, replace(made, exchanges=timed)))
    key = hashlib.sha256(repr((on, sorted(names), dark, elapsed, source)).encode()).hexdigest()
    return Portion(key, str(on), (snapshot,), visits, frames=(frame,) if frame else ())


@contextmanager
def archive_of(*portions: Portion) -> Iterator[duckdb.DuckDBPyConnection]:
    with memory(Archive(threads=1)) as connection:
        for portion in portions:
            take_in_to(connection, portion, after=judge, workers=1)
        yield connection


def found(*portions: Portion, quality: Quality | None = None) -> dict[str, Finding]:
    with archive_of(*portions) as connection:
        return {finding.check: finding for finding in compare(connection, quality or Quality())}


def breaches(findings: Mapping[str, Finding]) -> set[str]:
    return {check for check, finding in findings.items() if finding.judgement is Judgement.BREACH}


def test_two_alike_are_good() -> None:
    findings = found(snapshot_of(JAN, sites(60), elapsed=100), snapshot_of(FEB, sites(60), elapsed=120))
    assert breaches(findings) == set()
    assert {
        "unvisited",
        "coverage",
        "coverage_drop",
        "sites_lost",
        "robots_ok",
        "latency_median",
        "latency_slow",
    } == set(findings)
    coverage = findings["coverage"]
    assert (coverage.n, coverage.N, coverage.value) == (60, 60, 1.0)
    assert (findings["latency_median"].before, findings["latency_median"].value) == (100.0, 120.0)


def test_sites_that_stopped_answering() -> None:
    """6 of 60 dark: 10 % fewer answers, 10 % lost, 10 % of robots.txt from ok to unreachable."""
    findings = found(snapshot_of(JAN, sites(60)), snapshot_of(FEB, sites(60), dark=range(6)))
    assert breaches(findings) == {"coverage_drop", "sites_lost", "robots_ok", "robots_unreachable"}
    lost, ok = findings["sites_lost"], findings["robots_ok"]
    assert (lost.n, lost.N, lost.value) == (6, 60, 0.1)
    assert (ok.n, ok.n_before, ok.N) == (54, 60, 60)
    assert "54 of 60 sites" in ok.said
    assert findings["latency"].judgement is Judgement.NOT_JUDGED
    exact = Quality(coverage_drop=0.1, sites_lost=0.1, outcome_drift=0.1)
    assert (
        breaches(found(snapshot_of(JAN, sites(60)), snapshot_of(FEB, sites(60), dark=range(6)), quality=exact)) == set()
    )


def test_sites_that_answer_again_are_no_loss() -> None:
    findings = found(snapshot_of(JAN, sites(60), dark=range(6)), snapshot_of(FEB, sites(60)))
    assert breaches(findings) == {"robots_ok", "robots_unreachable"}, "a jump is looked at whichever way it goes"


def test_slow_answers() -> None:
    findings = found(snapshot_of(JAN, sites(60), elapsed=100), snapshot_of(FEB, sites(60), elapsed=301))
    assert breaches(findings) == {"latency_median", "latency_slow"}
    assert breaches(found(snapshot_of(JAN, sites(60), elapsed=100), snapshot_of(FEB, sites(60), elapsed=300))) == set()


def test_the_floor_needs_no_earlier_snapshot() -> None:
    findings = found(snapshot_of(JAN, sites(10), dark=range(6)))
    assert breaches(findings) == {"coverage"}
    assert (findings["coverage"].n, findings["coverage"].N) == (4, 10)
    assert findings["previous"].said == "no earlier snapshot to hold it against"


def test_few_sites_are_not_compared() -> None:
    findings = found(snapshot_of(JAN, sites(10)), snapshot_of(FEB, sites(10), dark=range(3)))
    assert breaches(findings) == set()
    assert findings["previous"].judgement is Judgement.NOT_JUDGED
    assert "10 sites in both snapshots, 50 are needed" in findings["previous"].said


def test_a_run_that_did_not_finish() -> None:
    frame = read_frame("\n".join(f"s{n}.example" for n in range(100)))
    findings = found(snapshot_of(JAN, sites(97), frame=frame))
    assert breaches(findings) == {"unvisited"}
    assert (findings["unvisited"].n, findings["unvisited"].N) == (3, 100)
    assert findings["coverage"].N == 100, "sites nobody visited are in the denominator"


def test_a_list_that_changed_is_no_drift() -> None:
    """Outcomes and losses are those of the sites in both snapshots; churn of the list moves nothing."""
    later = {f"s{n}.example": site for n, site in enumerate(sites(120).values()) if n >= 40}
    early = sites(100)
    for n in range(40):
        early[f"s{n}.example"] = Site(robots=Outcome.ABSENT)
    findings = found(snapshot_of(JAN, early), snapshot_of(FEB, later))
    assert breaches(findings) == set()
    assert findings["robots_ok"].N == 60


def test_the_one_before_came_through_the_same_door() -> None:
    portions = (
        snapshot_of(JAN, sites(60)),
        snapshot_of(FEB, sites(60), dark=range(60), source="backfill"),
        snapshot_of(MAR, sites(60)),
    )
    with archive_of(*portions) as connection:
        last: Gate = gate(connection, Quality())
        assert (last.snapshot, last.previous, last.breached) == (f"{MAR}-crawl", f"{JAN}-crawl", False)
        chosen = gate(connection, Quality(), previous=f"{FEB}-backfill")
        assert chosen.previous == f"{FEB}-backfill"
        assert gate(connection, Quality(), snapshot=f"{JAN}-crawl").previous is None
        with pytest.raises(InputError, match="no snapshot 1999 in the archive; the last are: 2026-03-15-crawl"):
            gate(connection, Quality(), snapshot="1999")
        with pytest.raises(InputError, match="no snapshot 1999"):
            gate(connection, Quality(), previous="1999")


def test_the_one_before_is_whole_and_of_the_same_frame_if_there_is_one() -> None:
    """Neither a run that was cut short, nor one that only took in a part, nor another list is what to compare with."""
    ours, other = (read_frame("\n".join(f"s{n}.example" for n in range(count))) for count in (60, 61))
    days = [date(2026, month, 15) for month in range(1, 7)]
    whole = snapshot_of(days[0], sites(60), frame=ours)
    another = snapshot_of(days[1], sites(61), frame=other)
    cut = snapshot_of(days[2], sites(55), frame=ours)
    part = snapshot_of(days[3], sites(20), frame=ours)
    with archive_of(whole, another, cut, part, snapshot_of(days[4], sites(60), frame=ours)) as connection:
        ended = "INSERT INTO run VALUES (?, ?, now(), now(), 'openweb', '{}')"
        connection.execute(ended, [f"{days[2]}-crawl", "interrupted"])
        assert gate(connection, Quality()).previous == f"{days[0]}-crawl"
        connection.execute(ended, [f"{days[2]}-crawl", "finished"])
        assert gate(connection, Quality()).previous == f"{days[2]}-crawl"
        held = gate(connection, Quality(), snapshot=f"{days[1]}-crawl")
        assert held.previous == f"{days[0]}-crawl", "of another frame, where there is none of its own"
        judged = {finding.check: finding.judgement for finding in held.findings}
        assert judged["coverage_drop"] is Judgement.NOT_JUDGED
        assert judged["sites_lost"] is Judgement.GOOD


def test_an_archive_without_snapshots() -> None:
    with archive_of() as connection, pytest.raises(InputError, match="the last are: none"):
        gate(connection, Quality())


def test_verb(tmp_path: Path) -> None:
    """Exit 3 and every finding, from a file opened for reading alone; 0 where all is well."""
    path = tmp_path / "a.duckdb"
    for portion in (snapshot_of(JAN, sites(60)), snapshot_of(FEB, sites(60), dark=range(6))):
        take_in(Archive(path=str(path), threads=1), portion, after=judge, workers=1)
    code, text = run("gate", "--db", path)
    assert code == Exit.BELOW_FLOOR
    assert "NOT GOOD    sites_lost           6 of 60 sites that answered before did not now" in text
    assert "not good enough" in text
    code, text = run("gate", "--db", path, "--snapshot", f"{JAN}-crawl")
    assert code == Exit.DONE
    code, text = run("gate", "--db", path, "--json", "--set", "quality.sites_lost=0.5")
    lines = {record["check"]: record for record in records(text)}
    assert lines["sites_lost"]["judgement"] == "good"
    assert (lines["robots_ok"]["n"], lines["robots_ok"]["N"], lines["robots_ok"]["n_before"]) == (54, 60, 60)
    assert run("gate", "--db", path, "--snapshot", "none")[0] == Exit.USAGE
    with reading(Archive(path=str(path))) as connection:
        assert gate(connection, Quality()).breached
