"""A compiled policy, loaded and asked about batches of URLs: an answer for each, in order, with its evidence.

Hosts are told apart and looked up in Arrow and DuckDB; only paths of hosts whose rules tell paths apart are matched one
by one, exactly by RFC 9309. No URL is lost and none ends a batch: what cannot be answered is `unknown`, with a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from analysis.policy_compile import Compiled, compile_policy, is_key
from analysis.policy_file import COLUMNS, Label, PolicyError, read
from analysis.policy_paths import Host, Matchers, host, matchers
from analysis.profile_model import Decision, Profile, together
from analysis.query import sql
from crawler.frame import FrameError, host_key
from crawler.vocabulary import Ruling

__all__ = ["ANSWER", "COLUMNS", "Compiled", "Label", "Policy", "PolicyError", "compile_policy", "load_policy"]

ANSWER = pa.schema(
    [
        ("url", pa.string()),
        ("decision", pa.string()),
        ("reason", pa.string()),
        ("code", pa.string()),
        ("evidence", pa.list_(pa.string())),
        ("host_key", pa.string()),
        ("seen_on", pa.date32()),
        ("age_days", pa.int32()),
        ("profile", pa.string()),
    ]
)
"""What `Policy.evaluate` returns, a row a URL. `code` is that of the policy's row or of what stands instead of it:
`bad-url`, `no-date`, `not-in-archive`, `not-yet-seen`, `stale`. `seen_on` is the day of the evidence, `age_days` its
age on the day asked for."""

Urls: TypeAlias = Sequence[str | None] | pa.Array | pa.ChunkedArray | pa.Table
Days: TypeAlias = date | Sequence[date | None] | pa.Array | pa.ChunkedArray | None

_BATCH = 1_000_000
"""URLs answered at a time."""
_HOSTS = 1_000
"""Hosts whose rules are unpacked at a time."""
_KEPT = 20_000
"""Files whose rules are kept unpacked between batches."""


def load_policy(path: str | PathLike[str]) -> Policy:
    """The policy in a file that `compile_policy` wrote. Raises PolicyError for any other."""
    table, label, profile, sha256 = read(Path(path))
    return Policy(table, label, profile, sha256)


class Policy:
    """A profile's decisions on the sites of an archive; read-only, and safe to ask from several threads.

    `label` says what it was made from, `sha256` is that of its file (of its contents where it never was one).
    """

    def __init__(self, table: pa.Table, label: Label, profile: Profile, sha256: str | None = None) -> None:
        self.table = table
        self.label = label
        self.profile = profile
        self.sha256 = sha256 or label.content_sha256
        self._known: dict[str | None, Matchers] = {}
        self._database = duckdb.connect(":memory:")
        self._database.execute("SET enable_progress_bar = false")
        self._database.register("incoming_rows", table)
        self._database.execute(sql("policy_rows"))
        self._database.unregister("incoming_rows")

    def __enter__(self) -> Policy:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back what it holds; it cannot be asked any more."""
        self._database.close()

    def decide(self, url: str, as_of: date | None = None) -> Decision:
        """The decision on one URL; for many use `evaluate`."""
        (row,) = self.evaluate([url], as_of).to_pylist()
        return Decision(Ruling(row["decision"]), row["reason"], row["code"], tuple(row["evidence"]))

    def evaluate(self, urls: Urls, as_of: Days = None, *, column: str = "url") -> pa.Table:
        """A row of ANSWER for each URL, in order; of a table the URLs stand in `column`.

        `as_of` is the day to answer for, one for all or one for each URL (today where there is none): the evidence is
        the last up to that day. Raises PolicyError where the days do not go with the URLs or the column is missing.
        """
        texts = _texts(urls, column)
        days = _days(as_of, len(texts))
        found = [self._batch(texts.slice(at, _BATCH), days.slice(at, _BATCH)) for at in range(0, len(texts), _BATCH)]
        return pa.concat_tables(found) if found else ANSWER.empty_table()

    def _batch(self, urls: pa.Array, days: pa.Array) -> pa.Table:
        with self._database.cursor() as cursor:
            numbers = pa.array(range(len(urls)), pa.int64())
            cursor.register("incoming_urls", pa.table({"n": numbers, "url": urls, "as_of": days}))
            cursor.execute(sql("policy_asked"))
            cursor.register("host_of", _hosts(cursor.execute("SELECT DISTINCT head FROM asked").fetchall()))
            profile = self.profile
            values = {"profile": profile.id, "max_age": profile.max_age_days, "age_why": profile.max_age_why}
            cursor.execute(sql("policy_pair"), values)
            pairs = cursor.sql(
                "SELECT * EXCLUDE (head, as_of, row_id, partial) FROM pair ORDER BY told"
            ).to_arrow_table()
            told, at_path = self._paths(cursor, pairs)
            cursor.register("at_path", at_path)
            places = cursor.sql(sql("policy_places")).to_arrow_table()["told"].combine_chunks()
            every = pa.concat_tables([pairs.drop_columns(["told"]), told.cast(pairs.drop_columns(["told"]).schema)])
            found = every.combine_chunks().take(places)
            return (
                pa.table({"url": urls, **{name: found[name] for name in found.column_names}})
                .select(ANSWER.names)
                .cast(ANSWER)
            )

    def _paths(self, cursor: duckdb.DuckDBPyConnection, pairs: pa.Table) -> tuple[pa.Table, pa.Table]:
        """The decisions that paths of partial hosts come to, and which of them each such URL has."""
        asked = cursor.sql(sql("policy_partial")).to_arrow_table()
        paths = asked["path"].to_pylist()
        spans = cursor.execute(sql("policy_spans")).fetchall()
        told: list[dict[str, Any]] = []
        places: list[int] = []
        for start in range(0, len(spans), _HOSTS):
            some = spans[start : start + _HOSTS]
            rows = self.table.take(pa.array([row_id for _, row_id, _ in some])).to_pylist()
            abouts = pairs.take(pa.array([pair for pair, _, _ in some])).to_pylist()
            for (_, _, count), row, about in zip(some, rows, abouts, strict=True):
                spoken = host(row, self.profile, self._matchers(row))
                here = paths[len(places) : len(places) + count]
                known: dict[object, int] = {}
                keys = spoken.keys(here)
                for key, path in dict(zip(keys, here, strict=True)).items():
                    known[key] = pairs.num_rows + len(told)
                    decision = self._at_path(spoken, path, about["age_days"])
                    told.append({**about, **_shown(decision)})
                places += [known[key] for key in keys]
        at_path = pa.table({"n": asked["n"], "told": pa.array(places, pa.int64())})
        return pa.Table.from_pylist(told, schema=pairs.schema).drop_columns(["told"]), at_path

    def _at_path(self, spoken: Host, path: str, age_days: int | None) -> Decision:
        decision = self.profile.for_host(together(spoken.parts(self.profile, path)))
        return self.profile.aged(decision, age_days)

    def _matchers(self, row: dict[str, Any]) -> Matchers:
        """The matchers of a row; rows with one robots.txt share them."""
        key = row["robots_sha256"]
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            found = self._known[key] = matchers(row["path_rules"])
        return found


