"""A policy: compiled from an archive, written as one file, asked about batches of URLs; nothing is lost."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.policy import ANSWER, COLUMNS, Policy, PolicyError, compile_policy, load_policy
from analysis.policy_compile import build
from analysis.profile_model import FRONT_PAGE
from analysis.profiles import Profile, find, shipped
from crawler.frame import FrameError, host_key
from crawler.vocabulary import Outcome, Ruling
from tests.analysis.builders import HTML, Site, archive_of

JAN, FEB, MAR = date(2026, 1, 15), date(2026, 2, 15), date(2026, 3, 15)
SOON = date(2026, 3, 20)
LICENSED = HTML.replace(b"</head>", b'<link rel="license" href="https://creativecommons.org/licenses/by/4.0/"></head>')
PARTIAL = b"User-agent: *\nDisallow: /private\nAllow: /private/ok\n\nUser-agent: CCBot\nDisallow: /\nAllow: /*.html$\n"
EVERY = {
    "plain.example": Site(robots=b""),
    "none.example": Site(robots=Outcome.ABSENT),
    "down.example": Site(robots=Outcome.SERVER_ERROR),
    "partial.example": Site(robots=PARTIAL),
    "closed.example": Site(robots=b"User-agent: *\nDisallow: /\n"),
    "open.example": Site(robots=b"", page=LICENSED),
    "reserved.example": Site(robots=b"", page=LICENSED, headers=(("tdm-reservation", "1"),)),
    "paid.example": Site(robots=b"", page=Outcome.PAID),
    "xn--bcher-kva.example": Site(robots=b"User-agent: *\nDisallow: /%C3%A9t\xc3\xa9/\n"),
    "port.example:8443": Site(robots=b""),
}
# What each site comes to at a path, by profile and by hand.
CASES = [
    ("ccbot", "https://plain.example/x", "allow", "access:admitted"),
    ("ccbot", "https://none.example/x", "allow", "access:admitted"),
    ("ccbot", "https://down.example/", "unknown", "access:unknown"),
    ("ccbot", "https://closed.example/x", "deny", "access:refused"),
    ("ccbot", "https://closed.example/robots.txt", "deny", "access:refused"),
    ("ccbot", "https://partial.example/", "deny", "access:refused"),
    ("ccbot", "https://partial.example/a.html", "allow", "access:admitted"),
    ("ccbot", "https://partial.example/a.html?x=1", "deny", "access:refused"),
    ("ccbot", "https://partial.example/a.html#top", "allow", "access:admitted"),
    ("ccbot", "https://partial.example/robots.txt", "allow", "access:admitted"),
    ("ccbot", "https://xn--bcher-kva.example/été/1", "deny", "access:refused"),
    ("ccbot", "https://Bücher.example./%c3%a9t%C3%A9/1", "deny", "access:refused"),
    ("ccbot", "https://bücher.example/ete", "allow", "access:admitted"),
    ("search-only", "https://partial.example/private/x", "deny", "access:refused"),
    ("search-only", "https://partial.example/private/ok", "allow", "search:silent access:admitted"),
    ("search-only", "https://plain.example", "allow", "search:silent access:admitted"),
    ("search-only", "https://paid.example/", "unknown", "search:unknown"),
    ("eu-tdm-art4", "https://plain.example/?q", "allow", None),
    ("eu-tdm-art4", "https://reserved.example/", "deny", "tdm:reserved-normative"),
    ("training-strict", "https://plain.example/", "allow", None),
    ("training-strict", "https://paid.example/", "deny", None),
    ("training-strict", "https://down.example/", "deny", None),
    ("training-machine-readable", "https://partial.example/private/ok", "deny", None),
    ("open-licence", "https://open.example/", "allow", None),
    # signals-page 5.2: a licence is the document's own, however much it permits.
    ("open-licence", "https://open.example/other", "unknown", "licence:elsewhere"),
    ("open-licence", "https://open.example/?page=2", "unknown", "licence:elsewhere"),
    ("open-licence", "https://open.example/#top", "allow", None),
    ("open-licence", "https://plain.example/", "deny", "licence:none"),
    ("open-licence", "https://reserved.example/", "deny", "tdm:reserved-normative"),
    ("open-licence", "https://paid.example/", "unknown", None),
    # Hosts are told apart as RFC 3986 and UTS #46 do.
    ("search-only", "HTTP://PLAIN.example:80/", "allow", None),
    ("search-only", "https://user:secret@plain.example:443/x", "allow", None),
    ("search-only", "//plain.example/x", "allow", None),
    ("search-only", "plain.example/x", "allow", None),
    ("search-only", " https://plain.example/ ", "allow", None),
    ("ccbot", "https://partial.example/a.html\r\n", "allow", "access:admitted"),
    ("ccbot", "\thttps://closed.example\r", "deny", "access:refused"),
    ("search-only", "https://port.example:8443/", "allow", None),
    ("search-only", "https://port.example/", "unknown", "not-in-archive"),
    ("search-only", "https://www.plain.example/", "unknown", "not-in-archive"),
    ("search-only", "ftp://plain.example/", "unknown", "bad-url"),
    ("search-only", "mailto:a@plain.example", "unknown", "bad-url"),
    ("search-only", "https://", "unknown", "bad-url"),
    ("search-only", "", "unknown", "bad-url"),
    ("search-only", "https://plain.example\\@closed.example/", "unknown", "bad-url"),
    ("search-only", "https://plain.example:99999/", "unknown", "bad-url"),
    ("search-only", "https://plain.example\x00/", "unknown", "bad-url"),
]


@pytest.fixture(scope="module")
def policies() -> dict[str, Policy]:
    with archive_of((MAR, EVERY)) as connection:
        made = {name: build(connection, profile) for name, profile in shipped().items()}
    return {name: Policy(table, label, find(name)) for name, (table, label) in made.items()}


@pytest.mark.parametrize(("name", "url", "decision", "code"), CASES, ids=[f"{case[0]} {case[1]}" for case in CASES])
def test_what_a_url_comes_to(policies: dict[str, Policy], name: str, url: str, decision: str, code: str | None) -> None:
    (row,) = policies[name].evaluate([url], SOON).to_pylist()
    assert (row["decision"], row["url"]) == (decision, url)
    assert row["reason"]
    assert code is None or row["code"] == code


def test_every_decision_leads_back_to_a_line(policies: dict[str, Policy]) -> None:
    (row,) = policies["ccbot"].evaluate(["https://partial.example/a.html"], SOON).to_pylist()
    assert row["evidence"] == [f"{hashlib.sha256(PARTIAL).hexdigest()}:line 7"]
    assert "line 7: Allow: /*.html$" in row["reason"]
    for name, policy in policies.items():
        for found in policy.table.to_pylist():
            if found["decision"] == "deny" and "unknown" not in found["code"] and found["code"] != "licence:none":
                assert found["evidence"], (name, found)


def test_all_answers_come_in_order_however_they_are_asked(policies: dict[str, Policy]) -> None:
    urls = [case[1] for case in CASES]
    policy = policies["search-only"]
    plain = policy.evaluate(urls, SOON)
    assert plain.schema == ANSWER
    assert plain["url"].to_pylist() == urls
    array = pa.array(urls)
    asked: list[pa.Array | pa.ChunkedArray | pa.Table] = [
        array,
        pa.chunked_array([array[:5], array[5:5], array[5:]]),
        array.cast(pa.large_string()),
        array.cast(pa.string_view()),
        array.dictionary_encode(),
        pa.table({"n": range(len(urls)), "url": array}),
    ]
    for form in asked:
        assert policy.evaluate(form, SOON).drop_columns(["url"]) == plain.drop_columns(["url"])
    assert policy.evaluate(pa.table({"link": array}), SOON, column="link") == plain
    assert policy.evaluate([], SOON).num_rows == 0


def test_what_is_no_text_is_unknown_and_ends_nothing(policies: dict[str, Policy]) -> None:
    odd: list[object] = [None, 7, b"https://plain.example/", b"\xff", "https://plain.example/\ud800", "\ud800", 1.5, []]
    found = policies["search-only"].evaluate(odd, SOON).to_pylist()
    assert [row["code"] for row in found] == [
        *("bad-url", "bad-url", "search:silent access:admitted", "bad-url"),
        *("search:silent access:admitted", "bad-url", "bad-url", "bad-url"),
    ]
    raw = pa.array([b"https://plain.example/", b"\xff\xfe", None], pa.binary())
    assert [row["decision"] for row in policies["search-only"].evaluate(raw, SOON).to_pylist()] == [
        *("allow", "unknown", "unknown")
    ]


def test_a_column_or_days_that_do_not_fit_are_said(policies: dict[str, Policy]) -> None:
    policy = policies["ccbot"]
    with pytest.raises(PolicyError, match="no column 'url'; there are link"):
        policy.evaluate(pa.table({"link": ["https://a.example/"]}))
    with pytest.raises(PolicyError, match="2 days for 1 URLs"):
        policy.evaluate(["https://a.example/"], [JAN, FEB])
    with pytest.raises(PolicyError, match="not days"):
        policy.evaluate(["https://a.example/"], pa.array(["yesterday"]))


REASONS = [
    ("search-only", "https://www.plain.example/", "nobody looked at www.plain.example; plain.example was looked at"),
    ("search-only", "https://www.nowhere.example/", "nobody looked at www.nowhere.example"),
    ("eu-tdm-art4", "https://plain.example/a/b", FRONT_PAGE),
    ("eu-tdm-art4", "http://plain.example/", FRONT_PAGE),
    ("search-only", "https://partial.example/private/ok", FRONT_PAGE),
    ("open-licence", "https://open.example/other", "declared by the front page for itself"),
]


@pytest.mark.parametrize(("name", "url", "words"), REASONS)
def test_the_reason_says_how_far_it_was_looked(policies: dict[str, Policy], name: str, url: str, words: str) -> None:
    (row,) = policies[name].evaluate([url], SOON).to_pylist()
    assert words in row["reason"]
    assert ("speaks for itself alone" in row["reason"]) == (url == "https://www.plain.example/")


def test_an_answer_about_access_alone_says_nothing_of_the_front_page(policies: dict[str, Policy]) -> None:
    (row,) = policies["ccbot"].evaluate(["https://plain.example/x"], SOON).to_pylist()
    assert FRONT_PAGE not in row["reason"]


_HOSTS = st.sampled_from([*EVERY, "PLAIN.example", "plain.example.", "bücher.example", "é", "a..b", "1.2", "[::1]"])
_URLS = st.one_of(
    st.text(max_size=40),
    st.builds(
        lambda scheme, host, rest: f"{scheme}{host}{rest}",
        st.sampled_from(["https://", "http://", "HTTPS://", "//", "", "ftp://", "https:/", "https://u@"]),
        _HOSTS,
        st.text(st.sampled_from("/?#:%aA.\\ é\n"), max_size=8),
    ),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_URLS, max_size=20))
def test_nothing_is_lost_and_hosts_are_those_of_frames(policies: dict[str, Policy], urls: list[str]) -> None:
    found = policies["ccbot"].evaluate(urls, SOON).to_pylist()
    assert [row["url"] for row in found] == [url.encode("utf-8", "replace").decode() for url in urls]
    for url, row in zip(urls, found, strict=True):
        assert row["decision"] in set(Ruling)
        assert row["reason"]
        if row["host_key"] is not None:
            assert row["host_key"] == host_key(url)
        elif "\\" not in url:
            with pytest.raises(FrameError):
                host_key(url)


def test_one_url_at_a_time(policies: dict[str, Policy]) -> None:
    found = policies["ccbot"].decide("https://closed.example/x", SOON)
    assert (found.ruling, found.code, len(found.lines)) == (Ruling.DENY, "access:refused", 1)


YEAR = (
    (JAN, {"a.example": Site(robots=b""), "b.example": Site(robots=b"User-agent: CCBot\nDisallow: /\n")}),
    (FEB, {"a.example": Site(robots=b""), "b.example": Site(robots=b"")}),
    (MAR, {"a.example": Site(robots=b"User-agent: *\nDisallow: /\n"), "b.example": Site(robots=b"# other\n")}),
)


def test_spans_hold_from_one_snapshot_to_the_next() -> None:
    with archive_of(*YEAR) as connection:
        table, label = build(connection, find("ccbot"))
    spans = [
        (row["host_key"], row["valid_from"], row["valid_until"], row["last_seen"], row["seen"], row["decision"])
        for row in table.to_pylist()
    ]
    assert spans == [
        ("a.example", JAN, MAR, FEB, [JAN, FEB], "allow"),
        ("a.example", MAR, None, MAR, [MAR], "deny"),
        ("b.example", JAN, FEB, JAN, [JAN], "deny"),
        ("b.example", FEB, None, MAR, [FEB, MAR], "allow"),
    ]
    assert label.snapshots == ("2026-01-15", "2026-02-15", "2026-03-15")
    assert (label.hosts, label.rows) == (2, 4)


# ccbot takes evidence of at most 45 days for an allow; evidence after the day asked for does not count.
DAYS = [
    ("a.example", date(2026, 1, 14), "unknown", "not-yet-seen", None),
    ("a.example", JAN, "allow", "access:admitted", 0),
    ("a.example", date(2026, 2, 14), "allow", "access:admitted", 30),
    ("a.example", FEB, "allow", "access:admitted", 0),
    ("a.example", date(2026, 3, 14), "allow", "access:admitted", 27),
    ("a.example", MAR, "deny", "access:refused", 0),
    ("a.example", date(2027, 3, 15), "deny", "access:refused", 365),
    ("b.example", date(2026, 2, 1), "deny", "access:refused", 17),
    ("b.example", date(2026, 3, 20), "allow", "access:admitted", 5),
    ("b.example", date(2026, 4, 29), "allow", "access:admitted", 45),
    ("b.example", date(2026, 4, 30), "unknown", "stale", 46),
]


def test_as_of_a_day_for_each_url() -> None:
    with archive_of(*YEAR) as connection:
        policy = Policy(*build(connection, find("ccbot")), find("ccbot"))
    urls, days = [f"https://{case[0]}/x" for case in DAYS], [case[1] for case in DAYS]
    found = policy.evaluate([*urls, urls[0]], [*days, None]).to_pylist()
    assert [(row["decision"], row["code"], row["age_days"]) for row in found[:-1]] == [case[2:] for case in DAYS]
    assert found[-1]["code"] == "no-date"
    moments = [datetime(day.year, day.month, day.day, 23, 59, tzinfo=UTC) for day in days]
    for form in (
        pa.array(days),
        pa.chunked_array([pa.array(days[:4]), pa.array(days[4:])]),
        pa.array(moments, pa.timestamp("ms", "UTC")),
        pa.array([day.isoformat() for day in days]),
    ):
        assert policy.evaluate(urls, form).to_pylist() == found[:-1]
    for case, url in zip(DAYS, urls, strict=True):
        assert policy.decide(url, case[1]).code == case[3]


def test_up_to_a_day_and_for_some_sites_only() -> None:
    with archive_of(*YEAR) as connection:
        early, label = build(connection, find("ccbot"), until=FEB)
        one, _ = build(connection, find("ccbot"), sites=["b.example", "nowhere.example"])
    assert early["last_seen"].to_pylist() == [FEB, JAN, FEB]
    assert label.snapshots == ("2026-01-15", "2026-02-15")
    assert set(one["host_key"].to_pylist()) == {"b.example"}


def test_the_file_says_what_it_is_and_is_the_same_bytes_twice(tmp_path: Path) -> None:
    with archive_of((MAR, EVERY)) as connection:
        made = [compile_policy(connection, find("eu-tdm-art4"), tmp_path / f"{n}.parquet") for n in (1, 2)]
    assert made[0].sha256 == made[1].sha256 == hashlib.sha256((tmp_path / "1.parquet").read_bytes()).hexdigest()
    schema = pq.read_schema(tmp_path / "1.parquet")
    assert schema.names == list(COLUMNS)
    about = json.loads(schema.metadata[b"openweb.policy"])
    assert about["profile"] == find("eu-tdm-art4").id
    assert about["snapshots"] == ["2026-03-15"]
    with load_policy(tmp_path / "1.parquet") as policy:
        assert policy.profile == find("eu-tdm-art4")
        assert (policy.label, policy.sha256) == (made[0].label, made[0].sha256)
        assert policy.decide("https://reserved.example/", SOON).ruling is Ruling.DENY
    for row in pq.read_table(tmp_path / "1.parquet").to_pylist():
        assert row["profile"] == about["profile"]
        assert row["rules"]
        assert row["registry"]
        assert row["readers"]
        assert row["last_snapshot"] == "2026-03-15"


def test_a_user_profile_travels_in_the_file(tmp_path: Path) -> None:
    from analysis.profiles import load
    from tests.analysis.test_profile_mistakes import MINE

    (tmp_path / "mine.toml").write_text(MINE, encoding="utf-8")
    mine: Profile = load(tmp_path / "mine.toml")["mine"]
    with archive_of((MAR, EVERY)) as connection:
        compile_policy(connection, mine, tmp_path / "mine.parquet")
    (tmp_path / "mine.toml").unlink()
    with load_policy(tmp_path / "mine.parquet") as policy:
        assert policy.profile == mine
        assert policy.decide("https://reserved.example/any", SOON).ruling is Ruling.DENY
        assert policy.decide("https://plain.example/any", SOON).ruling is Ruling.ALLOW


def test_files_that_are_no_policy(tmp_path: Path) -> None:
    (tmp_path / "text.parquet").write_text("text")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "other.parquet")
    pq.write_table(
        pa.table({"a": [1]}).replace_schema_metadata({b"openweb.policy": b'{"format": 99}'}), tmp_path / "new.parquet"
    )
    for name, message in (
        ("none", "not a policy that can be read"),
        ("text", "not a policy that can be read"),
        ("other", "no policy of openweb"),
        ("new", "format 99"),
    ):
        with pytest.raises(PolicyError, match=message):
            load_policy(tmp_path / f"{name}.parquet")
    with archive_of((MAR, {"a.example": Site()})) as connection, pytest.raises(PolicyError, match="cannot be written"):
        compile_policy(connection, find("ccbot"), tmp_path / "no" / "folder.parquet")
    assert not list(tmp_path.glob(".*"))


def test_an_archive_without_visits_makes_an_empty_policy() -> None:
    with archive_of() as connection:
        policy = Policy(*build(connection, find("training-strict")), find("training-strict"))
    assert policy.decide("https://a.example/", SOON).code == "not-in-archive"
