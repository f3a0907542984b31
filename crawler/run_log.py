"""The structured log of a run: one JSON object a line, appended as things happen."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TextIO

from crawler.errors import OpenwebError
from crawler.records import Visit
from crawler.vocabulary import ROLE_PAGE, ROLE_ROBOTS


class RunLogError(OpenwebError):
    """The log cannot be written."""


class RunLog:
    """Appends events to a file; without a path it writes nothing.

    Every line has `at` (UTC), `snapshot` and `event`: `start`, `visit`, `segment`, `waiting` (a segment that could not
    be taken in yet), `end`. A `visit` is written once that visit is safe on the disk.
    """

    def __init__(self, path: Path | None, snapshot: str) -> None:
        self._snapshot = snapshot
        self._file: TextIO | None = None
        if path is not None:
            try:
                begun = path.exists() and not path.read_bytes().endswith(b"\n") and path.stat().st_size > 0
                self._file = path.open("a", encoding="ascii", buffering=1)
                if begun:
                    self._file.write("\n")  # a run that was killed left half a line
            except OSError as error:
                raise RunLogError(f"--log {path}: cannot be written ({error.strerror or error})") from error

    def __enter__(self) -> RunLog:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, _: TracebackType | None) -> None:
        if fault is not None:
            self.write("end", state="failed", reason=str(fault)[:1000] or type(fault).__name__)
        if self._file is not None:
            self._file.close()

    def write(self, event: str, **facts: object) -> None:
        """Append one event."""
        if self._file is not None:
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            line = {"at": now, "snapshot": self._snapshot, "event": event, **facts}
            self._file.write(json.dumps(line, default=str) + "\n")

    def visit(self, visit: Visit) -> None:
        """Append a finished visit: its site, seconds, requests, and how robots.txt and the landing page ended."""
        if self._file is None:
            return
        last = {exchange.role: exchange for exchange in visit.exchanges}
        ends = {
            name: f"{last[role].outcome}{f' ({last[role].detail})' if last[role].detail else ''}"
            for name, role in (("robots", ROLE_ROBOTS), ("page", ROLE_PAGE))
            if role in last
        }
        requests = sum(exchange.elapsed_ms is not None for exchange in visit.exchanges)
        seconds = round((visit.ended_at - visit.started_at).total_seconds(), 3)
        self.write("visit", site=visit.site, seconds=seconds, requests=requests, **ends)
