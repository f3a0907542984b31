"""Frames: every shape a site list comes in, every entry a site or a reject with its reason."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from crawler import frame_formats
from crawler.frame import Frame, FrameError, host_key, read_frame

SHARED = Path(__file__).parents[3] / "shared" / "data" / "frames"


def sites(frame: Frame) -> list[str]:
    return [site.site for site in frame.sites]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Example.ORG", "example.org", id="lower-case (RFC 3986 3.2.2)"),
        pytest.param("https://example.org/a?b#c", "example.org", id="URL"),
        pytest.param("example.org/path", "example.org", id="host and path"),
        pytest.param("example.org.", "example.org", id="root dot"),
        pytest.param("http://example.org:80/", "example.org", id="port 80"),
        pytest.param("https://example.org:443", "example.org", id="port 443"),
        pytest.param("example.org:8080", "example.org:8080", id="another port"),
        pytest.param("https://user:pass@example.org/", "example.org", id="userinfo"),
        pytest.param("//example.org/x", "example.org", id="scheme-relative"),
        pytest.param("bücher.example", "xn--bcher-kva.example", id="IDNA (RFC 5891)"),
        pytest.param("BÜCHER.example", "xn--bcher-kva.example", id="IDNA upper case (UTS 46)"),
        pytest.param("faß.de", "xn--fa-hia.de", id="sharp s, non-transitional (UTS 46)"),
        pytest.param("my_host.example", "my_host.example", id="underscore"),
        pytest.param("192.0.2.1", "192.0.2.1", id="IPv4"),
        pytest.param("[2001:DB8::0001]", "[2001:db8::1]", id="IPv6 shortest (RFC 5952)"),
        pytest.param("example。org", "example.org", id="ideographic full stop (UTS 46)"),
    ],
)
def test_host_key(text: str, expected: str) -> None:
    assert host_key(text) == expected
    assert host_key(expected) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "   ", "ftp://example.org", "a b.example", "exa mple.org", "example.org:99999", "-a.example"),
        *("a..example", "[::1", "256.1.1.1", "1.2.3", "0x7f.1", "a" * 64 + ".example", ".".join(["abcdefgh"] * 30)),
        *("x\x00y.example", "<script>.example", "xn--a.example", "https://"),
    ],
)
def test_what_names_no_host(text: str) -> None:
    with pytest.raises(FrameError):
        host_key(text)


@given(st.text(max_size=60))
def test_host_key_is_stable_or_refuses(text: str) -> None:
    try:
        key = host_key(text)
    except FrameError:
        return
    assert host_key(key) == key
    assert key == key.strip().lower()


PLAIN = "a.example\nb.example\nc.example\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PLAIN, id="plain"),
        pytest.param(PLAIN.replace("\n", "\r\n"), id="CRLF"),
        pytest.param(PLAIN.replace("\n", "\r"), id="CR"),
        pytest.param(PLAIN.rstrip(), id="no last newline"),
        pytest.param("# a list\n\n a.example \n#x\nb.example\n\n\nc.example", id="comments and blanks"),
        pytest.param('"a.example"\n"b.example"\n"c.example"', id="quoted"),
        pytest.param("domain\n" + PLAIN, id="one column with a header"),
        pytest.param("1,a.example\n2,b.example\n3,c.example\n", id="Tranco"),
        pytest.param("site\tname\na.example\tA\nb.example\tB\nc.example\tC\n", id="TSV"),
        pytest.param("name;URL\nA;https://a.example/x\nB;b.example\nC;c.example\n", id="semicolons, URL column"),
        pytest.param(
            'site,name\na.example,"A, and ""more"""\nb.example,"two\nlines"\nc.example,C\n', id="RFC 4180 quotes"
        ),
        pytest.param("name,address\nA,a.example\nB,b.example\nC,c.example\n", id="first column that is no kept one"),
        pytest.param('{"domain": "a.example"}\n{"domain": "b.example"}\n\n{"domain": "c.example"}\n', id="JSON lines"),
        pytest.param(
            '{"site": "a.example"}\n{"url": "http://b.example/"}\n{"host": "c.example"}', id="JSON, other keys"
        ),
    ],
)
def test_shapes(text: str) -> None:
    frame = read_frame(text)
    assert sites(frame) == ["a.example", "b.example", "c.example"]
    assert frame.rejected == ()


