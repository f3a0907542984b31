"""The miniature web's files: complete, checked, and answered from as their language says."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from crawler.classify import looks_like_html
from crawler.miniweb.loading import FEWEST, load, parse
from crawler.miniweb.world import Behaviour, Transport, World, WorldError

YEAR = [f"2025-{month:02}" for month in (11, 12)] + [f"2026-{month:02}" for month in range(1, 11)]

WORLD = """
states = [2025-11-15, 2025-12-15]
[kind]
news = "newspapers"
[text]
page = "<title>$title</title>$head<p>$about</p>$paragraphs$main$foot"
lost = "<p>$name: not here</p>"
plain = "User-agent: *\\nDisallow: /search\\n"
[[cdn]]
id = "edge"
name = "Edge"
  [[cdn.diary]]
  from = "2025-12"
  note = "On."
  robots = "User-agent: GPTBot\\nDisallow: /\\n\\n"
"""
SITE = '[[site]]\nhost = "{}.example"\nname = "N"\nkind = "news"\ncountry = "GB"\nabout = "A & B"\ntext = ["3 < 4"]\n'
DIARY = '[[site.diary]]\nfrom = "2025-11"\nnote = "As it was."\n'
OWN = b"User-agent: *\nDisallow: /search\n"
CROWD = "".join(SITE.format(f"crowd-{number}") + DIARY for number in range(FEWEST))


def world_with(site: str = "", *, diary: str = "", world: str = WORLD) -> World:
    """A small world with one site of interest, `it.example`."""
    text = site or SITE.format("it") + DIARY + diary
    return parse(world, {"sites/crowd.toml": CROWD, "sites/it.toml": text})


def test_the_shipped_world_is_a_year_of_at_least_forty_listed_sites() -> None:
    world = load()
    assert list(world.months) == YEAR
    assert len(world.listed) >= 40
    assert len(world.by_host) == len(world.sites)
    assert all(site.host.endswith(".example") for site in world.sites)


def test_the_shipped_world_has_the_kinds_it_names_and_no_others() -> None:
    world = load()
    assert {site.kind for site in world.listed} == set(world.kinds)


def test_the_shipped_world_has_what_the_events_tell_of() -> None:
    """Every named thing of the miniature web's brief happens to a site that exists, in a month of the year."""
    world = load()
    for event in world.events:
        assert event.on in world.states
        assert all(host in world.by_host for host in event.sites)
    ids = {event.id for event in world.events}
    assert ids >= {
        *("first-block", "reversal", "managed-by-default", "service-unavailable", "html-robots", "soft-404"),
        *("moved-house", "self-contradiction", "open-licence-reserved-mining", "broken-tdm-file"),
    }
    assert Counter(event.id for event in world.events).most_common(1)[0][1] == 1
    managed = next(event for event in world.events if event.id == "managed-by-default")
    assert len(managed.sites) == 10
    assert all(world.by_host[host].cdn for host in managed.sites)


@pytest.mark.parametrize("month", YEAR)
def test_every_site_answers_in_every_month(month: str) -> None:
    world = load()
    for site in world.sites:
        for path in ("/", "/robots.txt", "/.well-known/tdmrep.json", "/trust.txt", "/nobody-wrote-this"):
            answer = world.answer(site.host, path, month)
            assert 200 <= answer.status < 600
            assert answer.body or answer.status in (301, 302) or answer.behaviour is not Behaviour.ANSWER
            # What is sent must be what HTTP can carry: no line breaks and nothing but printable ASCII in a field.
            assert all(re.fullmatch(r"[!-~]+: [ -~]*", f"{name}: {value}") for name, value in answer.headers)


def test_answers_are_pure() -> None:
    first, second = load(), load.__wrapped__()
    for month in YEAR:
        for site in first.sites:
            for path in ("/", "/robots.txt"):
                assert first.answer(site.host, path, month) == second.answer(site.host, path, month)


def test_a_page_is_dressed_and_escaped() -> None:
    answer = world_with().answer("it.example", "/", "2025-11")
    assert answer.body == b"<title>N</title><p>A &amp; B</p><p>3 &lt; 4</p>"
    assert answer.headers == (("Content-Type", "text/html; charset=utf-8"),)


def test_a_path_nobody_wrote_is_404() -> None:
    answer = world_with().answer("it.example", "/x", "2025-11")
    assert (answer.status, answer.body) == (404, b"<p>N: not here</p>")


