"""WARC files of all kinds and in all states as portions: what is readable comes in, what is not is a reject."""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import InputError
from crawler.records import Exchange, Reject, Snapshot, Visit
from crawler.sources.warc import decoded, portions, read_visits
from crawler.vocabulary import Outcome
from crawler.warc_reader import Record, read_records

SHARED = Path(__file__).parents[2] / "../shared/data/warc"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data folder is not beside this checkout")


def record(
    kind: str, url: str, block: bytes, *, when: str = "2024-05-06T07:08:09Z", length: int | None = None
) -> bytes:
    size = len(block) if length is None else length
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: {when}\r\nContent-Length: {size}\r\n"
    return head.encode() + b"\r\n" + block + b"\r\n\r\n"


def http(body: bytes, *, status: int = 200, kind: str = "text/plain", extra: str = "") -> bytes:
    return f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\n{extra}\r\n".encode() + body


ROBOTS = record("response", "http://a.test/robots.txt", http(b"User-agent: *\nDisallow: /\n"))
FRONT = record("response", "https://B.test:443", http(b"<html>b</html>", kind="text/html; charset=utf-8"))
DEEP = record("response", "http://a.test/deep/page.html", http(b"<html>", kind="text/html"))
IMAGE = record("response", "http://a.test/", http(b"\x89PNG", kind="image/png"))
WHOLE = [ROBOTS, record("request", "http://a.test/robots.txt", b"GET / HTTP/1.1\r\n\r\n"), FRONT, DEEP, IMAGE]


def visits(path: Path) -> tuple[list[tuple[str, Visit]], list[Reject]]:
    (portion,) = portions(path)
    return list(portion.visits), list(portion.rejects)


@pytest.mark.parametrize("packing", ["plain", "member a record", "one member", "zstd"])
def test_a_strangers_file_in_every_packing(tmp_path: Path, packing: str) -> None:
    octets = {
        "plain": b"".join(WHOLE),
        "member a record": b"".join(map(gzip.compress, WHOLE)),
        "one member": gzip.compress(b"".join(WHOLE)),
        "zstd": b"".join(zstandard.ZstdCompressor().compress(one) for one in WHOLE),
    }[packing]
    path = tmp_path / "some.warc"
    path.write_bytes(octets)
    found, rejects = visits(path)
    assert rejects == []
    assert [(snapshot, visit.site) for snapshot, visit in found] == [("2024-05", "a.test"), ("2024-05", "b.test")]
    (robots,), (front,) = (visit.exchanges for _, visit in found)
    assert (robots.role, robots.outcome, robots.body) == ("robots.txt", Outcome.OK, b"User-agent: *\nDisallow: /\n")
    assert (front.role, front.status, front.body) == ("page", 200, b"<html>b</html>")
    assert front.fetched_at == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


def test_a_snapshot_a_month_and_the_latest_capture_last(tmp_path: Path) -> None:
    path = tmp_path / "months.warc"
    path.write_bytes(
        b"".join(
            record("response", "http://a.test/robots.txt", http(when.encode()), when=when)
            for when in ("2024-06-02T00:00:00Z", "2024-05-09T00:00:00Z", "2024-06-01T00:00:00.123456789Z")
        )
    )
    (portion,) = portions(path)
    assert portion.snapshots == (
        Snapshot("2024-05", date(2024, 5, 1), "warc"),
        Snapshot("2024-06", date(2024, 6, 1), "warc"),
    )
    found = {snapshot: [exchange.body for exchange in visit.exchanges] for snapshot, visit in portion.visits}
    june = [b"2024-06-01T00:00:00.123456789Z", b"2024-06-02T00:00:00Z"]
    assert found == {"2024-05": [b"2024-05-09T00:00:00Z"], "2024-06": june}


@pytest.mark.parametrize(
    ("url", "role"),
    [
        ("http://a.test/robots.txt", "robots.txt"),
        ("http://a.test/.well-known/tdmrep.json", "tdmrep.json"),
        ("http://a.test/ai.txt", "ai.txt"),
        ("http://a.test/robots.txt?x=1", None),
        ("http://a.test/sub/robots.txt", None),
        ("dns:a.test", None),
        ("http://a..test/robots.txt", None),
        ("http://[/robots.txt", None),
    ],
)
def test_roles_are_told_from_the_url(tmp_path: Path, url: str, role: str | None) -> None:
    path = tmp_path / "role.warc"
    path.write_bytes(record("response", url, http(b"{}")))
    found, _ = visits(path)
    assert [exchange.role for _, visit in found for exchange in visit.exchanges] == ([role] if role else [])


