"""One rate with everything it must carry: n, N, its denominator, its interval, and what is not known."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date

from analysis.figures import Figure
from crawler.vocabulary import Denominator

_Z = 1.959963984540054
"""The 97.5 % point of the standard normal distribution: 95 % two-sided."""


def wilson(n: int, total: int) -> tuple[float | None, float | None]:
    """The 95 % Wilson score interval of `n` of `total`, as shares; None, None where `total` is 0 (Wilson 1927)."""
    if total <= 0:
        return None, None
    share, z2 = n / total, _Z * _Z
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = _Z * math.sqrt(share * (1 - share) / total + z2 / (4 * total * total)) / (1 + z2 / total)
    # At the ends the interval touches 0 and 1 exactly; rounding must not push it past them.
    return (0.0 if n == 0 else max(0.0, middle - half)), (1.0 if n == total else min(1.0, middle + half))


def manski(n: int, total: int, unknown: int, denominator: Denominator) -> tuple[float | None, float | None]:
    """The rates if none or all of the `unknown` sites had counted (metrics 2.2.6), as shares.

    The frame holds the unknown sites already; to every other denominator they are added, as each might belong to it.
    """
    whole = total if denominator in (Denominator.FRAME, Denominator.MATCHED) else total + unknown
    if whole <= 0:
        return None, None
    return n / whole, min(1.0, (n + unknown) / whole)


def figure(
    *,
    definition: str,
    snapshot: str,
    on: date,
    what: Mapping[str, str],
    n: int,
    total: int,
    denominator: Denominator,
    frame: int,
    unknown: int,
    source: str,
    observed: int | None,
    labels: tuple[str, str, str],
    bounded: bool = True,
) -> Figure:
    """A Figure of `n` of `total`; `labels` are rules, registry and readers. Not `bounded`: n counts the unknown."""
    low, high = wilson(n, total)
    below, above = manski(n, total, unknown if bounded else 0, denominator)
    rules, registry, readers = labels
    return Figure(
        definition=definition,
        snapshot=snapshot,
        date=on,
        what=what,
        n=n,
        N=total,
        denominator=denominator.value,
        frame=frame,
        unknown=unknown,
        rate=n / total if total else None,
        low=low,
        high=high,
        bound_low=below,
        bound_high=above,
        registry=registry,
        reader=readers,
        rules=rules,
        source=source,
        observed=observed,
    )
