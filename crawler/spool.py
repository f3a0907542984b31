"""The spool of one snapshot: visits appended to WARC segments that survive a crash at any moment.

SPOOL/SNAPSHOT/ holds `snapshot.json`, `settings.json`, `frame.jsonl.gz` and segments `NNNN-….warc.gz`. The one being
written is called `….part`; every append is on the disk before it is acknowledged, and a full segment is renamed in one
step.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from io import BufferedWriter
from pathlib import Path
from typing import Any

from crawler import __version__
from crawler.errors import OpenwebError
from crawler.frame import Frame, FrameSite, Rejected
from crawler.records import Snapshot, Visit
from crawler.settings import Settings
from crawler.warc import EXCHANGE_FIELD, VISIT_FIELD, encode_info, encode_visit, record_id

SNAPSHOT_FILE = "snapshot.json"
SETTINGS_FILE = "settings.json"
FRAME_FILE = "frame.jsonl.gz"
SUFFIX = ".warc.gz"
PART = ".part"
WHOLE = "crawl"
"""Label of the segments of a run over a whole frame."""

SNAPSHOT_FIELD = "openweb-snapshot"
CONFORMS = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"


class SpoolError(OpenwebError):
    """The spool cannot be read or written; the message says where and what to do. Acknowledged visits are safe."""


class Spool:
    """Writes the segments of one snapshot, or of one shard of it; not for several threads at once.

    `label` tells the segments of shards apart. `segment_visits` is how many visits make a segment full.
    """

    def __init__(self, folder: Path, snapshot: Snapshot, *, agent: str, segment_visits: int, label: str) -> None:
        self.folder = folder
        self._snapshot = snapshot
        self._agent = agent
        self._segment_visits = segment_visits
        self._label = label
        self._file: BufferedWriter | None = None
        self._path = folder
        self._info = ""
        self._visits = 0

    def salvage(self) -> list[Path]:
        """Turn what a crashed run left half-written into segments of whole visits; returns them."""
        saved = []
        for part in sorted(self.folder.glob(f"*-{self._label}{SUFFIX}{PART}")):
            end = whole_visits_end(part)
            if end == 0:
                part.unlink()
                continue
            with part.open("r+b") as file:
                file.truncate(end)
                os.fsync(file.fileno())
            saved.append(self._close(part))
        return saved

    def append(self, visits: Sequence[Visit]) -> list[Path]:
        """Write visits and have them on the disk; returns the segments that became full. Raises SpoolError."""
        closed = []
        try:
            for visit in visits:
                if self._file is None:
                    self._open()
                assert self._file is not None
                self._file.write(encode_visit(visit, self._info))
                self._visits += 1
                if self._visits >= self._segment_visits:
                    closed.append(self._finish())
            if self._file is not None:
                self._file.flush()
                os.fsync(self._file.fileno())
        except OSError as error:
            raise _unwritable(self._path, error) from error
        return closed

    def close(self) -> list[Path]:
        """Close the segment being written, if there is one; returns it."""
        try:
            return [self._finish()] if self._file is not None else []
        except OSError as error:
            raise _unwritable(self._path, error) from error

    def segments(self) -> list[Path]:
        """The finished segments of this snapshot (of every shard here), in order."""
        return segments(self.folder)

    def _open(self) -> None:
        taken = [int(path.name[:4]) for path in self.folder.glob(f"[0-9][0-9][0-9][0-9]-*{SUFFIX}*")]
        name = f"{max(taken, default=0) + 1:04d}-{self._label}{SUFFIX}"
        self._path = self.folder / (name + PART)
        self._file = self._path.open("xb")
        self._info = record_id()
        self._visits = 0
        self._file.write(encode_info(self._info_fields(), datetime.now(UTC), name, self._info))

    def _info_fields(self) -> dict[str, str]:
        return {
            "software": f"openweb-audit/{__version__}",
            "format": "WARC File Format 1.1",
            "conformsTo": CONFORMS,
            "isPartOf": self._snapshot.id,
            "http-header-user-agent": self._agent,
            "robots": "obey",
            SNAPSHOT_FIELD: json.dumps(_snapshot_facts(self._snapshot), separators=(",", ":")),
        }

    def _finish(self) -> Path:
        assert self._file is not None
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._file = None
        return self._close(self._path)

    def _close(self, part: Path) -> Path:
        final = part.with_name(part.name.removesuffix(PART))
        part.rename(final)
        _sync_folder(self.folder)
        return final


def segments(folder: Path) -> list[Path]:
    """The finished segments in a snapshot's folder, in order."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def whole_visits_end(path: Path) -> int:
    """How many bytes of a segment hold whole, undamaged visits (and the warcinfo before them); 0 when there is none."""
    end = 0
    for start, stop, head in members(path):
        if start == 0 and EXCHANGE_FIELD.encode() in head:
            return 0  # no warcinfo: not a segment of ours
        if f"\r\n{VISIT_FIELD}: ".encode() in head:
            end = stop
    return end


