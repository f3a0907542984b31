"""Taking in: what goes in can be read back, twice changes nothing, nothing that is refused is lost."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from crawler import agents
from crawler.agents_kept import register_registry
from crawler.archive import memory, reading, sql
from crawler.archive_state import verify
from crawler.errors import InputError
from crawler.frame import read_frame
from crawler.headers import fingerprint
from crawler.ingest import Portion, TakenIn, take_in, take_in_to
from crawler.records import Exchange, Headers, Reject, Snapshot, Visit
from crawler.settings import Archive
from crawler.vocabulary import ROLE_CONTROL, ROLE_PAGE, ROLE_ROBOTS, Outcome

MOMENT = datetime(2025, 3, 1, 12, 30, 15, tzinfo=UTC)
NAIVE = MOMENT.replace(tzinfo=None)
DAY = Snapshot("2025-03-01", date(2025, 3, 1), "test")
BLOCK = b"User-agent: GPTBot\nDisallow: /\n"


def exchange(role: str = ROLE_ROBOTS, **given: Any) -> Exchange:
    known = {"site": "a.example", "url": "https://a.example/robots.txt", "outcome": Outcome.OK, "fetched_at": MOMENT}
    return Exchange(**{**known, "status": 200, "role": role, **given})


def visit(*exchanges: Exchange, site: str = "a.example") -> Visit:
    return Visit(site, tuple(replace(each, site=site) for each in exchanges), MOMENT, MOMENT + timedelta(seconds=2))


def portion(*visits: Visit, name: str = "p", snapshot: Snapshot = DAY, **given: Any) -> Portion:
    key = hashlib.sha256(name.encode()).hexdigest()
    return Portion(key, name, (snapshot,), [(snapshot.id, each) for each in visits], **given)


@pytest.fixture
def open_archive() -> Iterator[duckdb.DuckDBPyConnection]:
    with memory(Archive()) as connection:
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def test_an_exchange_reads_back_as_it_was(open_archive: duckdb.DuckDBPyConnection) -> None:
    headers = (("Content-Type", "text/plain"), ("X-Robots-Tag", "noai"), ("ETag", '"x"'), ("Set-Cookie", "secret=1"))
    known = datetime(2025, 2, 1, 13, tzinfo=timezone(timedelta(hours=1)))
    given = exchange(headers=headers, body=BLOCK, elapsed_ms=37, ip="192.0.2.1", hop=1, unchanged_since=known)
    taken = take_in_to(open_archive, portion(visit(given)))
    assert taken == TakenIn("p", already=False, visits=1, exchanges=1, bodies=1, readings=taken.readings, rejects=0)
    assert rows(open_archive, "SELECT * EXCLUDE (body_sha256, header_set_sha256) FROM exchange") == [
        (
            *(1, 0, DAY.id, "a.example", ROLE_ROBOTS, 1, "https://a.example/robots.txt", "ok", 200, None),
            *(NAIVE, 37, "192.0.2.1", False, None, '"x"', None, datetime(2025, 2, 1, 12)),  # noqa: DTZ001
        )
    ]
    assert rows(open_archive, "SELECT data, bytes FROM body JOIN exchange ON sha256 = body_sha256") == [(BLOCK, 31)]
    kept = rows(open_archive, "SELECT name, value FROM header_set JOIN exchange ON sha256 = header_set_sha256")
    assert kept == [("content-type", "text/plain"), ("x-robots-tag", "noai")], "a cookie is nobody's business"
    blocked = rows(
        open_archive, "SELECT token, root_blocked, line FROM access WHERE profile = 'rfc9309' ORDER BY token"
    )
    assert blocked == [("*", False, None), ("gptbot", True, 2)]


HEADERS = st.lists(
    st.tuples(st.sampled_from(["Content-Type", "Link", "TDM-Reservation", "Server", "Date"]), st.text(max_size=20)),
    max_size=4,
).map(tuple)
EXCHANGES = st.lists(
    st.builds(
        exchange,
        role=st.sampled_from([ROLE_ROBOTS, ROLE_PAGE, ROLE_CONTROL, "tdmrep"]),
        url=st.text(max_size=40),
        outcome=st.sampled_from(list(Outcome)),
        status=st.none() | st.integers(-1, 70_000),
        headers=HEADERS,
        body=st.none() | st.binary(max_size=200) | st.text(max_size=80).map(str.encode),
        truncated=st.booleans(),
        redirect_to=st.none() | st.text(max_size=10),
        detail=st.none() | st.text(max_size=30),
        hop=st.integers(0, 5),
    ),
    min_size=1,
    max_size=5,
)


@hypothesis_settings(max_examples=25, deadline=None)
@given(st.lists(EXCHANGES, min_size=1, max_size=3))
def test_whatever_comes_goes_in_and_comes_back(visits: list[list[Exchange]]) -> None:
    given_visits = [visit(*each, site=f"{number}.example") for number, each in enumerate(visits)]
    with memory(Archive()) as connection:
        take_in_to(connection, portion(*given_visits))
        found = rows(
            connection,
            "SELECT site, role, url, detail, redirect_to, header_set_sha256, body_sha256 FROM exchange ORDER BY seq",
        )
        expected = [each for one in given_visits for each in one.exchanges]
        assert len(found) == len(expected)
        for row, each in zip(found, expected, strict=True):
            assert row[:2] == (each.site, each.role)
            assert row[2:5] == tuple(
                None if text is None else text.encode("utf-8", "replace").decode()
                for text in (each.url, each.detail, each.redirect_to)
            )
            assert row[5] == (fingerprint(each.headers) if each.headers else None)
            if row[6] is not None:
                assert row[6] == hashlib.sha256(each.body or b"").hexdigest()
        assert [check for check in verify(connection) if check.broken] == []


def test_twice_changes_nothing(tmp_path: Path) -> None:
    archive = Archive(path=str(tmp_path / "a.duckdb"))
    given = portion(visit(exchange(body=BLOCK)), rejects=[Reject("row 3", "no date")])
    first, second = take_in(archive, given), take_in(archive, given)
    assert (first.already, first.rejects, second) == (False, 1, TakenIn("p", already=True))
    with reading(archive) as connection:
        counts = rows(connection, "SELECT (SELECT count(*) FROM exchange), (SELECT count(*) FROM reject)")
        assert counts == [(1, 1)]


def test_the_same_bytes_are_stored_and_read_once(open_archive: duckdb.DuckDBPyConnection) -> None:
    page = exchange(ROLE_PAGE, body=b'<meta name="robots" content="noai">', headers=(("Content-Type", "text/html"),))
    for name in ("one", "two"):
        day = Snapshot(name, DAY.on, "test")
        sites = [visit(exchange(body=BLOCK), page, site=f"{number}.example") for number in range(5)]
        taken = take_in_to(open_archive, portion(*sites, name=name, snapshot=day))
    assert (taken.bodies, taken.readings) == (0, 0)
    assert rows(open_archive, "SELECT count(*), count(DISTINCT reading_id) FROM reading") == [
        rows(open_archive, "SELECT count(DISTINCT reading_id), count(DISTINCT reading_id) FROM reading")[0]
    ]
    assert rows(open_archive, "SELECT count(*), count(data) FROM body") == [(2, 1)], "a page's bytes stand in the WARC"
    assert rows(open_archive, "SELECT count(DISTINCT evidence_id), count(*) FROM evidence") == [(1, 2)]
    assert rows(open_archive, "SELECT count(*) FROM visit") == [(10,)]


def test_evidence_is_the_last_exchange_of_each_role(open_archive: duckdb.DuckDBPyConnection) -> None:
    https = exchange(outcome=Outcome.UNREACHABLE, status=None, body=None, detail="TLS")
    http = exchange(url="http://a.example/robots.txt", body=BLOCK)
    hop = exchange(ROLE_PAGE, status=301, redirect_to="https://www.a.example/", body=b"moved")
    page = exchange(ROLE_PAGE, hop=1, body=b"<p>home")
    take_in_to(open_archive, portion(visit(https, http, hop, page)))
    shown = rows(open_archive, "SELECT role, outcome, status, body_sha256 FROM evidence ORDER BY role")
    assert shown == [
        (ROLE_PAGE, "ok", 200, hashlib.sha256(b"<p>home").hexdigest()),
        (ROLE_ROBOTS, "ok", 200, hashlib.sha256(BLOCK).hexdigest()),
    ]


def test_a_changed_outcome_is_another_picture(open_archive: duckdb.DuckDBPyConnection) -> None:
    failed = exchange(outcome=Outcome.SERVER_ERROR, status=503, body=b"busy 17")
    again = exchange(outcome=Outcome.SERVER_ERROR, status=503, body=b"busy 18")
    take_in_to(
        open_archive, portion(visit(exchange(body=BLOCK), site="a"), visit(failed, site="b"), visit(again, site="c"))
    )
    found = dict(rows(open_archive, "SELECT site, evidence_id FROM visit"))
    assert found["a"] != found["b"] == found["c"], "what an error page says is no content"


def test_a_body_beyond_the_cap_is_cut_and_marked(open_archive: duckdb.DuckDBPyConnection) -> None:
    big = BLOCK + b"#" * 50_000_000
    take_in_to(open_archive, portion(visit(exchange(body=big), exchange("tdmrep", body=b"[" * 600_000))))
    found = rows(open_archive, "SELECT role, outcome, truncated FROM exchange ORDER BY role")
    assert found == [(ROLE_ROBOTS, "ok", True), ("tdmrep", "oversize", True)]
    assert rows(open_archive, "SELECT octet_length(data), bytes, truncated FROM body") == [(524_288, 524_288, True)]
    assert rows(open_archive, "SELECT root_blocked FROM access WHERE token = 'gptbot' AND profile = 'rfc9309'") == [
        (True,)
    ]


def test_bytes_missing_at_first_are_filled_in_when_a_policy_file_has_them(
    open_archive: duckdb.DuckDBPyConnection,
) -> None:
    text = b"User-agent: *\nAllow: /\n"
    later = Snapshot("later", DAY.on, "test")
    take_in_to(open_archive, portion(visit(exchange(ROLE_PAGE, body=text))))
    assert rows(open_archive, "SELECT data FROM body") == [(None,)]
    take_in_to(open_archive, portion(visit(exchange(body=text)), name="later", snapshot=later))
    assert rows(open_archive, "SELECT data FROM body") == [(text,)]
    both = visit(exchange(ROLE_PAGE, body=b"both"), exchange(body=b"both"))
    take_in_to(open_archive, portion(both, name="both", snapshot=Snapshot("both", DAY.on, "test")))
    assert rows(open_archive, "SELECT count(*), count(data) FROM body") == [(2, 2)]


def test_the_archive_says_of_bodies_whether_it_holds_their_bytes(open_archive: duckdb.DuckDBPyConnection) -> None:
    both = visit(exchange(body=BLOCK), exchange(ROLE_PAGE, body=b"<p>not kept"))
    take_in_to(open_archive, portion(both))
    kept, named, other = (hashlib.sha256(body).hexdigest() for body in (BLOCK, b"<p>not kept", b"never seen"))
    found = rows(open_archive, sql("known_bodies").replace("$1", f"{[kept, named, other]}"))
    assert dict(found) == {kept: True, named: False}


def test_pages_are_kept_where_the_settings_say_so(tmp_path: Path) -> None:
    archive = Archive(path=str(tmp_path / "a.duckdb"), keep_pages=True)
    take_in(archive, portion(visit(exchange(ROLE_PAGE, body=b"<p>kept"))))
    with reading(archive) as connection:
        assert rows(connection, "SELECT data FROM body") == [(b"<p>kept",)]


def test_a_site_visited_before_in_the_snapshot_is_a_reject(open_archive: duckdb.DuckDBPyConnection) -> None:
    take_in_to(open_archive, portion(visit(exchange(body=BLOCK)), name="first"))
    other = visit(exchange(body=b""), site="b.example")
    twice = portion(visit(exchange(body=b"")), other, other, name="second")
    taken = take_in_to(open_archive, twice)
    assert (taken.visits, taken.exchanges, taken.rejects) == (1, 1, 2)
    assert rows(open_archive, "SELECT site, reason FROM reject ORDER BY site") == [
        ("a.example", "already visited in snapshot 2025-03-01 by first"),
        ("b.example", "already visited in snapshot 2025-03-01 in this portion"),
    ]
    assert [check for check in verify(open_archive) if check.broken] == []


def test_a_snapshot_of_another_source_is_refused(open_archive: duckdb.DuckDBPyConnection) -> None:
    take_in_to(open_archive, portion(visit(exchange(body=BLOCK))))
    other = replace(DAY, source="another")
    with pytest.raises(InputError, match=r"already, from 'test' and not from 'another'; give .*--name"):
        take_in_to(open_archive, portion(visit(exchange()), name="q", snapshot=other))
    assert rows(open_archive, "SELECT count(*) FROM segment") == [(1,)]


def test_what_comes_after_is_in_the_same_transaction(tmp_path: Path) -> None:
    archive = Archive(path=str(tmp_path / "a.duckdb"))

    def fail(connection: duckdb.DuckDBPyConnection) -> None:
        assert rows(connection, "SELECT count(*) FROM visit") == [(1,)]
        raise InputError("no verdict")

    with pytest.raises(InputError, match="no verdict"):
        take_in(archive, portion(visit(exchange(body=BLOCK))), after=fail)
    assert not take_in(archive, portion(visit(exchange(body=BLOCK)))).already
    with memory(Archive()) as connection:
        with pytest.raises(InputError, match="no verdict"):
            take_in_to(connection, portion(visit(exchange(body=BLOCK))), after=fail)
        assert rows(connection, "SELECT count(*) FROM segment") == [(0,)]


def test_a_source_that_fails_leaves_no_trace(tmp_path: Path) -> None:
    archive = Archive(path=str(tmp_path / "a.duckdb"))

    def broken() -> Iterator[tuple[str, Visit]]:
        yield DAY.id, visit(exchange(body=BLOCK))
        raise InputError("half a file")

    with pytest.raises(InputError, match="half a file"):
        take_in(archive, Portion("f" * 64, "p", (DAY,), broken()))
    assert not Path(archive.path).exists()


def test_the_archive_is_free_while_a_portion_is_gathered(tmp_path: Path) -> None:
    """Another portion goes in meanwhile, with the same contents: nothing is stored or read twice, nothing is lost."""
    archive = Archive(path=str(tmp_path / "a.duckdb"), lock_wait=0.0)
    meanwhile: list[TakenIn] = []

    def slow() -> Iterator[tuple[str, Visit]]:
        yield DAY.id, visit(exchange(body=BLOCK), site="one.example")
        meanwhile.append(take_in(archive, portion(visit(exchange(body=BLOCK), site="two.example"), name="quick")))
        yield DAY.id, visit(exchange(body=BLOCK), site="three.example")

    taken = take_in(archive, Portion("e" * 64, "slow", (DAY,), slow()))
    assert (meanwhile[0].visits, taken.visits) == (1, 2)
    with reading(archive) as connection:
        assert [check for check in verify(connection) if check.broken] == []
        assert rows(connection, "SELECT count(*) FROM body") == [(1,)]
        ((found, distinct),) = rows(connection, "SELECT count(*), count(DISTINCT (token, profile)) FROM access")
        assert found == distinct


def test_a_visit_without_an_exchange_is_a_reject(open_archive: duckdb.DuckDBPyConnection) -> None:
    taken = take_in_to(open_archive, portion(visit()))
    assert (taken.visits, taken.rejects) == (0, 1)
    assert rows(open_archive, "SELECT reason FROM reject") == [("a visit without an exchange",)]


def test_unchanged_visits_stand_between_rows_and_after_the_last(open_archive: duckdb.DuckDBPyConnection) -> None:
    days = [Snapshot(f"2025-03-0{day}", date(2025, 3, day), "test") for day in range(1, 6)]
    calendar = tuple((day.id, MOMENT + timedelta(days=number)) for number, day in enumerate(days))
    visits = [
        (days[1].id, visit(exchange(body=BLOCK))),
        (days[3].id, visit(exchange(body=b""))),
        (days[0].id, visit(exchange(body=b""), site="b.example")),
    ]
    taken = take_in_to(open_archive, Portion("c" * 64, "log", tuple(days), visits, calendar=calendar))
    assert (taken.visits, taken.exchanges) == (9, 3)
    found = rows(
        open_archive, "SELECT site, snapshot_id, basis, facts_snapshot_id FROM visit ORDER BY site, snapshot_id"
    )
    assert [(site[0], snapshot[-1], basis[0], facts[-1]) for site, snapshot, basis, facts in found] == [
        ("a", "2", "o", "2"),
        ("a", "3", "u", "2"),
        ("a", "4", "o", "4"),
        ("a", "5", "u", "4"),
        ("b", "1", "o", "1"),
        ("b", "2", "u", "1"),
        ("b", "3", "u", "1"),
        ("b", "4", "u", "1"),
        ("b", "5", "u", "1"),
    ]
    shown = rows(open_archive, "SELECT started_at FROM visit WHERE site = 'b.example' AND snapshot_id = '2025-03-05'")
    assert shown == [(NAIVE + timedelta(days=4),)]
    assert [check for check in verify(open_archive) if check.broken] == []


def test_frames_go_in_once_with_what_they_rejected(open_archive: duckdb.DuckDBPyConnection) -> None:
    frame = read_frame("site,rank\nA.example,1\nnot a host,2\n", name="list")
    day = replace(DAY, frame_id=frame.id)
    for name in ("one", "two"):
        snapshot = replace(day, id=name)
        take_in_to(open_archive, portion(visit(exchange()), name=name, snapshot=snapshot, frames=(frame,)))
    assert rows(open_archive, "SELECT frame_id, source, sites FROM frame") == [(frame.id, "list", 1)]
    assert rows(open_archive, "SELECT site, listed, rank FROM frame_site") == [("a.example", "A.example", 1)]
    ((place, raw),) = rows(open_archive, "SELECT place, raw FROM reject")
    assert (place, raw) == ("list line 3", "not a host")


def test_the_registry_goes_in_once(open_archive: duckdb.DuckDBPyConnection) -> None:
    registry = agents.load()
    assert register_registry(open_archive) == register_registry(open_archive) == registry.id
    uses = sum(len(agent.uses) or 1 for agent in registry.agents)
    assert rows(open_archive, "SELECT count(*), count(DISTINCT token) FROM agent") == [
        (uses, len({agent.token for agent in registry.agents}))
    ]
    gptbot = rows(open_archive, "SELECT use FROM agent WHERE token_key = 'gptbot' AND principal ORDER BY use")
    assert gptbot == [("train-generative",), ("train-other",)]


def header_sets() -> list[Headers]:
    return [(), (("Server", "x"),), (("Content-Type", "text/plain"), ("content-type", "text/html"))]


@pytest.mark.parametrize("headers", header_sets())
def test_a_header_set_is_kept_by_its_fingerprint(headers: Headers, open_archive: duckdb.DuckDBPyConnection) -> None:
    take_in_to(open_archive, portion(visit(exchange(headers=headers))))
    ((found,),) = rows(open_archive, "SELECT header_set_sha256 FROM exchange")
    assert found == (fingerprint(headers) if headers else None)
