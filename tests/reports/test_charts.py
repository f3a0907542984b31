"""Charts: named for those who cannot see them, told apart without colour, the same bytes every time."""

from __future__ import annotations

import re

import pytest
from lxml import etree

from crawler.vocabulary import State, Use
from reports import charts
from reports.pages import Report
from reports.words import STATES

SVG = "{http://www.w3.org/2000/svg}"


def drawn(report: Report) -> dict[str, str]:
    return {
        "trend": charts.availability(report.by_use[Use.TRAIN_GENERATIVE], chart="trend", title="T <1>", text="D & d"),
        "standing": charts.standing(report.standing, chart="standing", title="T <1>", text="D & d"),
        "agents": charts.agents(report.agents, chart="agents", title="T <1>", text="D & d"),
        "line": charts.agent_trend(report.agent_trends["GPTBot"], chart="line", title="T <1>", text="D & d", top=0.7),
    }


def test_charts_are_named_scalable_and_self_contained(report: Report) -> None:
    for name, svg in drawn(report).items():
        root = etree.fromstring(svg)
        assert (root.get("role"), root.get("id")) == ("img", name)
        assert root.get("viewBox")
        assert root.get("width") is None, "it scales with the page"
        assert root.findtext(f"{SVG}title") == "T <1>"
        assert root.findtext(f"{SVG}desc") == "D & d"
        named = root.get("aria-labelledby") or ""
        assert [root.find(f".//*[@id='{part}']") is not None for part in named.split()] == [True, True]
        assert not re.search(r"style=|href=|<script|<image|<foreignObject|url\((?!#)", svg)
        used, defined = set(re.findall(r"url\(#([^)]+)\)", svg)), set(re.findall(r'pattern id="([^"]+)"', svg))
        assert used == defined


def test_the_same_numbers_give_the_same_bytes(report: Report) -> None:
    assert drawn(report) == drawn(report)


def test_every_bar_is_as_long_as_its_share(report: Report) -> None:
    """Train-generative on the last of three days: 4, 1, 1, 1, 2, 1 of 10 in a plot 190 high."""
    root = etree.fromstring(drawn(report)["trend"])
    paths = root.findall(f".//{SVG}g[@class='mark-rect role-mark marks']/{SVG}path")
    heights = [re.fullmatch(r"M[\d.]+,[\d.]+h[\d.]+v([\d.]+)h-[\d.]+Z", path.get("d", "")) for path in paths]
    tall = [round(float(found[1])) for found in heights if found]
    assert len(tall) == 18, "three snapshots of six states, those of none included"
    assert tall[-6:] == [76, 19, 19, 19, 38, 19]


def test_states_are_told_apart_without_colour(report: Report) -> None:
    svg = drawn(report)["trend"]
    assert all(f"url(#trend-{state})" in svg for state in (State.CONDITIONAL, State.CONFLICT, State.UNKNOWN))
    for state in STATES:
        swatch = etree.fromstring(charts.swatch(state, f"key-{state}"))
        assert swatch.get("aria-hidden") == "true"


def test_hostile_agent_names_are_text(report: Report) -> None:
    svg = drawn(report)["agents"]
    texts = [node.text for node in etree.fromstring(svg).iter(f"{SVG}text")]
    assert "<b>Bot</b>\\u202e" in texts
    assert "4 of 9" in texts


@pytest.mark.parametrize("days", [0, 1])
def test_few_snapshots_draw_all_the_same(report: Report, days: int) -> None:
    rows = [row for row in report.by_use[Use.TDM] if row.snapshot == "2026-10-15"][: days * 6]
    assert etree.fromstring(charts.availability(rows, chart="x", title="t", text="d")).get("role") == "img"
    rows = list(report.agent_trends["GPTBot"])[:days]
    assert etree.fromstring(charts.agent_trend(rows, chart="x", title="t", text="d", top=1.0)).get("role") == "img"
