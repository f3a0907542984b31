"""robots.txt: a line-preserving reader, the RFC 9309 matcher, and access classes for every token a file names."""

from __future__ import annotations

from crawler.records import AccessRow
from crawler.robots.classes import CANARY, PROBE_BUDGET, access_rows
from crawler.robots.matcher import Decision, Selection, decide, normalise, octets_of, path_form, path_of, select
from crawler.robots.model import AIPREF, RAW_LIMIT, RFC9309, Group, Kind, Line, Note, Profile, RobotsFile
from crawler.robots.reader import CAP, parse

__all__ = [
    "AIPREF",
    "CANARY",
    "CAP",
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
    "normalise",
    "octets_of",
    "parse",
    "path_form",
    "path_of",
    "select",
]
