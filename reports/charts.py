"""Charts: Vega-Lite through Altair, drawn to SVG without a browser, the same bytes every time.

Layout is fixed (no measured text), so that the fonts of a machine do not move anything. Colour is never alone: states
keep one order and three of them carry a pattern, series are panels of their own, and every chart has a table beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import altair as alt
import vl_convert as vlc
from markupsafe import Markup, escape

from analysis.figures import AgentLine, Figure
from crawler.vocabulary import State, Use
from reports import render
from reports.words import STATES, USES

FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif"
INK, RULE, ACCENT, ACCENT_PALE, GROUND = "#4a4f55", "#dedad1", "#8c3a2b", "#d9a999", "#fffefa"
# The page's style sheet swaps these by attribute for dark mode; the SVG stands on its own without it.
FILLS = {
    State.RESERVED: "#8c3a2b",
    State.CONDITIONAL: "url(#{id}-conditional)",
    State.CONFLICT: "url(#{id}-conflict)",
    State.PERMITTED: "#2f7f79",
    State.SILENT: "#c6cdd3",
    State.UNKNOWN: "url(#{id}-unknown)",
}
PATTERNS = (
    '<pattern id="{id}-conditional" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="6" height="6" fill="#dba54f"/><path d="M0 0V6" stroke="#8a5a12" stroke-width="2.4"/></pattern>'
    '<pattern id="{id}-conflict" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect width="6" height="6" fill="#6a4c8c"/><circle cx="3" cy="3" r="1.4" fill="#efe6f7"/></pattern>'
    '<pattern id="{id}-unknown" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">'
    '<rect width="6" height="6" fill="#fffefa"/><path d="M0 0V6" stroke="#8b9096" stroke-width="1.6"/></pattern>'
)
_ATTRIBUTE = re.compile(r'="[^"<>]*"')
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}(?:e-?\d+)?")
_ROOT = re.compile(r'^<svg [^>]*?viewBox="([^"]*)"[^>]*>')
_BACKDROP = re.compile(r'^<rect width="[^"]*" height="[^"]*" fill="white"/>')


def availability(figures: Sequence[Figure], *, chart: str, title: str, text: str) -> Markup:
    """States of one use over the snapshots, stacked to the whole of the denominator; `chart` is the id in the page."""
    width, height = 420, 190
    rows = [_state_row(figure) | {"date": figure.date.isoformat()} for figure in figures if figure.rate is not None]
    bar = _bar(sorted({row["date"] for row in rows}), width)
    bars = (
        _chart(rows)
        .mark_bar(size=bar, stroke=GROUND, strokeWidth=0.6 if bar > 8 else 0)
        .encode(
            x=_time(rows),
            y=alt.Y("rate:Q", stack="zero", scale=alt.Scale(domain=[0, 1]), axis=_share_axis()),
            fill=_state_fill(chart),
            order=alt.Order("rank:Q"),
        )
    )
    return _draw(bars, chart, title, text, width, height, left=44, bottom=28)


def standing(figures: Sequence[Figure], *, chart: str, title: str, text: str) -> Markup:
    """States of every use on one snapshot, one bar a use, stacked to the whole of the denominator."""
    uses = [use.value for use in Use if any(figure.what.get("use") == use for figure in figures)]
    rows = [
        _state_row(figure) | {"use": USES[Use(figure.what["use"])].title}
        for figure in figures
        if figure.rate is not None
    ]
    bars = (
        _chart(rows)
        .mark_bar(size=17, stroke=GROUND, strokeWidth=0.8)
        .encode(
            x=alt.X(
                "rate:Q", stack="zero", scale=alt.Scale(domain=[0, 1]), axis=_share_axis(values=[0, 0.25, 0.5, 0.75, 1])
            ),
            y=_names("use", [USES[Use(use)].title for use in uses]),
            fill=_state_fill(chart),
            order=alt.Order("rank:Q"),
        )
    )
    return _draw(bars, chart, title, text, 248, 26 * max(1, len(uses)), left=164, bottom=28, right=22)


def agents(lines: Sequence[AgentLine], *, chart: str, title: str, text: str) -> Markup:
    """Sites that refuse each agent at the root: the whole bar, and within it those that refuse it by name."""
    rows = [
        {
            "agent": render.clean(line.agent),
            "refused": line.refused,
            "named": line.refused_by_name,
            "label": f"{line.refused:,} of {line.N:,}",
        }
        for line in lines
    ]
    base = _chart(rows).encode(y=_names("agent", [str(row["agent"]) for row in rows]))
    whole = alt.X(
        "refused:Q",
        scale=alt.Scale(domain=[0, max([line.N for line in lines], default=1)]),
        axis=alt.Axis(tickCount=5, format=",d", title=None),
    )
    layers = alt.layer(
        base.mark_bar(size=15, fill=ACCENT_PALE).encode(x=whole),
        base.mark_bar(size=15, fill=ACCENT).encode(x=alt.X("named:Q")),
        base.mark_text(align="left", dx=6, fill=INK).encode(x=whole, text="label:N"),
    )
    return _draw(layers, chart, title, text, 200, 22 * max(1, len(rows)), left=164, bottom=28, right=74)


def agent_trend(figures: Sequence[Figure], *, chart: str, title: str, text: str, top: float) -> Markup:
    """One agent's refusals over the snapshots with the 95 % interval; `top` is the upper end of the share axis."""
    width, height = 250, 130
    rows = [
        {"date": figure.date.isoformat(), "rate": figure.rate, "low": figure.low, "high": figure.high}
        for figure in figures
        if figure.rate is not None
    ]
    base = _chart(rows).encode(x=_time(rows, most=4))
    scale = alt.Scale(domain=[0, top], nice=True)
    layers = alt.layer(
        base.mark_area(fill=ACCENT_PALE, opacity=0.55).encode(y=alt.Y("low:Q", scale=scale), y2="high:Q"),
        base.mark_line(stroke=ACCENT, strokeWidth=2).encode(y=alt.Y("rate:Q", scale=scale, axis=_share_axis(ticks=4))),
        base.mark_point(fill=ACCENT, stroke=GROUND, strokeWidth=0.8, size=26, opacity=1, filled=False).encode(
            y=alt.Y("rate:Q", scale=scale)
        ),
    )
    return _draw(layers, chart, title, text, width, height, left=44, bottom=28)


