"""Bytes that differ without meaning anything else are told from changes of state and of access."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from analysis.verdicts import judge
from analysis.waves import Wave, waves
from crawler.archive import reading
from crawler.ingest import take_in
from crawler.settings import Archive
from crawler.sources.table import Options, Table
from crawler.sources.table_files import Columns
from crawler.vocabulary import Outcome
from tests.analysis.builders import Site, archive_of

JAN, FEB = date(2026, 1, 15), date(2026, 2, 15)
PANEL = Path(__file__).parents[2] / "../shared/data/robots_panel_2025_2026.parquet"


def test_a_wave_counts_each_kind_of_difference() -> None:
    same = Site(robots=b"User-agent: *\nDisallow: /a/\n")
    before = dict.fromkeys(["same", "comment", "named", "state", "class", "gone"], same)
    after = {
        "same": same,
        "comment": Site(robots=b"# new\nUser-agent: *\nDisallow: /a/\n"),
        # Named with the effect that `*` had: nothing follows from it.
        "named": Site(robots=b"User-agent: *\nUser-agent: GPTBot\nDisallow: /a/\n"),
        "state": Site(robots=b"User-agent: *\nContent-Signal: ai-train=no\nDisallow: /a/\n"),
        "class": Site(robots=b"User-agent: *\nDisallow: /a/\n\nUser-agent: FacebookExternalHit\nAllow: /\n"),
        "gone": Site(robots=Outcome.UNREACHABLE),
    }
    with archive_of((JAN, before), (FEB, after)) as connection:
        (wave,) = waves(connection)
    assert wave == Wave("2026-02-15", "2026-01-15", sites=6, readable=5, bodies=4, states=1, access=1, neither=2)


@pytest.mark.skipif(not PANEL.exists(), reason="../shared/data is not here: real panel")
def test_the_panel(tmp_path: Path) -> None:
    """In every wave the parts are parts of the files that differ, and some differ without meaning anything."""
    archive = Archive(path=str(tmp_path / "panel.duckdb"), threads=1)
    with Table(PANEL, Columns("site", "observed_on", "body", None, None), Options(name="panel")) as source:
        for portion in source.portions():
            take_in(archive, portion, after=judge, workers=1)
    with reading(archive) as connection:
        found = waves(connection)
    assert len(found) == 10
    for wave in found:
        assert max(wave.states, wave.access) + wave.neither <= wave.bodies <= wave.readable <= wave.sites
        assert wave.states + wave.access + wave.neither >= wave.bodies
    assert sum(wave.neither for wave in found) > 0
