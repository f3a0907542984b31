"""Every exchange of a web archive, whatever its address: what `openweb read` reads of a WARC or ARC file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from crawler.classify import unmask
from crawler.given import Broken, GivenError, answer, moment
from crawler.records import Exchange, Headers, Reject
from crawler.sources.warc import decoded, read_visits
from crawler.warc import EXCHANGE_FIELD, restored, split_http
from crawler.warc_reader import Record, read_records

_FIRST = 5
# Of these the headers speak, and no signal reads their bytes.
_MEDIA = ("image/svg", "audio/", "video/", "font/", "text/css", "text/javascript", "application/javascript")


def exchanges_in(path: Path) -> Iterator[Exchange | Broken]:
    """The exchanges of an archive in file order; a segment of ours comes back as it was, soft 404s unmasked.

    Requests, revisits and records about other things than http(s) addresses are passed over; what is damaged is
    Broken. Raises InputError for a file that cannot be opened.
    """
    begin = [record for record in islice(read_records(path), _FIRST) if isinstance(record, Record)]
    if any(EXCHANGE_FIELD.lower() in record.fields for record in begin):
        rejects: list[Reject] = []
        for visit in read_visits(path, rejects):
            yield from unmask(visit).exchanges
            yield from map(_broken, rejects)
            rejects.clear()
        yield from map(_broken, rejects)
        return
    for record in read_records(path):
        if isinstance(record, Reject):
            yield _broken(record)
        elif record.kind in ("response", "resource") and (found := _exchange(record)) is not None:
            yield found


def _broken(reject: Reject) -> Broken:
    return Broken(reject.place, reject.reason, None)


def _exchange(record: Record) -> Exchange | Broken | None:
    url, place = record.fields.get("warc-target-uri", "").strip("<> "), f"offset {record.offset}"
    if not url.lower().startswith(("http://", "https://")):
        return None
    status: int | None
    headers: Headers
    if record.kind == "resource":
        kind = record.fields.get("content-type")
        status, headers, body = 200, ((("Content-Type", kind),) if kind else ()), record.block
    else:
        status, headers, payload = split_http(record.block)
        if status is None:
            return Broken(place, "a response that is not HTTP", url)
        body = decoded(headers, payload)
        headers = restored(headers)
    kind = next((value.strip().lower() for name, value in headers if name.lower() == "content-type"), "")
    try:
        return answer(
            url,
            status,
            headers,
            None if kind.startswith(_MEDIA) and not body.startswith(b"ID3") else body,
            at=moment(record.fields.get("warc-date", "")),
            truncated="warc-truncated" in record.fields,
        )
    except GivenError as error:
        return Broken(place, str(error), url)
