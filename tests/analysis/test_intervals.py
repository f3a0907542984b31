"""Since when and until when: spans of a state, with the visits around them and the lines that show them."""

from __future__ import annotations

from datetime import date

from analysis.intervals import intervals
from crawler.vocabulary import Outcome, State, Use
from tests.analysis.builders import Site, archive_of

DAYS = [date(2026, month, 15) for month in range(1, 7)]
SILENT = Site(robots=b"")
RESERVES = Site(robots=b"User-agent: *\nContent-Signal: ai-train=no\n")
REWORDED = Site(robots=b"# hello\nUser-agent: *\nContent-Signal: ai-train=no\n")
GONE = Site(robots=Outcome.UNREACHABLE)


def test_spans_of_a_state_with_the_evidence_at_both_ends() -> None:
    sites = [SILENT, RESERVES, REWORDED, GONE, RESERVES, SILENT]
    with archive_of(*((day, {"a.example": site}) for day, site in zip(DAYS, sites, strict=True))) as connection:
        found = intervals(connection, ["a.example"], use=Use.TRAIN_GENERATIVE)
    assert [(line.state, line.not_before, line.first_seen, line.last_seen, line.not_after) for line in found] == [
        (State.SILENT, None, DAYS[0], DAYS[0], DAYS[1]),
        (State.RESERVED, DAYS[0], DAYS[1], DAYS[2], DAYS[3]),
        (State.UNKNOWN, DAYS[2], DAYS[3], DAYS[3], DAYS[4]),
        (State.RESERVED, DAYS[3], DAYS[4], DAYS[4], DAYS[5]),
        (State.SILENT, DAYS[4], DAYS[5], DAYS[5], None),
    ]
    reserved = found[1]
    assert reserved.visits == 2
    assert [(item.line, item.seen_at.date()) for item in reserved.first] == [(2, DAYS[1])]
    assert [(item.line, item.seen_at.date()) for item in reserved.last] == [(3, DAYS[2])]


def test_every_use_in_the_order_of_the_vocabulary() -> None:
    with archive_of((DAYS[0], {"a.example": SILENT, "b.example": RESERVES})) as connection:
        found = intervals(connection, ["b.example"])
    assert [line.use for line in found] == list(Use)
    assert {line.site for line in found} == {"b.example"}
