"""Content Signals in robots.txt: Cloudflare's `Content-Signal:` line (24 September 2025; `use=` since 1 July 2026).

"Absent" neither grants nor restricts, and the policy comment alone expresses nothing. The path form is shown on
contentsignals.org only. The policy is no structured field, so its values are read leniently.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from crawler.records import Carrier, Exchange, Fact, Fault, Reading, Signal, Statement
from crawler.robots import RAW_LIMIT, parse, path_form
from crawler.robots.comments import art4_line
from crawler.robots.placing import Placed, placed
from crawler.vocabulary import ROLE_ROBOTS, Interpretation, Part, Scope, Stance, Strength, Use

SPEC = "https://contentsignals.org"
_CARRIER = Carrier(
    "content-signal",
    "Content-Signal line",
    SPEC,
    "Cloudflare policy, CC0",
    (Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER, Use.AI_INPUT, Use.AI_INDEX, Use.SEARCH, Use.USER_FETCH),
    "content-signal",
)
_USES = {
    "search": (Use.SEARCH,),
    "ai-input": (Use.AI_INPUT,),
    "ai-train": (Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER),
}
_STANCES = {"yes": Stance.PERMITTED, "no": Stance.RESERVED}
_LEVELS: dict[str, tuple[tuple[Use, Stance], ...]] = {
    "immediate": (
        (Use.TRAIN_GENERATIVE, Stance.RESERVED),
        (Use.TRAIN_OTHER, Stance.RESERVED),
        (Use.AI_INDEX, Stance.RESERVED),
        (Use.SEARCH, Stance.RESERVED),
        (Use.USER_FETCH, Stance.PERMITTED),
    ),
    "reference": (
        (Use.TRAIN_GENERATIVE, Stance.RESERVED),
        (Use.TRAIN_OTHER, Stance.RESERVED),
        (Use.SEARCH, Stance.PERMITTED),
    ),
    "full": (),
}
"""`use=` caps the kind of use, advisory: what it implies for the uses is our inference, and `full` grants nothing."""

_UNIVERSAL = re.compile(r"/\**\Z")
Stated = tuple[Use, Stance, Strength, Interpretation, str | None]


def read(exchange: Exchange) -> list[Statement]:
    """The stances of every Content-Signal line, one for each token of its group (lower-case; `*`: everybody).

    A line outside any group is a Fault with lenient readings for everybody (draft and policy place it in a group).
    """
    file = parse(exchange.body or b"")
    out: list[Statement] = []
    claim = art4_line(file)
    if claim is not None:
        raw = file.line(claim).raw[:RAW_LIMIT]
        out.append(Fact(_CARRIER.id, "art4_claim", "true", f"line {claim}", raw))
    if "s" not in file.shape:
        return out
    for found in placed(file, "s"):
        if found.outside:
            line = found.line
            out.append(Fault(_CARRIER.id, "outside_group", f"line {line.number}", line.raw[:RAW_LIMIT]))
        out.extend(_readings(found, claim is not None))
    return out


def _readings(found: Placed, art4: bool) -> Iterator[Statement]:
    line = found.line
    path, signals = path_form(line.value)
    everywhere = path is None or _UNIVERSAL.match(path) is not None
    raw, locator = line.raw[:RAW_LIMIT], f"line {line.number}"
    for use, stance, strength, interpretation, note in stated(signals):
        # What one of the two narrows stays narrowed: a strict-only addressee has no lenient reading and reversely.
        if Interpretation.BOTH not in (interpretation, found.interpretation) and interpretation != found.interpretation:
            continue
        both = interpretation if found.interpretation is Interpretation.BOTH else found.interpretation
        notes = [note, "outside_group" if found.outside else None]
        if both is Interpretation.STRICT:
            notes.append("signal_only_group_merge")
        if art4 and stance is Stance.RESERVED and strength is Strength.VENDOR:
            notes.append("art4_claim")
        yield Reading(
            carrier=_CARRIER.id,
            use=use,
            stance=stance,
            strength=strength,
            locator=locator,
            raw=raw,
            line=line.number,
            agent=found.agent,
            scope=Scope.ORIGIN if everywhere else Scope.PATH,
            pattern=None if everywhere else path,
            interpretation=both,
            provenance=found.provenance,
            note="; ".join(filter(None, notes)) or None,
        )


@lru_cache(maxsize=1_024)
def stated(signals: str) -> tuple[Stated, ...]:
    """What `key=value, key=value` states; of a repeated key the last counts, unknown keys are ignored.

    A value other than `yes` and `no` states nothing by the policy; that the publisher meant to state something is
    kept as a lenient `malformed` reading, so that it never looks like silence.
    """
    last: dict[str, str] = {}
    repeated: set[str] = set()
    for part in signals[:2_048].split(","):
        key, equals, value = part.partition("=")
        key = key.strip().lower()
        if not equals or not key:
            continue
        if key in last:
            repeated.add(key)
        last[key] = value.strip().strip(";").lower()
    out: list[Stated] = []
    for key, uses in _USES.items():
        if key not in last:
            continue
        stance = _STANCES.get(last[key])
        lint = f"duplicate_key: {key}" if key in repeated else None
        for use in uses:
            if stance is None:
                note = f"invalid_value: {key}={last[key][:40]}"
                out.append((use, Stance.MALFORMED, Strength.VENDOR, Interpretation.LENIENT, note))
            else:
                out.append((use, stance, Strength.VENDOR, Interpretation.BOTH, lint))
        if key == "ai-input" and stance is not None:
            # "Retrieval augmented generation, grounding": storing for it is implied, not said.
            out.append((Use.AI_INDEX, stance, Strength.INFERRED, Interpretation.BOTH, "implied by ai-input"))
    said = {use for use, stance, *_ in out if stance is Stance.PERMITTED}
    for use, stance in _LEVELS.get(last.get("use", ""), ()):
        note = f"use={last['use']}"
        if stance is Stance.RESERVED and use in said:
            note += "; contradicts an explicit yes"
        out.append((use, stance, Strength.INFERRED, Interpretation.BOTH, note))
    return tuple(out)


CONTENT_SIGNAL = Signal("content-signal", 1, ROLE_ROBOTS, Part.BODY, (_CARRIER,), read)