def swatch(state: State, chart: str) -> Markup:
    """A small square filled as the state is in the charts, for the legend; its id must be its own in the page."""
    return Markup(
        '<svg class="chart swatch" viewBox="0 0 14 14" width="14" height="14" aria-hidden="true" focusable="false">'
        "<defs>{}</defs>"
        '<rect x="0.5" y="0.5" width="13" height="13" fill="{}" stroke="#4a4f55" stroke-width="1"/></svg>'
    ).format(_patterns(chart, only=state), FILLS[state].replace("{id}", chart))


def _chart(rows: list[dict[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.Data(values=rows))  # type: ignore[no-untyped-call]


def _state_row(figure: Figure) -> dict[str, Any]:
    state = State(figure.what["state"])
    return {"state": state.value, "rate": figure.rate, "rank": list(STATES).index(state)}


def _state_fill(chart: str) -> alt.Fill:
    return alt.Fill(
        "state:N",
        legend=None,
        scale=alt.Scale(
            domain=[state.value for state in STATES], range=[FILLS[state].replace("{id}", chart) for state in STATES]
        ),
    )


def _names(field: str, names: list[str]) -> alt.Y:
    return alt.Y(
        f"{field}:N",
        sort=names,
        axis=alt.Axis(title=None, ticks=False, domain=False, labelPadding=8, labelLimit=156, labelOverlap=False),
    )


def _share_axis(ticks: int = 5, values: list[float] | None = None) -> alt.Axis:
    at: dict[str, Any] = {"values": values} if values else {"tickCount": ticks}
    return alt.Axis(format=".0%", title=None, domain=False, ticks=False, labelPadding=6, labelFlush=False, **at)


def _time(rows: Sequence[dict[str, Any]], most: int = 6) -> alt.X:
    dates = sorted({str(row["date"]) for row in rows})
    # A tick a snapshot where they fit, else at most `most` spread over them: labels are days that have a bar.
    step = -(-len(dates) // most) or 1
    long = len({day[:7] for day in dates}) == len(dates) or dates[0][:4] != dates[-1][:4]
    return alt.X(
        "date:T",
        scale=alt.Scale(type="utc", padding=20),
        axis=alt.Axis(
            values=dates[::-1][::step][::-1],
            format="%b %Y" if long else "%-d %b",
            title=None,
            grid=False,
            labelOverlap="parity",
            labelFlush=False,
        ),
    )


def _bar(dates: Sequence[str], width: int) -> float:
    """The width of a bar in pixels: what the closest two snapshots leave, from 1 to 36."""
    days = [date.fromisoformat(one).toordinal() for one in dates]
    if len(days) < 2:
        return 36
    closest = min(later - earlier for earlier, later in pairwise(days))
    return max(1.0, min(36.0, round(0.85 * (width - 40) * closest / (days[-1] - days[0]), 1)))


def _draw(
    chart: alt.Chart | alt.LayerChart | alt.FacetChart,
    name: str,
    title: str,
    text: str,
    width: int,
    height: int,
    *,
    left: int,
    bottom: int,
    right: int = 16,
) -> Markup:
    whole = chart.properties(
        width=width,
        height=height,
        padding={"left": left, "right": right, "top": 8, "bottom": bottom},
        autosize=alt.AutoSizeParams(type="none"),
    ).configure(
        font=FONT,
        aria=False,
        background="white",
        axis=alt.AxisConfig(
            labelColor=INK, labelFontSize=12, gridColor=RULE, tickColor=RULE, domainColor=RULE, labelFontWeight="normal"
        ),
        view=alt.ViewConfig(stroke=None),
        text=alt.MarkConfig(fontSize=12),
    )
    svg = vlc.vegalite_to_svg(json.dumps(whole.to_dict()), vl_version=_vega_lite())
    return _finish(svg, name, title, text)


def _vega_lite() -> str:
    """The Vega-Lite that Altair writes, as vl-convert names it."""
    return ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])


def _finish(svg: str, name: str, title: str, text: str) -> Markup:
    """Vega's SVG as part of a page: scalable, named for screen readers, patterns defined, numbers short."""
    svg = _ATTRIBUTE.sub(lambda attribute: _LONG_NUMBER.sub(_short, attribute[0]), svg)
    svg = svg.replace(' role="graphics-object" aria-roledescription="group mark container"', "")
    root = _ROOT.match(svg)
    if root is None:
        raise RuntimeError("the drawing has no viewBox")
    body = _BACKDROP.sub("", svg[root.end() :])
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" id="{escape(name)}" viewBox="{root[1]}" role="img"'
        f' aria-labelledby="{escape(name)}-title {escape(name)}-desc">'
        f'<title id="{escape(name)}-title">{escape(render.clean(title))}</title>'
        f'<desc id="{escape(name)}-desc">{escape(render.clean(text))}</desc>'
        f"<defs>{_patterns(name, used_in=body)}</defs>"
    )
    return Markup(head + body)  # noqa: S704 - every text in it went through Vega's escaping or ours


def _short(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _patterns(name: str, *, used_in: str | None = None, only: State | None = None) -> Markup:
    every = PATTERNS.replace("{id}", name).split("</pattern>")[:-1]
    return Markup("").join(_wanted(every, name, used_in, only))


def _wanted(patterns: Iterable[str], name: str, used_in: str | None, only: State | None) -> list[Markup]:
    states = (State.CONDITIONAL, State.CONFLICT, State.UNKNOWN)
    return [
        Markup(pattern + "</pattern>")  # noqa: S704 - our own constants
        for state, pattern in zip(states, patterns, strict=True)
        if (state is only if used_in is None else f"#{name}-{state}" in used_in)
    ]
