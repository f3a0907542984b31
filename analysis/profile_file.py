"""Profiles from TOML: a mistake is an error that names file, line, key, what was expected and the nearest known."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from analysis.profile_model import Access, AccessRule, Answer, Ground, LicenceRule, Licensed, Profile, UseRule
from crawler.errors import InputError
from crawler.vocabulary import LicenceClass, Ruling, State, Strength, Subject, Use

FORMAT = 1
CAN_ALLOW = frozenset({State.PERMITTED.value, State.SILENT.value, Access.ADMITTED.value, Licensed.OPEN.value})
"""What may be answered with `allow`; everything else reserves, or does not say that every place was looked at."""

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PERIOD = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")
_TOKEN = re.compile(r"[^\s#:]+(?: [^\s#:]+)*")
_STATES = tuple(state.value for state in State)
_BY_STRENGTH = tuple(f"{state}-{strength}" for state in _STATES for strength in Strength)
_GROUND_TEXTS = ("title", "jurisdiction", "dated", "url", "says", "effect")
_GROUND_MORE = ("applies_from", "checked", "checked_in")
_HEAD_KEYS = ("version", "dated", "title", "purpose", "jurisdictions", "grounds", "max_age_days", "max_age_why")
_TABLES = ("use", "access", "licence")
_READINGS = ("lenient", "strict")

Path = tuple[str | int, ...]


class ProfileError(InputError):
    """A profile that cannot be used as it is written."""


def parse(text: str, name: str, known: Mapping[str, Ground] | None = None) -> dict[str, Profile]:
    """The profiles of a TOML text by name; `known` are grounds it may name beside its own. Raises ProfileError."""
    return _File(_toml(text, name), name, _lines(text), dict(known or {})).profiles()


def grounds(text: str, name: str) -> dict[str, Ground]:
    """The grounds of a TOML text by id. Raises ProfileError."""
    return _File(_toml(text, name), name, _lines(text), {}).grounds


def defined(definition: str, name: str) -> Profile:
    """The one profile of a `Profile.definition`; `name` says where it stands. Raises ProfileError."""
    (profile,) = _File(json.loads(definition), name, {}, {}).profiles().values()
    return profile


def _toml(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r" \(at line (\d+), column \d+\)$", str(error))
        place, line = (f"{name}:{at[1]}", text.splitlines()[int(at[1]) - 1].strip()) if at else (name, "")
        what = str(error)[: at.start()] if at else str(error)
        slip = next((words for begin, words in _SLIPS.items() if what.startswith(begin)), what)
        raise ProfileError(
            f"{place}: not valid TOML: {slip}" + (f"; there stands {line[:80]!r}" if line else "")
        ) from error


class _File:
    def __init__(self, data: dict[str, Any], name: str, lines: dict[Path, int], known: dict[str, Ground]) -> None:
        self.name, self.data, self.lines = name, data, lines
        if self.data.get("format") != FORMAT:
            raise self.fail(("format",), f"expected format = {FORMAT}, found {_found(self.data.get('format'))}")
        self.only((), self.data, ("format", "ground", "profile"))
        self.grounds = known | {key: self._ground(key) for key in self.table(("ground",), self.data.get("ground", {}))}

    def profiles(self) -> dict[str, Profile]:
        found = self.table(("profile",), self.data.get("profile", {}))
        if not found:
            raise self.fail(("profile",), "expected at least one [profile.NAME]")
        return {key: self._profile(key) for key in found}

    def _ground(self, key: str) -> Ground:
        at: Path = ("ground", key)
        table = self.table(at, self.data["ground"][key])
        self.only(at, table, (*_GROUND_TEXTS, *_GROUND_MORE, "recalled"))
        texts = {name: self.text(at, table, name) for name in (*_GROUND_TEXTS, *(set(_GROUND_MORE) & set(table)))}
        facts = (*_GROUND_TEXTS, "applies_from")
        recalled = self.words((*at, "recalled"), table["recalled"], facts, "facts") if "recalled" in table else ()
        for name in ("dated", "applies_from", "checked"):
            if (value := texts.get(name)) is not None and not _PERIOD.fullmatch(value):
                raise self.fail((*at, name), f'expected a year, month or day such as "2024-06-13", found {value!r}')
        if not texts["url"].startswith(("https://", "http://")):
            raise self.fail((*at, "url"), f"expected a web address, found {texts['url']!r}")
        return Ground(key, recalled=recalled, **texts)

    def _profile(self, name: str) -> Profile:
        at: Path = ("profile", name)
        table = self.table(at, self.data["profile"][name])
        if not _NAME.fullmatch(name):
            raise self.fail(at, "expected a name of small letters, digits and single hyphens")
        self.only(at, table, (*_HEAD_KEYS, *_TABLES))
        dated = self.text(at, table, "dated")
        if not _PERIOD.fullmatch(dated):
            raise self.fail((*at, "dated"), f'expected a day such as "2026-11-25", found {dated!r}')
        age = table.get("max_age_days")
        if type(age) is not int or age < 0:
            raise self.fail((*at, "max_age_days"), f"expected a number of days from 0 up, found {_found(age)}")
        rules = table.get("use", [])
        if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
            raise self.fail((*at, "use"), f"expected tables [[profile.{name}.use]]")
        uses = tuple(self._use((*at, "use", number), rule) for number, rule in enumerate(rules))
        twice = [use for rule in uses for use in rule.uses]
        for use in twice:
            if twice.count(use) > 1:
                raise self.fail((*at, "use"), f"{use}: answered twice; keep one")
        access = self._access((*at, "access"), table["access"]) if "access" in table else None
        licence = self._licence((*at, "licence"), table["licence"]) if "licence" in table else None
        if not uses and access is None and licence is None:
            raise self.fail(at, f"expected [[profile.{name}.use]], [profile.{name}.access] or [profile.{name}.licence]")
        named = self.words((*at, "grounds"), table.get("grounds", []), tuple(self.grounds), "ids of [ground.ID] tables")
        based = tuple(self.grounds[key] for key in named)
        written = {ground.id: {k: v for k, v in asdict(ground).items() if k != "id" and v} for ground in based}
        definition = json.dumps({"format": FORMAT, "ground": written, "profile": {name: table}}, sort_keys=True)
        return Profile(
            name=name,
            version=self.text(at, table, "version"),
            dated=dated,
            title=self.text(at, table, "title"),
            purpose=self.text(at, table, "purpose"),
            jurisdictions=self.words((*at, "jurisdictions"), table.get("jurisdictions"), None, "codes such as EU"),
            grounds=based,
            max_age_days=age,
            max_age_why=self.text(at, table, "max_age_why"),
            uses=uses,
            access=access,
            licence=licence,
            definition=definition,
        )

    def _use(self, at: Path, table: Mapping[str, Any]) -> UseRule:
        self.only(at, table, ("uses", "reading", "why", *_STATES, *_BY_STRENGTH))
        reading = self.text(at, table, "reading")
        if reading not in _READINGS:
            near = _near(reading, _READINGS)
            raise self.fail((*at, "reading"), f'expected "lenient" or "strict", found {reading!r}{near}')
        uses = self.words((*at, "uses"), table.get("uses"), tuple(Use), "uses")
        answers = self.answers(at, table, _STATES, _BY_STRENGTH)
        return UseRule(tuple(map(Use, uses)), reading == "strict", self.text(at, table, "why"), answers)

    def _access(self, at: Path, given: object) -> AccessRule:
        table, states = self.table(at, given), tuple(Access)
        self.only(at, table, ("agents", "why", *states))
        agents = self.words((*at, "agents"), table.get("agents"), None, 'product tokens such as "GPTBot", or "*"')
        for agent in agents:
            if not _TOKEN.fullmatch(agent):
                raise self.fail((*at, "agents"), f"{agent!r} is no product token")
        return AccessRule(agents, self.text(at, table, "why"), self.answers(at, table, states))

    def _licence(self, at: Path, given: object) -> LicenceRule:
        table, states = self.table(at, given), tuple(Licensed)
        self.only(at, table, ("classes", "subjects", "why", *states))
        classes = self.words((*at, "classes"), table.get("classes"), tuple(LicenceClass), "classes")
        subjects = self.words((*at, "subjects"), table.get("subjects"), tuple(Subject), "subjects")
        answers = self.answers(at, table, states)
        why = self.text(at, table, "why")
        return LicenceRule(tuple(map(LicenceClass, classes)), tuple(map(Subject, subjects)), why, answers)

    def answers(
        self, at: Path, table: Mapping[str, Any], needed: Iterable[str], more: Iterable[str] = ()
    ) -> dict[str, Answer]:
        """An answer for every state needed, and for those of a strength that are given."""
        found = {}
        for state in needed:
            if state not in table:
                raise self.fail(at, f'{state}: missing; every state needs an answer: {state} = ["unknown", "why"]')
            found[state] = self._answer((*at, state), state, table[state])
        for state in more:
            if state in table:
                found[state] = self._answer((*at, state), state.partition("-")[0], table[state])
        return found

    def _answer(self, at: Path, state: str, value: object) -> Answer:
        if not (isinstance(value, list) and len(value) == 2 and all(isinstance(part, str) for part in value)):
            raise self.fail(at, f'expected ["allow|deny|unknown", "why"], found {_found(value)}')
        ruling, why = value
        if ruling not in tuple(Ruling):
            raise self.fail(at, f"expected allow, deny or unknown, found {ruling!r}{_near(ruling, tuple(Ruling))}")
        if not why.strip():
            raise self.fail(at, "expected a reason beside the answer, found an empty text")
        if ruling == Ruling.ALLOW and state not in CAN_ALLOW:
            raise self.fail(
                at,
                f"{state} cannot be answered with allow: only {', '.join(sorted(CAN_ALLOW))} can, because silence is"
                " not ignorance and a reservation stays one; use deny or unknown",
            )
        return Answer(Ruling(ruling), why.strip())

    def table(self, at: Path, value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.fail(at, f"expected a table [{_dotted(at)}], found {_found(value)}")
        return value

    def text(self, at: Path, table: Mapping[str, Any], key: str) -> str:
        value = table.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.fail((*at, key), f"expected a text in quotes, found {_found(value)}")
        return value.strip()

    def words(self, at: Path, value: object, known: tuple[str, ...] | None, what: str) -> tuple[str, ...]:
        """A list of distinct texts, each of them one of `known` where that is given."""
        if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
            raise self.fail(at, f"expected a list of {what}, found {_found(value)}")
        for item in value:
            if known is not None and item not in known:
                raise self.fail(at, f"{item!r} is none of the {what} known: {', '.join(known)}{_near(item, known)}")
            if [other.lower() for other in value].count(item.lower()) > 1:
                raise self.fail(at, f"{item!r} stands there twice; keep one")
        return tuple(value)

    def only(self, at: Path, table: Mapping[str, Any], known: Iterable[str]) -> None:
        names = tuple(known)
        for key in table:
            if key not in names:
                raise self.fail(
                    (*at, key), f"no such key; expected one of {', '.join(_short(names))}{_near(key, names)}"
                )

    def fail(self, at: Path, message: str) -> ProfileError:
        line = next((self.lines[at[:size]] for size in range(len(at), 0, -1) if at[:size] in self.lines), 0)
        # A table that only its parts have headers of begins where the first of them does.
        line = line or min((number for path, number in self.lines.items() if path[: len(at)] == at), default=0)
        place = f"{self.name}:{line}" if line else self.name
        return ProfileError(f"{place}: {_dotted(at)}: {message}" if at else f"{place}: {message}")


def _short(names: tuple[str, ...]) -> list[str]:
    shown = [name for name in names if name not in _BY_STRENGTH]
    return [*shown, "STATE-STRENGTH"] if len(shown) < len(names) else shown


def _near(word: str, known: Iterable[str]) -> str:
    by_lower: dict[str, str] = {}
    for name in map(str, known):
        by_lower.setdefault(name.lower(), name)
    low = word.lower()
    near = [name for name in by_lower if low and name.startswith(low)]
    near = near or difflib.get_close_matches(low, by_lower, n=1, cutoff=0.5)
    return f"; the nearest known is {by_lower[near[0]]!r}" if near else ""


_SLIPS = {
    "Cannot overwrite a value": "a key stands there for the second time; keep one",
    "Cannot declare": "a table begins there for the second time; keep one",
    "Illegal character '\\n'": "a text is not closed by a quote on its line; close it",
    "Expected '=' after a key": "expected KEY = VALUE or a [table] in brackets",
}
"""What TOML's reader says, in the words of somebody who made that slip."""


def _found(value: object) -> str:
    """A value as it stood in the file, for an error."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value} without quotes" if isinstance(value, date) else repr(value)


def _dotted(at: Path) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in at)


def _lines(text: str) -> dict[Path, int]:
    """The line, from 1, of every header and key as they are usually written; of the rest a caller uses the nearest."""
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    here: Path = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\[\s*([^\[\]]+?)\s*\]\]", line):
            at = _keys(header[1])
            counts[at] = counts.get(at, -1) + 1
            found.setdefault(at, number)
            here = (*at, counts[at])
            found[here] = number
        elif header := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$", line):
            here = _keys(header[1])
            found.setdefault(here, number)
        elif key := re.match(r"""\s*([A-Za-z0-9_.'"-]+)\s*=""", line):
            found.setdefault((*here, *_keys(key[1])), number)
    return found


def _keys(dotted: str) -> Path:
    return tuple(part.strip().strip("'\"") for part in dotted.split("."))
