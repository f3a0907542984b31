"""Frames made from lists: shares and weights worked out by hand, draws that repeat, files that read back the same."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import frame as frames
from crawler.archive import memory
from crawler.errors import InputError
from crawler.frame import Frame, FrameError, FrameSite, frame_of, host_key, read_frame
from crawler.frame_build import PANEL, REFRESH, as_csv, build, merged, reject_counts, rejects_csv, stratifier
from crawler.ingest import take_in_to
from crawler.settings import Archive
from tests.analysis.builders import DAY, Site, portion

STARTER = resources.files("crawler") / "frames" / "starter.csv"


def ranked(count: int) -> Frame:
    """A list in Tranco's shape."""
    return read_frame("\n".join(f"{rank},site{rank}.example" for rank in range(1, count + 1)), name="list")


def by_stratum(frame: Frame) -> Counter[str | None]:
    return Counter(site.stratum for site in frame.sites)


def categories(sizes: Mapping[str, int]) -> Frame:
    rows = [f"{name}{at}.example,{name}" for name, size in sizes.items() for at in range(size)]
    return read_frame("site,category\n" + "\n".join(rows), name="list")


def test_classes_of_ranks_end_where_they_say() -> None:
    of = stratifier("rank:10,100", frame := ranked(200))
    found = {site.rank: of(site) for site in frame.sites}
    assert (found[1], found[10], found[11], found[100], found[101]) == ("1-10", "1-10", "11-100", "11-100", "101+")
    assert of(FrameSite("a.example", "a.example", 1)) == "none"


@pytest.mark.parametrize(
    ("site", "expected"),
    [
        ("a.example.co.uk", "uk"),
        ("a.example:8080", "example"),
        ("192.0.2.1", "none"),
        ("[2001:db8::1]", "none"),
        ("[2001:db8::1]:81", "none"),
        ("xn--bcher-kva.xn--p1ai", "xn--p1ai"),
    ],
)
def test_top_level_domain(site: str, expected: str) -> None:
    assert stratifier("tld", read_frame(site))(read_frame(site).sites[0]) == expected


@pytest.mark.parametrize("text", ["rank", "rank:", "rank:a", "rank:0", "rank:1,,2", "tld:3", "size", ""])
def test_strata_that_are_none(text: str) -> None:
    with pytest.raises(InputError, match="--strata"):
        stratifier(text, ranked(3))


def test_strata_nobody_can_be_told_apart_by() -> None:
    with pytest.raises(InputError, match="no site of list has a country; add a column country"):
        stratifier("country", ranked(3))


@pytest.mark.parametrize(
    ("sizes", "sample", "expected"),
    [
        # Hamilton's method by hand: quotas 60, 30, 10.
        ({"a": 600, "b": 300, "c": 100}, 100, {"a": 60, "b": 30, "c": 10}),
        # Quotas 4.5, 3.5, 2: the remainders tie, the first name wins.
        ({"a": 45, "b": 35, "c": 20}, 10, {"a": 5, "b": 3, "c": 2}),
        # c's quota is 0.1: it gets one. The other nine go to a and b by 900 and 90: 8.18 and 0.82, so b gets one.
        ({"a": 900, "b": 90, "c": 10}, 10, {"a": 8, "b": 1, "c": 1}),
        ({"a": 3, "b": 2}, 50, {"a": 3, "b": 2}),
    ],
)
def test_shares_of_a_sample(sizes: Mapping[str, int], sample: int, expected: Mapping[str, int]) -> None:
    frame = categories(sizes)
    drawn = build(frame, strata=stratifier("category", frame), sample=sample, seed=1)
    assert drawn.drawn == expected
    assert drawn.listed == sizes
    assert by_stratum(drawn.frame) == Counter(expected)
    for site in drawn.frame.sites:
        assert site.stratum is not None
        assert site.weight == pytest.approx(sizes[site.stratum] / expected[site.stratum])