def _shown(decision: Decision) -> dict[str, Any]:
    head = {"decision": decision.ruling.value, "reason": decision.reason, "code": decision.code}
    return {**head, "evidence": list(decision.lines)}


def _hosts(heads: list[tuple[str | None]]) -> pa.Table:
    """The host key of each scheme and authority, or why it is none."""
    keys, faults, texts = [], [], []
    for (head,) in heads:
        if head is None:
            continue
        key, fault = _host_of(head)
        texts.append(head)
        keys.append(key)
        faults.append(fault)
    kind = pa.string()
    return pa.table({"head": pa.array(texts, kind), "host_key": pa.array(keys, kind), "fault": pa.array(faults, kind)})


def _host_of(head: str) -> tuple[str | None, str | None]:
    scheme, slashes, authority = head.removesuffix("/").partition("://")
    if slashes and scheme in ("http", "https") and is_key(authority):
        return authority, None
    if "\\" in head:
        # RFC 3986 ends the authority elsewhere than browsers do, so there are two hosts to choose from.
        return None, "a backslash before the path"
    try:
        return host_key(head), None
    except FrameError as error:
        return None, str(error)


def _texts(urls: Urls, column: str) -> pa.Array:
    """The URLs as one Arrow array of text; what is no text becomes NULL, half characters are replaced."""
    if isinstance(urls, pa.Table):
        if column not in urls.column_names:
            raise PolicyError(f"no column {column!r}; there are {', '.join(urls.column_names)}")
        urls = urls[column]
    if isinstance(urls, (pa.Array, pa.ChunkedArray)):
        array = urls.combine_chunks() if isinstance(urls, pa.ChunkedArray) else urls
        if isinstance(array, pa.ChunkedArray):
            array = pa.concat_arrays(array.chunks)
        if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
            return array
        urls = array.to_pylist()
    return pa.array([_text(url) for url in urls], pa.string())


def _text(url: object) -> str | None:
    if isinstance(url, bytes):
        return url.decode("utf-8", "replace")
    return url.encode("utf-8", "replace").decode("utf-8") if isinstance(url, str) else None


def _days(as_of: Days, size: int) -> pa.Array:
    if as_of is None:
        as_of = datetime.now(UTC).date()
    if isinstance(as_of, date):
        day = as_of.date() if isinstance(as_of, datetime) else as_of
        return pa.repeat(pa.scalar(day, pa.date32()), size)
    try:
        array = as_of.combine_chunks() if isinstance(as_of, pa.ChunkedArray) else pa.array(as_of)
        if pa.types.is_timestamp(array.type):
            array = pc.floor_temporal(array.cast(pa.timestamp("us")), unit="day")
        days = array.cast(pa.date32())
    except (pa.ArrowException, TypeError) as error:
        raise PolicyError(f"as_of: not days ({str(error).splitlines()[0]})") from error
    if len(days) != size:
        raise PolicyError(f"as_of: {len(days)} days for {size} URLs; give one for all, or one for each")
    return days
