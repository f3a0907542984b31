"""History in a table, one robots.txt a site and date, as portions: a snapshot a date, whole sites in every portion."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Self

from crawler.errors import InputError
from crawler.frame import Frame, FrameSite, frame_of
from crawler.ingest import Portion
from crawler.records import Exchange, Reject, Snapshot, Visit
from crawler.sources.table_files import Columns
from crawler.sources.table_order import PORTION_ROWS, Group, Ordered, TableRow, survey
from crawler.sources.table_status import StatusError, outcome_of_row
from crawler.vocabulary import ROLE_ROBOTS, Outcome

_FIRST_YEAR = 1994
"""robots.txt was proposed in 1994; a date before that is a mistake."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A date as a table writes it: the day as written, and the moment in UTC (midnight where there is only a day)."""

    on: date
    at: datetime


@dataclass(frozen=True, slots=True)
class Options:
    """How a table is to be read. `name` goes into every snapshot's id; `scheme` is the one the files were asked by.

    `frame` is the list of sites the study is about, where it is not simply those the table names.
    `calendar` are the moments the source looked at its sites where it recorded changes alone (`change_log`).
    """

    name: str = ""
    scheme: str = "https"
    change_log: bool = False
    calendar: tuple[Moment, ...] = ()
    status_map: Mapping[str, Outcome] = field(default_factory=dict)
    frame: Frame | None = None
    portion_rows: int = PORTION_ROWS


def moment_of(text: str) -> Moment:
    """The moment an ISO 8601 date or date-time (or `YYYYMMDD`, `YYYYMMDDhhmmss`) names; raises ValueError.

    The day is the one written: a zone moves the moment, never the day, so that a table and its calendar agree whether
    or not each writes its zone. Without a zone the moment is taken as UTC.
    """
    text = text.strip()
    if len(text) == 14 and text.isdigit():
        text = f"{text[:8]}T{text[8:]}"
    found = datetime.fromisoformat(text)
    if not _FIRST_YEAR <= found.year <= datetime.now(UTC).year + 1:
        raise ValueError(f"the year {found.year} is not one of robots.txt")
    return Moment(found.date(), found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC))


