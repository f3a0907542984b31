"""Bytes that differ without meaning anything else are told from changes of state and of access."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from analysis.changes import changes
from analysis.verdicts import judge
from analysis.waves import Wave, rules_told, waves
from crawler.archive import reading
from crawler.errors import InputError
from crawler.ingest import take_in
from crawler.robots import parse
from crawler.settings import Archive
from crawler.sources.table import Options, Table
from crawler.sources.table_files import Columns
from crawler.vocabulary import Cause, Outcome
from tests.analysis.builders import Site, archive_of

JAN, FEB, MAR = date(2026, 1, 15), date(2026, 2, 15), date(2026, 3, 15)
PANEL = Path(__file__).parents[2] / "../shared/data/robots_panel_2025_2026.parquet"


def test_a_wave_counts_each_kind_of_difference() -> None:
    same = Site(robots=b"User-agent: *\nDisallow: /a/\n")
    before = dict.fromkeys(["same", "comment", "named", "path", "state", "class", "gone"], same)
    after = {
        "same": same,
        "comment": Site(robots=b"# new\nUser-agent: *\nDisallow: /a/\n"),
        # Named with the effect that `*` had: nothing follows from it.
        "named": Site(robots=b"User-agent: *\nUser-agent: GPTBot\nDisallow: /a/\n"),
        # No class moves: of `/` and of the paths it names nobody is told otherwise than before, yet /b/ is closed now.
        "path": Site(robots=b"User-agent: *\nDisallow: /a/\nDisallow: /b/\n"),
        "state": Site(robots=b"User-agent: *\nContent-Signal: ai-train=no\nDisallow: /a/\n"),
        "class": Site(robots=b"User-agent: *\nDisallow: /a/\n\nUser-agent: FacebookExternalHit\nAllow: /\n"),
        "gone": Site(robots=Outcome.UNREACHABLE),
    }
    with archive_of((JAN, before), (FEB, after)) as connection:
        (wave,) = waves(connection)
    counts = {"sites": 7, "readable": 6, "sight": 1, "bodies": 5, "states": 1, "access": 1, "details": 1, "neither": 2}
    assert wave == Wave("2026-02-15", "2026-01-15", **counts)


BASE = "User-agent: *\nDisallow: /a/\nAllow: /a/b\n\nUser-agent: GPTBot\nDisallow: /\n"
MEANINGS = [
    ("comments and blank lines", "# hello\n" + BASE.replace("GPTBot", "GPTBot # theirs"), True),
    ("2.2.1 letter case of tokens and keys", BASE.replace("GPTBot", "gptbot").replace("Disallow", "DISALLOW"), True),
    ("2.2.2 order of rules", BASE.replace("Disallow: /a/\nAllow: /a/b\n", "Allow: /a/b\nDisallow: /a/\n"), True),
    ("2.2.1 order of groups", "User-agent: GPTBot\nDisallow: /\n\nUser-agent: *\nDisallow: /a/\nAllow: /a/b\n", True),
    ("2.2.2 octets escaped or not", BASE.replace("/a/b", "/%61/b"), True),
    ("2.2.4 other records", BASE + "Crawl-delay: 4\n\nSitemap: https://a.example/s.xml\n", True),
    ("a rule written twice", BASE + "Disallow: /\n", True),
    ("2.2.2 an empty Disallow refuses nothing", BASE.replace("Allow: /a/b\n", "Allow: /a/b\nDisallow:\n"), True),
    ("2.2.1 one group in two places", BASE.replace("Allow: /a/b\n", "") + "\nUser-agent: *\nAllow: /a/b\n", True),
    ("a crawler named with the rules of everybody", BASE + "\nUser-agent: X\nDisallow: /a/\nAllow: /a/b\n", True),
    ("another path", BASE.replace("Disallow: /a/", "Disallow: /a/c"), False),
    ("one path less", BASE.replace("Allow: /a/b\n", ""), False),
    ("letter case of a path", BASE.replace("/a/b", "/a/B"), False),
    ("an anchor", BASE.replace("/a/b", "/a/b$"), False),
    ("another crawler, known to nobody", BASE + "\nUser-agent: Nobody-Knows\nDisallow: /\n", False),
    ("a crawler named with no rules is let in", BASE + "\nUser-agent: X\nDisallow:\n", False),
    ("an Allow in place of a Disallow", BASE.replace("Disallow: /a/", "Allow: /a/"), False),
]


@pytest.mark.parametrize(("text", "same"), [case[1:] for case in MEANINGS], ids=[case[0] for case in MEANINGS])
def test_rules_told(text: str, same: bool) -> None:
    """RFC 9309, clause in the id: files that let every crawler fetch the same are told alike, others are not."""
    assert (rules_told(parse(text.encode())) == rules_told(parse(BASE.encode()))) is same


def test_statements_that_decide_nothing_at_the_front_page_are_details() -> None:
    before = Site(robots=b"User-agent: *\nContent-Signal: /blog/ ai-train=no\nAllow: /\n")
    after = Site(robots=b"User-agent: *\nContent-Signal: /news/ ai-train=no\nAllow: /\n")
    with archive_of((JAN, {"a.example": before}), (FEB, {"a.example": after})) as connection:
        (wave,) = waves(connection)
    assert (wave.bodies, wave.states, wave.access, wave.details, wave.neither) == (1, 0, 0, 1, 0)


def test_waves_are_limited_to_the_snapshots_asked_for() -> None:
    site = {"a.example": Site(robots=b"")}
    with archive_of((JAN, site), (FEB, site), (MAR, site)) as connection:
        assert [wave.snapshot_id for wave in waves(connection)] == ["2026-02-15", "2026-03-15"]
        assert [wave.snapshot_id for wave in waves(connection, "2026-02-15")] == ["2026-03-15"]
        assert [wave.snapshot_id for wave in waves(connection, None, "2026-02-20")] == ["2026-02-15"]
        with pytest.raises(InputError, match="not before"):
            waves(connection, "2026-03-15", "2026-01-15")


def test_one_snapshot_has_no_wave() -> None:
    with archive_of((JAN, {"a.example": Site(robots=b"")})) as connection:
        assert waves(connection) == []


@pytest.mark.skipif(not PANEL.exists(), reason="../shared/data is not here: real panel")
def test_the_panel(tmp_path: Path) -> None:
    """In every wave the parts are parts of the files that differ, and some differ without meaning anything."""
    archive = Archive(path=str(tmp_path / "panel.duckdb"), threads=1)
    with Table(PANEL, Columns("site", "observed_on", "body", None, None), Options(name="panel")) as source:
        for portion in source.portions():
            take_in(archive, portion, after=judge, workers=1)
    with reading(archive) as connection:
        found = waves(connection)
        last = [line for line in changes(connection) if line.site == "www.instagram.com"]
    # Read by hand: refuses GPTBot in December 2025, nothing came in January 2026.
    assert ("agent:GPTBot", "refused", "unknown") in {(line.subject, line.before, line.after) for line in last}
    assert {line.cause for line in last} == {Cause.VISIBILITY_CHANGED}
    assert len(found) == 10
    for wave in found:
        alone = wave.details + wave.neither
        assert max(wave.states, wave.access) + alone <= wave.bodies <= wave.readable <= wave.sites
        assert wave.states + wave.access + alone >= wave.bodies
    assert sum(wave.neither for wave in found) > 0
