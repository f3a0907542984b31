"""The log of runs: what each end of a run over a snapshot left behind, one row each, never rewritten."""

from __future__ import annotations

import json

from crawler import __version__
from crawler.archive import append, naive, writing
from crawler.engine import CrawlResult
from crawler.settings import Archive

FINISHED = "finished"
INTERRUPTED = "interrupted"


def record(archive: Archive, result: CrawlResult) -> None:
    """Append the end of a run to the archive, made if there is none; raises ArchiveError."""
    state = INTERRUPTED if result.interrupted else FINISHED
    times = (naive(result.started_at), naive(result.ended_at))
    with writing(archive) as connection:
        row = (result.snapshot_id, state, *times, f"openweb {__version__}", json.dumps(counts(result), sort_keys=True))
        append(connection, "run", [row])


def counts(result: CrawlResult) -> dict[str, object]:
    """The counts of a run as they are stored and printed."""
    return {
        "sites": result.sites,
        "visited": result.visited,
        "earlier": result.earlier,
        "answered": result.answered,
        "coverage": round(result.coverage, 6),
        "requests": result.requests,
        "outcomes": dict(sorted(result.outcomes.items())),
        "robots": dict(sorted(result.robots.items())),
        "segments": len(result.segments),
    }
