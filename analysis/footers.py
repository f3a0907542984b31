"""A licence in the footer: of the whole site where every page looked at carries it, of its own pages where not.

Signals-page 5.2. What is told here is evidence beside the claims; no verdict and no claim changes by it.
"""

from __future__ import annotations

from typing import Any

import duckdb

from analysis.figures import FooterLine
from analysis.query import rows, sql
from crawler.licences.page import page_licence
from crawler.records import LicenceClaim
from crawler.vocabulary import ROLE_PAGE, ROLE_SAMPLE, LicenceClass, Subject


def footers(apart: duckdb.DuckDBPyConnection) -> list[FooterLine]:
    """Each licence that stands in the footer of a page of the one visit in `apart`, the most often seen first.

    Pages of the same bytes (a redirect to the landing page, say) count once. One page alone says nothing about the
    site, so its footer's licence is that page's.
    """
    pages: dict[str, tuple[str, list[LicenceClaim]]] = {}
    first: dict[str, str] = {}
    for row in rows(apart, sql("explain_footers"), {"page": ROLE_PAGE, "sample": f"{ROLE_SAMPLE}-"}):
        sha = row["content_sha256"]
        if first.setdefault(sha, row["role"]) != row["role"]:
            continue
        _, claims = pages.setdefault(sha, (row["page_url"], []))
        if row["carrier"] is not None:
            claims.append(_claim(row))
    found: dict[str, list[tuple[str, list[LicenceClaim]]]] = {}
    for url, claims in pages.values():
        for spdx in {claim.spdx for claim in claims if _in_footer(claim)}:
            found.setdefault(spdx or "", []).append((url, claims))
    lines = [
        FooterLine(
            spdx=spdx,
            scope="site" if len(on) == len(pages) > 1 else "page",
            pages=len(on),
            looked_at=len(pages),
            otherwise=sum(_says_otherwise(spdx, claims) for _, claims in on),
            urls=tuple(url for url, _ in on),
        )
        for spdx, on in found.items()
    ]
    return sorted(lines, key=lambda line: (-line.pages, line.spdx))


def _in_footer(claim: LicenceClaim) -> bool:
    return (
        claim.location == "footer"
        and claim.spdx is not None
        and claim.subject is Subject.DOCUMENT
        and claim.licence_class is not LicenceClass.EXCLUDED
    )


def _says_otherwise(spdx: str, claims: list[LicenceClaim]) -> bool:
    """Whether a page's own main content is under another licence, which beats the footer, or in conflict with it."""
    own = page_licence(claims)
    return own.conflict or (own.spdx is not None and own.spdx != spdx)


def _claim(row: dict[str, Any]) -> LicenceClaim:
    names = (
        "carrier",
        "url",
        "spdx",
        "locator",
        "raw",
        "family",
        "version",
        "jurisdiction",
        "location",
        "partial",
        "note",
    )
    kind, subject = LicenceClass(row["licence_class"]), Subject(row["subject"])
    return LicenceClaim(licence_class=kind, subject=subject, **{name: row[name] for name in names})
