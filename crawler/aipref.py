"""The AIPREF vocabulary by revision of its draft: a Content-Usage value to the stances it states.

draft-ietf-aipref-vocab, revisions 01 to 08; the value is an RFC 9651 Dictionary of Tokens `y` and `n`. Its labels
changed with nearly every revision, so a value has two meanings: the one in force when it was served (`as_of`, with the
inheritance of that revision) and the current one, which has none and does not know the older labels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from http_sf import Token, parse
from http_sf.errors import StructuredFieldError

from crawler.records import Reading, Statement
from crawler.vocabulary import ANYONE, Interpretation, Provenance, Scope, Stance, Strength, Use, Vocabulary

SPEC = "https://datatracker.ietf.org/doc/draft-ietf-aipref-vocab/"
STANDING = "IETF working group draft without consensus"
FAMILY = "aipref"
USES = (Use.TRAIN_GENERATIVE, Use.AI_INPUT, Use.SEARCH)
"""What the current vocabulary can speak about."""
MAX_VALUE = 8_192
"""Characters of a value that are parsed; a longer one is malformed."""
MAX_RAW = 500


@dataclass(frozen=True, slots=True)
class Label:
    """One label of one revision: the uses it speaks of itself, and the label it inherits from where it is unstated."""

    uses: tuple[Use, ...]
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """The labels of a revision, in force from `since` to the day before the next one; parents stand first."""

    number: int
    since: date
    labels: Mapping[str, Label]


_GENERATIVE, _OTHER = (Use.TRAIN_GENERATIVE,), (Use.TRAIN_OTHER,)
_INPUT, _SEARCH, _TDM = (Use.AI_INPUT,), (Use.SEARCH,), (Use.TDM,)
_FLAT = {"train-ai": Label(_GENERATIVE), "search": Label(_SEARCH)}

REVISIONS: tuple[Revision, ...] = (
    # Where only the month of a revision is known it counts from the first of that month.
    Revision(
        1,
        date(2025, 6, 1),
        {
            "tdm": Label(_TDM),
            "ai": Label(_OTHER, "tdm"),
            "genai": Label(_GENERATIVE, "ai"),
            "search": Label(_SEARCH, "tdm"),
            "inference": Label(_INPUT, "tdm"),
        },
    ),
    Revision(
        2,
        date(2025, 7, 1),
        {
            "all": Label(_TDM),
            "train-ai": Label(_OTHER, "all"),
            "train-genai": Label(_GENERATIVE, "train-ai"),
            "ai-use": Label(_INPUT, "all"),
            "search": Label(_SEARCH, "all"),
        },
    ),
    Revision(
        3,
        date(2025, 9, 1),
        {
            "bots": Label(_TDM),
            "train-ai": Label(_OTHER, "bots"),
            "train-genai": Label(_GENERATIVE, "train-ai"),
            "search": Label(_SEARCH, "bots"),
        },
    ),
    Revision(
        4,
        date(2025, 10, 1),
        {
            "bots": Label(_TDM),
            "train-ai": Label(_GENERATIVE, "bots"),
            "ai-output": Label(_INPUT, "bots"),
            "search": Label(_SEARCH, "ai-output"),
        },
    ),
    Revision(5, date(2025, 12, 1), _FLAT),
    # Foundation model production became "AI Model Training": every kind of model.
    Revision(6, date(2026, 4, 27), _FLAT | {"train-ai": Label(_GENERATIVE + _OTHER)}),
    Revision(8, date(2026, 9, 13), {"train-ai": Label(_GENERATIVE), "ai-use": Label(_INPUT), "search": Label(_SEARCH)}),
)
"""Every revision whose meaning differs from the one before (07 reads as 06 does); the last is the current one."""

CURRENT = REVISIONS[-1]
LEGACY = frozenset(label for revision in REVISIONS for label in revision.labels) - frozenset(CURRENT.labels)
"""Labels that only older revisions know."""
MIXED_UP = {"ai-train": Use.TRAIN_GENERATIVE, "ai-input": Use.AI_INPUT}
"""Content-Signal keys, which AIPREF does not know: ignored by its rules, plainly meant all the same."""

_STANCES = {"y": Stance.PERMITTED, "n": Stance.RESERVED}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a value says of one use, before it has a place: the fields of a reading that come from the value alone."""

    use: Use
    stance: Stance
    vocabulary: Vocabulary
    interpretation: Interpretation = Interpretation.BOTH
    note: str | None = None
    since: date | None = None
    until: date | None = None


def readings(
    value: str,
    *,
    carrier: str,
    locator: str,
    raw: str,
    line: int | None = None,
    agent: str = ANYONE,
    scope: Scope = Scope.ORIGIN,
    pattern: str | None = None,
    provenance: Provenance = Provenance.ORIGIN,
    note: str | None = None,
) -> list[Statement]:
    """The readings of one Content-Usage value (field lines already joined with `, `); never raises.

    A value that is no Dictionary leaves every preference unknown (RFC 9651 section 4.2): a `malformed` reading for
    each use the current vocabulary has. A member that is not the Token `y` or `n` does so for its own uses. A label
    that only an older revision has is `malformed` (`legacy_vocabulary`) now and read as that revision says `as_of`
    its days (both ends included). `note` is put before each reading's own.
    """
    return [
        Reading(
            carrier=carrier,
            use=meaning.use,
            stance=meaning.stance,
            strength=Strength.NORMATIVE,
            locator=locator,
            raw=raw[:MAX_RAW],
            line=line,
            agent=agent,
            scope=scope,
            pattern=pattern,
            interpretation=meaning.interpretation,
            vocabulary=meaning.vocabulary,
            provenance=provenance,
            note="; ".join(filter(None, (note, meaning.note))) or None,
            in_force_from=meaning.since,
            in_force_until=meaning.until,
        )
        for meaning in meanings(value)
    ]


