"""Who may fetch: RFC 9309 groups as one access row a named token and one for everybody else, and what is odd there."""

from __future__ import annotations

from collections.abc import Iterator

from crawler.records import AccessRow, Carrier, Exchange, Fact, Signal, Statement
from crawler.robots import RAW_LIMIT, Line, RobotsFile, access_rows, notes_of, other_rows, parse
from crawler.robots.placing import placed
from crawler.robots.provenance import blocklist_of, blocks_of
from crawler.vocabulary import ANYONE, ROLE_ROBOTS, Axis, Basis, Part

MAX_FACTS = 50
"""Facts of one name a file may have; what it holds beyond them is counted in a `note:capped`."""

_CARRIER = Carrier(
    "robots-groups",
    "robots.txt groups",
    "https://www.rfc-editor.org/rfc/rfc9309",
    "IETF proposed standard",
    axis=Axis.ACCESS,
)
_FILE_WIDE = {"sitemap": "sitemap", "noindex": "noindex"}
_FACTS = frozenset((*_FILE_WIDE, "crawl-delay"))


def read(exchange: Exchange) -> list[Statement]:
    """The rows of every token the file names and of `*`, and Facts: `sitemap`, `crawl_delay`, `note:CODE`.

    Rows of profile `rfc9309` stand for every token; `google`, `aipref` and `intended` ones only where they differ.
    A crawl delay in the group of a named token is `crawl_delay@TOKEN` (lower-case). `cdn_managed` and `template` name
    the writer of a block of lines; `blocklist` is the number of tokens refused everything by name and a hash of them.
    """
    file = parse(exchange.body or b"")
    rows = access_rows(file)
    return [*rows, *other_rows(file, rows), *_facts(file, rows)]


def _facts(file: RobotsFile, rows: list[AccessRow]) -> Iterator[Fact]:
    counts: dict[str, int] = {}
    for fact in (*_lines(file), *_hands(file, rows), *_notes(file)):
        name = fact.name.partition("@")[0]
        counts[name] = counts.get(name, 0) + 1
        if counts[name] <= MAX_FACTS:
            yield fact
    for name, count in counts.items():
        if count > MAX_FACTS:
            yield Fact(_CARRIER.id, "note:capped", f"{count - MAX_FACTS} more {name}", "file", "")


def _lines(file: RobotsFile) -> Iterator[Fact]:
    name: str | None
    if "o" not in file.shape or not file.fields.intersection(_FACTS):
        return
    for found in placed(file, "o", "crawl-delay".__eq__):
        name = "crawl_delay" if found.agent == ANYONE else f"crawl_delay@{found.agent}"
        if found.line.value:
            yield _fact(name, found.line)
    for line in file.pick(0, len(file), "o"):
        if line.value and (name := _FILE_WIDE.get(line.field)):
            yield _fact(name, line)


def _fact(name: str, line: Line) -> Fact:
    return Fact(_CARRIER.id, name, line.value[:2_048], f"line {line.number}", line.raw[:RAW_LIMIT])


def _hands(file: RobotsFile, rows: list[AccessRow]) -> Iterator[Fact]:
    for block in blocks_of(file):
        raw = file.line(block.first).raw[:RAW_LIMIT]
        yield Fact(_CARRIER.id, block.provenance.value, block.name, f"lines {block.first}-{block.last}", raw)
    refused = [row.token for row in rows if row.full_exact and row.basis is Basis.EXPLICIT]
    if len(refused) > 1:
        yield Fact(_CARRIER.id, "blocklist", blocklist_of(refused), "file", ", ".join(refused)[:RAW_LIMIT])


def _notes(file: RobotsFile) -> Iterator[Fact]:
    for note in notes_of(file):
        locator = "file" if note.line is None else f"line {note.line}"
        raw = "" if note.line is None else file.line(note.line).raw[:RAW_LIMIT]
        yield Fact(_CARRIER.id, f"note:{note.code}", note.value[:RAW_LIMIT] or "true", locator, raw)


ROBOTS_GROUPS = Signal("robots-groups", 1, ROLE_ROBOTS, Part.BODY, (_CARRIER,), read)
