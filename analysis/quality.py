"""The quality gate: whether a snapshot is good enough on its own, and beside the one before it; us or them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import duckdb

from analysis.query import rows, sql
from crawler.errors import InputError
from crawler.settings import Quality


class Judgement(StrEnum):
    """What the gate says of one check; `not_judged` says why in words and never stops a run."""

    GOOD = "good"
    BREACH = "breach"
    NOT_JUDGED = "not_judged"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check of a snapshot: `n` of `N` sites (or answers), the same of the one before, and what was allowed.

    `value` and `before` are what is compared: shares from 0 to 1, or milliseconds where `check` is a latency.
    `allowed` is the threshold, in the same unit (of a latency: a factor of `before`); None where nothing was judged.
    """

    check: str
    judgement: Judgement
    said: str
    n: int | None = None
    N: int | None = None
    n_before: int | None = None
    N_before: int | None = None
    value: float | None = None
    before: float | None = None
    allowed: float | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """The findings about a snapshot, and the one it was held against, None where there is none."""

    snapshot: str
    date: date
    previous: str | None
    findings: tuple[Finding, ...]

    @property
    def breached(self) -> bool:
        """Whether any check failed: the run is not good enough."""
        return any(finding.judgement is Judgement.BREACH for finding in self.findings)


def gate(
    connection: duckdb.DuckDBPyConnection, quality: Quality, snapshot: str | None = None, previous: str | None = None
) -> Gate:
    """Every check of `snapshot` (None: the last) against `previous`.

    Where `previous` is None: the last finished one before it through the same door, of the same frame if there is one.
    Raises InputError where there is no such snapshot.
    """
    found = rows(connection, sql("gate_pair"), {"snapshot": snapshot, "previous": previous})
    if not found or (previous is not None and found[0]["previous_id"] is None):
        known = connection.execute("SELECT snapshot_id FROM snapshot ORDER BY taken_on DESC, 1 DESC LIMIT 5").fetchall()
        names = ", ".join(row[0] for row in known) or "none"
        raise InputError(f"no snapshot {previous if found else snapshot or ''} in the archive; the last are: {names}")
    pair = found[0]
    keys = {"snapshot": pair["snapshot_id"], "previous": pair["previous_id"]}
    connection.execute(sql("gate_sites"), keys)
    (counts,) = rows(connection, sql("gate_counts"))
    findings = [*_alone(pair, counts, quality)]
    if pair["previous_id"] is None:
        findings.append(Finding("previous", Judgement.NOT_JUDGED, "no earlier snapshot to hold it against"))
    elif counts["common"] < quality.least_sites:
        said = f"{counts['common']} sites in both snapshots, {quality.least_sites} are needed (quality.least_sites)"
        findings.append(Finding("previous", Judgement.NOT_JUDGED, said, n=counts["common"]))
    else:
        findings += _beside(pair, counts, quality)
        findings += _outcomes(rows(connection, sql("gate_outcomes")), counts["common"], quality)
        findings += _latency(rows(connection, sql("gate_latency"), keys), quality)
    return Gate(pair["snapshot_id"], pair["taken_on"], pair["previous_id"], tuple(findings))


def compare(
    connection: duckdb.DuckDBPyConnection, quality: Quality, snapshot: str | None = None, previous: str | None = None
) -> list[Finding]:
    """The findings of `gate` alone."""
    return list(gate(connection, quality, snapshot, previous).findings)


def _alone(pair: Mapping[str, Any], counts: Mapping[str, Any], quality: Quality) -> Iterator[Finding]:
    frame = max(counts["visited"], pair["frame"] or 0)
    if not frame:
        yield Finding("visited", Judgement.BREACH, "no site at all was visited", n=0, N=0)
        return
    missed = frame - counts["visited"]
    yield _share(
        "unvisited", missed, frame, missed / frame <= quality.unvisited, quality.unvisited,
        "sites of the frame without a visit", "the run did not finish; go on with --resume",
    )  # fmt: skip
    answered = counts["answered"]
    yield _share(
        "coverage", answered, frame, answered / frame >= quality.coverage_floor, quality.coverage_floor,
        "sites of the frame answered", "look at this machine's network and names first",
    )  # fmt: skip


def _beside(pair: Mapping[str, Any], counts: Mapping[str, Any], quality: Quality) -> Iterator[Finding]:
    frame = max(counts["visited"], pair["frame"] or 0)
    frame_before = max(counts["visited_before"], pair["previous_frame"] or 0)
    now, before = counts["answered"] / frame, counts["answered_before"] / frame_before
    good = before - now <= quality.coverage_drop
    if pair["frame_id"] != pair["previous_frame_id"]:
        yield Finding("coverage_drop", Judgement.NOT_JUDGED, "the one before is of another frame; see the sites lost")
    else:
        yield Finding(
            "coverage_drop", _judged(good),
            f"{counts['answered']} of {frame} sites answered, {counts['answered_before']} of {frame_before} before",
            counts["answered"], frame, counts["answered_before"], frame_before, now, before, quality.coverage_drop,
        )  # fmt: skip
    lost, asked = counts["lost"], counts["common_answered_before"]
    if asked:
        yield _share(
            "sites_lost", lost, asked, lost / asked <= quality.sites_lost, quality.sites_lost,
            "sites that answered before did not now", "many at once are more likely us, or our network, than they",
        )  # fmt: skip


def _outcomes(found: list[dict[str, Any]], common: int, quality: Quality) -> Iterator[Finding]:
    for row in found:
        n, n_before = row["n"], row["n_before"]
        now, before = n / common, n_before / common
        yield Finding(
            f"robots_{row['outcome']}", _judged(abs(now - before) <= quality.outcome_drift),
            f"robots.txt {row['outcome'].replace('_', ' ')} on {n} of {common} sites, on {n_before} of the same before",
            n, common, n_before, common, now, before, quality.outcome_drift,
        )  # fmt: skip


def _latency(found: list[dict[str, Any]], quality: Quality) -> Iterator[Finding]:
    sides = {row["now"]: row for row in found}
    if set(sides) != {True, False} or min(row["answers"] for row in found) < quality.least_sites:
        yield Finding("latency", Judgement.NOT_JUDGED, "too few answers with a time in one of the two snapshots")
        return
    here, earlier = sides[True], sides[False]
    for quantile, words in (("median", "the median answer"), ("slow", "the slowest answer in twenty")):
        now, before = here[quantile], earlier[quantile]
        yield Finding(
            f"latency_{quantile}", _judged(now <= before * quality.latency_growth),
            f"{words} took {now:.0f} ms of {here['answers']} answers, {before:.0f} ms of {earlier['answers']} before",
            here["answers"], None, earlier["answers"], None, now, before, quality.latency_growth,
        )  # fmt: skip


def _share(check: str, n: int, total: int, good: bool, allowed: float, words: str, otherwise: str) -> Finding:
    said = f"{n} of {total} {words}" + ("" if good else f": {otherwise}")
    return Finding(check, _judged(good), said, n, total, value=n / total, allowed=allowed)


def _judged(good: bool) -> Judgement:
    return Judgement.GOOD if good else Judgement.BREACH