def parquet(**columns: list[object]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def zipped(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("list.csv", data)
    return out.getvalue()


LIST = b"site,rank\na.example,1\nb.example,2\n"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(LIST, id="plain"),
        pytest.param(b"\xef\xbb\xbf" + LIST, id="UTF-8 with a byte order mark"),
        pytest.param(LIST.decode().encode("utf-16"), id="UTF-16 little-endian"),
        pytest.param(b"\xfe\xff" + LIST.decode().encode("utf-16-be"), id="UTF-16 big-endian"),
        pytest.param(gzip.compress(LIST), id="gzip"),
        pytest.param(gzip.compress(LIST[:10]) + gzip.compress(LIST[10:]), id="gzip of two members"),
        pytest.param(zstandard.compress(LIST), id="zstd"),
        pytest.param(zstandard.compress(LIST[:10]) + zstandard.compress(LIST[10:]), id="zstd of two frames"),
        pytest.param(zipped(LIST), id="zip"),
        pytest.param(parquet(site=["a.example", "b.example"], rank=[1, 2]), id="Parquet"),
        pytest.param(parquet(rank=[1.0, 2.0], Domain=["a.example", "b.example"]), id="Parquet, other order and case"),
        pytest.param(parquet(site=[b"a.example", b"b.example"], rank=["1", "2"]), id="Parquet of octets"),
        pytest.param(b'{"site": "a.example", "rank": 1}\n{"site": "b.example", "rank": "2"}', id="JSON lines"),
    ],
)
def test_packings_and_encodings(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(data)
    frame = read_frame(tmp_path / "list")
    assert [(site.site, site.rank) for site in frame.sites] == [("a.example", 1), ("b.example", 2)]
    assert frame.id == read_frame(LIST.decode()).id, "one list has one id, whatever its format"


@pytest.mark.parametrize(
    ("text", "found", "reasons"),
    [
        pytest.param("a.example\na.example\nA.EXAMPLE.\n", ["a.example"], ["duplicate of line 1"] * 2, id="duplicates"),
        pytest.param("a.example\nnot a host\n", ["a.example"], ["not a host name"], id="no host"),
        pytest.param("site,rank\na.example,one\nb.example,2\n", ["b.example"], ["rank 'one' is not"], id="rank"),
        pytest.param("site,rank\na.example,1.5\n", [], ["rank 1.5 is not a whole number"], id="broken rank"),
        pytest.param("site,weight\na.example,-1\nb.example,inf\n", [], ["weight '-1'", "weight 'inf'"], id="weights"),
        pytest.param(
            "site,name\na.example,A,x\nb.example,B\n", ["b.example"], ["3 cells where"], id="a comma unquoted"
        ),
        pytest.param("site,name\na.example\n,B\n", ["a.example"], ["nothing there"], id="short records"),
        pytest.param(
            '{"site": "a.example"}\n{broken\n[1]\n{"x": 1}\n',
            ["a.example"],
            ["not JSON", "not a JSON object"],
            id="JSON",
        ),
        pytest.param(
            '{"site": "a.example"}\n{"site": {"x": 1}}\n{"site": null}',
            ["a.example"],
            ["the site is a dict", "nothing"],
            id="JSON cells",
        ),
    ],
)
def test_what_is_no_site_is_a_reject(text: str, found: list[str], reasons: list[str]) -> None:
    frame = read_frame(text)
    assert sites(frame) == found
    for reason, rejected in zip(reasons, frame.rejected, strict=False):
        assert rejected.reason.startswith(reason), rejected
    assert len(frame.rejected) >= len(reasons)


@pytest.mark.parametrize("open_at", [0, 3, 7])
def test_a_quote_left_open_swallows_nothing(open_at: int) -> None:
    lines = [f"{number}.example,name" for number in range(200)]
    lines[open_at] = f'{open_at}.example,"never closed'
    frame = read_frame("site,name\n" + "\n".join(lines))
    assert sites(frame) == [f"{number}.example" for number in range(200)]
    assert frame.sites[open_at].name == "never closed"
    assert [site.line for site in frame.sites] == list(range(2, 202))


def test_a_record_may_span_lines_and_lines_are_counted() -> None:
    frame = read_frame('site,name\na.example,"one\ntwo\nthree"\nb.example,B\n')
    assert [(site.site, site.line, site.name) for site in frame.sites] == [
        ("a.example", 2, "one\ntwo\nthree"),
        ("b.example", 5, "B"),
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(gzip.compress(LIST)[:-9], "cannot be read", id="gzip cut short"),
        pytest.param(gzip.compress(LIST)[:12] + b"\xff" * 20, "cannot be read", id="gzip damaged"),
        pytest.param(b"\x28\xb5\x2f\xfd" + b"x" * 40, "cannot be read", id="zstd damaged"),
        pytest.param(b"PK\x03\x04 no zip", "cannot be read", id="zip damaged"),
        pytest.param(b"PAR1 no parquet PAR1", "not a Parquet file that can be read", id="Parquet damaged"),
        pytest.param(parquet(site=["a.example"])[:-20], "not a Parquet file", id="Parquet cut short"),
    ],
)
def test_lists_that_cannot_be_read(data: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(data)
    with pytest.raises(FrameError, match=message):
        read_frame(tmp_path / "list")


def test_a_zip_of_two_files_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "list.zip", "w") as archive:
        archive.writestr("a", "x")
        archive.writestr("b", "x")
    with pytest.raises(FrameError, match="2 files in the zip"):
        read_frame(tmp_path / "list.zip")


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_formats, "LONGEST_UNPACKED", 10_000)
    for packed in (gzip.compress(b"a" * 20_000), zstandard.compress(b"a" * 20_000), zipped(b"a" * 20_000)):
        (tmp_path / "list").write_bytes(packed)
        with pytest.raises(FrameError, match="unpacks to more than"):
            read_frame(tmp_path / "list")


