"""`/ai.txt`, which is four different things: the dialect is told from the text, presence alone says nothing.

Spawning's dialect (2023) speaks in robots-like groups of file extensions and is "read when the media is downloaded".
The key-value proposals of 2025 and 2026 disagree on their keys, so they are read leniently only. Markdown with a YAML
front matter holds facts for assistants and no rights.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.records import Carrier, Exchange, Fact, Fault, Reading, Signal, Statement
from crawler.vocabulary import ANYONE, Interpretation, Part, Scope, Stance, Strength, Use

SPEC = "https://site.spawning.ai/spawning-ai-txt"
ROLE = "ai.txt"
PATH = "/ai.txt"
MAX_BYTES = 512 * 1024
MAX_RULES = 2_000
MAX_RAW = 500

_USES = (Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER)
_CARRIER = Carrier("ai-txt", "ai.txt", SPEC, "vendor proposal, several dialects", _USES, "ai-txt")

MEDIA: dict[str, str] = {
    extension: media
    for media, extensions in {
        "text": "txt pdf doc docx odt rtf tex wks wpd wps html htm xhtml md epub xml csv json",
        "image": "bmp gif ico jpeg jpg png svg tif tiff webp avif heic psd",
        "audio": "aac aiff amr flac m4a mp3 oga opus wav wma",
        "video": "mp4 webm ogg avi mov wmv flv mkv m4v mpeg mpg",
        "code": "py js java c cpp cs h css php swift go rb pl sh sql ts rs",
    }.items()
    for extension in extensions.split()
}
"""Extension to the class of media Spawning's generator lists it under."""
_PAGES = frozenset({"html", "htm", "xhtml"})

# The keys of proposals seen until November 2026; none is a standard, so what they say is read leniently.
_ALLOW_KEYS = frozenset({"training", "allow-training", "ai-training", "allow-ai-training", "model-training", "train"})
_DISALLOW_KEYS = frozenset({"disallow-training", "disallow-ai-training", "no-training", "prohibit-training"})
_YES = frozenset({"yes", "true", "allow", "allowed", "permit", "permitted", "full", "/", "*"})
_NO = frozenset(
    {"no", "false", "deny", "denied", "disallow", "disallowed", "prohibit", "prohibited", "forbidden", "none"}
)
_TERMS = frozenset(
    {"conditional", "conditions", "license", "licensed", "license-required", "permission-required", "paid"}
)

