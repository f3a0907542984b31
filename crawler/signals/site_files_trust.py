"""`trust.txt` (JournalList, attribute of April 2024): `datatrainingallowed=yes|no`, at `/trust.txt` or `/.well-known/`.

The attribute speaks of training for the whole origin and stands "at most once". The two places are families of their
own, so that files which contradict each other come out as the conflict they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from crawler.records import Carrier, Exchange, Fault, Reading, Signal, Statement
from crawler.vocabulary import Interpretation, Part, Scope, Stance, Strength, Use

SPEC = "https://journallist.net/reference-document-for-trust-txt-specifications"
STANDING = "industry file; its Internet-Draft expired in February 2025"
ROLE = "trust.txt"
PATH = "/trust.txt"
ROLE_WELL_KNOWN = "well-known-trust.txt"
PATH_WELL_KNOWN = "/.well-known/trust.txt"
MAX_BYTES = 512 * 1024
MAX_RAW = 500
MAX_SAID = 20

ATTRIBUTES = frozenset(
    {
        "member",
        "belongto",
        "control",
        "controlledby",
        "social",
        "vendor",
        "customer",
        "disclosure",
        "contact",
        "datatrainingallowed",
    }
)
"""What a line of a trust.txt can begin with; a text without any of them is some other text."""

_USES = (Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER)
_ROOT = Carrier("trust-txt", "trust.txt", SPEC, STANDING, _USES, "trust-txt")
_WELL_KNOWN = Carrier("trust-txt-well-known", "/.well-known/trust.txt", SPEC, STANDING, _USES, "trust-txt-well-known")
_STANCES = {"yes": Stance.PERMITTED, "no": Stance.RESERVED}
_LINE = re.compile(r"([ \t]*)([A-Za-z]{3,40})([ \t]*[=:][ \t]*)(.*)")


def _reader(carrier: Carrier) -> Callable[[Exchange], list[Statement]]:
    def read_file(exchange: Exchange) -> list[Statement]:
        """The `datatrainingallowed` lines of the file; what is not written as the specification asks is a Fault."""
        text = (exchange.body or b"")[:MAX_BYTES].decode("utf-8-sig", "replace")
        said: list[tuple[int, str, str, str | None]] = []
        for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
            found = _LINE.fullmatch(line.partition("#")[0][:2_000].rstrip())
            if found and found[2].lower() == "datatrainingallowed" and len(said) < MAX_SAID:
                odd = None
                if "=" not in found[3]:
                    odd = "separator"
                elif found[1] or found[3] != "=":
                    odd = "spaces"
                said.append((number, found[4].strip().lower(), line, odd))
        return _statements(carrier, said)

    return read_file


def _statements(carrier: Carrier, said: list[tuple[int, str, str, str | None]]) -> list[Statement]:
    out: list[Statement] = []
    words = {word for _, word, _, _ in said}
    repeated = None
    if len(said) > 1:
        repeated = "repeated" if len(words) == 1 else "conflict: repeated with another value"
    for number, word, line, odd in said:
        raw, locator = _clean(line)[:MAX_RAW], f"line {number}"
        reasons = [reason for reason in (repeated, odd) if reason]
        stance = _STANCES.get(word)
        if stance is None:
            reasons.append("value")
        out.extend(Fault(carrier.id, reason, locator, raw) for reason in reasons)
        if stance is None:
            continue
        out.extend(
            Reading(
                carrier=carrier.id,
                use=use,
                stance=stance,
                strength=Strength.VENDOR,
                locator=locator,
                raw=raw,
                line=number,
                scope=Scope.ORIGIN,
                interpretation=Interpretation.LENIENT if reasons else Interpretation.BOTH,
                note="; ".join(reasons) or None,
            )
            for use in _USES
        )
    return out


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


TRUST_TXT = Signal("trust-txt", 1, ROLE, Part.BODY, (_ROOT,), _reader(_ROOT), PATH)
TRUST_TXT_WELL_KNOWN = Signal(
    "trust-txt-well-known", 1, ROLE_WELL_KNOWN, Part.BODY, (_WELL_KNOWN,), _reader(_WELL_KNOWN), PATH_WELL_KNOWN
)