def read_calendar(path: Path) -> tuple[Moment, ...]:
    """The moments of a calendar file: a CSV whose first column holds dates, with or without a header. InputError."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise InputError(f"{path}: the calendar cannot be read ({reason}); give a CSV of dates") from error
    moments: list[Moment] = []
    reader = csv.reader(io.StringIO(text))
    try:
        for cells in reader:
            if not cells or not cells[0].strip():
                continue
            try:
                moments.append(moment_of(cells[0]))
            except ValueError as error:
                if moments or reader.line_num > 1:
                    raise InputError(
                        f"{path}:{reader.line_num}: {cells[0][:60]!r} is no date; expected ISO 8601, such as 2024-05-01"
                    ) from error
    except csv.Error as error:
        raise InputError(f"{path}:{reader.line_num}: not CSV ({error})") from error
    if not moments:
        raise InputError(f"{path}: the calendar holds no date; give a CSV whose first column is a date")
    return tuple(moments)


class Table:
    """A table of robots.txt history; a context manager, because large ones are sorted in temporary files.

    Making one looks through the whole file and raises InputError where it cannot be used. `outcomes`, `rejected`,
    `repeated` (rows beyond the first of a site and day) and `done` count what has been handed out so far; `progress`
    is called with every number of rows handed out.
    """

    def __init__(self, path: Path, columns: Columns, options: Options | None = None) -> None:
        self.path, self.columns, self.options = path, columns, options or Options()
        self.found = survey(path, columns)
        self.outcomes: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()
        self.repeated = 0
        self.done = 0
        self.progress: Callable[[int], object] | None = None
        self._moments: dict[str, Moment | str] = {text: _moment(text) for text in self.found.dates}
        self._ordered = Ordered(path, columns, self.found, self.options.portion_rows)
        with path.open("rb") as file:
            self._sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        self.frame = self.options.frame or self._named()
        """The sites of every snapshot: a site without a row in one of them is unknown there, never left out."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ordered.close()

    @property
    def rows(self) -> int:
        """How many rows the table has, records that are none among them."""
        return len(self.found.codes) + len(self.found.rejects)

    @property
    def sites(self) -> int:
        """How many sites it names."""
        return len(self.found.sites)

    @property
    def share_taken(self) -> float:
        """The share of the rows handed out that became exchanges; 1 where none was handed out."""
        refused = self.rejected.total()
        seen = self.done + len(self.found.rejects)
        return 1.0 if seen == 0 else (seen - refused) / seen

    def snapshots(self) -> tuple[Snapshot, ...]:
        """A snapshot for every date of the table and of its calendar, by date."""
        days = {moment.on for moment in (*self._moments.values(), *self.options.calendar) if isinstance(moment, Moment)}
        settings: dict[str, object] = {"columns": self.columns.named(), "change_log": self.options.change_log}
        source = f"table {self.path.name}"
        return tuple(Snapshot(self._id(day), day, source, self.frame.id, None, settings) for day in sorted(days))

    def portions(self) -> Iterator[Portion]:
        """The table in portions, each to be taken in before the next is asked for."""
        fingerprint = self._fingerprint()
        snapshots = self.snapshots()
        early: list[Reject] = list(self.found.rejects)
        for reject in early:
            self.rejected[_kind(reject.reason)] += 1
        for name, groups in self._ordered.portions():
            rejects, early = early, []
            yield Portion(
                hashlib.sha256(f"{fingerprint} {name}".encode()).hexdigest(),
                f"{self.path.name} {name}",
                snapshots,
                self._visits(groups, rejects),
                rejects,
                (self.frame,),
                self._calendar(),
            )
        if early:
            key = hashlib.sha256(f"{fingerprint} rejects".encode()).hexdigest()
            yield Portion(key, f"{self.path.name} rejects", snapshots, (), early, (self.frame,))

    def _calendar(self) -> tuple[tuple[str, datetime], ...]:
        """The last moment of every day the source looked; its own dates where no calendar is given."""
        if not self.options.change_log:
            return ()
        given = self.options.calendar or tuple(m for m in self._moments.values() if isinstance(m, Moment))
        last: dict[date, datetime] = {}
        for moment in given:
            last[moment.on] = max(moment.at, last.get(moment.on, moment.at))
        return tuple((self._id(day), last[day]) for day in sorted(last))

    def _id(self, day: date) -> str:
        return f"{day.isoformat()}-{self.options.name}" if self.options.name else day.isoformat()

    def _named(self) -> Frame:
        """The sites the table names anywhere, as the frame of every one of its dates."""
        named = zip(self.found.sites, self.found.listed, strict=True)
        sites = [FrameSite(site, listed, line) for site, (listed, line) in named]
        return frame_of(f"sites of {self.path.name}", self._sha256, sites)

    def _fingerprint(self) -> str:
        given = self.options
        how = [asdict(self.columns), given.name, given.scheme, given.change_log, sorted(given.status_map.items())]
        calendar = [moment.at.isoformat() for moment in given.calendar]
        return json.dumps([self._sha256, how, calendar, given.frame.id if given.frame else None])

    def _visits(self, groups: Iterator[Group], rejects: list[Reject]) -> Iterator[tuple[str, Visit]]:
        for group in groups:
            self.done += len(group)
            if self.progress is not None:
                self.progress(len(group))
            rows = [pair for row in group if (pair := self._exchange(row, rejects)) is not None]
            rows.sort(key=lambda pair: pair[0].at)
            for day, pairs in groupby(rows, key=lambda pair: pair[0].on):
                exchanges = tuple(exchange for _, exchange in pairs)
                self.outcomes[exchanges[-1].outcome.value] += 1
                self.repeated += len(exchanges) - 1
                first, last = exchanges[0].fetched_at, exchanges[-1].fetched_at
                yield self._id(day), Visit(exchanges[0].site, exchanges, first, last)

    def _exchange(self, row: TableRow, rejects: list[Reject]) -> tuple[Moment, Exchange] | None:
        moment = self._moments[row.date]
        if row.site is None or isinstance(moment, str):
            reason = row.reason if row.site is None else str(moment)
            self._reject(row, f"{reason}", rejects)
            return None
        mapped = self.options.status_map
        try:
            outcome, status, detail = outcome_of_row(row.status, row.body, truncated=row.truncated, mapped=mapped)
        except StatusError as error:
            self._reject(row, str(error), rejects)
            return None
        exchange = Exchange(
            site=row.site,
            role=ROLE_ROBOTS,
            url=f"{self.options.scheme}://{row.site}/robots.txt",
            outcome=outcome,
            fetched_at=moment.at,
            status=status,
            body=row.body,
            truncated=row.truncated,
            detail=detail,
        )
        return moment, exchange

    def _reject(self, row: TableRow, reason: str, rejects: list[Reject]) -> None:
        self.rejected[_kind(reason)] += 1
        rejects.append(Reject(f"row {row.place}", reason, row.listed[:200] or None, row.date[:200] or None))


def _kind(reason: str) -> str:
    """A reason without its particulars, for counting."""
    return reason.partition(":")[0].partition(" '")[0][:60]


def _moment(text: str) -> Moment | str:
    if not text.strip():
        return "no date"
    try:
        return moment_of(text)
    except ValueError as error:
        return f"not a date: {text[:60]!r} ({error})"[:200]
