"""The words of a table: what a status cell, a date and a calendar mean."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from crawler.errors import InputError
from crawler.sources.table import moment_of, read_calendar
from crawler.sources.table_status import RowOutcome, StatusError, outcome_of_row, status_map
from crawler.vocabulary import Outcome


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        pytest.param("200", b"x", RowOutcome(Outcome.OK, 200), id="200"),
        pytest.param("200.0", b"x", RowOutcome(Outcome.OK, 200), id="200 from a float column"),
        pytest.param("200", b"", RowOutcome(Outcome.OK, 200), id="200 empty: a file without rules"),
        pytest.param("200", b"<html><p>", RowOutcome(Outcome.NOT_THE_FILE, 200), id="200 HTML"),
        pytest.param("200", None, RowOutcome(Outcome.NOT_THE_FILE, 200), id="200, body not kept"),
        pytest.param("404", None, RowOutcome(Outcome.ABSENT, 404), id="404"),
        pytest.param("410", b"gone", RowOutcome(Outcome.ABSENT, 410), id="410"),
        pytest.param("401", None, RowOutcome(Outcome.REFUSED, 401), id="401"),
        pytest.param("402", None, RowOutcome(Outcome.PAID, 402), id="402"),
        pytest.param("403", None, RowOutcome(Outcome.REFUSED, 403), id="403"),
        pytest.param("429", None, RowOutcome(Outcome.RATE_LIMITED, 429), id="429"),
        pytest.param("451", None, RowOutcome(Outcome.REFUSED, 451), id="451"),
        pytest.param("503", b"", RowOutcome(Outcome.SERVER_ERROR, 503), id="503"),
        pytest.param("523", None, RowOutcome(Outcome.SERVER_ERROR, 523), id="523"),
        pytest.param("OK", b"x", RowOutcome(Outcome.OK), id="ok"),
        pytest.param("ok", b"", RowOutcome(Outcome.OK), id="ok, empty"),
        pytest.param("ok", b"<!DOCTYPE html>", RowOutcome(Outcome.NOT_THE_FILE), id="ok, HTML"),
        pytest.param("html", b"<p>", RowOutcome(Outcome.NOT_THE_FILE), id="html"),
        pytest.param("html:200", None, RowOutcome(Outcome.NOT_THE_FILE, 200), id="html:200"),
        pytest.param("html:202", None, RowOutcome(Outcome.NOT_THE_FILE, 202), id="html:202"),
        pytest.param("html:404", None, RowOutcome(Outcome.ABSENT, 404), id="html:404"),
        pytest.param("html:403", None, RowOutcome(Outcome.REFUSED, 403), id="html:403"),
        pytest.param("html:530", None, RowOutcome(Outcome.SERVER_ERROR, 530), id="html:530"),
        pytest.param("error:ConnectTimeout", None, RowOutcome(Outcome.UNREACHABLE), id="error"),
        pytest.param("error:Exceeded 30 redirects", None, RowOutcome(Outcome.REDIRECT_LIMIT), id="redirects"),
        pytest.param("rate_limited", None, RowOutcome(Outcome.RATE_LIMITED), id="an outcome's name"),
        pytest.param(None, b"x", RowOutcome(Outcome.OK), id="no status, a body"),
        pytest.param("", b"<html>", RowOutcome(Outcome.NOT_THE_FILE), id="no status, HTML"),
        pytest.param(None, b"", RowOutcome(Outcome.NOT_THE_FILE), id="no status, empty: never no rules"),
        pytest.param(None, None, RowOutcome(Outcome.NOT_THE_FILE), id="no status, no body"),
    ],
)
def test_what_a_status_means(status: str | None, body: bytes | None, expected: RowOutcome) -> None:
    found = outcome_of_row(status, body)
    assert found[:2] == expected[:2]
    assert (found.detail is None) == (
        found.outcome in (Outcome.OK, Outcome(status)) if status in set(Outcome) else found.outcome is Outcome.OK
    )


@pytest.mark.parametrize("status", ["weird", "0", "99", "1000", "20", "html:xyz", "404 not found"])
def test_a_status_nobody_knows_is_a_reject_unless_mapped(status: str) -> None:
    with pytest.raises(StatusError, match="say what it means with --status-map"):
        outcome_of_row(status, b"x")
    mapped = status_map((f"{status}=absent", "other*=ok"))
    assert outcome_of_row(status.upper(), b"x", mapped=mapped).outcome is Outcome.ABSENT
    assert outcome_of_row("other thing", b"x", mapped=mapped).outcome is Outcome.OK


@pytest.mark.parametrize("pair", ["x", "x=nothing", "=", ""])
def test_a_map_that_is_none(pair: str) -> None:
    with pytest.raises(InputError, match="expected TEXT=OUTCOME with one of ok, absent"):
        status_map((pair,))


@pytest.mark.parametrize(
    ("text", "day", "moment"),
    [
        ("2025-01-15", date(2025, 1, 15), datetime(2025, 1, 15, tzinfo=UTC)),
        ("20250115", date(2025, 1, 15), datetime(2025, 1, 15, tzinfo=UTC)),
        ("20250115103000", date(2025, 1, 15), datetime(2025, 1, 15, 10, 30, tzinfo=UTC)),
        (" 2025-01-15 10:30:00 ", date(2025, 1, 15), datetime(2025, 1, 15, 10, 30, tzinfo=UTC)),
        ("2025-01-15T10:30:00Z", date(2025, 1, 15), datetime(2025, 1, 15, 10, 30, tzinfo=UTC)),
        ("2020-08-17T21:21:12-05:00", date(2020, 8, 17), datetime(2020, 8, 18, 2, 21, 12, tzinfo=UTC)),
    ],
)
def test_moments(text: str, day: date, moment: datetime) -> None:
    """ISO 8601; the day is the one written, whatever the zone."""
    assert (moment_of(text).on, moment_of(text).at) == (day, moment)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2025-13-01", "2025-02-30", "15.01.2025", "0001-01-01", "9999-12-31", "1736899200"]
)
def test_dates_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        moment_of(text)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("crawl_at,commit\n2020-08-17T21:21:12-05:00,x\n2020-08-18,y\n", [17, 18]),
        ("2020-08-17\n\n2020-08-18\n", [17, 18]),
        ("\ufeffday\r\n2020-08-17\r\n", [17]),
    ],
)
def test_calendars(text: str, days: list[int], tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(text, encoding="utf-8", newline="")
    assert [moment.on.day for moment in read_calendar(tmp_path / "c.csv")] == days


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "holds no date"),
        (b"day\n", "holds no date"),
        (b"2020-08-17\nsoon\n", r"c\.csv:2: 'soon' is no date"),
        (b"\xff\xfe\x00", "cannot be read"),
    ],
)
def test_calendars_that_are_none(data: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_bytes(data)
    with pytest.raises(InputError, match=message):
        read_calendar(tmp_path / "c.csv")
    with pytest.raises(InputError, match="cannot be read"):
        read_calendar(tmp_path / "none.csv")
