"""Files built to be expensive cost time linear in their size, in the reader, the matcher and every signal.

CPU time of the whole reading is taken at two sizes, four to one; the bound leaves room for a noisy machine and would
still catch what is quadratic (sixteen to one).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from crawler import signals
from crawler.records import Exchange
from crawler.robots.oracle import Oracle
from crawler.vocabulary import ROLE_ROBOTS, Outcome

SMALL, LARGE = 40_000, 160_000
BOUND = 10.0
FLOOR = 0.02
"""CPU seconds below which a time is taken for this much: nothing is told from noise there."""


def filled(size: int, text: bytes) -> bytes:
    return (text * (size // len(text) + 1))[:size]


def numbered(size: int, text: str) -> bytes:
    one = len(text.replace("{}", "0000"))
    return b"".join(text.replace("{}", str(i)).encode() for i in range(size // one))


STAR = b"User-agent: *\n"
CASES: dict[str, Callable[[int], bytes]] = {
    "one line of *": lambda n: STAR + b"Disallow: /" + b"*" * n,
    "one line of *a": lambda n: STAR + b"Disallow: /" + filled(n, b"*a"),
    "one line of %": lambda n: STAR + b"Disallow: /" + b"%" * n,
    "nested escapes": lambda n: STAR + b"Disallow: /" + filled(n, b"%25"),
    "octets that are no UTF-8": lambda n: STAR + b"Disallow: /" + b"\xe9" * n,
    "groups": lambda n: numbered(n, "User-agent: b{}\nDisallow: /{}\n"),
    "groups of one token": lambda n: filled(n, b"User-agent: a\nDisallow: /\n"),
    "two tokens in turn": lambda n: filled(n, b"User-agent: a\nDisallow: /x\nUser-agent: b\nAllow: /x\n"),
    "tokens of one group": lambda n: numbered(n, "User-agent: b{}\n") + b"Disallow: /\n",
    "rules": lambda n: STAR + numbered(n, "Disallow: /{}\nAllow: /{}\n"),
    "rules with wildcards under a block": lambda n: STAR + b"Disallow: /*\n" + numbered(n, "Allow: /{}*a*b$\n"),
    "tokens times signals": lambda n: (
        numbered(n // 2, "User-agent: b{}\n") + filled(n // 2, b"Content-Signal: search=no\n")
    ),
    "tokens times delays": lambda n: numbered(n // 2, "User-agent: b{}\n") + filled(n // 2, b"Crawl-delay: 1\n"),
    "usage rules": lambda n: STAR + numbered(n, "Content-Usage: /{} train-ai=n, x{}=y\n"),
    "a long dictionary": lambda n: STAR + b"Content-Usage: " + filled(n, b"a=y, "),
    "a deep value": lambda n: STAR + b"Content-Usage: a=" + b"(" * n,
    "comments that reserve": lambda n: filled(n, b"# text and data mining reserved art. 4 2019/790 train AI\n"),
    "one comment that reserves": lambda n: b"# " + filled(n, b"text and data mining reserved train AI "),
    "managed blocks": lambda n: filled(n, b"# begin yoast block\nContent-Signal: search=no\n# end yoast block\n"),
    "lines of folk": lambda n: filled(n, b"TDM-Reservation: 1\nNoAI: /\n"),
    "keys Google knows": lambda n: STAR + numbered(n, "DisallowX{}: /a\n"),
    "odd tokens": lambda n: numbered(n, "User-agent: a{}/1.0\nDisallow: /\n"),
    "lists of tokens": lambda n: b"User-agent: " + filled(n, b"a, b, ") + b"\nDisallow: /\n",
    "glued rules": lambda n: numbered(n, "User-agent: a{} disallow: /\n"),
    "whole user-agent strings": lambda n: b"User-agent: Mozilla " + filled(n, b"a/1 b/2 ") + b"\nDisallow: /\n",
    "NUL": lambda n: b"\0" * n,
    "blank lines": lambda n: b"\n" * n,
    "colons": lambda n: b":" * n,
    "comment signs": lambda n: b"#" * n,
}


def cost(body: bytes) -> float:
    """CPU seconds of reading a body with every signal, and asking both profiles about a long path."""
    exchange = Exchange(
        "a.example",
        ROLE_ROBOTS,
        "https://a.example/robots.txt",
        Outcome.OK,
        datetime(2026, 1, 1, tzinfo=UTC),
        body=body,
    )
    started = time.process_time()
    count = sum(1 for _ in signals.read(exchange))
    Oracle().ask(body, "GPTBot", "https://a.example/" + "a" * 2_000)
    assert count > 0
    return time.process_time() - started


@pytest.mark.parametrize("case", CASES)
def test_time_is_linear_in_size(case: str) -> None:
    ratios = []
    for _ in range(3):
        small, large = cost(CASES[case](SMALL)), cost(CASES[case](LARGE))
        ratios.append(max(large, FLOOR) / max(small, FLOOR))
        if ratios[-1] < BOUND:
            return
    pytest.fail(f"{case}: four times the size cost {min(ratios):.1f} times the time")
