"""Named profiles: those this version ships, and those of a user's own file."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType

from analysis.profile_file import ProfileError, grounds, parse
from analysis.profile_model import (
    NOTICE,
    Access,
    AccessFact,
    Answer,
    Decision,
    Ground,
    LicenceFact,
    Licensed,
    Profile,
    UseFact,
)
from crawler.vocabulary import Ruling

__all__ = [
    "NOTICE",
    "Access",
    "AccessFact",
    "Answer",
    "Decision",
    "Ground",
    "LicenceFact",
    "Licensed",
    "Profile",
    "ProfileError",
    "Ruling",
    "UseFact",
    "find",
    "load",
    "shipped",
]


@cache
def shipped() -> Mapping[str, Profile]:
    """The profiles of this version by name, in the order of their file."""
    return MappingProxyType(parse(_text(), "profiles.toml"))


def load(path: Path) -> Mapping[str, Profile]:
    """The profiles of a user's file by name; it may name the grounds that ship. Raises ProfileError."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror or type(error).__name__) if isinstance(error, OSError) else "not UTF-8 text"
        raise ProfileError(f"{path}: cannot be read ({reason}); name a file of profiles") from error
    return MappingProxyType(parse(text, str(path), grounds(_text(), "profiles.toml")))


def find(name: str, file: Path | None = None) -> Profile:
    """The profile called `name`, of `file` first and then of those that ship. Raises ProfileError with the nearest."""
    known = {**shipped(), **(load(file) if file is not None else {})}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise ProfileError(f"{name}: no such profile{hint} Known: {', '.join(known)}; your own: --file FILE.toml")


@cache
def _text() -> str:
    return (resources.files("analysis") / "profiles.toml").read_text(encoding="utf-8")
