"""The numbers behind every chart and list as CSV (RFC 4180), safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from enum import Enum

from analysis.figures import AgentLine, ChangeLine, Figure, SitePage, SnapshotLine
from crawler.vocabulary import Use
from reports import render

# What makes a spreadsheet take a cell for a formula, also in full width, and what it skips before looking.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

FIGURE_COLUMNS = (
    "definition", "snapshot", "date", "n", "N", "denominator", "rate", "low", "high", "unknown", "bound_low",
    "bound_high", "frame", "observed", "registry", "reader", "rules", "source",
)  # fmt: skip
AGENT_COLUMNS = (
    "definition", "snapshot", "date", "agent", "operator", "purposes", "named", "refused", "refused_by_name", "N",
    "denominator", "rate", "unknown", "registry", "reader", "rules",
)  # fmt: skip
CHANGE_COLUMNS = (
    "site", "subject", "before", "after", "from_snapshot", "to_snapshot", "cause", "rule", "provenance", "event",
    "together", "carrier", "locator", "raw", "url", "seen_at", "content_sha256",
)  # fmt: skip
SITE_COLUMNS = (
    "site", "name", "category", "country", "snapshot", "date", "use", "state", "state_strict", "strength", "rule",
    "reason", "agents_refused", "agents_known", "looked_at", "registry", "reader", "rules",
)  # fmt: skip
SNAPSHOT_COLUMNS = ("snapshot", "date", "source", "frame_id", "vantage", "tool_version", "sites", "observed")


def cell(value: object) -> object:
    """A value as one CSV cell: text that a spreadsheet would take for a formula gets a leading apostrophe."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return render.moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (bool, int, float)):
        return value
    raw = str(value.value if isinstance(value, Enum) else value)
    text = render.clean(raw)
    return f"'{text}" if raw.startswith(_FORMULA) or raw.lstrip().startswith(_FORMULA) else text


def text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A whole CSV file with its header."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()


def figures(rows: Sequence[Figure]) -> str:
    """Figures, with what they are about first; every number beside its denominator and its definition."""
    about = sorted({key for row in rows for key in row.what})
    return text(
        [*about, *FIGURE_COLUMNS],
        ([*(row.what.get(key) for key in about), *(getattr(row, name) for name in FIGURE_COLUMNS)] for row in rows),
    )


def agents(rows: Iterable[AgentLine], **same: object) -> str:
    """Agents of one snapshot, most refused first; `same` are the columns all rows share."""
    return text(AGENT_COLUMNS, ([same.get(name, getattr(row, name, None)) for name in AGENT_COLUMNS] for row in rows))


def snapshots(rows: Sequence[SnapshotLine]) -> str:
    """Snapshots with the outcomes of robots.txt, one column an outcome."""
    outcomes = sorted({outcome for row in rows for outcome in row.outcomes})
    return text(
        [*SNAPSHOT_COLUMNS, *outcomes],
        (
            [*(getattr(row, name) for name in SNAPSHOT_COLUMNS), *(row.outcomes.get(name, 0) for name in outcomes)]
            for row in rows
        ),
    )


def changes(rows: Iterable[ChangeLine]) -> str:
    """Changes with the first line behind each."""
    return text(CHANGE_COLUMNS, map(_change, rows))


def site_rows(site: SitePage) -> Iterator[list[object]]:
    """The verdicts of one site as rows under SITE_COLUMNS."""
    for verdict in site.verdicts:
        yield [getattr(verdict, name, getattr(site, name, None)) for name in SITE_COLUMNS]


def history_columns() -> list[str]:
    """The columns of a site's history: one a use."""
    return ["snapshot", "date", "basis", *(use.value for use in Use)]


def _change(row: ChangeLine) -> list[object]:
    first = row.lines[0] if row.lines else None
    return [getattr(row, name, getattr(first, name, None)) for name in CHANGE_COLUMNS]
