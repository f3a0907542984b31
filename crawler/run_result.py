"""What a run over a snapshot did, counted visit by visit."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from crawler.records import Visit
from crawler.vocabulary import ROLE_ROBOTS

FINISHED = "finished"
INTERRUPTED = "interrupted"
FAILED = "failed"
OWN_FAULT = "a fault in openweb itself"
"""How the detail of an exchange begins that stands for a visit which a bug of ours ended."""


@dataclass(slots=True)
class CrawlResult:
    """What a run did. `sites` are those of the frame (of the shard), `earlier` those visited by runs before this one.

    `outcomes` counts exchanges by outcome, `robots` sites by the outcome of robots.txt, `reached` sites from which
    any answer came, `faults` visits that a bug of ours ended; all of this snapshot so far, earlier runs included.
    `because` says why a run was `interrupted` (a signal, its time budget) or `failed`. `manifest` is under what it ran:
    frame, settings, versions.
    `quality` is what the quality gate said of a finished snapshot, empty where it was not asked.
    """

    snapshot_id: str
    sites: int
    earlier: int = 0
    visited: int = 0
    reached: int = 0
    faults: int = 0
    requests: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    robots: Counter[str] = field(default_factory=Counter)
    segments: list[Path] = field(default_factory=list)
    interrupted: bool = False
    failed: bool = False
    because: str | None = None
    manifest: dict[str, object] = field(default_factory=dict)
    quality: dict[str, object] = field(default_factory=dict)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def state(self) -> str:
        """How the run ended: one of the words below."""
        return FAILED if self.failed else INTERRUPTED if self.interrupted else FINISHED

    @property
    def coverage(self) -> float:
        """Share of the sites that answered at all; 1.0 for an empty frame."""
        return self.reached / self.sites if self.sites else 1.0

    def count(self, visit: Visit) -> None:
        """Count one finished visit."""
        self.visited += 1
        self.outcomes.update(exchange.outcome.value for exchange in visit.exchanges)
        asked = [exchange for exchange in visit.exchanges if exchange.elapsed_ms is not None]
        self.requests += len(asked)
        self.reached += any(exchange.status is not None for exchange in asked)
        self.faults += any((exchange.detail or "").startswith(OWN_FAULT) for exchange in visit.exchanges)
        robots = [exchange.outcome.value for exchange in visit.exchanges if exchange.role == ROLE_ROBOTS]
        self.robots.update(robots[-1:])


def counts(result: CrawlResult) -> dict[str, object]:
    """The counts of a run as they are stored and printed."""
    return {
        "sites": result.sites,
        "visited": result.visited,
        "earlier": result.earlier,
        "reached": result.reached,
        "faults": result.faults,
        "coverage": round(result.coverage, 6),
        "requests": result.requests,
        "outcomes": dict(sorted(result.outcomes.items())),
        "robots": dict(sorted(result.robots.items())),
        "segments": len(result.segments),
    }