@pytest.mark.parametrize(
    ("diary", "path", "status", "headers", "body"),
    [
        pytest.param('"/a.txt" = "@plain"', "/a.txt", 200, {"Content-Type": "text/plain; charset=utf-8"}, None, id="@"),
        pytest.param('"/a.json" = "[]"', "/a.json", 200, {"Content-Type": "application/json"}, b"[]", id="json"),
        pytest.param('"/a.txt" = ["x", "@plain"]', "/a.txt", 200, {}, b"x" + OWN, id="list"),
        pytest.param('"/a.txt" = "x"', "/a.txt?y=1", 200, {}, b"x", id="a query is no other path"),
        pytest.param('"/" = { status = 402, body = "pay" }', "/", 402, {}, b"pay", id="status"),
        pytest.param('"/" = { to = "/b" }', "/", 302, {"Location": "/b"}, b"", id="to is 302"),
        pytest.param(
            '"/q/r" = { status = 301, to = "http://b.example/*" }',
            "/q/r?s=1",
            301,
            {"Location": "http://b.example/q/r?s=1"},
            b"",
            id="a final * stands for the path that was asked",
        ),
        pytest.param('all = { page = true }', "/robots.txt", 200, {"Content-Type": "text/html; charset=utf-8"}, None,
                     id="all, page"),
        pytest.param('"/" = { head = "<b>" }', "/", 200, {}, b"<title>N</title><b>\n<p>A &amp; B</p><p>3 &lt; 4</p>",
                     id="head"),
        pytest.param('"/a.txt" = { body = "é\\n", encoding = "utf-8-sig", newlines = "crlf" }', "/a.txt", 200, {},
                     b"\xef\xbb\xbf\xc3\xa9\r\n", id="mark and crlf"),
        pytest.param('"/a.txt" = { body = "ab", encoding = "utf-16" }', "/a.txt", 200, {}, b"\xff\xfea\x00b\x00",
                     id="utf-16"),
        pytest.param('"/a.txt" = { body = "x", headers = ["A: 1", "A: 2"] }', "/a.txt", 200, {"A": "2"}, b"x",
                     id="headers"),
    ],
)  # fmt: skip
def test_an_answer_as_a_diary_writes_it(
    diary: str, path: str, status: int, headers: dict[str, str], body: bytes | None
) -> None:
    answer = world_with(diary=diary).answer("it.example", path, "2025-11")
    assert answer.status == status
    assert headers.items() <= dict(answer.headers).items()
    if body is not None:
        assert answer.body == body


def test_repeated_headers_stay_apart() -> None:
    world = world_with(diary='"/" = { headers = ["X-Robots-Tag: a", "X-Robots-Tag: b"] }')
    assert world.answer("it.example", "/", "2025-11").headers[:2] == (("X-Robots-Tag", "a"), ("X-Robots-Tag", "b"))


def test_padding_is_comments_and_at_least_as_long() -> None:
    answer = world_with(diary='"/robots.txt" = { body = "@plain", pad_to = 9000 }').answer(
        "it.example", "/robots.txt", "2025-11"
    )
    assert 9000 <= len(answer.body) < 9200
    lines = answer.body.decode().splitlines()
    assert lines[:2] == ["User-agent: *", "Disallow: /search"]
    assert all(line.startswith("# ") for line in lines[2:])


@pytest.mark.parametrize(("month", "body"), [("2025-11", b"old"), ("2025-12", b"new")])
def test_a_later_entry_replaces_an_earlier_one_path_by_path(month: str, body: bytes | None) -> None:
    site = (
        SITE.format("it") + DIARY + '"/a.txt" = "old"\n"/b.txt" = "kept"\n'
        '[[site.diary]]\nfrom = "2025-12"\nnote = "Changed."\n"/a.txt" = "new"\n'
    )
    world = world_with(site)
    assert world.answer("it.example", "/a.txt", month).body == body
    assert world.answer("it.example", "/b.txt", month).body == b"kept"


CDN = SITE.format("it") + 'cdn = "edge"\n' + DIARY
BLOCK = b"User-agent: GPTBot\nDisallow: /\n\n"


@pytest.mark.parametrize(
    ("site", "month", "status", "body"),
    [
        pytest.param(CDN + '"/robots.txt" = "@plain"', "2025-11", 200, OWN, id="before the network wrote one"),
        pytest.param(CDN + '"/robots.txt" = "@plain"', "2025-12", 200, BLOCK + OWN, id="in front of the site's own"),
        pytest.param(CDN, "2025-12", 200, BLOCK, id="alone where there is none"),
        pytest.param(CDN + 'managed = false\n"/robots.txt" = "@plain"', "2025-12", 200, OWN, id="switched off"),
        pytest.param(CDN + 'all = { status = 503, body = "x" }', "2025-12", 503, b"x", id="not before a failure"),
    ],
)
def test_a_managed_robots_txt(site: str, month: str, status: int, body: bytes | None) -> None:
    answer = world_with(site).answer("it.example", "/robots.txt", month)
    assert (answer.status, answer.body) == (status, body)


def test_behaviours_and_certificates() -> None:
    world = world_with(
        SITE.format("it") + 'transport = "https"\n' + DIARY + 'certificate = "untrusted"\nall = { behaviour = "hang" }'
    )
    assert world.by_host["it.example"].transport is Transport.HTTPS
    assert world.face("it.example", "2025-12").untrusted
    assert world.answer("it.example", "/", "2025-12").behaviour is Behaviour.HANG