@pytest.mark.parametrize(
    ("damage", "kept", "reason"),
    [
        pytest.param([ROBOTS, FRONT[:-30]], ["a.test"], "of which", id="cut off in a block"),
        pytest.param([ROBOTS, FRONT[:40]], ["a.test"], "cut off in its named fields", id="cut off in the fields"),
        pytest.param(
            [ROBOTS, b"garbage\n" * 9, FRONT], ["a.test", "b.test"], "not a WARC record", id="garbage between"
        ),
        pytest.param([b"\0" * 5000, ROBOTS], [], "not a WARC record", id="zeros before a record on the same line"),
        pytest.param([b"\0" * 5000 + b"\n", ROBOTS], ["a.test"], "not a WARC record", id="zeros before a record"),
        pytest.param(
            [record("response", "http://c.test/robots.txt", http(b"x"), length=10**12), ROBOTS],
            ["a.test"],
            "more than",
            id="a length beyond all measure",
        ),
        pytest.param(
            [ROBOTS.replace(b"Content-Length: ", b"Content-Length: minus "), FRONT],
            ["b.test"],
            "is no number",
            id="a length that is none",
        ),
    ],
)
def test_damage_costs_the_record_it_is_in(tmp_path: Path, damage: list[bytes], kept: list[str], reason: str) -> None:
    path = tmp_path / "broken.warc"
    path.write_bytes(b"".join(damage))
    found, rejects = visits(path)
    assert [visit.site for _, visit in found] == kept
    assert reason in rejects[0].reason
    assert rejects[0].place.startswith("offset ")


@pytest.mark.parametrize(
    ("damage", "kept"),
    [
        pytest.param(lambda a, b: a + b[:-9], ["a.test"], id="the last member cut off"),
        pytest.param(lambda a, b: a[:-20] + b"\xff" * 20 + b, ["b.test"], id="a member overwritten at its end"),
        pytest.param(lambda a, b: a[:20] + b, ["b.test"], id="a member cut off in the middle of the file"),
        pytest.param(lambda a, b: a + b"\0" * 1000 + b, ["a.test", "b.test"], id="zeros between members"),
        pytest.param(lambda a, b: a + b"junk" + b, ["a.test", "b.test"], id="junk between members"),
    ],
)
def test_gzip_damage_costs_the_member_it_is_in(tmp_path: Path, damage: object, kept: list[str]) -> None:
    path = tmp_path / "broken.warc.gz"
    path.write_bytes(damage(gzip.compress(ROBOTS), gzip.compress(FRONT)))  # type: ignore[operator]
    found, rejects = visits(path)
    assert [visit.site for _, visit in found if visit.site in kept] == kept
    assert rejects or "zeros" in str(kept) or len(kept) == 2


def test_a_block_longer_than_its_member_does_not_swallow_the_next(tmp_path: Path) -> None:
    path = tmp_path / "long.warc.gz"
    wrong = record("response", "http://c.test/robots.txt", http(b"short"), length=5000)
    path.write_bytes(gzip.compress(wrong) + gzip.compress(ROBOTS))
    found, rejects = visits(path)
    assert [visit.site for _, visit in found] == ["a.test"]
    assert "5000 bytes of which" in rejects[0].reason


