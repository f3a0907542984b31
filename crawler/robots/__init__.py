"""robots.txt: a line-preserving reader, two profiles of reading, the matcher, and access classes for every token."""

from __future__ import annotations

from crawler.records import AccessRow
from crawler.robots.classes import CANARY, PROBE_BUDGET, access_rows, rows_for
from crawler.robots.differences import Note, notes_of, other_rows
from crawler.robots.escapes import normalise
from crawler.robots.google import google_of
from crawler.robots.matcher import (
    Decision,
    Selection,
    decide,
    google_path_of,
    octets_of,
    path_form,
    path_of,
    select,
)
from crawler.robots.model import RAW_LIMIT, Group, Kind, Line, RobotsFile
from crawler.robots.profile import AIPREF, GOOGLE, RFC9309, Profile
from crawler.robots.reader import CAP, parse

__all__ = [
    "AIPREF",
    "CANARY",
    "CAP",
    "GOOGLE",
    "PROBE_BUDGET",
    "RAW_LIMIT",
    "RFC9309",
    "AccessRow",
    "Decision",
    "Group",
    "Kind",
    "Line",
    "Note",
    "Profile",
    "RobotsFile",
    "Selection",
    "access_rows",
    "decide",
    "google_of",
    "google_path_of",
    "normalise",
    "notes_of",
    "octets_of",
    "other_rows",
    "parse",
    "path_form",
    "path_of",
    "rows_for",
    "select",
]
