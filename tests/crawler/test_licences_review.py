"""The claims of class A and B that were read on real pages, and each page's own licence, against what is found."""

from __future__ import annotations

import io
import json
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.licences.page import page_licence
from crawler.records import Exchange, LicenceClaim
from crawler.signals import SIGNALS
from crawler.vocabulary import ROLE_PAGE, LicenceClass, Outcome, Part

PAGES = (Path(__file__).parents[2] / "../shared/data/html/pages.jsonl.zst").resolve()
REVIEW = Path(__file__).with_name("licences_review.toml")
DOCUMENT = Path(__file__).parents[2] / "docs/licence-review.md"
AT = datetime(2026, 11, 1, tzinfo=UTC)
READERS = [s for s in SIGNALS if s.role == ROLE_PAGE and s.part is Part.BODY and s.id.startswith("licence-")]


def reviewed() -> dict[str, dict[str, Any]]:
    """The decisions by page id."""
    return tomllib.loads(REVIEW.read_text(encoding="utf-8"))


def saved_pages() -> Iterator[tuple[str, list[LicenceClaim]]]:
    """The saved real pages' ids and claims, or a skip where they are not."""
    if not PAGES.exists():
        pytest.skip("no saved pages beside the repository")
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        zstd = pytest.importorskip("backports.zstd")
    with zstd.open(PAGES, "rb") as file:
        for line in io.TextIOWrapper(file, "utf-8"):
            saved = json.loads(line)
            body = saved["html"].encode("utf-8", "surrogatepass")
            exchange = Exchange("p.example", ROLE_PAGE, "https://p.example/", Outcome.OK, AT, status=200, body=body)
            found = [each for signal in READERS for each in signal.read(exchange)]
            yield saved["id"], [each for each in found if isinstance(each, LicenceClaim)]


def test_reviewed_claims_and_pages() -> None:
    """Every claim of class A and B is one that was read, and every page has the licence a reader gave it."""
    decisions = reviewed()
    seen = set()
    for identifier, claims in saved_pages():
        decided = decisions.get(identifier, {"licence": "", "class": "", "partial": False})
        wanted: Counter[str] = Counter()
        for line in decided.get("claims", []):
            _, times, key = line.split(" ", 2)
            wanted[key] += int(times)
        firm = [each for each in claims if each.licence_class in (LicenceClass.A, LicenceClass.B)]
        found = Counter(f"{c.carrier} {c.spdx or c.url} {c.licence_class} {c.subject}" for c in firm)
        assert found == wanted, identifier
        page = page_licence(claims)
        given = (page.spdx or "", str(page.licence_class or ""), page.partial)
        assert given == (decided["licence"], decided["class"], decided["partial"]), identifier
        seen.add(identifier)
    assert set(decisions) <= seen


def test_the_document_counts_them() -> None:
    """docs/licence-review.md gives the numbers of the decisions."""
    verdicts: Counter[str] = Counter()
    for decided in reviewed().values():
        for line in decided.get("claims", []):
            verdict, times, _ = line.split(" ", 2)
            verdicts[verdict] += int(times)
    text = DOCUMENT.read_text(encoding="utf-8")
    for verdict in ("right", "wrong"):
        assert re.search(rf"^\| {verdict} \| {verdicts[verdict]} \|$", text, re.MULTILINE)
    assert f"({verdicts['right']} of {verdicts.total()})" in text
