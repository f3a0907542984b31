"""The licence of a page's own main content, told from all the claims found on it: or none, where none is declared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.licences.known import SOFTWARE, STATUS
from crawler.records import LicenceClaim
from crawler.vocabulary import LicenceClass, Subject

_CLASSES = (LicenceClass.A, LicenceClass.B, LicenceClass.C, LicenceClass.D)
_ITEMS = frozenset({"licence-jsonld", "licence-microdata", "licence-rdfa", "licence-dc", "licence-feed"})
"""Carriers that speak of one item: on sites whose items differ they beat what stands in a footer (5.2)."""


@dataclass(frozen=True, slots=True)
class PageLicence:
    """The licence of the page's own main content, and how well it is known.

    `spdx` and `licence_class` are None where none is declared, or where the declarations differ (`conflict`).
    `partial` says that the declaration leaves something out (`except where otherwise noted`).
    """

    spdx: str | None
    licence_class: LicenceClass | None
    partial: bool
    conflict: bool


NONE = PageLicence(None, None, False, False)


def page_licence(claims: Sequence[LicenceClaim]) -> PageLicence:
    """What `claims`, all of one page, say its main content is licensed under; the order of claims does not matter.

    Only claims about the document that name a licence count; status statements and, below class B, software licences do
    not. Claims of the best class present decide, but A and B together are held against each other: item-level markup
    and what stands in the main part beat a footer or side bar, and two families that are left are a conflict (5.2).
    Inside a family the order of 5.1 decides which version is named, one with a version before one without.
    """
    speaking = [claim for claim in claims if _speaks(claim)]
    custom = any(_is_custom(claim) for claim in claims)
    for kinds in (_CLASSES[:2], _CLASSES[2:3], _CLASSES[3:]):
        if custom and kinds == _CLASSES[3:]:
            break
        group = [claim for claim in speaking if claim.licence_class in kinds]
        if not group:
            continue
        chosen = _nearest(group)
        families = {claim.family for claim in chosen}
        if len(families) > 1:
            firm = kinds != _CLASSES[3:]
            return PageLicence(None, None, any(claim.partial for claim in chosen), True) if firm else NONE
        best = min(chosen, key=_rank)
        partial = any(claim.partial for claim in speaking if claim.family == best.family)
        return PageLicence(best.spdx, best.licence_class, partial, False)
    return NONE


def _speaks(claim: LicenceClaim) -> bool:
    if claim.subject is not Subject.DOCUMENT or claim.licence_class is LicenceClass.EXCLUDED:
        return False
    note = claim.note or ""
    if (
        claim.spdx is None
        or STATUS in note
        or "not a licence" in note.replace("a dedication or certification, not a licence", "")
    ):
        return False
    return claim.licence_class in _CLASSES[:2] or SOFTWARE not in note


def _is_custom(claim: LicenceClaim) -> bool:
    """Whether the page's own markup names terms we do not know: beside them a bare mention says nothing."""
    return (
        claim.subject is Subject.DOCUMENT
        and claim.licence_class is LicenceClass.A
        and claim.family is None
        and not claim.url.startswith("#")
        and (claim.carrier in _ITEMS or claim.location == "head" or claim.carrier == "licence-header")
        and (claim.note or "") != "cc-mention"
    )


def _nearest(group: list[LicenceClaim]) -> list[LicenceClaim]:
    """The claims that stand nearest to the main content, where several families are claimed; else all of them."""
    if len({claim.family for claim in group}) < 2:
        return group
    items = [claim for claim in group if claim.carrier in _ITEMS]
    edge = [claim for claim in group if claim.carrier not in _ITEMS and not _of_main(claim)]
    if items and edge:
        return [claim for claim in group if claim not in edge]
    main = [claim for claim in group if _of_main(claim)]
    return main or group


def _of_main(claim: LicenceClaim) -> bool:
    return claim.location == "main"


def _rank(claim: LicenceClaim) -> tuple[int, bool, int]:
    """5.1: the class, then a version before none, then the order of sources."""
    return _CLASSES.index(claim.licence_class), claim.version is None, _source(claim)


def _source(claim: LicenceClaim) -> int:
    if claim.carrier == "licence-html":
        return 2 if re.match("link", claim.locator) else 9
    order = {
        "licence-header": 1,
        "licence-rdfa": 3,
        "licence-jsonld": 4,
        "licence-microdata": 5,
        "licence-dc": 6,
        "licence-comment": 7,
        "licence-meta": 8,
        "licence-feed": 8,
        "licence-link": 10,
        "licence-badge": 11,
        "licence-text": 12,
    }
    return order.get(claim.carrier, 13)
