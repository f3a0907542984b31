"""Frames: a site list in any common shape, normalised, deduplicated and fingerprinted; nothing listed is lost.

Every entry of a list becomes a site or a rejected entry with its reason, duplicates included.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import idna

from crawler.frame_formats import UNREADABLE, entries, unpacked
from crawler.frame_formats import FrameError as FrameError

_DEFAULT_PORTS = ("80", "443")
_LONGEST_ENTRY = 4096
_LONGEST_HOST = 253
_TEXTS = ("name", "stratum", "category", "country", "part")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_PLAIN = re.compile(rf"(?:{_LABEL.pattern}\.)*[a-z_](?:[a-z0-9_-]{{0,61}}[a-z0-9_])?")
"""A plain ASCII name whose last label begins with no digit, so that it is no IPv4 address of any spelling."""
_AUTHORITY = re.compile(r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):)?//(?P<authority>[^/?#\\]*)")
_ORIGIN = re.compile(
    rb"# openweb frame (?P<id>[0-9a-f]{12}): (?P<source>[^\r\n]*); source sha256 (?P<sha256>[0-9a-f]{64})\r?\n"
)
_PORT = re.compile(r":(\d*)$")


@dataclass(frozen=True, slots=True)
class FrameSite:
    """One site of a frame: `site` is its host key, `listed` the entry as found, `line` where (1-based line or row).

    `weight` is how many listed sites it stands for; `part` is `panel` or `refresh` where a frame has both, else None.
    """

    site: str
    listed: str
    line: int
    name: str | None = None
    stratum: str | None = None
    category: str | None = None
    country: str | None = None
    rank: int | None = None
    weight: float | None = None
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """An entry that did not become a site: where it stands, its text (cut at 200 characters) and the reason."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The sites a study is about. `sha256` is that of the source's bytes, `id` that of the normalised list.

    Two lists with the same sites, strata, ranks, weights and parts have one `id`, whatever their order, spelling or
    format.
    """

    id: str
    source: str
    sha256: str
    sites: tuple[FrameSite, ...]
    rejected: tuple[Rejected, ...]

    def sample(self, size: int, seed: int, *, by_stratum: bool = False) -> Frame:
        """A frame of `size` of these sites (of each stratum with `by_stratum`), in the order they stand here.

        Which are drawn depends on `seed` and the sites' names alone, so a longer list keeps most of an earlier draw.
        """
        groups: dict[str | None, list[FrameSite]] = defaultdict(list)
        for site in self.sites:
            groups[site.stratum if by_stratum else None].append(site)
        drawn = {
            site.site
            for members in groups.values()
            for site in sorted(members, key=lambda member: _sha256(f"{seed}\n{member.site}".encode()))[: max(size, 0)]
        }
        source = f"{self.source}, {size} drawn{' a stratum' if by_stratum else ''} with seed {seed}"
        return frame_of(source, self.sha256, [site for site in self.sites if site.site in drawn])


def host_key(text: str) -> str:
    """The one name of the host in `text`: lower-case A-labels (UTS #46), no trailing dot, no port 80 or 443.

    Takes a host, `host:port` or URL of http(s). Labels may hold what browsers accept (underscores, two hyphens in a
    row, emoji as Punycode). IP addresses are written in their shortest form, IPv6 in brackets. Raises FrameError.
    """
    text = text.strip()
    if _PLAIN.fullmatch(plain := text.lower()) and "xn--" not in plain and len(plain) <= _LONGEST_HOST:
        # Most of any list: names that UTS #46 maps to themselves in lower case.
        return plain
    if not text or len(text) > _LONGEST_ENTRY:
        raise FrameError("nothing there" if not text else f"longer than {_LONGEST_ENTRY} characters")
    if url := _AUTHORITY.match(text):
        if (url["scheme"] or "http").lower() not in ("http", "https"):
            raise FrameError(f"not a web address: {url['scheme']!r} is not http or https")
        authority = url["authority"].rpartition("@")[2]
    else:
        authority = re.split(r"[/?#]", text, maxsplit=1)[0]
    port = ""
    if match := _PORT.search(authority):
        authority, port = authority[: match.start()], match[1].lstrip("0")
        if len(port) > 5 or int(port or 1) > 65535 or (match[1] and not port):
            raise FrameError(f"port {match[1][:20]} is not between 1 and 65535")
    host = _ipv6(authority) if authority.startswith("[") else _name(authority)
    return f"{host}:{port}" if port and port not in _DEFAULT_PORTS else host


def _ipv6(text: str) -> str:
    try:
        return f"[{ipaddress.IPv6Address(text.removeprefix('[').removesuffix(']')).compressed}]"
    except ValueError as error:
        raise FrameError(f"not an IPv6 address: {text[:60]!r}") from error


def _name(text: str) -> str:
    """A host name or IPv4 address by the rules of UTS #46 and the URL Standard's host parser."""
    try:
        mapped = idna.uts46_remap(text, std3_rules=False)
        labels = [_a_label(label) for label in mapped.removesuffix(".").split(".")]
    except idna.IDNAError as error:
        raise FrameError(f"not a host name: {error}"[:200]) from error
    host = ".".join(labels)
    if len(host) > _LONGEST_HOST:
        raise FrameError(f"not a host name: {len(host)} characters, {_LONGEST_HOST} are allowed (RFC 1035 2.3.4)")
    if labels[-1].isdigit() or re.fullmatch(r"0x[0-9a-f]*", labels[-1]):
        # URL Standard, "ends in a number checker": such a host is an IPv4 address or nothing.
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError as error:
            raise FrameError(f"not a host name and not an IPv4 address: {host[:60]!r}") from error
    return host


def _a_label(label: str) -> str:
    """One label after UTS #46 mapping as an A-label; raises FrameError, or IDNAError for right-to-left disorder."""
    if not label:
        raise FrameError("not a host name: an empty label")
    if len(label) > 63:
        raise FrameError("not a host name: a label longer than 63 characters (RFC 1035 2.3.4)")
    ascii_label = label
    if not label.isascii():
        idna.check_initial_combiner(label)
        idna.check_bidi(label)
        ascii_label = f"xn--{label.encode('punycode').decode('ascii')}"
    elif label.startswith("xn--"):
        try:
            plain = label[4:].encode("ascii").decode("punycode")
        except UnicodeError as error:
            raise FrameError(f"not a host name: {label!r} is not Punycode") from error
        if plain.isascii() or idna.uts46_remap(plain, std3_rules=False) != plain:
            raise FrameError(f"not a host name: {label!r} is no label's Punycode")
    if not _LABEL.fullmatch(ascii_label):
        raise FrameError(f"not a host name: {label!r} holds a character no host name has, or is too long")
    return ascii_label


def read_frame(source: Path | str | bytes, *, name: str | None = None, column: str | None = None) -> Frame:
    """The frame in a file (Path) or in its content (str, bytes): plain list, CSV or TSV, Tranco, JSON lines, Parquet.

    The shape is read from the content; gzip, zstd and one-file zip are unpacked. The site stands in `column`, or in the
    first of SITE_COLUMNS there is, or in the first column; KEPT_COLUMNS are kept. `name` is the frame's source, by
    default the file's name. A frame that `openweb frame build` wrote keeps the source and sha256 of its lists, unless
    it was changed since. Raises FrameError if the list as a whole cannot be read.
    """
    label = name or (source.name if isinstance(source, Path) else "text")
    try:
        match source:
            case Path():
                data = source.read_bytes()
            case str():
                data = source.encode("utf-8", "replace")
            case _:
                data = source
        content = unpacked(data)
    except UNREADABLE as error:
        raise FrameError(f"{label}: cannot be read ({error}); give a site list as text, CSV or Parquet") from error
    sites: dict[str, FrameSite] = {}
    rejected: list[Rejected] = []
    for line, cells in entries(content, label, column):
        listed = _text(cells.get("site")) or ""
        try:
            if isinstance(fault := cells.get("fault"), str):
                raise FrameError(fault)
            site = _site(line, listed, cells)
            if (first := sites.get(site.site)) is not None:
                raise FrameError(f"duplicate of line {first.line}")
        except FrameError as error:
            rejected.append(Rejected(line, listed[:200], str(error)))
        else:
            sites[site.site] = site
    frame = frame_of(label, _sha256(data), list(sites.values()), rejected)
    if (origin := _ORIGIN.match(content)) and origin["id"].decode() == frame.id:
        return replace(frame, source=origin["source"].decode("utf-8", "replace"), sha256=origin["sha256"].decode())
    return frame


def origin_line(frame: Frame) -> str:
    """The comment at the head of a frame's file that says where it came from; `read_frame` reads it back."""
    return f"# openweb frame {frame.id}: {' '.join(frame.source.split())}; source sha256 {frame.sha256}"


def frame_of(source: str, sha256: str, sites: Sequence[FrameSite], rejected: Sequence[Rejected] = ()) -> Frame:
    """The frame of these sites (host keys, each once), with its fingerprint."""
    rows = sorted(map(_row, sites))
    return Frame(_sha256("\n".join(rows).encode())[:12], source, sha256, tuple(sites), tuple(rejected))


def _row(site: FrameSite) -> str:
    """What of a site counts in the fingerprint, as JSON; `part`, which most frames have none of, only where it is."""
    if (site.name, site.stratum, site.category, site.country, site.weight, site.part) == (None,) * 6:
        # Most lists: written out, because a million of them should take seconds. A host key needs no escapes.
        return f'["{site.site}", null, null, null, null, {"null" if site.rank is None else site.rank}, null]'
    facts = [site.site, site.name, site.stratum, site.category, site.country, site.rank, site.weight]
    return json.dumps([*facts, site.part] if site.part is not None else facts)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _site(line: int, listed: str, cells: Mapping[str, object]) -> FrameSite:
    key = host_key(listed)
    if len(cells) == 1:
        return FrameSite(key, listed, line)
    rank, weight = _number("rank", cells.get("rank")), _number("weight", cells.get("weight"))
    if rank is not None and rank != int(rank):
        raise FrameError(f"rank {rank} is not a whole number")
    texts = {name: _text(cells[name]) for name in _TEXTS if name in cells}
    return FrameSite(key, listed, line, **texts, rank=None if rank is None else int(rank), weight=weight)


def _text(value: object) -> str | None:
    return None if value is None else str(value).strip()[:_LONGEST_ENTRY] or None


def _number(key: str, value: object) -> float | None:
    """A rank or weight; one that is there but no number rejects the entry: dropped silently it would move a rate."""
    if value is None or (text := _text(value)) is None or (isinstance(value, float) and math.isnan(value)):
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise FrameError(f"{key} {text[:40]!r} is not a number from 0 up")
    return number
