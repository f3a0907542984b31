"""The Prometheus textfile, read by a reader of its own after the exposition format (version 0.0.4)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from crawler import runs
from crawler.archive_state import RunState, SnapshotState, State
from crawler.engine import CrawlResult
from crawler.errors import Exit
from crawler.metrics_text import render
from crawler.settings import Archive
from tests.reports.archives import run, small_archive

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = rf'({NAME})="((?:[^"\\\n]|\\["\\n])*)"'
SAMPLE = re.compile(rf"({NAME})(?:\{{((?:{LABEL},?)*)\}})? (-?[0-9.e+-]+|NaN|\+Inf)")
UNESCAPE = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


def parsed(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample; fails on anything the format does not know: order, types, duplicates, the last line feed."""
    assert text.endswith("\n")
    samples: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}
    typed, current, done = set(), "", set()
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            current = line.split(" ", 3)[2]
            assert current not in done, "all lines of a metric stand together"
            done.add(current)
        elif line.startswith("# TYPE "):
            assert line.split(" ")[2:] == [current, "gauge"]
            typed.add(current)
        else:
            found = SAMPLE.fullmatch(line)
            assert found, line
            assert found[1] == current in typed
            labels = frozenset(
                (key, re.sub(r'\\["\\n]', lambda mark: UNESCAPE[mark[0]], value))
                for key, value in re.findall(LABEL, found[2] or "")
            )
            assert (found[1], labels) not in samples
            samples[found[1], labels] = float(found[5])
    return samples


def state(**more: object) -> State:
    values: dict[str, object] = {
        "schema": 1, "written_by": "openweb 0", "file_bytes": 12_345, "totals": {"visits": 7, "last_taken_in": None},
        "snapshots": (), "runs": (), "rejects": (),
    }  # fmt: skip
    return State(**(values | more))  # type: ignore[arg-type]


def snapshot(name: str) -> SnapshotState:
    moment = datetime(2026, 11, 25, 3)  # noqa: DTZ001 - as the archive gives it
    return SnapshotState(
        name, date(2026, 11, 25), "crawl", None, None, "openweb 0", 10, 9, 8, {"ok": 8, "unreachable": 2}, moment
    )


def run_state(how: str, day: int, **counts: object) -> RunState:
    begin, end = datetime(2026, 11, day, 3), datetime(2026, 11, day, 4, 0, 0, 500_000)  # noqa: DTZ001
    return RunState(f"2026-11-{day}", how, begin, end, "openweb 0", counts)


def test_an_empty_archive() -> None:
    assert parsed(render(state())) == {
        ("openweb_archive_file_bytes", frozenset()): 12345,
        ("openweb_archive_schema", frozenset()): 1,
        ("openweb_archive_visits", frozenset()): 7,
    }


def test_the_last_snapshot_and_the_last_run() -> None:
    runs_ = (
        run_state(
            "interrupted",
            25,
            sites=10,
            coverage=0.75,
            outcomes={"ok": 3, "absent": 4},
            note="x",
            quality={"breached": True, "findings": []},
        ),
        run_state("finished", 24, sites=9),
    )
    samples = parsed(render(state(snapshots=(snapshot("2026-11-01"), snapshot("2026-11-25")), runs=runs_)))
    plain = {name: value for (name, labels), value in samples.items() if not labels}
    # 2026-11-25T00:00:00Z is day 20,782 of the Unix epoch.
    assert plain["openweb_last_snapshot_date_seconds"] == 20_782 * 86_400
    assert plain["openweb_last_run_end_seconds"] == 20_782 * 86_400 + 4 * 3600 + 0.5
    assert plain["openweb_last_finished_run_end_seconds"] == 20_781 * 86_400 + 4 * 3600 + 0.5
    assert (plain["openweb_last_run_coverage"], plain["openweb_last_run_sites"]) == (0.75, 10)
    assert plain["openweb_last_run_breached"] == 1
    assert samples["openweb_last_run_state", frozenset({("state", "interrupted")})] == 1
    assert samples["openweb_last_run_state", frozenset({("state", "finished")})] == 0
    assert samples["openweb_last_run_exchanges", frozenset({("outcome", "absent")})] == 4
    assert samples["openweb_last_snapshot_robots", frozenset({("outcome", "unreachable")})] == 2


@pytest.mark.parametrize("name", ['a"b', "back\\slash", "line\nfeed", "tab\tand\x1b[31m", "\ud800", "ünï"])
def test_hostile_label_values(name: str) -> None:
    samples = parsed(render(state(snapshots=(snapshot(name),))))
    (labels,) = (dict(labels) for key, labels in samples if key == "openweb_last_snapshot_info")
    expected = name.replace("\t", "").replace("\x1b", "").replace("\ud800", "?")
    assert labels["snapshot"] == expected


def test_verb_writes_it_beside_its_usual_output(tmp_path: Path) -> None:
    path, out = small_archive(tmp_path), tmp_path / "openweb.prom"
    moment = datetime(2026, 2, 15, 3, tzinfo=UTC)
    result = CrawlResult("2026-02-15", 3, visited=3, reached=2, started_at=moment, ended_at=moment)
    runs.record(Archive(path=str(path)), result)
    code, text = run("status", "--db", path, "--prometheus", out)
    assert code == Exit.DONE
    assert "snapshots (2 of 2 shown)" in text
    samples = parsed(out.read_text(encoding="utf-8"))
    assert samples["openweb_archive_snapshots", frozenset()] == 2
    assert samples["openweb_last_snapshot_robots", frozenset({("outcome", "unreachable")})] == 1
    assert samples["openweb_last_run_reached", frozenset()] == 2
    before = out.read_bytes()
    run("status", "--db", path, "--prometheus", out)
    assert out.read_bytes() == before
    assert run("status", "--db", path, "--prometheus", tmp_path / "none" / "x.prom")[0] == Exit.USAGE
