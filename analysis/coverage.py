"""Coverage: was each place a statement can stand looked at, so that silence and ignorance never look alike.

A carrier of a picture is `present` (a statement its specification can read), `absent` (looked, nothing there, or the
server says there is no such file), `malformed` (something is there that cannot be read as its specification asks) or
`unobserved` with the reason. Well-known files count as absent when the server refuses them or sends something else in
their place: a 4xx says there is none. robots.txt and the page do not: what was not seen there could be anything.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import duckdb
import pyarrow as pa

from analysis import lens as lenses
from analysis.lens import Lens
from crawler.signals import SIGNALS
from crawler.vocabulary import MOST_SAMPLED, ROLE_MEDIA, ROLE_PAGE, ROLE_ROBOTS, Axis, Outcome, Use

_KINDS = {ROLE_ROBOTS: "asked", ROLE_PAGE: "asked", ROLE_MEDIA: "sampled"}
_NTH = re.compile(r"(.+?)(?:-(\d+))?")


class CarrierRow(NamedTuple):
    """A carrier as one reader serves it. `kind` says why its role is asked: `asked` always, `probe` a well-known file,
    `declared` a document that another statement points to, the `nth` one of role `base`, `sampled` a file of which some
    may be asked: what it says holds for that file. `gate` marks the carrier whose access rows say which agents may
    fetch.
    """

    carrier: str
    reader: str
    version: int
    role: str
    part: str
    outcomes: list[str]
    axis: str
    family: str
    precedence: int
    kind: str
    base: str
    nth: int
    gate: bool


def carrier_rows() -> list[CarrierRow]:
    """Every carrier of today's readers, one row for each reader that serves it."""
    probes = {signal.role for signal in SIGNALS if signal.probe is not None}
    rows = []
    for signal in SIGNALS:
        kind = _KINDS.get(signal.role) or ("probe" if signal.role in probes else "declared")
        base, nth = signal.role, 1
        if kind == "declared" and (found := _NTH.fullmatch(signal.role)):
            base, nth = found[1], int(found[2] or 1)
        for carrier in signal.carriers:
            gate = carrier.axis is Axis.ACCESS and signal.role == ROLE_ROBOTS
            what = (carrier.axis.value, carrier.family or carrier.id, carrier.precedence)
            where = (signal.role, signal.part.value, sorted(outcome.value for outcome in signal.outcomes))
            rows.append(CarrierRow(carrier.id, signal.id, signal.version, *where, *what, kind, base, nth, gate))
    return rows


def speaks_of() -> dict[str, tuple[Use, ...]]:
    """Carrier to the uses that stay open while it is unread; robots.txt groups count for all, as any use may be derived
    from who may fetch, and sampled files for none, as no statement about the site stands there.
    """
    uses: dict[str, tuple[Use, ...]] = {}
    for signal in SIGNALS:
        if _KINDS.get(signal.role) == "sampled":
            continue
        for carrier in signal.carriers:
            if carrier.axis is Axis.USE:
                uses[carrier.id] = carrier.uses or tuple(Use)
            elif carrier.axis is Axis.ACCESS and signal.role == ROLE_ROBOTS:
                uses[carrier.id] = tuple(Use)
    return uses


def register(connection: duckdb.DuckDBPyConnection, lens: Lens | None = None) -> None:
    """Make today's readers, carriers and uses, and what is asked through a lens, readable in SQL for a while."""
    carriers = carrier_rows()
    columns = {name: [getattr(row, name) for row in carriers] for name in CarrierRow._fields}
    _temp(connection, "carrier_now", pa.table(columns))
    readers = sorted(
        (role, row.part, row.reader, row.version, Outcome.OK.value in row.outcomes)
        for row in {row.reader: row for row in carriers}.values()
        for role in ([row.role] if row.kind != "sampled" else _numbered(row.role))
    )
    table = {
        name: [row[i] for row in readers] for i, name in enumerate(("role", "part", "reader", "version", "reads_ok"))
    }
    table["reader_key"] = [f"{reader}@{version}" for _, _, reader, version, _ in readers]
    _temp(connection, "reader_now", pa.table(table))
    pairs = [(carrier, use.value) for carrier, uses in speaks_of().items() for use in uses]
    _temp(connection, "carrier_use", pa.table({"carrier": [p[0] for p in pairs], "use": [p[1] for p in pairs]}))
    _temp(connection, "use_now", pa.table({"use": [use.value for use in Use]}))
    lenses.register(connection, lens)


def _numbered(role: str) -> list[str]:
    """The roles under which a visit asks for sampled files."""
    return [f"{role}-{number}" for number in range(1, MOST_SAMPLED + 1)]


def _temp(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    connection.register("incoming_words", table)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM incoming_words")
    connection.unregister("incoming_words")
