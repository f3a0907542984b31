"""Nothing that extruct (all syntaxes) or a BeautifulSoup scan finds as a licence statement on real pages is lost.

The test looks at a sample of the saved pages that is read in under a minute; the full run is this file as a program:

    python tests/crawler/test_licences_parity.py
"""

from __future__ import annotations

import io
import json
import logging
import re
import sys
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.licences.second import SYNTAXES, same, second_reading
from crawler.records import Exchange, Fault, LicenceClaim
from crawler.signals import SIGNALS
from crawler.vocabulary import ROLE_PAGE, Outcome, Part

PAGES = (Path(__file__).parents[2] / "../shared/data/html/pages.jsonl.zst").resolve()
BASE = "https://page.example/at/page"
AT = datetime(2026, 11, 1, tzinfo=UTC)
SAMPLE_BYTES = 120_000
"""Pages up to this size are in the sample: extruct's RDFa and microformats take seconds on larger ones."""

READERS = [s for s in SIGNALS if s.role == ROLE_PAGE and s.part is Part.BODY and Outcome.OK in s.outcomes]

NOT_STATEMENTS = {
    "rel=copyright whose address names no licence": "a synonym of rel=license, but sites link their imprint with it",
    "a badge inside a link": "the link says the same, and is compared",
    "a link typed application/rsl+xml": "no licence but an RSL document (RSL 1.0, 4.2), read by another signal",
    "rights in words in RDFa": "prose; the same words in a meta are compared",
    "properties that merely end like it (`acquireLicensePage`)": "facts, kept as such",
}
"""What the two others report, or a reader might expect of them, that is not counted as a licence statement, and why."""


def saved_pages() -> Iterator[dict[str, Any]]:
    """The saved real pages, or a skip where they are not."""
    if not PAGES.exists():
        pytest.skip("no saved pages beside the repository")
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        zstd = pytest.importorskip("backports.zstd")
    with zstd.open(PAGES, "rb") as file:
        for line in io.TextIOWrapper(file, "utf-8"):
            yield json.loads(line)


def ours(body: bytes) -> set[str]:
    """Every address or text our readers claim or report as unreadable, resolved."""
    exchange = Exchange("page.example", ROLE_PAGE, BASE, Outcome.OK, AT, status=200, body=body)
    found: set[str] = set()
    for signal in READERS:
        for statement in signal.read(exchange):
            if isinstance(statement, LicenceClaim):
                found.add(same(statement.url, BASE))
            elif isinstance(statement, Fault):
                found.add(f"fault {statement.carrier}")
    return found


def lost(page: dict[str, Any]) -> tuple[int, list[tuple[str, str, str]]]:
    """How many statements the two others find on a page, and those of them that we do not."""
    body = page["html"].encode("utf-8", "surrogatepass")
    own = ours(body)
    theirs = [found for found in second_reading(body, BASE, (*SYNTAXES, "microformat")) if found.failed is None]
    missing = [(page["id"], found.by, found.raw) for found in theirs if same(found.raw, BASE) not in own]
    return len(theirs), missing


def quiet() -> None:
    """Stop what the two others say on the way."""
    logging.disable(logging.CRITICAL)
    warnings.filterwarnings("ignore")


def test_nothing_is_lost() -> None:
    """Issue 4: what extruct or BeautifulSoup finds on the sampled pages, we find."""
    quiet()
    total = 0
    for number, page in enumerate(saved_pages()):
        hinted = re.search(r"licen[sc]e|creativecommons|rights", page["html"], re.IGNORECASE) is not None
        if len(page["html"]) > SAMPLE_BYTES or not hinted or number % 3:
            continue
        count, missing = lost(page)
        assert not missing
        total += count
    assert total > 30


if __name__ == "__main__":
    quiet()
    counted = 0
    gone: list[tuple[str, str, str]] = []
    for each in saved_pages():
        n, missed = lost(each)
        counted, gone = counted + n, [*gone, *missed]
    sys.stdout.write(
        json.dumps({"statements": counted, "lost": gone, "not_counted": NOT_STATEMENTS}, indent=1, ensure_ascii=False)
        + "\n"
    )
