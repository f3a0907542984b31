"""The words of the product, each with one meaning; every state, stance, outcome and use comes from here.

This module imports the standard library only.
"""

from __future__ import annotations

from enum import StrEnum


class Use(StrEnum):
    """What may be done with fetched bytes; a verdict is always about one use."""

    TRAIN_GENERATIVE = "train-generative"
    TRAIN_OTHER = "train-other"
    AI_INPUT = "ai-input"
    AI_INDEX = "ai-index"
    SEARCH = "search"
    USER_FETCH = "user-fetch"
    ARCHIVE = "archive"
    TDM = "tdm"


class Stance(StrEnum):
    """What one carrier states, for one use and one addressee."""

    RESERVED = "reserved"
    PERMITTED = "permitted"
    CONDITIONAL = "conditional"
    MALFORMED = "malformed"


class State(StrEnum):
    """What the rules conclude for one use; `unknown` always comes with a reason."""

    RESERVED = "reserved"
    PERMITTED = "permitted"
    CONDITIONAL = "conditional"
    CONFLICT = "conflict"
    SILENT = "silent"
    UNKNOWN = "unknown"


class Strength(StrEnum):
    """How a reading binds: by a specification, by a vendor's word, by custom, or by our own inference."""

    NORMATIVE = "normative"
    VENDOR = "vendor"
    INFORMAL = "informal"
    DERIVED = "derived"
    INFERRED = "inferred"


class Outcome(StrEnum):
    """What came back from one exchange, including nothing at all.

    A hop that answered with a redirect is `ok` with `redirect_to` set: what was asked for came, and it points on.
    """

    OK = "ok"
    ABSENT = "absent"
    REFUSED = "refused"
    PAID = "paid"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    UNREACHABLE = "unreachable"
    REDIRECT_LIMIT = "redirect_limit"
    NOT_THE_FILE = "not_the_file"
    OVERSIZE = "oversize"
    DISALLOWED = "disallowed"
    NOT_ASKED = "not_asked"


class CoverageState(StrEnum):
    """Whether a carrier was looked at in one visit, so that silence and ignorance never look alike."""

    PRESENT = "present"
    ABSENT = "absent"
    UNOBSERVED = "unobserved"
    MALFORMED = "malformed"


class Scope(StrEnum):
    """How far a reading reaches."""

    ORIGIN = "origin"
    PATH = "path"
    RESPONSE = "response"
    DOCUMENT = "document"
    OBJECT = "object"


class Interpretation(StrEnum):
    """`strict`: as the specification says; `lenient`: what the publisher plainly meant; `both` where they agree."""

    BOTH = "both"
    STRICT = "strict"
    LENIENT = "lenient"


class Vocabulary(StrEnum):
    """Which revision of a draft a reading follows: `both` where the revisions agree."""

    BOTH = "both"
    AS_OF = "as_of"
    CURRENT = "current"


class Provenance(StrEnum):
    """Whose hand wrote the statement, as far as the bytes show it."""

    ORIGIN = "origin"
    CDN_MANAGED = "cdn_managed"
    TEMPLATE = "template"


class Basis(StrEnum):
    """Which group of a robots.txt decided for an agent: its own, the `*` group, or none."""

    EXPLICIT = "explicit"
    WILDCARD = "wildcard"
    DEFAULT = "default"


class AccessClass(StrEnum):
    """The columns of one row of `access`, so that other studies' figures can be reproduced from it."""

    ROOT_BLOCKED = "root_blocked"
    FULL_EXACT = "full_exact"
    FULL_PROBE = "full_probe"
    FULL_DPI = "full_dpi"
    PARTIAL = "partial"
    NONE = "none"
    EXPLICIT_ALLOW = "explicit_allow"


class LicenceClass(StrEnum):
    """How well the evidence ties a licence to its subject, from A (machine statement about this page) to X."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    EXCLUDED = "X"


class Subject(StrEnum):
    """What a licence claim speaks about."""

    DOCUMENT = "document"
    OBJECT = "object"
    OTHER = "other"
    EXCLUDED = "excluded"


class Part(StrEnum):
    """Which part of an exchange a signal reads; its readings are keyed by the hash of that part."""

    BODY = "body"
    HEADERS = "headers"


class Axis(StrEnum):
    """What a carrier can speak about: use, licence or access, which never cancel each other; or a plain fact."""

    USE = "use"
    LICENCE = "licence"
    ACCESS = "access"
    FACT = "fact"


class Cause(StrEnum):
    """Why a verdict differs between two snapshots."""

    SITE_CHANGED = "site changed"
    WE_CHANGED = "we changed"
    VISIBILITY_CHANGED = "visibility changed"


class Ruling(StrEnum):
    """What a profile answers; `unknown` is an answer of its own and never stands for one of the others."""

    ALLOW = "allow"
    DENY = "deny"
    UNKNOWN = "unknown"


class Observed(StrEnum):
    """How the facts of a visit are known: looked at then, or recorded as unchanged by the source."""

    OBSERVED = "observed"
    UNCHANGED = "unchanged"


class Denominator(StrEnum):
    """The set of sites a rate is taken over; no rate is printed without one."""

    FRAME = "frame"
    ANSWERED = "answered"
    HAS_ROBOTS = "has_robots"
    HAS_RULES = "has_rules"
    MATCHED = "matched"


ROLE_ROBOTS = "robots.txt"
ROLE_CONTROL = "control"
ROLE_PAGE = "page"
"""Roles of an exchange: why it was asked. A signal that needs a well-known file names its own role and path."""

ROLE_SAMPLE = "sample"
"""The n-th page asked beside the landing page has the role `sample-n`: read as a page, no statement about the site."""

ROLE_MEDIA = "media"
"""The role of a media file that is asked about itself; the n-th one of a landing page has the role `media-n`: what it
says reaches no further than the file.
"""

MOST_SAMPLED = 20
"""Pages, and media files, that may be sampled of one site in one run."""

ANYONE = "*"
"""The addressee of a reading that speaks to everybody."""


def page_like(role: str) -> bool:
    """Whether a role is the landing page's or that of a sampled page."""
    return role == ROLE_PAGE or role.startswith(f"{ROLE_SAMPLE}-")


def addressees(role: str) -> tuple[str, ...]:
    """The crawlers a document was declared for where that is not everybody: `rsl@ccbot,gptbot` speaks to those two."""
    return tuple(filter(None, role.partition("@")[2].split(",")))


def reads_as(role: str) -> str:
    """The role whose signals read what was asked for under this one."""
    if page_like(role):
        return ROLE_PAGE
    return ROLE_MEDIA if media_like(role) else role.partition("@")[0]


def media_like(role: str) -> bool:
    """Whether a role is that of a media file."""
    return role == ROLE_MEDIA or role.startswith(f"{ROLE_MEDIA}-")