@pytest.mark.parametrize("text", [LIST.decode(), "a.example\n", '{"site": "a.example"}'], ids=["CSV", "plain", "JSON"])
def test_a_missing_column_names_those_there_are(text: str) -> None:
    with pytest.raises(FrameError, match="no column 'host'"):
        read_frame(text, column="host")


def test_a_missing_file_is_an_answer(tmp_path: Path) -> None:
    with pytest.raises(FrameError, match="cannot be read"):
        read_frame(tmp_path / "none")


@given(st.binary(max_size=300))
def test_any_octets_are_a_list_or_refused(data: bytes) -> None:
    try:
        found = list(frame_formats.entries(data, "x", None))
    except FrameError:
        return
    assert all(line >= 1 for line, _ in found)
    assert all("site" in cells or len(cells) for _, cells in found)


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"), max_size=20).map(str.strip)


@given(
    st.lists(
        st.tuples(st.from_regex(r"[a-z]{1,8}\.example", fullmatch=True), NAMES),
        min_size=1,
        max_size=8,
        unique_by=lambda x: x[0],
    )
)
def test_csv_and_json_and_parquet_say_the_same(pairs: list[tuple[str, str]]) -> None:
    quoted = "\n".join(f'{site},"{name.replace(chr(34), chr(34) * 2)}"' for site, name in pairs)
    lines = "\n".join(json.dumps({"site": site, "name": name}) for site, name in pairs)
    from_csv, from_json = read_frame(f"site,name\n{quoted}"), read_frame(lines)
    assert from_csv.rejected == from_json.rejected == ()
    assert sites(from_csv) == sites(from_json) == [site for site, _ in pairs]
    assert from_json.id == from_csv.id


def test_a_sample_depends_on_seed_and_names_alone() -> None:
    frame = read_frame("\n".join(f"{number}.example" for number in range(100)))
    longer = read_frame("\n".join(f"{number}.example" for number in range(99, -1, -1)))
    drawn = frame.sample(10, seed=1)
    assert len(drawn.sites) == 10
    assert set(sites(drawn)) == set(sites(longer.sample(10, seed=1)))
    assert set(sites(drawn)) != set(sites(frame.sample(10, seed=2)))
    assert set(sites(drawn)) <= set(sites(frame.sample(20, seed=1)))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real site lists are not here")
@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("robots_panel_sites.csv", 145),
        ("protego_top10000_2019.txt.gz", 4_900),
        ("citizenlab_test_lists.csv.gz", 20_000),
        ("dpi_top2000_c4.csv.gz", 1_900),
        ("nrjones8_us_government_domains.csv.gz", 10_000),
    ],
)
def test_real_lists(name: str, least: int) -> None:
    frame = read_frame(SHARED / name)
    assert len(frame.sites) >= least
    assert all(rejected.reason for rejected in frame.rejected)
    unexplained = [each for each in frame.rejected if not each.reason.startswith("duplicate")]
    assert len(unexplained) <= 0.02 * len(frame.sites), unexplained[:10]
