"""Pages a second, all readings included, against extruct and BeautifulSoup with lxml, interleaved in one run.

    python tests/bench/bench_pages.py [../shared/data] [--every N] [--rounds N] [--block N]

Ours is every signal that reads a page's body, on a page nobody has parsed yet, so that the parse is part of it. extruct
is `extruct.extract` with all syntaxes (`errors="ignore"`); BeautifulSoup with lxml scans links, metas and scripts.
Each turn begins without rubbish, so short turns favour engines that leave much of it; with `--block 1000` each reads
all pages in one turn, as a program does that has no other. Times are CPU seconds of this process. Prints one JSON
object: seconds and pages a second of the best round, and ratios.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import logging
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import extruct
from bs4 import BeautifulSoup

from crawler.html import page
from crawler.records import Exchange
from crawler.signals import SIGNALS
from crawler.vocabulary import ROLE_PAGE, Outcome, Part

AT = datetime(2026, 11, 1, tzinfo=UTC)
READERS = [s for s in SIGNALS if s.role == ROLE_PAGE and s.part is Part.BODY and Outcome.OK in s.outcomes]
URL = "https://page.example/"


def ours(body: bytes) -> None:
    """Every reader of a page's body."""
    exchange = Exchange("page.example", ROLE_PAGE, URL, Outcome.OK, AT, status=200, body=body)
    for signal in READERS:
        signal.read(exchange)


def by_extruct(body: bytes) -> None:
    """All syntaxes of extruct; a page it cannot read costs what it cost until then."""
    try:
        extruct.extract(body, base_url=URL, errors="ignore")
    except (ValueError, RecursionError, AttributeError, TypeError) as error:
        logging.debug("extruct: %s", error)


def by_soup(body: bytes) -> None:
    """A scan for licence statements: links by `rel` and address, metas, JSON-LD scripts."""
    soup = BeautifulSoup(body, "lxml")
    for tag in soup.find_all(["a", "link", "area"]):
        rel = [word.lower() for word in (tag.get("rel") or [])]
        if "license" in rel or "creativecommons.org" in str(tag.get("href") or ""):
            tag.get_text()
    for tag in soup.find_all("meta"):
        tag.get("name")
    for tag in soup.find_all("script", type="application/ld+json"):
        with suppress(ValueError):
            json.loads(tag.string or "")


def soup_parse(body: bytes) -> None:
    """BeautifulSoup's parse with lxml and nothing else."""
    BeautifulSoup(body, "lxml")


RIVALS: dict[str, Callable[[bytes], None]] = {
    "ours": ours,
    "extruct": by_extruct,
    "beautifulsoup_lxml": by_soup,
    "beautifulsoup_lxml_parse_only": soup_parse,
}


def saved_pages(data: Path) -> list[bytes]:
    """The saved real pages as bytes."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    with zstd.open(data / "html/pages.jsonl.zst", "rb") as file:
        lines = io.TextIOWrapper(file, "utf-8")
        return [json.loads(line)["html"].encode("utf-8", "surrogatepass") for line in lines]


def measure(pages: list[bytes], rounds: int, block: int) -> dict[str, dict[str, float]]:
    """Per engine the seconds and pages a second of its best round; the engines take turns, `block` pages each."""
    best = dict.fromkeys(RIVALS, float("inf"))
    for _ in range(rounds):
        spent = dict.fromkeys(RIVALS, 0.0)
        for start in range(0, len(pages), block):
            for name, engine in RIVALS.items():
                # The last page's parse is kept for the next reader: no engine may find its own there, nor pay for
                # another's garbage.
                page(b"")
                gc.collect()
                started = time.process_time()
                for body in pages[start : start + block]:
                    engine(body)
                spent[name] += time.process_time() - started
        best = {name: min(best[name], spent[name]) for name in RIVALS}
    return {name: {"seconds": round(t, 3), "pages_per_second": round(len(pages) / t, 1)} for name, t in best.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, default=Path(__file__).parents[2] / "../shared/data")
    parser.add_argument("--every", type=int, default=1, help="take every Nth page")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument(
        "--block", type=int, default=20, help="pages an engine reads before the next has its turn (default: 20)"
    )
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.filterwarnings("ignore")
    pages = saved_pages(options.data)[:: options.every]
    found = measure(pages, options.rounds, options.block)
    rate = {name: values["pages_per_second"] for name, values in found.items()}
    result = {
        "pages": len(pages),
        "bytes": sum(map(len, pages)),
        "readers": len(READERS),
        "block": options.block,
        "engines": found,
        "times_extruct": round(rate["ours"] / rate["extruct"], 1),
        "times_beautifulsoup_lxml": round(rate["ours"] / rate["beautifulsoup_lxml"], 1),
        "times_beautifulsoup_lxml_parse_only": round(rate["ours"] / rate["beautifulsoup_lxml_parse_only"], 1),
    }
    sys.stdout.write(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
