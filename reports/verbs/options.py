"""What the verbs share: settings and archive options, JSON lines, progress, and text that is safe on a terminal."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from crawler.settings import Settings


F = TypeVar("F", bound=Callable[..., Any])

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]")


def settings_options(function: F) -> F:
    """`--settings FILE` and `--set SECTION.KEY=VALUE`; pass both to `settings_from`."""
    function = click.option(
        "--set",
        "set_",
        metavar="KEY=VALUE",
        multiple=True,
        help="One setting, as in settings.toml: --set politeness.delay=2. Repeatable.",
    )(function)
    return click.option(
        "--settings",
        "settings_file",
        type=click.Path(path_type=Path),
        help="Settings file; default: settings.toml here, if there is one.",
    )(function)


def db_option(function: F) -> F:
    """`--db FILE`, the archive."""
    return click.option("--db", type=click.Path(), help="The archive (DuckDB); default: archive.path of the settings.")(
        function
    )


def json_option(function: F) -> F:
    """`--json`, one object a line."""
    return click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of text.")(function)


def settings_from(
    settings_file: Path | None,
    set_: tuple[str, ...] = (),
    *,
    db: str | None = None,
    base: Mapping[str, object] | None = None,
    **overrides: object,
) -> Settings:
    """The settings of a verb; `overrides` are `section__key=value`, None meaning not given. Raises SettingsError.

    `base` maps dotted keys to values that beat the file and the environment but not what the command line says.
    """
    # Imported where they are used, so that `-h` answers at once.
    from crawler.settings import load

    values: dict[str, object] = dict(base or {})
    for item in set_:
        key, equals, text = item.partition("=")
        if not equals or "." not in key:
            raise click.UsageError(f"--set {item}: expected SECTION.KEY=VALUE, such as politeness.delay=2")
        values[key.strip()] = from_text(text)
    if db is not None:
        values["archive.path"] = db
    values |= {key.replace("__", "."): value for key, value in overrides.items() if value is not None}
    return load(settings_file, overrides=values)


def from_text(text: str) -> object:
    """A value on the command line: TOML where it reads as TOML, else the plain string."""
    import tomllib

    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def plain(value: object) -> object:
    """A value as JSON writes it: moments as ISO 8601 with Z, dates as ISO, enums as their word, paths as text."""
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def emit(record: Mapping[str, object]) -> None:
    """Write one JSON object as one line of standard output."""
    click.echo(json.dumps(plain(record), ensure_ascii=False))


def clean(text: object) -> str:
    """Crawled text as it may go to a terminal: control and direction characters shown escaped, never sent."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), str(text))


class Progress:
    """Progress on stderr: one rewritten line on a terminal, else a line every ten seconds."""

    def __init__(self, what: str, total: int | None = None, *, quiet: bool = False) -> None:
        self.what, self.total, self.quiet = what, total, quiet
        self.done = 0
        self.terminal = sys.stderr.isatty()
        self.started = self.shown = time.monotonic()

    def advance(self, by: int = 1, note: str = "") -> None:
        """Count `by` more done and show it when it is time to."""
        self.done += by
        now = time.monotonic()
        if self.quiet or now - self.shown < (0.1 if self.terminal else 10.0):
            return
        self.shown = now
        self._show(note, end="")

    def close(self, note: str = "") -> None:
        """Show the last count and the time it took."""
        if not self.quiet:
            self._show(note or f"in {time.monotonic() - self.started:.1f} s", end="\n")

    def _show(self, note: str, end: str) -> None:
        total = f" of {self.total:,}" if self.total is not None else ""
        line = f"{self.what}: {self.done:,}{total} {clean(note)}".rstrip()
        if self.terminal:
            click.echo(f"\r\x1b[2K{line}{end}", nl=False, err=True)
        else:
            click.echo(line, err=True)
