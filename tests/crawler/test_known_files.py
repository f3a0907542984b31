"""Conditional requests: what is sent, what a 304 becomes, how it is spooled (RFC 9110 13, WARC 1.1 6.7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.engine import crawl, open_snapshot
from crawler.ingest import take_in
from crawler.known_files import FILE, KnownFiles, copy_known
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
    again = study.look({"/robots.txt": SAME, "/": page()})
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


def test_a_304_nobody_asked_for_is_no_file(study: Study) -> None:
    found = study.look({"/robots.txt": SAME, "/": page()})
    assert found[ROLE_ROBOTS].outcome is Outcome.NOT_THE_FILE
    assert found[ROLE_ROBOTS].unchanged_since is None


def test_a_file_that_changed_is_taken_as_it_is(study: Study) -> None:
    study.look({"/robots.txt": TAGGED, "/": page()})
    changed = study.look({"/robots.txt": answer(200, b"User-agent: *\n", ("ETag", '"two"')), "/": page()})
    assert (changed[ROLE_ROBOTS].body, changed[ROLE_ROBOTS].unchanged_since) == (b"User-agent: *\n", None)
    study.look({"/robots.txt": SAME, "/": page()})
    assert study.sent("/robots.txt") == {"if-none-match": '"two"'}


def test_a_folder_without_a_copy_knows_nothing(tmp_path: Path) -> None:
    known = KnownFiles(tmp_path)
    assert known.get("http://site.test/robots.txt") is None
    known.close()
    assert copy_known(Archive(path=str(tmp_path / "none.duckdb")), tmp_path) == 0
    assert not (tmp_path / FILE).exists()
