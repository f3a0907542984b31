"""Intervals and bounds against published values."""

from __future__ import annotations

import pytest

from analysis.rates import manski, wilson
from crawler.vocabulary import Denominator

# Newcombe 1998 (Statistics in Medicine 17), table I, method 3: the Wilson score interval without continuity correction.
NEWCOMBE = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0, 0.1611),
    (1, 29, 0.0061, 0.1718),
]


@pytest.mark.parametrize(("n", "total", "low", "high"), NEWCOMBE)
def test_wilson_newcombe_1998(n: int, total: int, low: float, high: float) -> None:
    assert list(wilson(n, total)) == pytest.approx([low, high], abs=5e-5)


def test_wilson_of_nothing() -> None:
    assert wilson(0, 0) == (None, None)


def test_wilson_of_all_is_the_mirror_of_none() -> None:
    assert list(wilson(20, 20)) == pytest.approx([1 - 0.1611, 1.0], abs=5e-5)


@pytest.mark.parametrize(
    ("n", "total", "unknown", "denominator", "expected"),
    [
        (45, 129, 16, Denominator.ANSWERED, (45 / 145, 61 / 145)),
        (45, 145, 16, Denominator.FRAME, (45 / 145, 61 / 145)),
        (10, 20, 0, Denominator.MATCHED, (0.5, 0.5)),
        (0, 0, 0, Denominator.ANSWERED, (None, None)),
        (0, 0, 4, Denominator.ANSWERED, (0.0, 1.0)),
    ],
)
def test_manski_metrics_2_2_6(
    n: int, total: int, unknown: int, denominator: Denominator, expected: tuple[float | None, float | None]
) -> None:
    assert manski(n, total, unknown, denominator) == expected
