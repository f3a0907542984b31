"""The manifest of a run: under which frame, settings, versions and vantage it ran, and what came of it.

SPOOL/SNAPSHOT/runs.jsonl has a line for every end of a run, a failed one too; it is appended to and never rewritten.
"""

from __future__ import annotations

import json
import os
import platform
import ssl
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from crawler import __version__
from crawler.frame import Frame
from crawler.records import Snapshot
from crawler.run_result import CrawlResult, counts

RUNS_FILE = "runs.jsonl"
_PARTS = ("scrapy", "aiohttp", "protego", "duckdb")


def manifest(frame: Frame, snapshot: Snapshot, label: str, agent: str) -> dict[str, object]:
    """What is known of a run when it begins; `label` tells shards apart."""
    return {
        "label": label,
        "frame": {"id": frame.id, "source": frame.source, "sha256": frame.sha256, "sites": len(frame.sites)},
        "settings": snapshot.settings.get("fingerprint"),
        "user_agent": agent,
        "vantage": snapshot.vantage,
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """The versions that had a hand in what was fetched."""
    found = {"openweb": __version__, "python": sys.version.split()[0], "openssl": ssl.OPENSSL_VERSION}
    found["system"] = f"{platform.system()} {platform.release()}"
    for part in _PARTS:
        try:
            found[part] = version(part)
        except PackageNotFoundError:
            found[part] = "unknown"
    return found


def append_run(folder: Path, result: CrawlResult) -> None:
    """Append the end of a run to a snapshot's `runs.jsonl`; raises OSError."""
    line = {
        "snapshot": result.snapshot_id,
        "state": result.state,
        "because": result.because,
        "started_at": result.started_at.isoformat(),
        "ended_at": result.ended_at.isoformat(),
        **result.manifest,
        "counts": counts(result),
    }
    with (folder / RUNS_FILE).open("a", encoding="ascii") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())
