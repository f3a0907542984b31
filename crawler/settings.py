"""Settings: `settings.toml` read into frozen models, with errors that say file, key, line and what to write instead.

The models hold every setting and its default; the commented `settings.toml` beside them is tested to equal them.
Flags beat environment (`OPENWEB_SECTION_KEY`) beat the file.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crawler.errors import OpenwebError
from crawler.vocabulary import MOST_SAMPLED

KIB = 1024


class SettingsError(OpenwebError):
    """A setting that cannot be used; the message names file, line, key, what was expected and what to do."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


Seconds = Annotated[float, Field(ge=0)]
Positive = Annotated[int, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class Identity(_Section):
    """Who we say we are. `contact_url` has no default: a crawler that cannot be reached does not start."""

    contact_url: str = ""
    token: Annotated[str, Field(pattern=r"^[A-Za-z_-]+$")] = "OpenWebAudit"


class Politeness(_Section):
    """Conduct towards the sites asked; times in seconds, sizes in bytes."""

    delay: Seconds = 1.0
    delay_per_ip: Seconds = 0.2
    crawl_delay_cap: Seconds = 30.0
    retry_after_cap: Seconds = 60.0
    requests_per_site: Positive = 12
    redirects: Annotated[int, Field(ge=0, le=20)] = 5
    conditional: bool = True
    known_max_age: Seconds = 7776000.0
    robots_max_age: Seconds = 86400.0
    policy_file_bytes: Positive = 512 * KIB
    page_bytes: Positive = 2048 * KIB
    media_bytes: Positive = 4096 * KIB
    timeout: Seconds = 20.0
    dns_timeout: Seconds = 10.0


class Network(_Section):
    """Where requests may go. `resolve` maps `host` or `host:port` to `address` or `address:port`; such a name is never
    looked up. Addresses that are not public are refused unless `allow_addresses` (CIDR) names them.
    """

    resolve: dict[str, str] = {}
    allow_addresses: list[str] = []
    ca_file: str = ""
    ports: list[Annotated[int, Field(gt=0, lt=65536)]] = [80, 443]


class Crawl(_Section):
    """How a snapshot runs: sites in flight, segment size in visits, what is kept."""

    concurrency: Positive = 64
    segment_visits: Positive = 500
    spool: str = "spool"
    optout_file: str = ""
    vantage: str = ""
    control_urls: list[str] = []
    time_budget: Seconds = 0.0
    pages_per_site: Annotated[int, Field(ge=0, le=MOST_SAMPLED)] = 0
    sample_seed: int = 0
    media_per_site: Annotated[int, Field(ge=0, le=MOST_SAMPLED)] = 0


class Archive(_Section):
    """The DuckDB file; `lock_wait` is how many seconds to wait for another process's hold on it."""

    path: str = "openweb.duckdb"
    lock_wait: Seconds = 60.0
    memory_limit: str = "3GiB"
    threads: Annotated[int, Field(ge=0)] = 0
    keep_pages: bool = False


class Quality(_Section):
    """When a finished run is not good enough, on its own and beside the snapshot before it: then the exit code is 3.

    Shares from 0 to 1; `latency_growth` is a factor. Comparisons need `least_sites` sites that are in both. Without
    `gate` a crawl is held to `coverage_floor` alone.
    """

    gate: bool = True
    coverage_floor: Share = 0.5
    unvisited: Share = 0.02
    coverage_drop: Share = 0.05
    outcome_drift: Share = 0.05
    sites_lost: Share = 0.05
    latency_growth: Annotated[float, Field(ge=1)] = 3.0
    least_sites: Positive = 50


class Report(_Section):
    """What the static report shows."""

    title: str = "How open is the web to AI?"
    agents: list[str] = ["GPTBot", "CCBot", "ClaudeBot", "Google-Extended", "PerplexityBot"]
    site_pages: Positive = 2000


class Analysis(_Section):
    """How verdicts are read: days after which evidence no longer says what is so on a day asked about."""

    max_age_days: Positive = 90


class Settings(BaseModel):
    """Every setting of the program."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    identity: Identity = Identity()
    politeness: Politeness = Politeness()
    network: Network = Network()
    crawl: Crawl = Crawl()
    archive: Archive = Archive()
    quality: Quality = Quality()
    report: Report = Report()
    analysis: Analysis = Analysis()


def load(
    path: Path | None = None,
    *,
    overrides: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Settings from `path` (or `./settings.toml` if it is there), then the environment, then `overrides`.

    `overrides` maps dotted keys (`politeness.delay`) to values. Raises SettingsError with a pointed message.
    """
    environ = os.environ if environ is None else environ
    given = path
    if path is None:
        path = Path("settings.toml")
    text = ""
    if given is not None or path.exists():
        try:
            text = path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"{path}: cannot be read ({_reason(error)}); name another file with --settings"
            ) from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not valid TOML: {error}; mend that place and run again") from error
    sources: dict[str, str] = {}
    for section, model in _sections().items():
        for key in model.model_fields:
            name = f"OPENWEB_{section}_{key}".upper()
            if name in environ:
                _set(data, f"{section}.{key}", _from_text(environ[name]), path)
                sources[f"{section}.{key}"] = f"environment {name}"
    for dotted, value in (overrides or {}).items():
        _set(data, dotted, value, path)
        sources[dotted] = "command line"
    try:
        return Settings.model_validate(_widen(data))
    except ValidationError as error:
        raise SettingsError(_explain(error, path, text, sources)) from error


