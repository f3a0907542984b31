"""Changes between two snapshots: what changed, whose doing it was, and who else changed so at once."""

from __future__ import annotations

from datetime import date

import pytest

from analysis.changes import MANY, between, changes, moved
from analysis.figures import ChangeLine
from crawler.errors import InputError
from crawler.vocabulary import Cause, Outcome, Use
from tests.analysis.builders import HTML, Site, archive_of
from tests.analysis.combinations import MANAGED

JAN, FEB, MAR = date(2026, 1, 15), date(2026, 2, 15), date(2026, 3, 15)
EMPTY = Site(robots=b"")
BLOCKS = b"User-agent: GPTBot\nDisallow: /\n"
NOAI = HTML.replace(b"</head>", b'<meta name="robots" content="noai"></head>')
RESERVES = Site(robots=b"User-agent: *\nContent-Signal: ai-train=no\n")


def found(lines: list[ChangeLine]) -> dict[str, tuple[str, str, str]]:
    """Subject to before, after and cause, of one site."""
    return {line.subject: (line.before, line.after, line.cause.value) for line in lines}


CASES = [
    (
        "a site reserves",
        EMPTY,
        RESERVES,
        {
            "train-generative": ("silent", "reserved", "site changed"),
            "train-other": ("silent", "reserved", "site changed"),
        },
    ),
    (
        "a site refuses one agent",
        EMPTY,
        Site(robots=b"User-agent: CCBot\nDisallow: /\n"),
        {
            "train-generative": ("silent", "conditional", "site changed"),
            "train-other": ("silent", "conditional", "site changed"),
            "agent:CCBot": ("not refused", "refused", "site changed"),
        },
    ),
    (
        "a reversal",
        Site(robots=b"User-agent: CCBot\nDisallow: /\n"),
        EMPTY,
        {
            "train-generative": ("conditional", "silent", "site changed"),
            "train-other": ("conditional", "silent", "site changed"),
            "agent:CCBot": ("refused", "not refused", "site changed"),
        },
    ),
    ("another file that says the same", EMPTY, Site(robots=b"User-agent: *\nDisallow: /private/\n"), {}),
    ("another page that says the same", EMPTY, Site(robots=b"", page=HTML.replace(b"Words", b"Other words")), {}),
    (
        "a page that cannot be seen any more",
        Site(robots=b"", leave_out=()),
        Site(robots=b"", page=Outcome.UNREACHABLE),
        dict.fromkeys(map(str, Use), ("silent", "unknown", "visibility changed")),
    ),
    (
        "a file that cannot be understood is the site's doing",
        EMPTY,
        Site(robots=b"", files={"tdmrep.json": b"{"}),
        {"tdm": ("silent", "unknown", "site changed")},
    ),
    (
        "a reservation stays, the page that contradicted it is out of sight",
        Site(robots=b"User-agent: *\nContent-Signal: ai-train=no\n", headers=(("Content-Usage", "train-ai=y"),)),
        Site(robots=b"User-agent: *\nContent-Signal: ai-train=no\n", page=Outcome.UNREACHABLE),
        {"train-generative": ("conflict", "reserved", "visibility changed")}
        | dict.fromkeys(
            (str(use) for use in Use if use not in (Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER)),
            ("silent", "unknown", "visibility changed"),
        ),
    ),
    (
        "a reservation on the page is out of sight, a refusal in robots.txt is left",
        Site(robots=BLOCKS, page=NOAI),
        Site(robots=BLOCKS, page=Outcome.PAID),
        dict.fromkeys(("train-generative", "train-other"), ("reserved", "conditional", "visibility changed"))
        | dict.fromkeys(
            (str(use) for use in Use if use not in (Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER)),
            ("silent", "unknown", "visibility changed"),
        ),
    ),
    (
        "a reservation on the page is withdrawn, a refusal in robots.txt is left",
        Site(robots=BLOCKS, page=NOAI),
        Site(robots=BLOCKS),
        dict.fromkeys(("train-generative", "train-other"), ("reserved", "conditional", "site changed")),
    ),
    (
        "robots.txt fails, what stands elsewhere stays",
        Site(robots=b"", headers=(("tdm-reservation", "1"),)),
        Site(robots=Outcome.SERVER_ERROR, headers=(("tdm-reservation", "1"),)),
        dict.fromkeys((str(use) for use in Use if use is not Use.TDM), ("silent", "unknown", "visibility changed"))
        | {"agent:CCBot": ("not refused", "unknown", "visibility changed")},
    ),
]


