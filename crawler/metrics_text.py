"""What an archive holds as a Prometheus textfile (text exposition format 0.0.4), for node_exporter to pick up.

The times are those of the facts, so that an alert can ask how long ago the last good run was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time

from crawler.archive_state import State

Samples = Iterable[tuple[Mapping[str, str], float]]

_TOTALS = {
    "snapshots": "Snapshots in the archive.",
    "segments": "Portions of input taken in.",
    "sites": "Distinct sites visited.",
    "visits": "Visits, those known as unchanged included.",
    "exchanges": "Requests made or left out, redirects included.",
    "bodies": "Distinct bodies.",
    "body_bytes": "Bytes of distinct bodies, as received.",
    "verdicts": "Verdicts.",
    "rejects": "Pieces of input that could not become exchanges.",
}
_STATES = ("finished", "interrupted", "failed")


def render(state: State) -> str:
    """The state as gauges `openweb_*`: the archive, its last snapshot and the last end of a run."""
    lines: list[str] = []

    def gauge(name: str, meaning: str, samples: Samples) -> None:
        shown = [f"openweb_{name}{_labels(labels)} {_number(value)}" for labels, value in samples]
        if shown:
            lines.extend([f"# HELP openweb_{name} {meaning}", f"# TYPE openweb_{name} gauge", *shown])

    gauge("archive_file_bytes", "Size of the archive's file and its log.", [({}, state.file_bytes)])
    gauge("archive_schema", "Version of the archive's layout.", [({}, state.schema)])
    for key, meaning in _TOTALS.items():
        value = state.totals.get(key)
        gauge(f"archive_{key}", meaning, [({}, value)] if isinstance(value, int) else [])
    if state.snapshots:
        last = state.snapshots[-1]
        facts = {"snapshot": last.snapshot, "source": last.source, "frame": last.frame or "", "tool": last.tool}
        gauge("last_snapshot_info", "The last snapshot by date; always 1.", [(facts, 1)])
        gauge("last_snapshot_date_seconds", "Midnight of its day (UTC).", [({}, _seconds(last.date))])
        gauge("last_snapshot_sites", "Sites visited in it.", [({}, last.sites)])
        gauge("last_snapshot_answered", "Sites whose robots.txt came or is absent.", [({}, last.answered)])
        robots = sorted(last.outcomes.items())
        gauge("last_snapshot_robots", "Its sites by the outcome of robots.txt.", _by("outcome", robots))
    if state.runs:
        run = state.runs[0]
        gauge("last_run_info", "The last end of a run; always 1.", [({"snapshot": run.snapshot, "tool": run.tool}, 1)])
        gauge("last_run_state", "1 for the state it ended in.", _by("state", _states(run.state)))
        gauge("last_run_start_seconds", "When it began.", [({}, _seconds(run.started_at))])
        gauge("last_run_end_seconds", "When it ended.", [({}, _seconds(run.ended_at))])
        for key, value in sorted(run.counts.items()):
            if isinstance(value, int | float):
                gauge(f"last_run_{key}", f"Its count `{key}`.", [({}, value)])
        quality = run.counts.get("quality")
        if isinstance(quality, Mapping) and isinstance(quality.get("breached"), bool):
            meaning = "1 where the quality gate found its snapshot not good enough."
            gauge("last_run_breached", meaning, [({}, float(quality["breached"]))])
        outcomes = run.counts.get("outcomes")
        if isinstance(outcomes, Mapping):
            counted = sorted((str(key), value) for key, value in outcomes.items())
            gauge("last_run_exchanges", "Its exchanges by outcome.", _by("outcome", counted))
    finished = max((run.ended_at for run in state.runs if run.state == "finished"), default=None)
    if finished is not None:
        gauge("last_finished_run_end_seconds", "When a run last ended as finished.", [({}, _seconds(finished))])
    return "".join(f"{line}\n" for line in lines)


def _states(state: str) -> list[tuple[str, float]]:
    return [(each, float(each == state)) for each in dict.fromkeys((*_STATES, state))]


def _by(label: str, counts: Iterable[tuple[str, float]]) -> Samples:
    return [({label: word}, value) for word, value in counts]


def _labels(labels: Mapping[str, str]) -> str:
    """Label values with backslash, quote and line feed escaped, as the format asks; other controls left out."""
    if not labels:
        return ""
    return "{" + ",".join(f'{key}="{_escaped(value)}"' for key, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    shown = value.encode("utf-8", "replace").decode().replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return "".join(mark for mark in shown if mark.isprintable())


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _seconds(moment: datetime | date) -> float:
    """Unix time; the archive's moments are UTC without a zone."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).timestamp()