def origins(
    path: Path | None = None, *, overrides: Collection[str] = (), environ: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Where each setting comes from, by dotted key, when `load` is given the same: `default`, `FILE:LINE`,
    `environment NAME` or `command line`. `overrides` are the dotted keys given; the file must be one `load` can read.
    """
    environ = os.environ if environ is None else environ
    path = path or Path("settings.toml")
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    found = {}
    for section, model in _sections().items():
        for key in model.model_fields:
            name = f"OPENWEB_{section}_{key}".upper()
            line = _line_of(text, [section, key])
            if f"{section}.{key}" in overrides:
                origin = "command line"
            elif name in environ:
                origin = f"environment {name}"
            else:
                origin = f"{path}:{line}" if line else "default"
            found[f"{section}.{key}"] = origin
    return found


def _sections() -> dict[str, type[BaseModel]]:
    return {name: type(info.default) for name, info in Settings.model_fields.items()}


def _set(data: dict[str, Any], dotted: str, value: object, path: Path) -> None:
    section, key = dotted.split(".", 1)
    table = data.setdefault(section, {})
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: [{section}]: expected a table; write [{section}] on a line of its own")
    table[key] = value


def _from_text(text: str) -> object:
    """An environment variable's value: TOML where it reads as TOML, else the plain string."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _widen(data: dict[str, Any]) -> dict[str, Any]:
    """TOML integers where a number of seconds or a share is meant (strict mode takes no int for a float)."""
    widened = dict(data)
    for section, model in _sections().items():
        table = data.get(section)
        if isinstance(table, dict):
            widened[section] = {
                key: float(value)
                if type(value) is int
                and (info := model.model_fields.get(key)) is not None
                and type(info.default) is float
                else value
                for key, value in table.items()
            }
    return widened


def _explain(error: ValidationError, path: Path, text: str, sources: Mapping[str, str]) -> str:
    messages = []
    for item in error.errors():
        parts = [str(part) for part in item["loc"]]
        dotted = ".".join(parts)
        line = _line_of(text, parts)
        where = sources.get(".".join(parts[:2])) or (f"{path}:{line}" if line else str(path))
        if item["type"] == "extra_forbidden":
            known = list(_sections()) if len(parts) == 1 else list(_sections()[parts[0]].model_fields)
            near = difflib.get_close_matches(parts[-1], known, n=1, cutoff=0.4)
            hint = f"the nearest known key is {near[0]!r}" if near else f"known keys: {', '.join(sorted(known))}"
            messages.append(f"{where}: {dotted}: no such setting; {hint}")
        else:
            message = item["msg"].removeprefix("Input should be ")
            messages.append(f"{where}: {dotted} = {item['input']!r}: expected {message}; default: {_default(parts)}")
    return "\n".join(messages)


def _default(parts: list[str]) -> str:
    model = _sections().get(parts[0])
    if model is None or len(parts) < 2 or parts[1] not in model.model_fields:
        return "see settings.toml"
    return repr(model.model_fields[parts[1]].default)


def _line_of(text: str, parts: list[str]) -> int | None:
    """The 1-based line of a dotted key in TOML text, None where it is not written as `key =` under `[section]`."""
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line):
            section = header[1]
            if [section] == parts:
                return number
        elif key := re.match(r"""\s*["']?([^"'=\s]+)["']?\s*=""", line):
            full = f"{section}.{key[1]}".strip(".").split(".")
            if full == parts[: len(full)]:
                return number
    return None


def _reason(error: Exception) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else "not UTF-8 text"