@given(st.binary(max_size=400), st.sampled_from([b"", b"WARC/1.0\r\n", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", ROBOTS]))
def test_no_octets_at_all_make_it_raise(tmp_path_factory: pytest.TempPathFactory, octets: bytes, start: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.warc"
    path.write_bytes(start + octets)
    for _ in read_records(path):
        continue
    visits(path)


@given(st.data())
def test_a_flipped_octet_costs_one_visit_at_most(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    members = [gzip.compress(record("response", f"http://s{at}.test/robots.txt", http(b"x" * at))) for at in range(6)]
    octets = bytearray(b"".join(members))
    at = data.draw(st.integers(0, len(octets) - 1))
    octets[at] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.getbasetemp() / "flip.warc.gz"
    path.write_bytes(octets)
    try:
        found, _ = visits(path)
    except InputError:
        pytest.fail("a damaged file is no unreadable file")
    # A flipped octet of the very first member's magic makes the file plain garbage to every reader.
    assert len(found) >= (5 if at >= 2 else 0)


def test_a_revisit_has_the_payload_of_the_record_it_repeats(tmp_path: Path) -> None:
    def with_digest(octets: bytes, digest: str) -> bytes:
        return octets.replace(b"WARC-Date", f"WARC-Payload-Digest: sha1:{digest}\r\nWARC-Date".encode(), 1)

    later = "2024-05-20T00:00:00Z"
    path = tmp_path / "revisit.warc"
    revisits = [
        with_digest(record("revisit", f"http://{host}/robots.txt", http(b""), when=later), digest)
        for host, digest in (("a.test", "AAAA"), ("z.test", "ZZZZ"))
    ]
    path.write_bytes(b"".join([with_digest(ROBOTS, "AAAA"), *revisits]))
    found, rejects = visits(path)
    ((_, visit),) = found
    assert [exchange.body for exchange in visit.exchanges] == [b"User-agent: *\nDisallow: /\n"] * 2
    assert visit.exchanges[1].fetched_at == datetime(2024, 5, 20, tzinfo=UTC)
    assert [(reject.site, "revisit" in reject.reason) for reject in rejects] == [("z.test", True)]


@pytest.mark.parametrize(
    ("fields", "payload", "body"),
    [
        pytest.param({"Content-Encoding": "gzip"}, gzip.compress(b"hi"), b"hi", id="gzip"),
        pytest.param({"Content-Encoding": "deflate"}, zlib.compress(b"hi"), b"hi", id="deflate"),
        pytest.param({"Content-Encoding": "gzip"}, b"hi", b"hi", id="said to be gzip, stored decoded"),
        pytest.param({"Transfer-Encoding": "chunked"}, b"2\r\nhi\r\n0\r\n\r\n", b"hi", id="RFC 9112 7.1, chunked"),
        pytest.param({"Transfer-Encoding": "chunked"}, b"2;x=y\r\nhi\r\n1\r\n!\r\n0\r\n", b"hi!", id="RFC 9112 7.1.1"),
        pytest.param({"Transfer-Encoding": "chunked"}, b"hi there", b"hi there", id="said to be chunked, stored whole"),
        pytest.param({"Transfer-Encoding": "chunked"}, b"ff\r\nhi", b"hi", id="chunk cut off"),
        pytest.param({}, b"hi", b"hi", id="no coding"),
    ],
)
def test_codings_of_strangers(fields: dict[str, str], payload: bytes, body: bytes) -> None:
    assert decoded(tuple(fields.items()), payload) == body


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.warc"):
        list(portions(tmp_path / "gone.warc"))


def test_an_empty_file_is_a_reject(tmp_path: Path) -> None:
    path = tmp_path / "empty.warc.gz"
    path.touch()
    found, rejects = visits(path)
    assert (found, [reject.reason for reject in rejects]) == ([], ["the file is empty"])


@needs_shared
@pytest.mark.parametrize(
    "path", sorted(SHARED.glob("*/*")) if SHARED.is_dir() else [], ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_every_file_others_wrote_yields_records_and_never_raises(path: Path) -> None:
    found = list(read_records(path))
    assert any(isinstance(one, Record) for one in found)
    seen, rejects = visits(path)
    assert len(rejects) >= sum(isinstance(one, Reject) for one in found)
    assert all(isinstance(exchange, Exchange) for _, visit in seen for exchange in visit.exchanges)


@needs_shared
def test_pages_in_files_others_wrote() -> None:
    """Counts taken from these files with warcio's own `warcio index`."""
    found, _ = visits(SHARED / "warcio/example-iana.org-chunked.warc")
    ((_, visit),) = found
    assert visit.site == "www.iana.org"
    assert (visit.exchanges[0].body or b"").startswith(b"<!doctype html>")
    cut, rejects = visits(SHARED / "warcio/example-trunc.warc")
    assert [visit.site for _, visit in cut] == ["example.com"]
    assert rejects


def test_a_visit_that_lacks_an_exchange_is_no_visit(tmp_path: Path) -> None:
    path = tmp_path / "lacking.warc"
    path.write_bytes(
        record("metadata", "urn:openweb:visit", b"").replace(
            b"WARC-Date",
            b'OpenWeb-Visit: {"site":"s.test","started_at":"2026-01-01","ended_at":"2026-01-01","exchanges":3,'
            b'"basis":"observed"}\r\nWARC-Date',
        )
    )
    rejects: list[Reject] = []
    assert list(read_visits(path, rejects)) == []
    assert [(reject.site, reject.reason) for reject in rejects] == [("s.test", "a visit with 0 of its 3 exchanges")]
