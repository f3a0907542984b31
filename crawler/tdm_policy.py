"""TDMRep policy documents: the ODRL profile of a TDM offer, read as plain JSON (contexts are never fetched).

The profile has one `assigner` (who to ask), permissions with the action `tdm:mine`, their duties (`obtainConsent`,
`compensate`) and constraints. The specification's own examples have stray and missing commas, so those are mended
where the result is then JSON, and the mending is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from crawler.json_slips import mended

MAX_BYTES = 512 * 1024
MAX_TEXT = 500
MAX_ITEMS = 50

PROFILES = frozenset({"http://www.w3.org/ns/tdmrep", "https://www.w3.org/ns/tdmrep"})
_NAMES = ("fn", "organization-name", "hasname", "name", "label", "title")
_MAILS = ("hasemail", "email", "hasmail")
_URLS = ("hasurl", "url", "homepage")
_PHONES = ("hastelephone", "telephone", "tel")


@dataclass(frozen=True, slots=True)
class Permission:
    """One offer: what is permitted, on what, against which duties, for which purposes."""

    action: str
    target: str | None = None
    duties: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document. `contacts` are (kind, value) of its assigner; `faults` what is not as the profile asks."""

    uid: str | None = None
    contacts: tuple[tuple[str, str], ...] = ()
    permissions: tuple[Permission, ...] = ()
    faults: tuple[str, ...] = field(default=())


def parse(data: bytes) -> Policy:
    """The policy in `data`; never raises. What is no JSON object is a Policy with nothing but a fault."""
    if len(data) > MAX_BYTES:
        return Policy(faults=(f"oversize: {len(data)} bytes",))
    text = data.decode(json.detect_encoding(data), "replace").removeprefix("\ufeff")
    faults: list[str] = []
    try:
        value = json.loads(text, strict=False)
    except RecursionError:
        return Policy(faults=("invalid_json: nested too deep",))
    except ValueError as error:
        faults.append(f"invalid_json: {error}")
        try:
            value = json.loads(mended(text), strict=False)
        except (ValueError, RecursionError):
            return Policy(faults=tuple(faults))
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        return Policy(faults=(*faults, "wrong_shape: not an object"))
    fields = _keys(value)
    if not any(str(item) in PROFILES for item in _many(fields.get("profile"))):
        faults.append("profile: not the TDM profile")
    if _word(fields.get("@type", fields.get("type"))) != "offer":
        faults.append("type: not an Offer")
    permissions = tuple(_permissions(fields))
    if not permissions:
        faults.append("permission: none")
    return Policy(_text(fields.get("uid", fields.get("@id"))), tuple(_contacts(fields)), permissions, tuple(faults))


def _permissions(fields: dict[str, object]) -> Iterator[Permission]:
    for item in _many(fields.get("permission"))[:MAX_ITEMS]:
        if not isinstance(item, dict):
            continue
        rule = _keys(item)
        duties = [_word(_keys(duty).get("action")) for duty in _many(rule.get("duty")) if isinstance(duty, dict)]
        yield Permission(
            _word(rule.get("action")) or "unnamed",
            _text(rule.get("target")),
            tuple(duty for duty in duties[:MAX_ITEMS] if duty),
            tuple(_constraints(rule)),
        )


def _constraints(rule: dict[str, object]) -> Iterator[str]:
    for item in _many(rule.get("constraint"))[:MAX_ITEMS]:
        if isinstance(item, dict):
            part = _keys(item)
            words = (_word(part.get(key)) for key in ("leftoperand", "operator", "rightoperand"))
            if text := " ".join(word for word in words if word):
                yield text


def _contacts(fields: dict[str, object]) -> Iterator[tuple[str, str]]:
    """The assigner's names and addresses; vCard properties are written with and without their prefix."""
    for assigner in _many(fields.get("assigner"))[:MAX_ITEMS]:
        if not isinstance(assigner, dict):
            if text := _text(assigner):
                yield "uid", text
            continue
        party = _keys(assigner)
        for kind, names in (("name", _NAMES), ("email", _MAILS), ("url", _URLS), ("telephone", _PHONES)):
            for name in names:
                if text := _text(party.get(name)):
                    yield kind, text.removeprefix("mailto:") if kind == "email" else text
                    break
        if text := _text(party.get("uid", party.get("@id"))):
            yield "uid", text


def _keys(value: dict[str, object]) -> dict[str, object]:
    """Keys lower-case and without a prefix (`vcard:hasEmail`, `odrl:permission`); of equal ones the first counts."""
    out: dict[str, object] = {}
    for key, item in list(value.items())[:1_000]:
        out.setdefault(key.rsplit(":", 1)[-1].lower(), item)
    return out


def _many(value: object) -> list[object]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _text(value: object) -> str | None:
    """The text of a value that may be wrapped as `{"@id": ...}`, `{"@value": ...}`, `{"uid": ...}` or a list."""
    for item in _many(value)[:MAX_ITEMS]:
        if isinstance(item, dict):
            item = next((item[key] for key in ("@id", "@value", "uid", "hasValue") if key in item), None)
        if isinstance(item, str) and item.strip():
            return item.strip()[:MAX_TEXT].encode("utf-8", "replace").decode("utf-8")
    return None


def _word(value: object) -> str:
    """The local name of a term: `tdm:mine` and `http://www.w3.org/ns/odrl/2/obtainConsent` without what is before."""
    text = _text(value) or ""
    if text.startswith(("http://", "https://")):
        text = re.split(r"[/#]", text)[-1]
    return text.rsplit(":", 1)[-1].strip().lower()[:100]
