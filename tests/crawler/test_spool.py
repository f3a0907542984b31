"""The spool: what was acknowledged survives, what was cut off is cut away, and two runs never share a snapshot."""

from __future__ import annotations

import multiprocessing
import os
import signal
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler import lock
from crawler.frame import Frame, FrameSite, Rejected
from crawler.records import Exchange, Snapshot, Visit
from crawler.settings import Settings
from crawler.sources.warc import portions, read_visits
from crawler.spool import (
    PART,
    WHOLE,
    Spool,
    SpoolError,
    prepare,
    read_frame_copy,
    read_settings,
    read_snapshot,
    segments,
    whole_visits_end,
)
from crawler.vocabulary import Outcome

MOMENT = datetime(2026, 11, 25, 12, 0, 0, 123456, tzinfo=UTC)
SNAPSHOT = Snapshot("2026-11-25", date(2026, 11, 25), "crawl", "f" * 12, "a desk", {"politeness": {"delay": 1.0}})
FRAME = Frame(
    "f" * 12,
    "list.csv",
    "0" * 64,
    (FrameSite("a.test", "A.test", 1, rank=1), FrameSite("b.test", "b.test", 2, country="CH", weight=0.5)),
    (Rejected(3, "not a host", "a space"),),
)


def visit(site: str, size: int = 10) -> Visit:
    exchange = Exchange(
        site, "robots.txt", f"https://{site}/robots.txt", Outcome.OK, MOMENT, status=200, body=b"x" * size
    )
    return Visit(site, (exchange,), MOMENT, MOMENT)


def spool(folder: Path, *, segment_visits: int = 3, label: str = WHOLE) -> Spool:
    folder.mkdir(exist_ok=True)
    return Spool(folder, SNAPSHOT, agent="OpenWebAudit/0", segment_visits=segment_visits, label=label)


def sites(folder: Path) -> list[str]:
    return [one.site for path in segments(folder) for one in read_visits(path)]


def test_full_segments_are_closed_and_the_last_one_at_the_end(tmp_path: Path) -> None:
    writer = spool(tmp_path)
    closed = writer.append([visit(f"s{number}.test") for number in range(7)])
    assert [path.name for path in closed] == ["0001-crawl.warc.gz", "0002-crawl.warc.gz"]
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(PART)] == ["0003-crawl.warc.gz.part"]
    assert [path.name for path in writer.close()] == ["0003-crawl.warc.gz"]
    assert writer.close() == []
    assert sites(tmp_path) == [f"s{number}.test" for number in range(7)]


def test_a_segment_names_its_snapshot_and_finds_its_frame(tmp_path: Path) -> None:
    prepare(tmp_path, FRAME, SNAPSHOT, WHOLE, Settings())
    writer = spool(tmp_path)
    writer.append([visit("a.test")])
    (path,) = writer.close()
    (portion,) = portions(path)
    assert portion.snapshots == (SNAPSHOT,)
    assert portion.frames == (FRAME,)
    assert list(portion.visits) == [("2026-11-25", visit("a.test"))]
    assert list(portion.rejects) == []


def test_the_folder_holds_all_that_a_resumed_run_needs(tmp_path: Path) -> None:
    prepare(tmp_path, FRAME, SNAPSHOT, WHOLE, Settings())
    assert read_snapshot(tmp_path) == SNAPSHOT
    assert read_frame_copy(tmp_path) == FRAME
    begun = read_settings(tmp_path)
    assert begun["politeness.delay"] == 1.0
    assert "crawl.spool" not in begun
    with pytest.raises(SpoolError, match="--resume 2026-11-25"):
        prepare(tmp_path, FRAME, SNAPSHOT, WHOLE, Settings())


