"""Every signal against its corpus folder: a silent, a malformed and a conflicting case at least (tests/corpus)."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from crawler.classify import outcome_of
from crawler.records import AccessRow, Exchange, Fact, Fault, Headers, LicenceClaim, Reading, Signal, Statement
from crawler.signals import SIGNALS
from crawler.vocabulary import ANYONE, Interpretation, Vocabulary

CORPUS = Path(__file__).parents[1] / "corpus"
KINDS = ("silent", "malformed", "conflict")
AT = datetime(2026, 11, 1, tzinfo=UTC)
EXTENSIONS = {"html": "text/html", "json": "application/json", "txt": "text/plain", "xml": "text/xml"}
BY_FOLDER = {re.sub(r"-\d$", "", signal.id): signal for signal in reversed(SIGNALS)}


def cases() -> list[tuple[str, str]]:
    """Folder and file of every case there is."""
    found = [path for path in sorted(CORPUS.glob("*/*")) if path.name != "expected.toml"]
    return [(path.parent.name, path.name) for path in found]


@cache
def expected(folder: str) -> dict[str, dict[str, list[str]]]:
    """The expectations of a folder, by file."""
    return tomllib.loads((CORPUS / folder / "expected.toml").read_text(encoding="utf-8"))


def exchange(signal: Signal, path: Path) -> Exchange:
    """The exchange a case file describes, in the role of its signal."""
    data = path.read_bytes()
    status = 200
    headers: Headers = ()
    if path.suffix == ".http":
        head, _, data = data.replace(b"\r\n", b"\n").partition(b"\n\n")
        first, *lines = head.decode("utf-8").split("\n")
        status = int(first.split()[1])
        pairs = (line.partition(":") for line in lines)
        headers = tuple((name.strip(), value.strip()) for name, _, value in pairs)
    elif kind := EXTENSIONS.get(path.suffix[1:]):
        headers = (("Content-Type", kind),)
    outcome, detail = outcome_of(status, signal.role, headers, data, False)
    url = "https://case.example/"
    return Exchange(
        "case.example", signal.role, url, outcome, AT, status=status, headers=headers, body=data, detail=detail
    )


def words(reading: Reading) -> str:
    """A reading as the corpus writes it."""
    parts = [str(reading.use), str(reading.stance)]
    if reading.pattern is not None:
        parts.append(reading.pattern)
    if reading.agent != ANYONE:
        parts.append(f"@{reading.agent}")
    if reading.interpretation is not Interpretation.BOTH:
        parts.append(str(reading.interpretation))
    if reading.vocabulary is Vocabulary.AS_OF:
        parts.append(str(reading.vocabulary))
    return " ".join(parts)


def test_every_signal_has_its_cases() -> None:
    """A new signal comes with a corpus folder, and every folder belongs to a signal."""
    kinds: dict[str, set[str]] = {folder: set() for folder in BY_FOLDER}
    for folder, name in cases():
        assert folder in BY_FOLDER, f"tests/corpus/{folder} belongs to no signal"
        kinds[folder].add(name.split(".")[-2])
    missing = [f"tests/corpus/{folder}: {kind}" for folder, have in kinds.items() for kind in KINDS if kind not in have]
    assert not missing


@pytest.mark.parametrize(("folder", "name"), cases())
def test_case(folder: str, name: str) -> None:
    """What stands in the file is found, and nothing else."""
    signal = BY_FOLDER[folder]
    given = exchange(signal, CORPUS / folder / name)
    found: list[Statement] = list(signal.read(given)) if given.outcome in signal.outcomes else []
    wanted = expected(folder)[name]
    readings = [words(statement) for statement in found if isinstance(statement, Reading)]
    assert Counter(readings) == Counter(wanted.get("readings", []))
    facts = [f"{statement.name}={statement.value}" for statement in found if isinstance(statement, Fact)]
    assert Counter(facts) == Counter(wanted.get("facts", []))
    claims = [
        f"{claim.spdx or claim.url} {claim.licence_class} {claim.subject}"
        for claim in found
        if isinstance(claim, LicenceClaim)
    ]
    assert Counter(claims) == Counter(wanted.get("claims", []))
    faults = [statement.reason for statement in found if isinstance(statement, Fault)]
    assert len(faults) == len(wanted.get("faults", [])), faults
    for start in wanted.get("faults", []):
        assert any(reason.startswith(start) for reason in faults), (start, faults)
    rows = {row.token: row for row in found if isinstance(row, AccessRow) and row.profile == "rfc9309"}
    for line in wanted.get("access", []):
        token, column = line.split()
        assert getattr(rows[token], column) is True


@pytest.mark.parametrize(("folder", "name"), cases())
def test_case_is_of_its_kind(folder: str, name: str) -> None:
    """A silent case states nothing; a malformed and a conflicting one are told, not passed over."""
    wanted = {key: value for key, value in expected(folder)[name].items() if key != "access"}
    kind = name.split(".")[-2]
    assert kind in KINDS
    if kind == "silent":
        assert not any(wanted.values())
    elif not expected(folder)[name].get("access"):
        assert any(wanted.values())