@pytest.mark.parametrize(("before", "after", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_one_site(before: Site, after: Site, expected: dict[str, tuple[str, str, str]]) -> None:
    with archive_of((JAN, {"a.example": before}), (FEB, {"a.example": after})) as connection:
        assert found(changes(connection, agents=["ccbot"])) == expected


def test_the_deciding_line_is_shown_with_its_place_and_time() -> None:
    with archive_of((JAN, {"a.example": EMPTY}), (FEB, {"a.example": RESERVES})) as connection:
        line = changes(connection)[0]
    assert [(item.locator, item.raw, item.url, item.seen_at.date()) for item in line.lines] == [
        ("line 2", "Content-Signal: ai-train=no", "https://a.example/robots.txt", FEB)
    ]
    assert (line.from_snapshot, line.to_snapshot, line.rule) == ("2026-01-15", "2026-02-15", "reserved")


def test_what_went_is_shown_where_nothing_took_its_place() -> None:
    with archive_of((JAN, {"a.example": RESERVES}), (FEB, {"a.example": EMPTY})) as connection:
        line = changes(connection)[0]
    assert [(item.raw, item.seen_at.date()) for item in line.lines] == [("Content-Signal: ai-train=no", JAN)]


def test_one_template_on_many_sites_is_one_event() -> None:
    before = {f"s{n}.example": Site(robots=f"User-agent: *\nDisallow: /{n}/\n".encode()) for n in range(10)}
    after = {name: Site(robots=MANAGED + f"User-agent: *\nDisallow: /{n}/\n".encode()) for n, name in enumerate(before)}
    with archive_of((JAN, {**before, "z.example": EMPTY}), (FEB, {**after, "z.example": RESERVES})) as connection:
        lines = changes(connection, agents=["CCBot"])
    managed = [line for line in lines if line.provenance == "cdn_managed"]
    assert {(line.subject, line.together) for line in managed} == {
        ("train-generative", 10),
        ("train-other", 10),
        ("search", 10),
        ("agent:CCBot", 10),
    }
    assert all(line.event for line in managed)
    alone = [line for line in lines if line.site == "z.example"]
    assert {(line.provenance, line.event, line.together) for line in alone} == {("origin", None, 1)}


def test_the_same_short_rule_by_many_hands_is_no_event() -> None:
    names = [f"s{n}.example" for n in range(MANY + 2)]
    blocks = Site(robots=b"User-agent: CCBot\nDisallow: /\n")
    with archive_of((JAN, dict.fromkeys(names, EMPTY)), (FEB, dict.fromkeys(names, blocks))) as connection:
        lines = changes(connection, agents=["CCBot"])
    assert {line.event for line in lines} == {None}
    assert {line.together for line in lines} == {MANY + 2}


def test_sites_that_enter_or_leave_are_no_changes() -> None:
    before = {"a.example": EMPTY, "b.example": RESERVES}
    after = {"a.example": EMPTY, "c.example": RESERVES}
    with archive_of((JAN, before), (FEB, after)) as connection:
        assert changes(connection) == []
        assert moved(connection) == type(moved(connection))(gained=("c.example",), lost=("b.example",))


def test_other_rules_alone_are_our_change() -> None:
    """The earlier picture keeps a verdict of other rules, and both look the same to today's."""
    other = Site(robots=b"", page=HTML.replace(b"Words", b"Other words"))
    with archive_of((JAN, {"a.example": EMPTY}), (FEB, {"a.example": other})) as connection:
        was = connection.execute("SELECT evidence_id FROM visit WHERE snapshot_id = '2026-01-15'").fetchall()[0][0]
        connection.execute("UPDATE verdict SET rules = '0', state = 'unknown' WHERE evidence_id = ?", [was])
        lines = changes(connection)
    assert {line.cause for line in lines} == {Cause.WE_CHANGED}


def test_snapshots_by_id_or_day() -> None:
    with archive_of(
        (JAN, {"a.example": EMPTY}), (FEB, {"a.example": EMPTY}), (MAR, {"a.example": EMPTY})
    ) as connection:
        assert between(connection) == ("2026-02-15", "2026-03-15")
        assert between(connection, "2026-01-15") == ("2026-01-15", "2026-03-15")
        assert between(connection, None, "2026-02-28") == ("2026-01-15", "2026-02-15")
        assert between(connection, "2026-01-31", "2026-03-15") == ("2026-01-15", "2026-03-15")
        for wrong in (("2026-03-15", "2026-01-15"), ("2025-01-01", None), ("nonsense", None)):
            with pytest.raises(InputError):
                between(connection, *wrong)


def test_one_snapshot_has_nothing_to_compare() -> None:
    with archive_of((JAN, {"a.example": EMPTY})) as connection:
        assert between(connection) is None
        assert changes(connection) == []
