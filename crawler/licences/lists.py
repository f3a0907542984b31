"""Licences that stand beside others: lists, tables and choosers explain licences or belong to several works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from crawler.licences.claims import NAMED_PART
from crawler.licences.known import SOFTWARE
from crawler.licences.phrases import About
from crawler.records import LicenceClaim
from crawler.vocabulary import LicenceClass, Subject

LISTED = 3
"""Families of licences so many of which are no licence of one page, whatever the words around each say."""

_LISTS = frozenset({"ul", "ol", "dl", "table", "tbody", "tr"})


class Setting(NamedTuple):
    """Where a link stands: its parent, the list or table around that, and what the words around it are about."""

    parent: int | None
    rows: int | None
    about: About


def setting(node: LexborNode | None, about: About) -> Setting:
    """The setting of a link."""
    parent = node.parent if node is not None else None
    rows = parent.parent if parent is not None else None
    return Setting(
        parent.mem_id if parent is not None else None,
        rows.mem_id if rows is not None and rows.tag in _LISTS else None,
        about,
    )


def listed_apart(found: Sequence[LicenceClaim], settings: Sequence[Setting]) -> list[LicenceClaim]:
    """The claims with those of class D and about something else that only list one licence among several.

    Such are links without a word that grants, where there are several; links whose words name no subject, in one
    paragraph or list with another licence (`Licences: CC BY, ODbL`); and all, where three and more are granted.
    """
    ours = [each for each in found if each.subject is Subject.DOCUMENT]
    weak = [each for each in ours if each.licence_class is LicenceClass.D or each.note == NAMED_PART]
    granted = [each for each in ours if each not in weak]
    listed = [
        each
        for each, place in zip(found, settings, strict=True)
        if each in granted and place.about is About.UNSAID and _beside_another(each, place, found, settings)
    ]
    if len({each.family for each in granted}) >= LISTED:
        listed = [*weak, *granted]
    elif len({each.family for each in weak}) > 1:
        listed += weak
    kind, subject, note = LicenceClass.D, Subject.OTHER, "one of several licences listed"
    return [replace(each, licence_class=kind, subject=subject, note=note) if each in listed else each for each in found]


def _beside_another(
    claim: LicenceClaim, place: Setting, found: Sequence[LicenceClaim], settings: Sequence[Setting]
) -> bool:
    return any(
        other.family != claim.family
        and SOFTWARE not in (other.note or "")
        and ((where.parent is not None and where.parent == place.parent) or (where.rows and where.rows == place.rows))
        for other, where in zip(found, settings, strict=True)
    )