def test_shards_join_one_folder(tmp_path: Path) -> None:
    for label in ("shard-1-of-2", "shard-2-of-2"):
        prepare(tmp_path, FRAME, SNAPSHOT, label, Settings())
        writer = spool(tmp_path, label=label)
        writer.append([visit(f"{label}.test")])
        writer.close()
    assert sorted(sites(tmp_path)) == ["shard-1-of-2.test", "shard-2-of-2.test"]
    with pytest.raises(SpoolError, match="has been begun"):
        prepare(tmp_path, FRAME, SNAPSHOT, "shard-1-of-2", Settings())
    other = Frame("e" * 12, "", "", (), ())
    with pytest.raises(SpoolError, match="over another frame"):
        prepare(tmp_path, other, SNAPSHOT, "shard-1-of-3", Settings())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    writer = spool(tmp_path_factory.mktemp("whole"), segment_visits=100)
    writer.append([visit(f"s{number}.test", size=number * 50) for number in range(5)])
    return writer.close()[0].read_bytes()


@settings(deadline=None)
@given(data=st.data())
def test_salvage_keeps_exactly_the_visits_that_are_whole(
    tmp_path_factory: pytest.TempPathFactory, whole: bytes, data: st.DataObject
) -> None:
    """Cut a segment anywhere, as a crash does: what is left are the visits whose last octet was written."""
    cut = data.draw(st.integers(0, len(whole)))
    folder = tmp_path_factory.mktemp("cut")
    (folder / f"0001-crawl.warc.gz{PART}").write_bytes(whole[:cut])
    saved = spool(folder).salvage()
    kept = sites(folder)
    assert kept == [f"s{number}.test" for number in range(len(kept))]
    assert bool(saved) is bool(kept)
    assert not list(folder.glob(f"*{PART}"))
    if cut == len(whole):
        assert len(kept) == 5
    rest = spool(folder)
    rest.append([visit("more.test")])
    rest.close()
    assert sites(folder) == [*kept, "more.test"]


def test_salvage_cuts_away_octets_a_crash_left_wrong(tmp_path: Path, whole: bytes) -> None:
    """A file system may have given a file its length before its content: the end of it is zeros."""
    part = tmp_path / f"0001-crawl.warc.gz{PART}"
    part.write_bytes(whole[:-300] + bytes(300))
    spool(tmp_path).salvage()
    assert sites(tmp_path) == ["s0.test", "s1.test", "s2.test", "s3.test"]


def test_salvage_leaves_other_shards_alone(tmp_path: Path, whole: bytes) -> None:
    other = tmp_path / f"0001-shard-2-of-2.warc.gz{PART}"
    other.write_bytes(whole)
    assert spool(tmp_path, label="shard-1-of-2").salvage() == []
    assert other.exists()


def test_a_file_without_a_visit_is_no_segment(tmp_path: Path) -> None:
    part = tmp_path / f"0001-crawl.warc.gz{PART}"
    part.write_bytes(b"")
    assert whole_visits_end(part) == 0
    assert spool(tmp_path).salvage() == []
    assert not part.exists()


def test_a_folder_that_cannot_be_written_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    writer = spool(tmp_path)
    (tmp_path / f"0001-crawl.warc.gz{PART}").mkdir()
    (tmp_path / "0002-x.warc.gz").touch()
    writer.append([visit("a.test")])
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    assert writer._file is not None
    os.dup2(os.open(full, os.O_WRONLY), writer._file.fileno())
    with pytest.raises(SpoolError, match=r"No space left.*--resume"):
        writer.append([visit("b.test")])


def test_a_folder_without_a_snapshot_is_named(tmp_path: Path) -> None:
    for read in (read_snapshot, read_frame_copy, read_settings):
        with pytest.raises(SpoolError, match=str(tmp_path)):
            read(tmp_path)


def _hold(path: Path, held: object) -> None:
    with lock.hold(path):
        held.set()  # type: ignore[attr-defined]
        signal.pause()


def test_a_lock_keeps_others_out_and_dies_with_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "crawl.lock"
    context = multiprocessing.get_context("spawn")
    held = context.Event()
    holder = context.Process(target=_hold, args=(path, held))
    holder.start()
    assert held.wait(30)
    with pytest.raises(lock.RunLocked, match=f"process {holder.pid}"), lock.hold(path):
        pytest.fail("two runs hold one snapshot")
    assert holder.pid is not None
    os.kill(holder.pid, signal.SIGKILL)
    holder.join()
    with lock.hold(path):
        assert path.read_text() == f"{os.getpid()}\n"
    assert path.read_text() == ""