def members(path: Path) -> Iterator[tuple[int, int, bytes]]:
    """Start, end and first 64 KiB of each gzip member of a file, up to the first that is cut off or damaged."""
    with path.open("rb") as file:
        start, tail = 0, b""
        while True:
            inflate, head, taken = zlib.decompressobj(31), b"", 0
            while not inflate.eof:
                chunk = tail or file.read(64 * 1024)
                tail = b""
                if not chunk:
                    return
                try:
                    while chunk and not inflate.eof:
                        data = inflate.decompress(chunk, 1024 * 1024)
                        head = head if len(head) >= 64 * 1024 else (head + data)[: 64 * 1024]
                        taken += len(chunk) - len(inflate.unconsumed_tail) - len(inflate.unused_data)
                        chunk = inflate.unconsumed_tail
                except zlib.error:
                    return
            tail = inflate.unused_data
            yield start, start + taken, head
            start += taken


def prepare(folder: Path, frame: Frame, snapshot: Snapshot, label: str, settings: Settings) -> None:
    """Make a snapshot's folder with a copy of its frame and its facts, or join it as another shard.

    Raises SpoolError when a run of this label has been begun there, or one over another frame.
    """
    if (folder / SNAPSHOT_FILE).exists():
        begun = any(folder.glob(f"*-{label}{SUFFIX}*")) or label == WHOLE
        if begun or read_snapshot(folder).frame_id != frame.id:
            raise SpoolError(
                f"{folder}: snapshot {snapshot.id} has been begun{'' if begun else ' over another frame'}; go on with"
                f" --resume {snapshot.id}, or take another with --name or --date"
            )
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / FRAME_FILE, _frame_octets(frame))
        conduct = settings.model_dump(mode="json", include={"identity", "politeness", "network", "crawl"})
        del conduct["crawl"]["spool"]
        _write(folder / SETTINGS_FILE, json.dumps(conduct, indent=1).encode("ascii"))
        _write(folder / SNAPSHOT_FILE, json.dumps(_snapshot_facts(snapshot), indent=1).encode("utf-8"))
        _sync_folder(folder)
    except OSError as error:
        raise _unwritable(folder, error) from error


def read_snapshot(folder: Path) -> Snapshot:
    """The snapshot a folder is about; raises SpoolError."""
    try:
        return snapshot_of(json.loads((folder / SNAPSHOT_FILE).read_bytes()))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SpoolError(
            f"{folder}: no snapshot there ({error}); name one that `crawl` has begun, or another --spool"
        ) from error


def read_settings(folder: Path) -> dict[str, object]:
    """The settings the snapshot in a folder was begun under, by dotted key; raises SpoolError."""
    try:
        sections = json.loads((folder / SETTINGS_FILE).read_bytes())
        return {f"{section}.{key}": value for section, table in sections.items() for key, value in table.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise SpoolError(f"{folder / SETTINGS_FILE}: cannot be read ({error}); restore it from a copy") from error


def read_frame_copy(folder: Path) -> Frame:
    """The frame of the snapshot in a folder; raises SpoolError."""
    try:
        head, *rows = gzip.decompress((folder / FRAME_FILE).read_bytes()).decode("utf-8").splitlines()
        facts = json.loads(head)
        kept = [json.loads(row) for row in rows]
        return Frame(
            facts["id"],
            facts["source"],
            facts["sha256"],
            tuple(FrameSite(**row) for row in kept if "site" in row),
            tuple(Rejected(**row) for row in kept if "site" not in row),
        )
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise SpoolError(f"{folder / FRAME_FILE}: cannot be read ({error}); restore it from a copy") from error


def snapshot_of(facts: dict[str, Any]) -> Snapshot:
    """A snapshot from its facts as they stand in `snapshot.json` and in every warcinfo; raises KeyError, ValueError."""
    return Snapshot(
        id=facts["id"],
        on=date.fromisoformat(facts["on"]),
        source=facts["source"],
        frame_id=facts["frame_id"],
        vantage=facts["vantage"],
        settings=dict(facts["settings"]),
    )


def _snapshot_facts(snapshot: Snapshot) -> dict[str, object]:
    return asdict(snapshot) | {"on": snapshot.on.isoformat()}


def _frame_octets(frame: Frame) -> bytes:
    rows: list[dict[str, object]] = [{"id": frame.id, "source": frame.source, "sha256": frame.sha256}]
    rows += [{key: value for key, value in asdict(site).items() if value is not None} for site in frame.sites]
    rows += [asdict(entry) for entry in frame.rejected]
    return gzip.compress("\n".join(json.dumps(row) for row in rows).encode("ascii"), mtime=0)


def fingerprint(settings: dict[str, object]) -> str:
    """Twelve hexadecimal digits that change with any setting."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode()).hexdigest()[:12]


def _write(path: Path, octets: bytes) -> None:
    """A file that is whole or not there."""
    part = path.with_name(path.name + PART)
    with part.open("wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unwritable(path: Path, error: OSError) -> SpoolError:
    return SpoolError(
        f"{path}: cannot be written ({error.strerror or error}); make room or name another --spool, then go on with"
        " --resume: finished visits are safe"
    )
