"""The log of runs: what each end of a run over a snapshot left behind, one row each, never rewritten."""

from __future__ import annotations

import json

from crawler import __version__
from crawler.archive import append, naive, writing
from crawler.run_result import FAILED, FINISHED, INTERRUPTED, CrawlResult, counts
from crawler.settings import Archive

__all__ = ["FAILED", "FINISHED", "INTERRUPTED", "counts", "record"]


def record(archive: Archive, result: CrawlResult) -> None:
    """Append the end of a run to the archive, made if there is none; raises ArchiveError.

    Beside the counts stand the manifest of the run, what the quality gate said, and, where it did not finish, why.
    """
    times = (naive(result.started_at), naive(result.ended_at))
    facts = counts(result) | ({"manifest": result.manifest} if result.manifest else {})
    facts |= {"because": result.because} if result.because else {}
    facts |= {"quality": result.quality} if result.quality else {}
    with writing(archive) as connection:
        told = json.dumps(facts, sort_keys=True)
        append(connection, "run", [(result.snapshot_id, result.state, *times, f"openweb {__version__}", told)])
