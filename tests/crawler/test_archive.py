"""The archive file: made whole, held while written, refused when foreign or damaged, whole again after a kill."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import duckdb
import pytest

from crawler.archive import (
    SCHEMA_VERSION,
    ArchiveBusy,
    ArchiveError,
    ArchiveMissing,
    append,
    memory,
    reading,
    schemas,
    sql,
    writing,
)
from crawler.archive_state import state, verify
from crawler.errors import Exit
from crawler.settings import Archive

ROW = ("1" * 64, 3, False, b"abc")


def archive(tmp_path: Path, **given: object) -> Archive:
    return Archive.model_validate({"path": str(tmp_path / "a.duckdb"), "lock_wait": 0.3, **given})


def python(code: str, *args: str) -> subprocess.Popen[str]:
    """Another process that runs `code`; it says `ready` when it is where the test wants it."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *args], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )


def test_a_missing_archive_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ArchiveMissing, match="no archive there; make one with"), reading(archive(tmp_path)):
        raise AssertionError
    with (
        pytest.raises(ArchiveError, match=r"folder .* does not exist"),
        writing(archive(tmp_path, path="none/a.duckdb")),
    ):
        raise AssertionError
    assert ArchiveError.exit_code == Exit.ARCHIVE


def test_what_is_written_is_there_and_nothing_beside_it(tmp_path: Path) -> None:
    with writing(archive(tmp_path)) as connection:
        append(connection, "body", [ROW])
        append(connection, "body", [])
    with reading(archive(tmp_path)) as connection:
        assert connection.execute("FROM body").fetchall() == [ROW]
        with pytest.raises(duckdb.Error):
            connection.execute("DELETE FROM body")
    assert [path.name for path in tmp_path.iterdir()] == ["a.duckdb"]


def test_a_failure_takes_everything_back(tmp_path: Path) -> None:
    with writing(archive(tmp_path)) as connection:
        append(connection, "body", [ROW])

    def fail() -> None:
        with writing(archive(tmp_path)) as connection:
            append(connection, "body", [("2" * 64, 1, False, b"x")])
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with reading(archive(tmp_path)) as connection:
        assert connection.execute("FROM body").fetchall() == [ROW]


@pytest.mark.parametrize(("version", "way"), [(1, "Use that version to read it"), (99, "Update openweb to read it")])
def test_another_schema_is_refused_with_the_way_out(tmp_path: Path, version: int, way: str) -> None:
    with writing(archive(tmp_path)) as made:
        assert made.execute("SELECT version FROM schema_version").fetchall() == [(SCHEMA_VERSION,)]
    with duckdb.connect(str(tmp_path / "a.duckdb")) as connection:
        connection.execute("UPDATE schema_version SET version = ?, written_by = 'openweb 9.9'", [version])
    for door in (reading, writing):
        with (
            pytest.raises(
                ArchiveError, match=rf"written by openweb 9\.9 with schema {version}; .*{way}, .*`openweb ingest"
            ),
            door(archive(tmp_path)),
        ):
            raise AssertionError
    assert version != SCHEMA_VERSION


def test_somebody_elses_database_is_refused_untouched(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "a.duckdb")) as connection:
        connection.execute("CREATE TABLE mine AS SELECT 1 AS x")
    for door in (reading, writing):
        with pytest.raises(ArchiveError, match="not an openweb archive"), door(archive(tmp_path)):
            raise AssertionError
    with duckdb.connect(str(tmp_path / "a.duckdb")) as connection:
        assert connection.execute("SHOW TABLES").fetchall() == [("mine",)]


