"""Lines and comments in robots.txt that no standard in force defines: all informal, none ever upgraded.

`DisallowAITraining:` comes from the expired draft-canel-robots-ai-control; TDMRep defines a file, a header and a meta
element, but no robots.txt line; comments are read in ten languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawler.records import Carrier, Exchange, Fact, Fault, Reading, Signal, Statement
from crawler.robots import RAW_LIMIT, RobotsFile, parse
from crawler.robots.comments import said
from crawler.robots.placing import Placed, placed
from crawler.robots.provenance import provenance_of
from crawler.vocabulary import ROLE_ROBOTS, Interpretation, Part, Scope, Stance, Strength, Use

MAX_COMMENTS = 20
_TRAINING = Carrier(
    "disallow-ai-training",
    "DisallowAITraining line",
    "https://datatracker.ietf.org/doc/draft-canel-robots-ai-control/",
    "expired individual draft",
    (Use.TRAIN_GENERATIVE,),
    "disallow-ai-training",
)
_TDM = Carrier("robots-tdm-line", "TDM-Reservation line", "", "custom", (Use.TDM,), "robots-tdm-line")
_COMMENT = Carrier(
    "robots-comment",
    "reservation in a comment",
    "",
    "natural language",
    (Use.TDM, Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER),
    "robots-comment",
)
_STANCES = {"disallowaitraining": Stance.RESERVED, "allowaitraining": Stance.PERMITTED}
_TDM_VALUES = {"1": Stance.RESERVED, "0": Stance.PERMITTED}
_TDM_KEYS = frozenset({"tdm-reservation", "tdmrep", "tdm-policy"})
_UNKNOWN = re.compile(
    r"(?:(?:dis)?allow[\s_-]*)?(?:no[\s_-]?)?(?:ai|llm|gen[\s_-]?ai)(?:[\s_-]*(?:disallow|allow|training|train|use|usage|"
    r"policy|crawl|bots?))*\Z|(?:dis)?allow[\s_-]+ai[\s_-]*training\Z|no[\s_-]?(?:ai[\s_-]?)?train(?:ing)?\Z"
)
"""Keys that speak of AI and that nobody has defined."""
_UNIVERSAL = re.compile(r"/?\**\Z")


def read(exchange: Exchange) -> list[Statement]:
    """The stances of informal lines and comments; a key about AI that nobody defined is a Fact without effect."""
    file = parse(exchange.body or b"")
    out: list[Statement] = list(_comments(file))
    if "o" in file.shape and any(map(_is_ours, file.fields)):
        out.extend(dict.fromkeys(statement for found in placed(file, "o", _is_ours) for statement in _line(found)))
    return out


def _is_ours(field: str) -> bool:
    return field in _STANCES or field in _TDM_KEYS or _UNKNOWN.match(field) is not None


def _line(found: Placed) -> Iterator[Statement]:
    line = found.line
    locator, raw = f"line {line.number}", line.raw[:RAW_LIMIT]
    if (stance := _STANCES.get(line.field)) is not None:
        if line.value[:1] in ("/", "*"):
            yield _reading(_TRAINING, Use.TRAIN_GENERATIVE, stance, found, line.value)
        elif line.value:
            yield Fault(_TRAINING.id, "invalid_path", locator, raw)
    elif line.field in ("tdm-reservation", "tdmrep"):
        if (stance := _TDM_VALUES.get(line.value)) is not None:
            yield _reading(_TDM, Use.TDM, stance, found, None)
        elif line.field == "tdm-reservation":
            yield Fault(_TDM.id, "invalid_value", locator, raw)
        else:
            yield Fact(_TDM.id, "tdmrep_line", line.value[:RAW_LIMIT], locator, raw)
    elif line.field == "tdm-policy":
        yield Fact(_TDM.id, "tdm_policy", line.value[:RAW_LIMIT], locator, raw)
    elif _UNKNOWN.match(line.field):
        yield Fact(_TRAINING.id, "unrecognised_ai_directive", line.field[:RAW_LIMIT], locator, raw)


def _reading(carrier: Carrier, use: Use, stance: Stance, found: Placed, path: str | None) -> Reading:
    everywhere = path is None or _UNIVERSAL.match(path) is not None
    return Reading(
        carrier=carrier.id,
        use=use,
        stance=stance,
        strength=Strength.INFORMAL,
        locator=f"line {found.line.number}",
        raw=found.line.raw[:RAW_LIMIT],
        line=found.line.number,
        agent=found.agent,
        scope=Scope.ORIGIN if everywhere else Scope.PATH,
        pattern=None if everywhere else path,
        interpretation=Interpretation.BOTH if found.outside else found.interpretation,
        provenance=found.provenance,
        note="outside_group" if found.outside else None,
    )


def _comments(file: RobotsFile) -> Iterator[Statement]:
    for found in said(file)[:MAX_COMMENTS]:
        where = f"language={found.language}; offset={found.offset}"
        quote = found.quote[:RAW_LIMIT]
        if not found.uses:
            yield Fact(_COMMENT.id, "rights_notice", where, f"line {found.line}", quote)
        for use in found.uses:
            yield Reading(
                carrier=_COMMENT.id,
                use=use,
                stance=Stance.RESERVED,
                strength=Strength.INFORMAL,
                locator=f"line {found.line}",
                raw=quote,
                line=found.line,
                provenance=provenance_of(file, found.line),
                note=f"informal_reservation; {where}",
            )


ROBOTS_FOLK = Signal("robots-folk", 1, ROLE_ROBOTS, Part.BODY, (_TRAINING, _TDM, _COMMENT), read)