@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 60), min_size=1),
    st.integers(1, 200),
    st.integers(0, 3),
    st.booleans(),
)
def test_weights_add_up_to_the_list(sizes: dict[str, int], sample: int, seed: int, per_stratum: bool) -> None:
    frame = categories(sizes)
    total = sum(sizes.values())
    if not per_stratum and sample < min(total, len(sizes)):
        with pytest.raises(InputError, match="fewer than the"):
            build(frame, strata=stratifier("category", frame), sample=sample, seed=seed)
        return
    drawn = build(frame, strata=stratifier("category", frame), sample=sample, seed=seed, per_stratum=per_stratum)
    wanted = sum(min(size, sample) for size in sizes.values()) if per_stratum else min(sample, total)
    assert len(drawn.frame.sites) == wanted
    weights = Counter[str]()
    for site in drawn.frame.sites:
        assert site.stratum is not None
        assert site.weight is not None
        weights[site.stratum] += site.weight  # type: ignore[assignment]
    assert weights == pytest.approx(sizes)
    assert all(1 <= count <= sizes[stratum] for stratum, count in drawn.drawn.items())


@pytest.mark.parametrize("sample", [0, -1])
def test_a_sample_of_nothing(sample: int) -> None:
    with pytest.raises(InputError, match="from 1 up"):
        build(ranked(5), sample=sample)


def test_a_draw_repeats_and_grows() -> None:
    frame = ranked(400)
    names = {size: {site.site for site in build(frame, sample=size, seed=3).frame.sites} for size in (20, 40)}
    assert names[20] <= names[40]
    assert names[20] != {site.site for site in build(frame, sample=20, seed=4).frame.sites}
    assert as_csv(build(frame, sample=20, seed=3).frame) == as_csv(build(ranked(400), sample=20, seed=3).frame)


def test_the_draw_is_even_over_seeds() -> None:
    """Each of ten sites is drawn in half of the seeds: 2,000 draws of five, within four standard errors (0.0447)."""
    frame = ranked(10)
    seen = Counter(site.site for seed in range(2000) for site in build(frame, sample=5, seed=seed).frame.sites)
    assert all(abs(count / 2000 - 0.5) < 0.0447 for count in seen.values()), seen


def test_weights_of_the_list_are_multiplied() -> None:
    frame = read_frame("site,weight\na.example,3\nb.example,5\n")
    (site,) = build(frame, sample=1).frame.sites
    assert site.weight == {"a.example": 6.0, "b.example": 10.0}[site.site]
    assert {site.weight for site in build(frame).frame.sites} == {3.0, 5.0}


def test_panel_and_refresh_stay_apart() -> None:
    panel = read_frame("site,weight,stratum\nsite7.example,4,old\noutside.example,,\nsite3.example,,\n", name="panel")
    frame = ranked(100)
    drawn = build(frame, strata=stratifier("rank:10", frame), sample=10, seed=1, panel=panel)
    parts = {site.site: site.part for site in drawn.frame.sites}
    assert list(parts)[:3] == ["site7.example", "outside.example", "site3.example"]
    assert [*parts.values()] == [PANEL] * 3 + [REFRESH] * 10
    first, outside, third = drawn.frame.sites[:3]
    assert (first.weight, first.stratum) == (4.0, "old"), "a panel keeps what it has"
    assert (third.stratum, outside.stratum) == ("1-10", "none")
    assert drawn.listed == {"1-10": 8, "11+": 90}, "the panel's sites are not drawn from"
    assert drawn.panel == 3
    again = build(frame, strata=stratifier("rank:10", frame), sample=10, seed=2, panel=drawn.frame)
    assert [site.part for site in again.frame.sites[:13]] == [PANEL] * 13, "last year's frame can be the panel"


def test_several_lists_are_one() -> None:
    one = read_frame("a.example\nb.example\nnot a host\n", name="one")
    two = read_frame("B.EXAMPLE\nc.example\n", name="two")
    frame = merged([one, two])
    assert [site.site for site in frame.sites] == ["a.example", "b.example", "c.example"]
    assert frame.source == "one + two"
    assert [entry.reason for entry in frame.rejected][1] == "two: duplicate of one line 2"
    assert frame.rejected[0].reason.startswith("one: not a host name")
    assert merged([one]) is one


CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ['"', 'a"b', "x,y", "x;y", "#", "two\nlines", "\r", "=1+1", "\u2028", "\x1e", "\ufeff", "'"]
)


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,6}\.example", fullmatch=True),
        st.tuples(CELLS, CELLS, CELLS, st.none() | st.integers(0, 10**9), st.none() | st.floats(0, 1e9)),
        min_size=1,
        max_size=6,
    ),
    CELLS,
)
def test_a_frame_reads_back_the_same(
    rows: dict[str, tuple[str, str, str, int | None, float | None]], label: str
) -> None:
    lines = [
        json.dumps({"site": site, "name": a, "category": b, "country": c, "rank": rank, "weight": weight})
        for site, (a, b, c, rank, weight) in rows.items()
    ]
    listed = read_frame("\n".join(lines), name=f"a {label} list")
    frame = build(listed).frame
    back = read_frame(as_csv(frame).encode("utf-8"), name="copy")
    assert back.rejected == ()
    assert [replace(site, line=0, listed="") for site in back.sites] == [
        replace(site, line=0, listed="") for site in frame.sites
    ]
    assert (back.id, back.sha256) == (frame.id, frame.sha256)
    assert back.source == " ".join(frame.source.split())


def test_a_frame_changed_by_hand_is_another_source() -> None:
    text = as_csv(build(ranked(5), sample=3).frame)
    changed = read_frame(text + "added.example,,,,,,,\n", name="copy.csv")
    assert changed.source == "copy.csv"
    assert changed.sha256 != read_frame(text).sha256 == ranked(5).sha256


def test_rejects_are_counted_by_reason_and_listed() -> None:
    frame = read_frame("site,rank\na.example,1\na.example,2\nA.example,2\nx y,3\nb.example,one\n,\n")
    counts = {reason: count for reason, count, _ in reject_counts(frame)}
    assert sum(counts.values()) == len(frame.rejected) == 5
    assert counts["duplicate"] == 2
    rows = list(csv.DictReader(rejects_csv(frame).splitlines()))
    assert [(row["line"], row["text"]) for row in rows][:2] == [("3", "a.example"), ("4", "A.example")]
    assert all(row["reason"] for row in rows)


ASCII = st.text(st.sampled_from("abzAZ019.-_:/x"), max_size=20) | st.from_regex(
    r"[a-zA-Z0-9_-]{0,64}(\.[a-zA-Z0-9_-]{1,64}){0,4}", fullmatch=True
)


@given(
    ASCII | st.sampled_from(["xn--a.b", "a.0x1", "a.1", "\u212a.example", "a.xn--", "a" * 63 + ".b", "a" * 64 + ".b"])
)
def test_the_short_way_to_a_host_key_is_the_long_way(text: str) -> None:
    """Plain names skip UTS #46; the answer is that of the whole procedure."""
    try:
        found: str | None = host_key(text)
    except FrameError:
        found = None
    bare = text.strip()
    if not bare or any(mark in bare for mark in ":/?#[@"):
        return
    try:
        expected: str | None = frames._name(bare)
    except FrameError:
        expected = None
    assert found == expected


@given(st.none() | st.integers(0, 10**12), st.sampled_from(["a.example", "[2001:db8::1]:81", "_x.example"]))
def test_the_fingerprint_row_is_json(rank: int | None, site: str) -> None:
    row = frames._row(FrameSite(site, site, 1, rank=rank))
    assert row == json.dumps([site, None, None, None, None, rank, None])


def test_the_part_is_in_the_fingerprint_and_in_the_archive() -> None:
    plain = read_frame("a.example\n")
    frame = read_frame("site,part\na.example,panel\n")
    assert frame.sites[0].part == PANEL
    assert frame.id != plain.id == frame_of("x", "y", [FrameSite("a.example", "other spelling", 9)]).id
    with memory(Archive(threads=1)) as connection:
        take_in_to(connection, portion({"a.example": Site()}, DAY, frame), workers=1)
        assert connection.execute("SELECT site, part, listed FROM frame_site").fetchall() == [
            ("a.example", "panel", "a.example")
        ]


def test_the_starter_frame() -> None:
    """Some 300 sites and more, each once, with category, country, stratum and the reason why it is there."""
    with resources.as_file(STARTER) as path:
        rows = list(csv.DictReader(Path(path).read_text(encoding="utf-8").splitlines()))
        frame = read_frame(path)
    assert frame.rejected == ()
    assert 300 <= len(rows) == len(frame.sites) <= 400
    for row in rows:
        assert all(row[key] for key in ("site", "name", "category", "country", "stratum", "why")), row
        assert len(row) == 6, row
        assert host_key(row["site"]) == row["site"]
        assert len(row["country"]) == 2
        assert row["country"].isupper()
    assert len({row["site"] for row in rows}) == len(rows)
    assert len({site.country for site in frame.sites}) >= 40
    assert len({site.stratum for site in frame.sites}) >= 8
