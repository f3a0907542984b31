"""TDMRep, the W3C community group's TDM Reservation Protocol: origin file, response header and HTML meta.

One reservation covers text and data mining as a whole (EU directive 2019/790 Art. 4). A value other than 0 or 1 "is
a protocol error and must be treated as unset"; where the publisher's meaning is plain all the same, a lenient reading
stands beside the fault.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crawler.html import page
from crawler.json_slips import decoded, mended, within
from crawler.records import Carrier, Exchange, Fault, Reading, Signal, Statement
from crawler.robots.escapes import normalise
from crawler.robots.matcher import compile_pattern, octets_of
from crawler.vocabulary import ROLE_PAGE, Interpretation, Part, Scope, Stance, Strength, Use

SPEC = "https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240202/"
STANDING = "W3C community group report"
ROLE_FILE = "tdmrep.json"
PATH_FILE = "/.well-known/tdmrep.json"
MAX_BYTES = 512 * 1024
MAX_RAW = 500
MAX_PATTERN = 2_048
MAX_FAULTS = 50
MAX_RULES = 10_000

# "Each later value replaces the earlier one": file, then header, then meta.
_FILE = Carrier("tdmrep-file", "tdmrep.json", SPEC, STANDING, (Use.TDM,), "tdmrep", 0)
_HEADER = Carrier("tdmrep-header", "tdm-reservation header", SPEC, STANDING, (Use.TDM,), "tdmrep", 1)
_META = Carrier("tdmrep-meta", "tdm-reservation meta", SPEC, STANDING, (Use.TDM,), "tdmrep", 2)

_STANCES = {0: Stance.PERMITTED, 1: Stance.RESERVED}
_URL = re.compile(r"(?:https?:)?//([^/?#]*)([^#]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Value:
    """A reservation as found: `stance` None when unset, `fault` the reason it is not as the protocol writes it."""

    stance: Stance | None
    fault: str | None = None


def read_file(exchange: Exchange) -> list[Statement]:
    """The rules of `/.well-known/tdmrep.json` in file order, the order of their precedence; locators are JSON pointers.

    The file is an array of objects with `location`, `tdm-reservation` and optionally `tdm-policy`. Anything else is a
    Fault. The root of the document is written `#`.
    """
    body = exchange.body or b""
    if len(body) > MAX_BYTES:
        return [_fault(_FILE, f"oversize: {len(body)} bytes", "#", "")]
    text, oddity = decoded(body)
    if text.lstrip().startswith("<"):
        return [_fault(_FILE, "html_body", "#", text)]
    out: list[Statement] = []
    if oddity is not None:
        out.append(_fault(_FILE, f"encoding: {oddity}", "#", text))
    try:
        data = json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        return [_fault(_FILE, "invalid_json: nested too deep", "#", text)]
    except ValueError as error:
        out.append(_fault(_FILE, f"invalid_json: {error}", "#", text))
        oddity = "invalid_json"
        try:
            data = json.loads(mended(text), parse_constant=_no_constant)
        except (RecursionError, ValueError):
            return [*out]
    if isinstance(data, list):
        rules = [(f"/{index}", rule) for index, rule in enumerate(data)]
    else:
        out.append(_fault(_FILE, "wrong_shape: not an array", "#", text))
        oddity = "wrong_shape"
        rules = [*_misplaced(data)]
    shadows = _Shadows()
    if len(rules) > MAX_RULES:
        out.append(_fault(_FILE, f"more than {MAX_RULES} rules", f"/{MAX_RULES}", ""))
    for locator, rule in rules[:MAX_RULES]:
        out.extend(_rule(rule, locator, oddity, shadows))
    faults = [statement for statement in out if isinstance(statement, Fault)]
    if len(faults) > MAX_FAULTS:
        kept = set(map(id, faults[:MAX_FAULTS]))
        out = [statement for statement in out if isinstance(statement, Reading) or id(statement) in kept]
        out.append(_fault(_FILE, f"{len(faults) - MAX_FAULTS} more faults", "#", ""))
    return out


_RULE_KEYS = frozenset({"location", "tdm-reservation", "tdm-policy"})


def _misplaced(data: object) -> Iterator[tuple[str, object]]:
    """Rules where no array is: the object is one itself, or holds them under names of its own."""
    if not isinstance(data, dict):
        return
    held = () if _holds(data) else [*within(data, _holds)]
    if not held and _RULE_KEYS & {_key(key) for key in data}:
        yield "#", data
    yield from held


def _holds(rule: dict[str, object]) -> bool:
    return "tdm-reservation" in map(_key, rule)


def _rule(rule: object, locator: str, oddity: str | None, shadows: _Shadows) -> Iterator[Statement]:
    raw = _shown(rule)
    if not isinstance(rule, dict):
        yield _fault(_FILE, "wrong_shape: rule is not an object", locator, raw)
        return
    fields = {_key(key): value for key, value in reversed(rule.items())}
    fields |= {key: value for key, value in rule.items() if key in _RULE_KEYS}
    reasons = [oddity] if oddity else []
    if "tdm-reservation" not in fields:
        yield _fault(_FILE, "wrong_shape: no tdm-reservation", locator, raw)
        return
    value = _json_value(fields["tdm-reservation"])
    if "tdm-reservation" not in rule:
        value = _Value(value.stance, value.fault or "key_spelling")
    if value.fault is not None:
        yield _fault(_FILE, value.fault, locator, raw)
        reasons.append(value.fault)
    pattern, fault = _location(fields)
    if fault is not None:
        yield _fault(_FILE, fault, locator, raw)
        reasons.append(fault)
    if value.stance is None or pattern is None:
        return
    policy = fields.get("tdm-policy")
    if reasons and policy is None:
        # Who misspells one name often shortens the other too; a rule that is well written keeps to its own names.
        policy = fields.get("policy")
    condition, notes = _policy(policy, value.stance)
    shadow = shadows.add(pattern, value.stance, locator)
    whole = pattern in ("/", "/*", "*")
    yield Reading(
        carrier=_FILE.id,
        use=Use.TDM,
        stance=value.stance,
        strength=Strength.NORMATIVE,
        locator=locator,
        raw=raw,
        scope=Scope.ORIGIN if whole else Scope.PATH,
        pattern=None if whole else pattern,
        interpretation=Interpretation.LENIENT if reasons else Interpretation.BOTH,
        condition=condition,
        note="; ".join([*reasons, *notes, *([shadow] if shadow else [])]) or None,
    )


@dataclass(frozen=True, slots=True)
class Match:
    """Which rule of a file speaks of a path: the first in file order decides; the longest is what Google would take."""

    first: Reading | None
    longest: Reading | None

    @property
    def ambiguous_order(self) -> bool:
        """Whether the two answers differ: the text asks for the first and points to rules by which the longest wins."""
        return self.first is not None and self.longest is not None and self.first.stance is not self.longest.stance


def match(rules: Sequence[Reading], path: str) -> Match:
    """The rule among `rules` (file readings, in file order) for `path` (path and query, from the first `/`).

    Patterns are those of robots.txt: anchored, case-sensitive, `*` and a final `$`, unreserved escapes decoded.
    """
    octets = normalise(octets_of(path))
    found: list[tuple[int, Reading]] = []
    for rule in rules:
        pattern = compile_pattern((rule.pattern or "/").encode("utf-8", "surrogatepass"))
        if pattern.matches(octets):
            found.append((pattern.size, rule))
    return Match(found[0][1] if found else None, max(found, key=lambda pair: pair[0])[1] if found else None)


class _Shadows:
    """Finds rules that an earlier one with another value covers: the first match wins here, the longest at Google."""

    def __init__(self) -> None:
        self._earlier: dict[str, tuple[Stance, str]] = {}

    def add(self, pattern: str, stance: Stance, locator: str) -> str | None:
        literal = re.split(r"[*$]", pattern, maxsplit=1)[0]
        note = None
        for length in range(len(literal) + 1):
            earlier = self._earlier.get(literal[:length])
            if earlier is not None and earlier[0] is not stance:
                note = f"ambiguous_order: {earlier[1]} matches first"
                break
        if pattern.rstrip("*") == literal:
            self._earlier.setdefault(literal, (stance, locator))
        return note


def _json_value(value: object) -> _Value:
    """1 and 0 as numbers; the same said in another JSON type is a fault whose meaning is plain."""
    if isinstance(value, int) and not isinstance(value, bool):
        return _Value(_STANCES[value]) if value in _STANCES else _Value(None, "value")
    if isinstance(value, (bool, float)) and value in (0, 1):
        return _Value(_STANCES[int(value)], "json_type")
    if isinstance(value, str) and value.strip() in ("0", "1"):
        return _Value(_STANCES[int(value.strip())], "json_type")
    return _Value(None, "value")


def _location(fields: dict[str, object]) -> tuple[str | None, str | None]:
    """The path pattern to read and what is wrong with the written one (None, None never occurs)."""
    location = fields.get("location")
    if location is None:
        return "/", "location_missing"
    if not isinstance(location, str) or len(location) > MAX_PATTERN:
        return None, "location"
    location = _clean(location.strip())
    if location.startswith(("/", "*")) and not location.startswith("//"):
        return location, None
    if url := _URL.fullmatch(location):
        return url[2] if url[2].startswith("/") else "/", f"location_is_url: {url[1]}"
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", location):
        return None, "location"
    return f"/{location}", "location_without_slash"


def _policy(policy: object, stance: Stance) -> tuple[str | None, list[str]]:
    """The policy URL as written; "ignore when reservation is 0", and what is not text is no URL."""
    if policy is None:
        return None, []
    if stance is Stance.PERMITTED:
        return None, ["policy ignored"]
    if not isinstance(policy, str) or not policy.strip():
        return None, ["policy is no URL"]
    return _clean(policy.strip())[:MAX_PATTERN], []


def read_header(exchange: Exchange) -> list[Statement]:
    """The `tdm-reservation` field of this response, with `tdm-policy` as its condition."""
    lines = exchange.header("tdm-reservation")
    if not lines:
        return []
    raw = _clean(" | ".join(lines))[:MAX_RAW]
    tokens = [token.strip() for line in lines for token in line.split(",")]
    stances = {_STANCES[int(token)] for token in tokens if token in ("0", "1")}
    fault = note = None
    if len(tokens) > 1:
        fault = "repeated" if all(token in ("0", "1") for token in tokens) else "value"
        note = "conflict: 0 and 1" if len(stances) > 1 else fault
    elif not stances:
        fault = "value"
    out: list[Statement] = [_fault(_HEADER, fault, "header tdm-reservation", raw)] if fault else []
    if stances:
        # Two values on one response: the more restrictive is what must be assumed.
        stance = Stance.RESERVED if Stance.RESERVED in stances else Stance.PERMITTED
        policy = next((line for line in exchange.header("tdm-policy") if line.strip()), None)
        locator = "header tdm-reservation"
        out.append(_reading(_HEADER, stance, locator, raw, Scope.RESPONSE, policy, [note] if note else [], bool(fault)))
    return out


def read_meta(exchange: Exchange) -> list[Statement]:
    """The `tdm-reservation` metas of a page; only `name` counts, `http-equiv` and `property` are read leniently."""
    metas = page(exchange.body or b"").metas
    policy = next((meta.content for meta in metas if meta.name == "tdm-policy" and (meta.content or "").strip()), None)
    found = [meta for meta in metas if "tdm-reservation" in (meta.name, meta.http_equiv, meta.property)]
    values = {(meta.content or "").strip() for meta in found}
    out: list[Statement] = []
    for meta in found:
        content = (meta.content or "").strip()
        raw = _clean(meta.content or "")[:MAX_RAW]
        fault = None
        if meta.name != "tdm-reservation":
            fault = "http_equiv" if meta.http_equiv == "tdm-reservation" else "property"
        elif content not in ("0", "1"):
            fault = "value"
        if fault is not None:
            out.append(_fault(_META, fault, meta.locator, raw))
        if content in ("0", "1"):
            notes = [fault] if fault else []
            notes += ["conflict: 0 and 1"] if {"0", "1"} <= values else []
            notes += [f"location={meta.location}"] if meta.location != "head" else []
            stance = _STANCES[int(content)]
            out.append(_reading(_META, stance, meta.locator, raw, Scope.DOCUMENT, policy, notes, fault is not None))
    return out


def _reading(
    carrier: Carrier,
    stance: Stance,
    locator: str,
    raw: str,
    scope: Scope,
    policy: str | None,
    notes: Sequence[str],
    lenient: bool,
) -> Reading:
    condition, more = _policy(policy, stance)
    return Reading(
        carrier=carrier.id,
        use=Use.TDM,
        stance=stance,
        strength=Strength.NORMATIVE,
        locator=locator,
        raw=raw,
        scope=scope,
        interpretation=Interpretation.LENIENT if lenient else Interpretation.BOTH,
        condition=condition,
        note="; ".join([*notes, *more]) or None,
    )


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _key(key: str) -> str:
    """A member's name as it should be written: `tdm_reservation` and, as in EPUB, `tdm:reservation` are meant so."""
    return re.sub(r"[_:]", "-", key.strip().lower())


def _shown(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=True)[:MAX_RAW]
    except (RecursionError, ValueError) as error:
        return f"({type(error).__name__})"


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _fault(carrier: Carrier, reason: str, locator: str, raw: str) -> Fault:
    return Fault(carrier.id, _clean(reason), locator, _clean(raw[:MAX_RAW]))


TDMREP_FILE = Signal("tdmrep-file", 3, ROLE_FILE, Part.BODY, (_FILE,), read_file, PATH_FILE)
TDMREP_HEADER = Signal("tdmrep-header", 1, ROLE_PAGE, Part.HEADERS, (_HEADER,), read_header)
TDMREP_META = Signal("tdmrep-meta", 1, ROLE_PAGE, Part.BODY, (_META,), read_meta)
