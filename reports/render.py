"""Rendering: the Jinja environment, number and date formats, and crawled text made safe to show, link and file.

Everything crawled is hostile: templates autoescape everywhere, control and direction characters are shown escaped, and
a file name is made of a site's key so that two keys never share one.
"""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, date, datetime
from functools import cache
from importlib import resources
from urllib.parse import urlsplit

import jinja2
from markupsafe import Markup, escape

from crawler.vocabulary import Outcome
from reports import words

# Controls but tab and line feed; soft hyphen; zero-width and direction marks (bidi); line separators; variation and
# tag characters; interlinear marks; lone surrogates, which no UTF-8 file can hold; noncharacters.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_RESERVED_NAMES = {"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(10))}
_LONGEST_NAME = 120


def clean(text: object) -> str:
    """Crawled text for attributes and titles: hidden characters written as escapes, the rest as it is."""
    return _HIDDEN.sub(lambda found: _escaped(found[0]), str(text))


def shown(text: object) -> Markup:
    """Crawled text for the body of a page: as `clean`, with the escapes marked so that they stand out."""
    plain = str(text)
    if not _HIDDEN.search(plain):
        return escape(plain)
    parts, at = [], 0
    for found in _HIDDEN.finditer(plain):
        parts += [escape(plain[at : found.start()]), Markup('<span class="esc">{}</span>').format(_escaped(found[0]))]
        at = found.end()
    return Markup("").join([*parts, escape(plain[at:])])


def worded(text: str) -> str:
    """A reason with the names of outcomes written as words: `not_asked` is "not asked"."""
    for outcome in Outcome:
        text = text.replace(outcome.value, outcome.value.replace("_", " "))
    return text


def prose(text: str) -> Markup:
    """A text of ours with `code` in backticks; everything else as `shown`."""
    parts = enumerate(re.split(r"`([^`]+)`", text))
    return Markup("").join(Markup("<code>{}</code>").format(part) if odd % 2 else shown(part) for odd, part in parts)


def file_name(site: str) -> str:
    """A file's name for a site's key, without ending; different keys never share a name, on any file system.

    Letters, digits, dots and hyphens in lower case stand for themselves and every other byte of its UTF-8 is `_` and
    two hexadecimal digits, which is injective; a long name is cut and completed with `~` and its sha256.
    """
    name = "".join(
        chr(byte) if chr(byte) in "abcdefghijklmnopqrstuvwxyz0123456789.-" else f"_{byte:02x}"
        for byte in site.encode("utf-8", "surrogatepass")
    )
    if not name or name[0] in ".-" or name.partition(".")[0] in _RESERVED_NAMES:
        # A hidden file, an option, or a device on Windows: the first character is written as its byte.
        name = f"_{ord(name[0]):02x}{name[1:]}" if name else "_"
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[:40]}~{hashlib.sha256(site.encode('utf-8', 'surrogatepass')).hexdigest()}"


def web_address(url: object) -> str | None:
    """The address if it may be linked to: plain http or https without hidden characters; else None."""
    text = str(url)
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return text if good and not _HIDDEN.search(text) and not re.search(r"[\s\"'<>\\]", text) else None


def percent(share: float | None) -> str:
    """A share of 1 as a percentage with one decimal; a dash where there is none."""
    return "–" if share is None else f"{share:.1%}"


def count(number: object) -> str:
    """A whole number with thousands separators; a dash where there is none."""
    return f"{number:,}" if isinstance(number, int) else "–" if number is None else clean(number)


def sentence(text: str) -> str:
    """A phrase as the beginning of a sentence: its first letter large, the rest as it is."""
    return f"{text[:1].upper()}{text[1:]}"


def day(moment: date | str | None) -> str:
    """A day in words: 15 October 2026."""
    if moment is None:
        return "–"
    return f"{moment.day} {moment:%B %Y}" if isinstance(moment, date) else clean(moment)


def moment(when: datetime | str | None) -> str:
    """A moment to the second in UTC; times without a zone are UTC, as the archive stores them."""
    if when is None:
        return "–"
    if not isinstance(when, datetime):
        return clean(when)
    utc = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    return f"{utc:%Y-%m-%d %H:%M:%S} UTC"


@cache
def static(name: str) -> str:
    """The text of `reports/static/NAME`."""
    return (resources.files("reports") / "static" / name).read_text(encoding="utf-8")


def script_source(name: str) -> str:
    """The content-security source of an inline script of ours: its sha256, as CSP level 2 asks."""
    digest = hashlib.sha256(static(name).encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


@cache
def environment() -> jinja2.Environment:
    """The one environment of the report: autoescape everywhere, undefined names are errors."""
    env = jinja2.Environment(
        loader=jinja2.PackageLoader("reports", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    env.filters |= {
        "clean": clean,
        "shown": shown,
        "prose": prose,
        "worded": worded,
        "file_name": file_name,
        "web_address": web_address,
        "sentence": sentence,
        "percent": percent,
        "count": count,
        "day": day,
        "moment": moment,
    }
    env.globals |= {"words": words, "script_source": script_source, "script": lambda name: Markup(static(name))}  # noqa: S704 - our own file
    return env


def page(template: str, **context: object) -> str:
    """A page from `reports/templates/TEMPLATE`."""
    return environment().get_template(template).render(**context)


def _escaped(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
