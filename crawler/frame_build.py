"""Frames made from lists: strata, a seeded sample with its design weights, a fixed panel and a refresh sample apart."""

from __future__ import annotations

import bisect
import csv
import hashlib
import heapq
import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from crawler.errors import InputError
from crawler.frame import Frame, FrameSite, Rejected, frame_of, origin_line

COLUMNS = ("site", "name", "stratum", "category", "country", "rank", "weight", "part")
PANEL, REFRESH = "panel", "refresh"
STRATA = ("rank", "category", "country", "tld")
NONE = "none"
"""The stratum of sites that lack what the others are told apart by."""
ALL = "all"
"""What a frame without strata counts its sites under."""

Stratifier = Callable[[FrameSite], str]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A frame that was built; sites the lists held and sites drawn, by stratum, the panel's not among them.

    `panel` counts the sites of the fixed panel, None where there is none.
    """

    frame: Frame
    listed: dict[str, int]
    drawn: dict[str, int]
    panel: int | None


def merged(frames: Sequence[Frame]) -> Frame:
    """One frame of several lists: a site in more than one of them keeps its first entry, the others are rejected.

    The reason of every reject begins with the list it stands in where there are several.
    """
    if len(frames) == 1:
        return frames[0]
    sites: dict[str, tuple[str, FrameSite]] = {}
    rejected = []
    for frame in frames:
        rejected += [replace(entry, reason=f"{frame.source}: {entry.reason}") for entry in frame.rejected]
        for site in frame.sites:
            source, first = sites.setdefault(site.site, (frame.source, site))
            if first is not site:
                reason = f"{frame.source}: duplicate of {source} line {first.line}"
                rejected.append(Rejected(site.line, site.listed[:200], reason))
    digest = hashlib.sha256("\n".join(frame.sha256 for frame in frames).encode("ascii")).hexdigest()
    source = " + ".join(frame.source for frame in frames)
    return frame_of(source, digest, [site for _, site in sites.values()], rejected)


def stratifier(text: str, frame: Frame) -> Stratifier:
    """What `--strata` asks for: `category`, `country`, `tld`, or `rank:1000,10000` with the upper ends of its classes.

    Raises InputError for anything else, and where no site of `frame` has what would tell them apart.
    """
    kind, _, edges = text.partition(":")
    if kind not in STRATA or bool(edges) != (kind == "rank"):
        raise InputError(f"--strata {text}: expected category, country, tld, or rank with its classes: rank:1000,10000")
    if kind == "tld":
        return _tld
    if all(getattr(site, kind) is None for site in frame.sites):
        raise InputError(f"--strata {text}: no site of {frame.source} has a {kind}; add a column {kind} to the list")
    if kind != "rank":
        return lambda site: getattr(site, kind) or NONE
    if not re.fullmatch(r"[1-9]\d{0,11}(,[1-9]\d{0,11})*", edges):
        raise InputError(f"--strata {text}: {edges!r} is no list of ranks, such as rank:1000,10000,100000")
    ends = sorted({int(edge) for edge in edges.split(",")})
    names = [f"{low + 1}-{high}" for low, high in zip([0, *ends], ends, strict=False)] + [f"{ends[-1] + 1}+"]
    return lambda site: NONE if site.rank is None else names[bisect.bisect_left(ends, site.rank)]


def _tld(site: FrameSite) -> str:
    """The last label of a host name, without its port; addresses have none."""
    host, colon, port = site.site.rpartition(":")
    last = (host if colon and port.isdigit() else site.site).rpartition(".")[2]
    return NONE if last.isdigit() or last.endswith("]") else last


def build(
    frame: Frame,
    *,
    strata: Stratifier | None = None,
    sample: int | None = None,
    seed: int = 0,
    per_stratum: bool = False,
    panel: Frame | None = None,
) -> Drawn:
    """A frame of `sample` sites (`per_stratum`: of each stratum) drawn with `seed`, weighted by listed / drawn.

    A weight the list gives is multiplied by that of the draw. Without `sample` every site stays, with the weight it
    has. Sites of `panel` come first, with the weight they have, marked `panel`; the sample is drawn from the others
    and marked `refresh`, so that neither replaces the other. Without `per_stratum` a stratum gets its share of the
    sample by its size (largest remainders), at least one site. Raises InputError for a sample that cannot be drawn.
    """
    stratum_of = strata or (lambda site: site.stratum or ALL)
    fixed = []
    pool = list(frame.sites)
    if panel is not None:
        names = {site.site for site in panel.sites}
        here = {site.site: site for site in pool if site.site in names}
        # A panel keeps its strata; where it has none, those of this list hold.
        fixed = [
            _tidy(site, strata(here.get(site.site, site)) if strata and not site.stratum else site.stratum, part=PANEL)
            for site in panel.sites
        ]
        pool = [site for site in pool if site.site not in names]
    groups: dict[str, list[FrameSite]] = defaultdict(list)
    for site in pool:
        groups[stratum_of(site)].append(site)
    listed = Counter({stratum: len(members) for stratum, members in groups.items()})
    part = REFRESH if panel is not None else None
    if sample is None:
        pool = [_tidy(site, strata(site) if strata else site.stratum, part=part or site.part) for site in pool]
        drawn = listed
    else:
        shares = _shares(listed, sample, per_stratum)
        chosen: dict[str, FrameSite] = {}
        for stratum, members in groups.items():
            for site in _first(members, shares[stratum], seed):
                weight = len(members) / shares[stratum] * (1.0 if site.weight is None else site.weight)
                tidy = _tidy(site, stratum if strata else site.stratum, part=part)
                chosen[site.site] = replace(tidy, weight=weight)
        pool = [chosen[site.site] for site in pool if site.site in chosen]
        drawn = Counter(shares)
    source = frame.source if sample is None else f"{frame.source}, {len(pool)} drawn with seed {seed}"
    if panel is not None:
        source = f"panel {panel.source} + {source}"
    made = frame_of(source, frame.sha256, [*fixed, *pool], frame.rejected)
    return Drawn(made, _sorted(listed), _sorted(drawn), len(fixed) if panel is not None else None)


def _tidy(site: FrameSite, stratum: str | None, *, part: str | None) -> FrameSite:
    """A site as its frame's file can hold it, on one line and as UTF-8, so that the file has the frame's id."""
    words = [None if text is None else _line(text) for text in (site.name, site.category, site.country, stratum)]
    name, category, country, stratum = words
    return replace(site, name=name, category=category, country=country, stratum=stratum, part=part)


def _line(text: str) -> str | None:
    return " ".join(text.encode("utf-8", "replace").decode().split()) or None


def _first(members: list[FrameSite], size: int, seed: int) -> list[FrameSite]:
    """The members that come first by the hash of seed and name: a longer list keeps most of an earlier draw."""
    return heapq.nsmallest(size, members, key=lambda site: hashlib.sha256(f"{seed}\n{site.site}".encode()).digest())


def _shares(listed: Counter[str], sample: int, per_stratum: bool) -> dict[str, int]:
    """How many sites to draw of each stratum, never more than it has."""
    if sample < 1:
        raise InputError(f"--sample {sample}: expected a number of sites from 1 up")
    if per_stratum:
        return {stratum: min(sample, size) for stratum, size in listed.items()}
    total = listed.total()
    if sample >= total:
        return dict(listed)
    if sample < len(listed):
        raise InputError(
            f"--sample {sample}: fewer than the {len(listed)} strata, and a stratum without a site could not be"
            " weighted; draw more, or use wider strata"
        )
    shares: dict[str, int] = {}
    sizes, left = dict(listed), sample
    while small := [stratum for stratum, size in sizes.items() if left * size < sum(sizes.values())]:
        for stratum in small:
            shares[stratum] = 1
            del sizes[stratum]
        left -= len(small)
    # Of the others the whole part of their share, then one more where the remainders are largest (Hamilton).
    total = sum(sizes.values())
    shares |= {stratum: left * size // total for stratum, size in sizes.items()}
    by_remainder = sorted(sizes, key=lambda stratum: (-(left * sizes[stratum] % total), stratum))
    for stratum in by_remainder[: sample - sum(shares.values())]:
        shares[stratum] += 1
    return shares


def _sorted(counts: Counter[str]) -> dict[str, int]:
    """Counts by stratum, classes of ranks by their ranks."""
    return dict(sorted(counts.items(), key=lambda item: (_first_rank(item[0]), item[0])))


def _first_rank(stratum: str) -> int:
    found = re.fullmatch(r"(\d+)(?:-\d+|\+)", stratum)
    return int(found[1]) if found else 0


def as_csv(frame: Frame) -> str:
    """The frame as CSV, which `read_frame` reads back to the same id, source and sha256."""
    out = io.StringIO()
    out.write(f"{origin_line(frame)}\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for site in frame.sites:
        writer.writerow(["" if (value := getattr(site, name)) is None else value for name in COLUMNS])
    return out.getvalue()


def rejects_csv(frame: Frame) -> str:
    """The rejected entries of a frame as CSV: line, reason, text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("line", "reason", "text"))
    writer.writerows(
        (entry.line, entry.reason, entry.text.encode("utf-8", "replace").decode()) for entry in frame.rejected
    )
    return out.getvalue()


def reject_counts(frame: Frame) -> list[tuple[str, int, Rejected]]:
    """Why entries were rejected, without particulars: reason, how many, and the first of them; most frequent first."""
    found: dict[str, list[Rejected]] = defaultdict(list)
    for entry in frame.rejected:
        found[re.sub(r"(?: of| longer than| is|:)? *(?:['\"].*|[\d.]+.*| line \d+.*)$", "", entry.reason)].append(entry)
    return sorted(
        ((reason, len(entries), entries[0]) for reason, entries in found.items()), key=lambda it: (-it[1], it[0])
    )
