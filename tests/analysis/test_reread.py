"""Reading the archive again: what is new is read and judged, old rows stay, nothing new changes nothing."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from analysis import reread as module
from analysis.reread import reread
from analysis.verdicts import judge
from crawler.ingest import take_in
from crawler.settings import Archive
from crawler.vocabulary import Use
from tests.analysis.builders import DAY, Site, portion

ROBOTS = b"User-agent: *\nContent-Signal: ai-train=no\n"


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive as a version would have left it whose reader of Content-Signal found nothing."""
    archive = Archive(path=str(tmp_path / "a.duckdb"), threads=1)
    sites = {f"s{n}.example": Site(robots=ROBOTS + f"Disallow: /{n}/\n".encode()) for n in range(6)}
    take_in(archive, portion(sites, DAY), after=judge, workers=1)
    with duckdb.connect(archive.path) as connection:
        connection.execute("DELETE FROM reading WHERE reader = 'content-signal'")
        connection.execute(
            "UPDATE read_log SET readers = regexp_replace(readers, 'content-signal@[0-9]+', 'content-signal@0')"
        )
        connection.execute("UPDATE verdict SET readers = 'older', state = 'silent', rule = 'silent', deciding = []")
        connection.execute("UPDATE coverage SET readers = 'older'")
    return archive


def rows(archive: Archive, question: str) -> list[tuple[object, ...]]:
    with duckdb.connect(archive.path, read_only=True) as connection:
        return connection.execute(question).fetchall()


def test_what_a_newer_reader_finds_is_our_change(archive: Archive) -> None:
    done = reread(archive, workers=1)
    assert (done.contents, done.judged) == (6, 6)
    changed = {(row.use, row.before, row.after, row.rule_after, row.reader, row.sites) for row in done.changed}
    assert ("train-generative", "silent", "reserved", "reserved", "content-signal@1", 6) in changed


def test_a_document_for_one_crawler_is_read_again_too(tmp_path: Path) -> None:
    archive = Archive(path=str(tmp_path / "own.duckdb"), threads=1)
    rsl = b'<rsl xmlns="https://rslstandard.org/rsl"><content url="/"><license/></content></rsl>'
    take_in(archive, portion({"s.example": Site(files={"rsl@gptbot": rsl})}, DAY), after=judge, workers=1)
    stood = rows(archive, "SELECT use, agent FROM reading WHERE role = 'rsl@gptbot' ORDER BY ALL")
    assert stood
    with duckdb.connect(archive.path) as connection:
        connection.execute("DELETE FROM reading")
        connection.execute("UPDATE read_log SET readers = 'rsl-document@0' WHERE role = 'rsl@gptbot'")
    assert reread(archive, workers=1).contents == 1
    assert rows(archive, "SELECT use, agent FROM reading WHERE role = 'rsl@gptbot' ORDER BY ALL") == stood


def test_old_rows_stay(archive: Archive) -> None:
    before = rows(archive, "SELECT * FROM verdict ORDER BY ALL")
    reread(archive, workers=1)
    after = rows(archive, "SELECT * FROM verdict WHERE readers = 'older' ORDER BY ALL")
    assert after == before
    assert rows(archive, "SELECT count(*) FROM verdict") == [(2 * 6 * len(Use),)]


def test_a_second_time_changes_nothing(archive: Archive) -> None:
    reread(archive, workers=1)
    before = [
        rows(archive, f"SELECT * FROM {table} ORDER BY ALL") for table in ("verdict", "reading", "read_log", "coverage")
    ]
    again = reread(archive, workers=1)
    assert (again.contents, again.readings, again.judged, again.changed) == (0, 0, 0, ())
    after = [
        rows(archive, f"SELECT * FROM {table} ORDER BY ALL") for table in ("verdict", "reading", "read_log", "coverage")
    ]
    assert after == before


def test_stopped_and_started_again_it_completes(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 2)

    def stop(done: int, total: int) -> None:
        assert total == 6
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reread(archive, progress=stop, workers=1)
    # What was written before it was stopped stays, and nothing was judged on half of it.
    assert rows(archive, "SELECT count(*) FROM reading WHERE reader = 'content-signal'") == [(8,)]
    assert rows(archive, "SELECT DISTINCT readers FROM verdict") == [("older",)]
    done = reread(archive, workers=1)
    assert (done.contents, done.judged) == (2, 6)
    assert rows(archive, "SELECT count(*) FROM reading WHERE reader = 'content-signal'") == [(12,)]


def test_other_rules_alone_judge_again_without_reading(archive: Archive) -> None:
    reread(archive, workers=1)
    with duckdb.connect(archive.path) as connection:
        connection.execute("UPDATE verdict SET rules = 'older' WHERE readers <> 'older'")
    done = reread(archive, workers=1)
    assert (done.contents, done.judged, done.changed) == (0, 6, ())
    assert rows(archive, "SELECT count(*) FROM coverage GROUP BY readers") == rows(
        archive, "SELECT count(*) FROM coverage GROUP BY readers LIMIT 2"
    )
