"""The policy artefact: one Parquet file that anything can join to, with its columns, its label and its fingerprints."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.profile_file import defined
from analysis.profile_model import Profile
from crawler import __version__
from crawler.errors import InputError

FORMAT = 1
LABEL = b"openweb.policy"

PART = pa.struct(
    [
        ("part", pa.string()),
        ("decision", pa.string()),
        ("code", pa.string()),
        ("reason", pa.string()),
        ("lines", pa.list_(pa.string())),
    ]
)
RULE = pa.struct(
    [("agents", pa.list_(pa.string())), ("allow", pa.bool_()), ("pattern", pa.string()), ("line", pa.int32())]
)
_STATEMENT = pa.struct(
    [
        ("use", pa.string()),
        ("family", pa.string()),
        ("place", pa.int32()),
        ("pattern", pa.string()),
        ("stance", pa.string()),
        ("strength", pa.string()),
        ("line", pa.string()),
    ]
)

COLUMNS: dict[str, tuple[pa.DataType, str]] = {
    "host_key": (pa.string(), "host the row is about: lower-case A-labels, no trailing dot, no default port"),
    "valid_from": (pa.date32(), "day of the first snapshot in which this was so"),
    "valid_until": (pa.date32(), "day of the first snapshot in which it was otherwise; NULL: none so far"),
    "last_seen": (pa.date32(), "day of the last snapshot in which this was so; the age of the evidence counts from it"),
    "seen": (pa.list_(pa.date32()), "days of all those snapshots"),
    "decision": (pa.string(), "`allow`, `deny` or `unknown`; about the front page where `partial`"),
    "reason": (pa.string(), "why, in words"),
    "code": (pa.string(), "why, for programs: PART:STATE of every part that decides"),
    "evidence": (pa.list_(pa.string()), "ids of the statements that decide: reading, licence claim or robots.txt row"),
    "partial": (pa.bool_(), "whether paths of this host come to different decisions"),
    "parts": (pa.list_(PART), "where `partial`: what each use, agent and the licence come to alone"),
    "path_rules": (
        pa.list_(RULE),
        "where `partial`: the robots.txt rules and the agents they hold for, octets beyond ASCII escaped",
    ),
    "path_statements": (pa.list_(_STATEMENT), "where `partial`: what is said of single paths about the uses"),
    "site": (pa.string(), "what the archive calls the site"),
    "robots_sha256": (pa.string(), "hash of the robots.txt seen last; NULL where none came"),
    "first_snapshot": (pa.string(), "id of the first snapshot in which this was so"),
    "last_snapshot": (pa.string(), "id of the last one"),
    "profile": (pa.string(), "profile: name, version and hash of its definition"),
    "rules": (pa.string(), "version of the rules that judged"),
    "registry": (pa.string(), "version of the registry of agents"),
    "readers": (pa.string(), "id of the readers"),
}
"""Column to its Arrow type and meaning; a row a host and span of time, ordered by both."""

SCHEMA = pa.schema([(name, kind) for name, (kind, _) in COLUMNS.items()])


@dataclass(frozen=True, slots=True)
class Label:
    """What a policy says of itself: its profile in full and what it was made from.

    `content_sha256` is over the rows and the profile, so that two policies made alike are known to be equal.
    """

    format: int
    tool: str
    profile: str
    definition: str
    snapshots: tuple[str, ...]
    hosts: int
    rows: int
    content_sha256: str


class PolicyError(InputError):
    """A policy file that cannot be used; the message says why and what to do."""


def label(table: pa.Table, profile: Profile, snapshots: tuple[str, ...]) -> Label:
    """The label of these rows; `snapshots` are the ids of all they were made from."""
    digest = hashlib.sha256(profile.id.encode())
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        for batch in table.combine_chunks().to_batches(max_chunksize=65_536):
            stream.write_batch(batch)
    digest.update(sink.getvalue())
    hosts = len(table["host_key"].unique())
    made = (snapshots, hosts, table.num_rows, digest.hexdigest())
    return Label(FORMAT, f"openweb {__version__}", profile.id, profile.definition, *made)


def write(path: Path, table: pa.Table, about: Label) -> str:
    """Write the artefact, whole or not at all; returns the file's sha256. Raises PolicyError."""
    kept = table.replace_schema_metadata({LABEL: json.dumps(asdict(about), sort_keys=True).encode()})
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        pq.write_table(kept, part, compression="zstd", row_group_size=65_536)
        part.replace(path)
        return _sha256(path)
    except OSError as error:
        raise PolicyError(f"{path}: cannot be written ({error.strerror or error}); name another place") from error
    finally:
        part.unlink(missing_ok=True)


def read(path: Path) -> tuple[pa.Table, Label, Profile, str]:
    """Rows, label, profile and sha256 of an artefact. Raises PolicyError for any other file."""
    try:
        table = pq.read_table(path)
        fingerprint = _sha256(path)
    except (OSError, pa.ArrowException) as error:
        raise PolicyError(f"{path}: not a policy that can be read ({str(error).splitlines()[0]})") from error
    found = (table.schema.metadata or {}).get(LABEL)
    if found is None:
        raise PolicyError(f"{path}: a Parquet file, but no policy of openweb; compile one from an archive")
    about = label_of(json.loads(found), path)
    if missing := set(SCHEMA.names) - set(table.schema.names):
        raise PolicyError(f"{path}: columns are missing ({', '.join(sorted(missing))}); compile it again")
    return table.select(SCHEMA.names).cast(SCHEMA), about, defined(about.definition, str(path)), fingerprint


def label_of(found: dict[str, Any], path: Path) -> Label:
    """The label as it is written; raises PolicyError for that of another format."""
    if found.get("format") != FORMAT:
        raise PolicyError(
            f"{path}: a policy of format {found.get('format')}, this tool reads {FORMAT}; compile it again"
        )
    return Label(**{**found, "snapshots": tuple(found["snapshots"])})


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