@pytest.mark.parametrize(
    ("diary", "message"),
    [
        ('"/" = { statu = 200 }', "statu: no such key; the nearest known key is 'status'"),
        ('untill = "2025-12"', "untill: no such key; the nearest known key is 'until'"),
        ('until = "2026-01"', "until = '2026-01': expected a month from 2025-11 to 2025-12"),
        ('"/" = "@plane"', "expected a text, or @ and the name of one: page, lost, plain"),
        ('"/" = 5', "expected a text, a list of texts or a table"),
        ('"/" = { page = true, body = "x" }', "expected one of body, to, behaviour, or page = true"),
        ('"/x" = { headers = ["A: b"] }', "expected one of body, to, behaviour, or page = true"),
        ('"/x" = { body = "x", head = "y" }', "are added to a page; this is none"),
        ('"/" = { headers = ["A b"] }', 'expected lines "Name: value"'),
        ('"/" = { body = "x", encoding = "latin" }', "expected one of utf-8, utf-8-sig, utf-16"),
        ('"/" = { body = "x", newlines = "lf" }', 'expected "crlf"'),
        ('"/" = { body = "x", pad_to = -1 }', "expected a whole number"),
        ('"/" = { behaviour = "explode" }', "expected one of answer, reset, hang"),
        ('managed = "no"', "expected true or false"),
        ('certificate = "bad"', 'expected "untrusted"'),
    ],
)
def test_a_wrong_diary_is_refused_with_its_place(diary: str, message: str) -> None:
    with pytest.raises(WorldError, match=r"sites/it\.toml: site 1 \(it\.example\): diary 1") as caught:
        world_with(diary=diary)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("site", "message"),
    [
        (SITE.format("it"), "the diary begins with an entry from 2025-11 that has no end"),
        (SITE.format("it") + DIARY.replace("2025-11", "2025-12"), "the diary begins with an entry from 2025-11"),
        (SITE.format("crowd-1") + DIARY, "already taken"),
        ((SITE + DIARY).replace("{}.example", "it.test"), "a lower-case name under .example (RFC 2606)"),
        ((SITE.format("it") + DIARY).replace('"news"', '"zoo"'), "kind = 'zoo': expected one of [kind]: news"),
        (SITE.format("it") + 'cdn = "edg"\n' + DIARY, "cdn = 'edg': expected one of [[cdn]]: edge"),
        (SITE.format("it") + 'transport = "gopher"\n' + DIARY, "expected one of http, https"),
        (SITE.format("it") + 'hots = "x"\n' + DIARY, "hots: no such key; the nearest known key is 'host'"),
        ('[[site]]\nname = "N"', "host = None: expected a text"),
        ("site = 5", "expected [[site]] tables"),
        ("[[site]", "not valid TOML"),
    ],
)
def test_a_wrong_site_is_refused_with_its_place(site: str, message: str) -> None:
    with pytest.raises(WorldError, match=r"^sites/it\.toml") as caught:
        world_with(site)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("states = [2025-11-15, 2025-12-15]", "states = []", "expected a list of days"),
        ("2025-12-15]", "2025-11-20]", "expected one day a month, in order"),
        ("[text]\npage", "[text]\npaga", "text.page is missing"),
        ('name = "Edge"', 'nmae = "Edge"', "nmae: no such key; the nearest known key is 'name'"),
        ('from = "2025-12"', 'from = "2027-12"', "expected a month from 2025-11 to 2025-12"),
        ("[kind]", "[kinds]", "kinds: no such key; the nearest known key is 'kind'"),
        ("[[cdn]]", '[[event]]\nid = "e"\non = 2025-11-16\nsites = []\nsentence = "s"\n[[cdn]]', "one of the states"),
        ("[[cdn]]", '[[event]]\nid = "e"\non = 2025-11-15\nsites = ["z"]\nsentence = "s"\n[[cdn]]', "that exist"),
    ],
)
def test_a_wrong_world_is_refused_with_its_place(old: str, new: str, message: str) -> None:
    with pytest.raises(WorldError, match=r"^world\.toml") as caught:
        world_with(world=WORLD.replace(old, new))
    assert message in str(caught.value)


def test_fewer_than_forty_listed_sites_are_no_miniature_web() -> None:
    with pytest.raises(WorldError, match="39 listed sites"):
        parse(WORLD, {"sites/crowd.toml": CROWD.replace('country = "GB"', 'country = "GB"\nlisted = false', 1)})


@pytest.mark.parametrize(("host", "month"), [("nobody.example", "2025-11"), ("harbour-news.example", "2027-01")])
def test_a_host_or_month_there_is_not(host: str, month: str) -> None:
    with pytest.raises(WorldError, match="no such"):
        load().answer(host, "/", month)


@pytest.mark.parametrize(
    ("host", "month", "html"),
    [
        ("harbour-town-council.example", "2026-04", False),
        ("harbour-town-council.example", "2026-05", True),
        ("lamp-and-ladder.example", "2025-11", True),
        ("ink-and-feather.example", "2026-08", False),
    ],
)
def test_a_page_in_place_of_robots_txt_looks_like_one_and_decorated_rules_do_not(
    host: str, month: str, html: bool
) -> None:
    answer = load().answer(host, "/robots.txt", month)
    assert looks_like_html(answer.body, dict(answer.headers)["Content-Type"], robots=True) is html
