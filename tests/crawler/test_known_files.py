"""Conditional requests: what is sent, what a 304 becomes, how it is spooled (RFC 9110 13, WARC 1.1 6.7)."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.engine import crawl, open_snapshot
from crawler.ingest import take_in
from crawler.known_files import FILE, KnownFile, KnownFiles, copy_known, forget_known
from crawler.records import Exchange
from crawler.settings import Archive
from crawler.sources.warc import portions, read_visits
from crawler.vocabulary import ROLE_PAGE, ROLE_ROBOTS, Outcome
from tests.crawler.loopback import Reply, Web, answer, frame_of, page, settings_for

ROBOTS = b"User-agent: *\nDisallow: /private\n"
TAGGED = answer(200, ROBOTS, ("ETag", '"one"'), ("Last-Modified", "Sun, 01 Nov 2026 08:00:00 GMT"), ("Server", "old"))
SAME = b'HTTP/1.1 304 Not Modified\r\nETag: "one"\r\nServer: new\r\n\r\n'


@dataclass
class Study:
    """One site looked at again and again into one archive."""

    web: Web
    folder: Path
    snapshots: list[Path] = field(default_factory=list)

    def look(self, replies: dict[str, Reply], **overrides: object) -> dict[str, Exchange]:
        """The last exchange of each role of the next snapshot."""
        self.web.site("site.test", replies)
        self.web.hits.clear()
        settings = settings_for(self.web, self.folder, **overrides)
        on = date(2026, 11, len(self.snapshots) + 1)
        frame = frame_of("site.test")
        snapshot = open_snapshot(settings, frame, on=on)
        copy_known(self.archive, self.folder / "spool" / snapshot.id)
        result = crawl(settings, frame, snapshot, resume=False)
        (segment,) = result.segments
        self.snapshots.append(segment)
        for portion in portions(segment):
            assert take_in(self.archive, portion).rejects == 0
        (visit,) = read_visits(segment)
        return {exchange.role: exchange for exchange in visit.exchanges}

    @property
    def archive(self) -> Archive:
        return Archive(path=str(self.folder / "web.duckdb"))

    def sent(self, path: str) -> dict[str, str]:
        """The conditions sent for a path in the last snapshot."""
        (hit,) = (hit for hit in self.web.hits if hit.path == path)
        return {name: value for name, value in hit.fields.items() if name.startswith("if-")}


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with Web().running() as web:
        yield Study(web, tmp_path)


def test_a_304_is_an_observation_of_the_known_body(study: Study) -> None:
    first = study.look({"/robots.txt": TAGGED, "/": page()})
    assert study.sent("/robots.txt") == {}
    again = study.look({"/robots.txt": SAME, "/": page()})
    assert study.sent("/robots.txt") == {
        "if-none-match": '"one"', "if-modified-since": "Sun, 01 Nov 2026 08:00:00 GMT"
    }  # fmt: skip
    robots = again[ROLE_ROBOTS]
    assert (robots.outcome, robots.status, robots.body) == (Outcome.OK, 200, ROBOTS)
    assert robots.unchanged_since == first[ROLE_ROBOTS].fetched_at
    assert robots.header("server") == ("new",), "RFC 9111 3.2: the fields of the 304 replace the stored ones"
    assert robots.header("etag") == ('"one"',)
    assert robots.header("content-type") == ("text/plain",)
    assert again[ROLE_PAGE].outcome is Outcome.OK
    with duckdb.connect(study.archive.path, read_only=True) as connection:
        held = "SELECT count(*), count(DISTINCT body_sha256) FROM exchange WHERE role = 'robots.txt' AND outcome = 'ok'"
        assert connection.execute(held).fetchall() == [(2, 1)]
    third = study.look({"/robots.txt": SAME, "/": page()})
    assert study.sent("/robots.txt")["if-none-match"] == '"one"', "a 304 can be built upon"
    assert third[ROLE_ROBOTS].body == ROBOTS
    assert third[ROLE_ROBOTS].unchanged_since == first[ROLE_ROBOTS].fetched_at, "when the body came, not the last 304"
    with duckdb.connect(study.archive.path, read_only=True) as connection:
        statement = (
            "SELECT unchanged_since = (SELECT min(fetched_at) FROM exchange WHERE role = 'robots.txt' AND status = 200)"
            " FROM exchange WHERE role = 'robots.txt' AND outcome = 'ok' ORDER BY fetched_at"
        )
        assert connection.execute(statement).fetchall() == [(None,), (True,), (True,)]


def test_a_304_is_spooled_as_a_revisit_that_others_can_read(study: Study) -> None:
    study.look({"/robots.txt": TAGGED, "/": page()})
    study.look({"/robots.txt": SAME, "/": page()})
    with study.snapshots[-1].open("rb") as file:
        records = [
            (record.rec_type, record.rec_headers, record.http_headers, record.content_stream().read())
            for record in ArchiveIterator(file, check_digests="raise")
        ]
    ((_, held, _, payload),) = (record for record in records if record[0] == "resource")
    ((_, fields, http, _),) = (record for record in records if record[0] == "revisit")
    assert payload == ROBOTS
    assert http.get_statuscode() == "304"
    assert fields.get_header("WARC-Profile").endswith("/revisit/server-not-modified")
    assert fields.get_header("WARC-Refers-To") == held.get_header("WARC-Record-ID")
    assert fields.get_header("WARC-Payload-Digest") == held.get_header("WARC-Payload-Digest")
    assert fields.get_header("WARC-Refers-To-Date") == held.get_header("WARC-Date")


def test_robots_known_from_before_is_obeyed(study: Study) -> None:
    closed = answer(200, "User-agent: *\nDisallow: /\n", ("ETag", '"shut"'))
    study.look({"/robots.txt": closed, "/": page()})
    again = study.look({"/robots.txt": SAME.replace(b"one", b"shut"), "/": page()})
    assert study.web.paths("site.test") == ["/robots.txt"]
    assert again[ROLE_PAGE].outcome is Outcome.DISALLOWED


@pytest.mark.parametrize(
    ("before", "overrides"),
    [
        pytest.param(answer(200, ROBOTS), {}, id="no validator"),
        pytest.param(answer(404, b"", ("ETag", '"gone"')), {}, id="was absent"),
        pytest.param(TAGGED, {"politeness__conditional": False}, id="switched off"),
        pytest.param(answer(200, ROBOTS, ("ETag", '"caf\xe9"')), {}, id="a validator that is not ASCII"),
    ],
)
def test_asked_in_full_where_nothing_can_be_reused(study: Study, before: bytes, overrides: dict[str, object]) -> None:
    study.look({"/robots.txt": before, "/": page()})
    study.look({"/robots.txt": TAGGED, "/": page()}, **overrides)
    assert study.sent("/robots.txt") == {}


def test_pages_are_never_asked_conditionally(study: Study) -> None:
    tagged = answer(200, "<!doctype html><title>x</title>", ("ETag", '"page"'), kind="text/html")
    study.look({"/robots.txt": answer(404), "/": tagged})
    study.look({"/robots.txt": answer(404), "/": tagged})
    assert study.sent("/") == {}


def replies(*each: bytes) -> Reply:
    """One answer after another, the last one again and again."""
    waiting = list(each)

    async def act(writer: asyncio.StreamWriter) -> None:
        octets = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        writer.write(octets.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))

    return act


@pytest.mark.parametrize(
    ("fields", "confirmed"),
    [
        pytest.param('ETag: "one"', True, id="RFC 9110 8.8.3, the tag asked about"),
        pytest.param('ETag: W/"one"', True, id="RFC 9110 8.8.3.2, weak comparison"),
        pytest.param('ETag: "one-gzip"', True, id="Apache's suffix for what it compresses"),
        pytest.param("Server: x", True, id="RFC 9110 15.4.5, no validator at all"),
        pytest.param("Last-Modified: Mon, 02 Nov 2026 08:00:00 GMT", True, id="a date beside a tag that was known"),
        pytest.param('ETag: "two"', False, id="RFC 9111 4.3.4, another tag"),
        pytest.param('ETag: ""', False, id="RFC 9111 4.3.4, an empty tag"),
    ],
)
def test_which_304_is_about_the_file_that_is_known(fields: str, confirmed: bool) -> None:
    name, _, value = fields.partition(": ")
    known = KnownFile(200, '"one"', "Sun, 01 Nov 2026 08:00:00 GMT", datetime.now(UTC), (), ROBOTS)
    assert known.confirmed_by(((name, value),)) is confirmed


@pytest.mark.parametrize(
    ("name", "value", "confirmed"),
    [
        ("Last-Modified", "Sun, 01 Nov 2026 08:00:00 GMT", True),
        ("Last-Modified", "Mon, 02 Nov 2026 08:00:00 GMT", False),
        pytest.param("ETag", '"one"', False, id="RFC 9111 4.3.4, a strong validator that no stored response has"),
        ("Server", "x", True),
    ],
)
def test_where_only_a_date_is_known_it_must_be_the_same(name: str, value: str, confirmed: bool) -> None:
    known = KnownFile(200, None, "Sun, 01 Nov 2026 08:00:00 GMT", datetime.now(UTC), (), ROBOTS)
    assert known.confirmed_by(((name, value),)) is confirmed


def test_a_304_about_another_file_is_asked_about_again_in_full(study: Study) -> None:
    study.look({"/robots.txt": TAGGED, "/": page()})
    new = answer(200, b"User-agent: *\nDisallow: /new\n", ("ETag", '"two"'))
    robots = study.look({"/robots.txt": replies(SAME.replace(b"one", b"two"), new), "/": page()})[ROLE_ROBOTS]
    assert (robots.unchanged_since, robots.body) == (None, b"User-agent: *\nDisallow: /new\n")
    asked = [hit.fields for hit in study.web.hits if hit.path == "/robots.txt"]
    assert ["if-none-match" in each for each in asked] == [True, False]
    with duckdb.connect(study.archive.path, read_only=True) as connection:
        both = "SELECT outcome FROM exchange WHERE snapshot_id = '2026-11-02' AND role = 'robots.txt' ORDER BY seq"
        assert connection.execute(both).fetchall()[-2:] == [("not_the_file",), ("ok",)]


def test_a_server_that_says_304_to_everything_closes_itself(study: Study) -> None:
    everything = replies(b"HTTP/1.1 304 X\r\n\r\n")
    first = study.look({"*": everything, "/robots.txt": everything, "/": everything})
    assert first[ROLE_ROBOTS].outcome is Outcome.NOT_THE_FILE
    assert "HTTP 304 about a file that is not known" in (first[ROLE_ROBOTS].detail or "")
    assert first[ROLE_PAGE].outcome is Outcome.NOT_ASKED, "robots.txt was not read, so nothing is taken as allowed"
    assert study.web.paths("site.test") == ["/robots.txt"]
    study.look({"*": everything, "/robots.txt": TAGGED, "/": page()})
    other = b'HTTP/1.1 304 X\r\nETag: "other"\r\n\r\n'
    third = study.look({"*": everything, "/robots.txt": other, "/": page()})
    assert third[ROLE_ROBOTS].outcome is Outcome.NOT_THE_FILE, "asked in full it still says 304"
    assert study.web.paths("site.test") == ["/robots.txt", "/robots.txt"]


def test_a_304_says_nothing_of_the_type_of_what_it_leaves_out(study: Study) -> None:
    """RFC 9111 3.2: else a page-like type on a 304 would turn a known file into no file."""
    policy = answer(200, b"[]", ("ETag", '"p"'), kind="application/json")
    site = {"/robots.txt": answer(404), "/": page()}
    study.look({**site, "/.well-known/tdmrep.json": policy})
    same = b'HTTP/1.1 304 X\r\nETag: "p"\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n'
    again = study.look({**site, "/.well-known/tdmrep.json": same})["tdmrep.json"]
    assert (again.outcome, again.body, again.header("content-type")) == (Outcome.OK, b"[]", ("application/json",))


def test_an_old_body_is_asked_for_in_full(study: Study) -> None:
    study.look({"/robots.txt": TAGGED, "/": page()})
    assert copy_known(study.archive, study.folder / "young", max_age=3600.0) == 1
    assert copy_known(study.archive, study.folder / "old", max_age=0.0) == 0


def test_a_segment_with_a_304_alone_gives_the_same_rows(study: Study, tmp_path: Path) -> None:
    """The archive can be made again from the segments, in any order, and from one of them alone."""
    study.look({"/robots.txt": TAGGED, "/": page()})
    study.look({"/robots.txt": SAME, "/": page()})
    alone = Archive(path=str(tmp_path / "alone.duckdb"))
    for portion in portions(study.snapshots[-1]):
        take_in(alone, portion)
    tables = {
        "exchange": "* EXCLUDE (segment_id)", "evidence": "*", "visit": "* EXCLUDE (segment_id)", "header_set": "*",
        "body": "*", "reading": "*", "access": "*", "read_log": "*",
    }  # fmt: skip
    for table, columns in tables.items():
        only = {
            "exchange": "WHERE snapshot_id = '2026-11-02'",
            "visit": "WHERE snapshot_id = '2026-11-02'",
            "evidence": "WHERE evidence_id IN (SELECT evidence_id FROM visit WHERE snapshot_id = '2026-11-02')",
            "header_set": "WHERE sha256 IN (SELECT header_set_sha256 FROM exchange WHERE snapshot_id = '2026-11-02')",
            "read_log": "WHERE content_sha256 IN (SELECT unnest([body_sha256, header_set_sha256]) FROM exchange"
            " WHERE snapshot_id = '2026-11-02')",
        }.get(table, "")
        statement = f"SELECT {columns} FROM {table} {only} ORDER BY ALL"
        found = []
        for path in (study.archive.path, alone.path):
            with duckdb.connect(path, read_only=True) as connection:
                found.append(connection.execute(statement).fetchall())
        assert found[0] == found[1], table
        assert found[1] or table == "reading", table


def test_what_older_readers_read_is_read_again_after_a_304(study: Study) -> None:
    study.look({"/robots.txt": TAGGED, "/": page()})
    with duckdb.connect(study.archive.path) as connection:
        connection.execute("UPDATE read_log SET readers = 'robots-groups.0'")
        connection.execute("DELETE FROM access")
    study.look({"/robots.txt": SAME, "/": page()})
    with duckdb.connect(study.archive.path, read_only=True) as connection:
        ((now,),) = connection.execute(
            "SELECT count(*) FROM access WHERE body_sha256 ="
            " (SELECT body_sha256 FROM exchange WHERE unchanged_since IS NOT NULL)"
        ).fetchall()
    assert now > 0


def test_a_304_nobody_asked_for_is_no_file(study: Study) -> None:
    found = study.look({"/robots.txt": SAME, "/": page()})
    assert found[ROLE_ROBOTS].outcome is Outcome.NOT_THE_FILE
    assert found[ROLE_ROBOTS].unchanged_since is None


def test_a_file_that_changed_is_taken_as_it_is(study: Study) -> None:
    study.look({"/robots.txt": TAGGED, "/": page()})
    changed = study.look({"/robots.txt": answer(200, b"User-agent: *\n", ("ETag", '"two"')), "/": page()})
    assert (changed[ROLE_ROBOTS].body, changed[ROLE_ROBOTS].unchanged_since) == (b"User-agent: *\n", None)
    study.look({"/robots.txt": SAME.replace(b"one", b"two"), "/": page()})
    assert study.sent("/robots.txt") == {"if-none-match": '"two"'}


def test_a_copy_that_cannot_be_written_leaves_nothing_behind(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    study.look({"/robots.txt": TAGGED, "/": page()})

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        copy_known(study.archive, study.folder / "full")
    assert list((study.folder / "full").iterdir()) == []
    monkeypatch.undo()
    assert copy_known(study.archive, study.folder / "full") == 1
    (study.folder / "full" / f"{FILE}.1.part").write_bytes(b"of a process that was killed")
    forget_known(study.folder / "full")
    assert list((study.folder / "full").iterdir()) == []


def test_a_folder_without_a_copy_knows_nothing(tmp_path: Path) -> None:
    known = KnownFiles(tmp_path)
    assert known.get("http://site.test/robots.txt") is None
    known.close()
    assert copy_known(Archive(path=str(tmp_path / "none.duckdb")), tmp_path) == 0
    assert not (tmp_path / FILE).exists()