_FIELD = re.compile(r"\s*([A-Za-z][A-Za-z0-9_ -]{0,60}?)\s*[:=]\s*(.*?)\s*")
_EXTENSION = re.compile(r"(?:\*|/\*)?\.([A-Za-z0-9]{1,10})\$?")
_SPAWNING = re.compile(r"^\s*#.*spawning", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    key: str
    value: str
    raw: str


def read_file(exchange: Exchange) -> list[Statement]:
    """The readings of an `ai.txt` and a Fact naming its dialect; a file of no known dialect states nothing."""
    text = (exchange.body or b"")[:MAX_BYTES].decode("utf-8-sig", "replace")
    if not text.strip():
        return []
    lines = list(_fields(text))
    dialect = _dialect(text, lines)
    out: list[Statement] = [Fact(_CARRIER.id, "dialect", dialect, "line 1", _first(text))]
    if dialect in ("html", "json"):
        out.append(Fault(_CARRIER.id, f"dialect: {dialect}", "line 1", _first(text)))
    elif dialect == "spawning":
        out.extend(_spawning(text, lines))
        out.extend(_keys(lines))
    elif dialect == "kv":
        out.extend(_keys(lines))
    return out


def _fields(text: str) -> Iterator[_Line]:
    # RFC 9309 line ends; other Unicode line separators are part of a line.
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        if found := _FIELD.fullmatch(raw.partition("#")[0][:2_000]):
            yield _Line(number, found[1].strip().lower().replace("_", "-").replace(" ", "-"), found[2], raw)


def _dialect(text: str, lines: list[_Line]) -> str:
    start = text.lstrip()
    if start.startswith("<"):
        return "html"
    if start.startswith(("{", "[")):
        return "json"
    if re.match(r"---[ \t]*(?:\r|\n)", start):
        return "aitxting"
    keys = {line.key for line in lines}
    if "user-agent" in keys and keys & {"allow", "disallow"}:
        return "spawning"
    if keys & (_ALLOW_KEYS | _DISALLOW_KEYS):
        return "kv"
    return "other"


def _spawning(text: str, lines: list[_Line]) -> Iterator[Statement]:
    """Groups of extension rules; like robots.txt a group's agents stand before its rules."""
    rules = [line for line in lines if line.key in ("allow", "disallow")]
    # Without its mark the file may be a copy of robots.txt, whose `Allow` is access and grants no training.
    marked = bool(_SPAWNING.search(text)) or any(_EXTENSION.fullmatch(line.value) for line in rules)
    said: dict[str, set[str]] = {}
    for line in rules:
        said.setdefault(line.value.lower(), set()).add(line.key)
    agents: list[str] = []
    open_group = False
    count = 0
    for line in lines:
        if line.key == "user-agent":
            agents = [*agents, _agent(line.value)] if open_group else [_agent(line.value)]
            open_group = True
        elif line.key in ("allow", "disallow"):
            open_group = False
            count += 1
            if count > MAX_RULES:
                yield Fault(_CARRIER.id, f"more than {MAX_RULES} rules", f"line {line.number}", _clean(line.raw))
                return
            for agent in agents:
                yield from _rule(line, agent, marked=marked, both=len(said[line.value.lower()]) > 1)


def _agent(value: str) -> str:
    return ANYONE if value.strip() in ("", "*") else _clean(value.strip().lower())[:100]


def _rule(line: _Line, agent: str, *, marked: bool, both: bool) -> Iterator[Reading]:
    if not line.value:
        return
    stance = Stance.PERMITTED if line.key == "allow" else Stance.RESERVED
    strength = Strength.VENDOR if marked or stance is Stance.RESERVED else Strength.INFERRED
    notes = ["conflict: Allow and Disallow of the same"] if both else []
    if not marked:
        notes.append("no mark of Spawning's dialect")
    extension = _EXTENSION.fullmatch(line.value)
    pattern: str | None
    if extension is not None:
        suffix = extension[1].lower()
        pattern = f"*.{suffix}$"
        notes += [f"media: {MEDIA.get(suffix, 'other')}", "any case"]
        yield from _each(line, agent, stance, strength, notes, pattern=pattern)
        if suffix in _PAGES:
            notes = [*notes, "pages are served without the extension too"]
            yield from _each(line, agent, stance, strength, notes, scope=Scope.DOCUMENT, lenient=True)
        return
    pattern = None if line.value in ("/", "*", "/*") else _clean(line.value)[:2_048]
    if pattern is None or pattern.startswith(("/", "*")):
        yield from _each(line, agent, stance, strength, notes, pattern=pattern)


def _keys(lines: list[_Line]) -> Iterator[Statement]:
    """What a key-value proposal says about training, to the agent named above it."""
    agent = ANYONE
    for line in lines[: MAX_RULES * 2]:
        value = line.value.strip("\"'").lower()
        if line.key in ("user-agent", "agent"):
            agent = _agent(line.value)
            continue
        if line.key in _ALLOW_KEYS:
            stances = ((_YES, Stance.PERMITTED), (_NO, Stance.RESERVED), (_TERMS, Stance.CONDITIONAL))
        elif line.key in _DISALLOW_KEYS:
            stances = ((_YES, Stance.RESERVED), (_NO, Stance.PERMITTED), (_TERMS, Stance.CONDITIONAL))
        else:
            continue
        stance = next((stance for words, stance in stances if value in words), None)
        if stance is None:
            yield Fault(_CARRIER.id, f"value: {line.key}", f"line {line.number}", _clean(line.raw)[:MAX_RAW])
        else:
            # A permission in a file nobody has agreed how to read is only inferred.
            strength = Strength.INFORMAL if stance is not Stance.PERMITTED else Strength.INFERRED
            condition = _clean(line.value)[:200] if stance is Stance.CONDITIONAL else None
            yield from _each(line, agent, stance, strength, ["dialect=kv"], lenient=True, condition=condition)


def _each(
    line: _Line,
    agent: str,
    stance: Stance,
    strength: Strength,
    notes: list[str],
    *,
    pattern: str | None = None,
    scope: Scope | None = None,
    lenient: bool = False,
    condition: str | None = None,
) -> Iterator[Reading]:
    for use in _USES:
        yield Reading(
            carrier=_CARRIER.id,
            use=use,
            stance=stance,
            strength=strength,
            locator=f"line {line.number}",
            raw=_clean(line.raw)[:MAX_RAW],
            line=line.number,
            agent=agent,
            scope=scope or (Scope.PATH if pattern else Scope.ORIGIN),
            pattern=pattern,
            interpretation=Interpretation.LENIENT if lenient else Interpretation.BOTH,
            condition=condition,
            note="; ".join(notes) or None,
        )


def _first(text: str) -> str:
    return _clean(text.strip().splitlines()[0][:MAX_RAW])


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


AI_TXT = Signal("ai-txt", 1, ROLE, Part.BODY, (_CARRIER,), read_file, PATH)