@lru_cache(maxsize=4_096)
def meanings(value: str) -> tuple[Meaning, ...]:
    """What a value states for each use, current meaning first; cheap for values seen before."""
    members = _members(value)
    if members is None:
        return tuple(Meaning(use, Stance.MALFORMED, Vocabulary.BOTH, note=_intent(value)) for use in USES)
    return (*_now(members), *_then(members))


def _members(value: str) -> dict[str, Stance | None] | None:
    """Each member's stance, None where it is no `y` or `n`; None for a value that is no Dictionary."""
    if len(value) > MAX_VALUE or not value.isascii():
        return None
    try:
        found = parse(value.encode("ascii"), tltype="dictionary")
    except (StructuredFieldError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    stances: dict[str, Stance | None] = {}
    for key, member in found.items():
        item = member[0] if isinstance(member, tuple) else member
        stances[key] = _STANCES.get(str(item)) if isinstance(item, Token) else None
    return stances


def _now(members: Mapping[str, Stance | None]) -> Iterator[Meaning]:
    taken = {use for key, label in CURRENT.labels.items() if key in members for use in label.uses}
    for key, stance in members.items():
        label = CURRENT.labels.get(key)
        if label is not None:
            for use in label.uses:
                if stance is None:
                    yield Meaning(use, Stance.MALFORMED, Vocabulary.BOTH, note=f"invalid_value: {key}")
                else:
                    yield Meaning(use, stance, _agreement(members, use, stance))
        elif key in LEGACY:
            for use in _legacy_uses(key):
                if use not in taken:
                    taken.add(use)
                    yield Meaning(use, Stance.MALFORMED, Vocabulary.CURRENT, note=f"legacy_vocabulary: {key}")
        elif key in MIXED_UP:
            # "Unknown keys are ignored": to the letter this says nothing, so only the lenient reading is malformed.
            yield Meaning(
                MIXED_UP[key], Stance.MALFORMED, Vocabulary.BOTH, Interpretation.LENIENT, f"vocabulary_mixup: {key}"
            )


def _agreement(members: Mapping[str, Stance | None], use: Use, stance: Stance) -> Vocabulary:
    """`both` where every revision that lets the value speak of the use agrees; one without the label has no say."""
    views = {view[use][0] for revision in REVISIONS if use in (view := _view(revision, members))}
    return Vocabulary.BOTH if views == {stance} else Vocabulary.CURRENT


def _then(members: Mapping[str, Stance | None]) -> Iterator[Meaning]:
    """What revisions before the current one said, where it is not what the current one says."""
    now = _view(CURRENT, members)
    spans: list[tuple[Use, Stance, str | None, date, date]] = []
    open_at: dict[tuple[Use, Stance, str | None], int] = {}
    for revision, after in pairwise(REVISIONS):
        last = after.since - timedelta(days=1)
        still: dict[tuple[Use, Stance, str | None], int] = {}
        for use, (stance, origin) in _view(revision, members).items():
            if use in now and _agreement(members, use, stance) is Vocabulary.BOTH:
                continue
            key = (use, stance, origin)
            if key in open_at:
                spans[open_at[key]] = (*spans[open_at[key]][:4], last)
            else:
                spans.append((*key, revision.since, last))
            still[key] = open_at.get(key, len(spans) - 1)
        open_at = still
    for use, stance, origin, since, until in spans:
        note = f"inherited: {origin}" if origin else None
        yield Meaning(use, stance, Vocabulary.AS_OF, note=note, since=since, until=until)


def _view(revision: Revision, members: Mapping[str, Stance | None]) -> dict[Use, tuple[Stance, str | None]]:
    """Use to its stance under one revision and the label it was inherited from, None where it was stated itself.

    "all"-like labels stand first, so each label finds its parent's preference already settled.
    """
    settled: dict[str, tuple[Stance, str]] = {}
    view: dict[Use, tuple[Stance, str | None]] = {}
    for key, label in revision.labels.items():
        stance = members.get(key)
        if stance is not None:
            settled[key] = (stance, key)
        elif key not in members and label.parent in settled:
            settled[key] = settled[label.parent]
        if key in settled:
            stance, origin = settled[key]
            for use in label.uses:
                view[use] = (stance, None if origin == key else origin)
    return view


@lru_cache(maxsize=64)
def _legacy_uses(key: str) -> tuple[Use, ...]:
    """Every use some revision let a label speak of, through what inherits from it too."""
    found = (use for revision in REVISIONS for use in _view(revision, {key: Stance.RESERVED}))
    return tuple(dict.fromkeys(found))


def _intent(value: str) -> str:
    """The lint of a value that cannot be parsed: what it probably meant, never turned into a stance."""
    meant = []
    for part in value[:MAX_VALUE].lower().replace(";", ",").replace(" ", "").split(",")[:20]:
        key, _, word = part.partition("=")
        if key in CURRENT.labels and word in _STANCES:
            meant.append(f"{key}={word}")
    return f"unparseable; probable intent: {', '.join(meant)}" if meant else "unparseable"