@pytest.mark.parametrize("content", [b"", b"not a database\n" * 2000, b"\x00" * 20_000], ids=["empty", "text", "zeros"])
def test_a_file_that_is_no_database(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.duckdb").write_bytes(content)
    with pytest.raises(ArchiveError), reading(archive(tmp_path)):
        raise AssertionError


def test_damage_is_an_answer_and_not_a_traceback(tmp_path: Path) -> None:
    with writing(archive(tmp_path)) as connection:
        append(
            connection,
            "body",
            [(f"{number:064d}", 200, False, bytes([number % 251]) * 200) for number in range(20_000)],
        )
    file = tmp_path / "a.duckdb"
    data = bytearray(file.read_bytes())
    for at in range(3 * 4096 * 3, len(data), 50_000):
        data[at : at + 64] = bytes(64)
    file.write_bytes(data)

    def look() -> None:
        with reading(archive(tmp_path)) as connection:
            list(verify(connection))

    with pytest.raises(ArchiveError, match=r"(cannot be (read|opened)|not an openweb archive)"):
        look()


def test_verify_finds_bytes_that_are_not_what_they_say(tmp_path: Path) -> None:
    with writing(archive(tmp_path)) as connection:
        append(connection, "body", [ROW])
        append(connection, "header_set", [("3" * 64, 0, "server", "x")])
    with reading(archive(tmp_path)) as connection:
        broken = {check.rule: check for check in verify(connection) if check.broken}
    assert broken["the bytes of 1 bodies match their hashes"].example == "1" * 64
    assert broken["the lines of 1 header sets match their hashes"].broken == 1


HOLD = """
    import sys
    from crawler.archive import writing
    from crawler.settings import Archive
    with writing(Archive(path=sys.argv[1])) as connection:
        print("ready", flush=True)
        sys.stdin.readline()
"""


@pytest.mark.parametrize("door", [reading, writing])
def test_a_held_archive_is_waited_for_then_given_up(door: type, tmp_path: Path) -> None:
    with python(HOLD, archive(tmp_path).path) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "ready\n"
        started = time.monotonic()
        held = pytest.raises(
            ArchiveBusy, match=r"held by another process for 0\.3 s; wait, or raise archive\.lock_wait"
        )
        with held, door(archive(tmp_path)):
            raise AssertionError
        assert 0.25 < time.monotonic() - started < 5
        holder.communicate("\n")
    with door(archive(tmp_path)):
        assert holder.returncode == 0


def test_who_waits_long_enough_gets_in(tmp_path: Path) -> None:
    with python(HOLD, archive(tmp_path).path) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "ready\n"
        holder.stdin.write("\n")
        holder.stdin.flush()
        with reading(archive(tmp_path, lock_wait=30.0)) as connection:
            assert connection.execute("SELECT count(*) FROM body").fetchall() == [(0,)]


FULL = """
    import resource, signal, sys
    from crawler.archive import ArchiveError, append, writing
    from crawler.settings import Archive
    where = Archive(path=sys.argv[1])
    with writing(where) as connection:
        assert connection
    # A file that may not grow: to the program, a full disk.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
    import random
    try:
        with writing(where) as connection:
            rows = [(str(n), 900, False, random.randbytes(900)) for n in range(20_000)]
            append(connection, "body", rows)
    except ArchiveError as error:
        print(error)
"""


def test_a_full_disk_is_an_answer_and_the_archive_stays_whole(tmp_path: Path) -> None:
    assert resource.RLIMIT_FSIZE, "needs a system with file size limits"
    with python(FULL, archive(tmp_path).path) as writer:
        said = writer.communicate(timeout=120)[0]
    assert "not written" in said
    assert "nothing of this portion is in the archive" in said
    with reading(archive(tmp_path)) as connection:
        assert connection.execute("SELECT count(*) FROM body").fetchall() == [(0,)]
        assert [check for check in verify(connection) if check.broken] == []


CRASH = """
    import sys
    from datetime import UTC, date, datetime
    from crawler.ingest import Portion, take_in
    from crawler.records import Exchange, Snapshot, Visit
    from crawler.settings import Archive
    from crawler.vocabulary import Outcome
    at = datetime(2025, 1, 1, tzinfo=UTC)
    day = Snapshot("2025-01-01", date(2025, 1, 1), "test")
    def visits(number):
        for site in range(300):
            name = f"{number}-{site}.example"
            body = b"User-agent: B%d\\nDisallow: /%d\\n" % (number, site) * 20
            asked = Exchange(name, "robots.txt", "u", Outcome.OK, at, status=200, body=body)
            yield day.id, Visit(name, (asked,), at, at)
    for number in range(int(sys.argv[2]), 10_000):
        take_in(Archive(path=sys.argv[1]), Portion(f"{number:064d}", str(number), (day,), visits(number)), workers=1)
        print(number, flush=True)
"""


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_whole_portions(tmp_path: Path) -> None:
    """Killed again and again, each time a little later: every acknowledged portion is there, none in part."""
    where = archive(tmp_path, lock_wait=20.0)
    acknowledged = -1
    for round_ in range(6):
        with python(CRASH, where.path, str(acknowledged + 1)) as writer:
            assert writer.stdout is not None
            if round_:
                writer.stdout.readline()
            time.sleep(0.35 + 0.061 * round_)
            writer.send_signal(signal.SIGKILL)
            said = writer.stdout.read().split()
        if not Path(where.path).exists():
            continue
        with reading(where) as connection:
            names = {int(name) for (name,) in connection.execute("SELECT name FROM segment").fetchall()}
            counts = connection.execute("SELECT DISTINCT visits, exchanges FROM segment").fetchall()
            sites = connection.execute("SELECT count(*) FROM visit").fetchall()[0][0]
            assert [check for check in verify(connection) if check.broken] == []
        assert {int(number) for number in said} <= names
        assert names == set(range(len(names))), "no portion is missing below the last"
        assert counts in ([(300, 300)], [])
        assert sites == 300 * len(names)
        acknowledged = max(names, default=-1)
    assert acknowledged >= 4, "every round but the first has acknowledged one at least"


def test_status_counts_what_there_is(tmp_path: Path) -> None:
    with memory(Archive()) as connection:
        append(connection, "body", [ROW])
        (tmp_path / "x").write_bytes(b"12345")
        found = state(connection, tmp_path / "x")
    assert (found.schema, found.file_bytes) == (SCHEMA_VERSION, 5)
    assert (found.totals["bodies"], found.totals["bodies_held"], found.totals["visits"]) == (1, 1, 0)
    assert found.snapshots == ()


def test_every_query_says_its_grain_inputs_and_columns() -> None:
    folder = Path(__file__).parents[2] / "crawler" / "sql"
    names = sorted(path.stem for path in folder.glob("*.sql"))
    assert len(names) > 15
    for name in names:
        header = " ".join(line for line in sql(name).splitlines() if line.startswith("--"))
        for word in ("Grain", "Inputs:", "Columns:"):
            assert word in header, f"{name}.sql: {word}"


def test_tables_have_the_schemas_that_rows_are_written_by() -> None:
    with memory(Archive()) as connection:
        for table, schema in schemas().items():
            described = connection.execute(f"DESCRIBE {table}").fetchall()
            assert [column[0] for column in described] == schema.names
