"""Frames made from lists: strata, a seeded sample with its design weights, a fixed panel and a refresh sample apart."""

from __future__ import annotations

import bisect
import csv
import hashlib
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import tldextract

from crawler.errors import InputError
from crawler.frame import Frame, FrameSite, frame_of

COLUMNS = ("site", "name", "stratum", "category", "country", "rank", "weight", "part")
PANEL, REFRESH = "panel", "refresh"
STRATA = ("rank", "category", "country", "tld")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A frame that was built, and per stratum how many sites the lists held and how many were drawn."""

    frame: Frame
    listed: dict[str, int]
    drawn: dict[str, int]


@cache
def _suffixes() -> tldextract.TLDExtract:
    # The list bundled with the library: nothing is fetched, and the same version splits the same way for ever.
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def registrable_domain(site: str) -> str:
    """The registrable domain of a host key by the public suffix list; the host itself where there is none."""
    host = site.rpartition(":")[0] if site.rpartition(":")[2].isdigit() else site
    return _suffixes()(host).top_domain_under_public_suffix or host


def public_suffix(site: str) -> str:
    """The public suffix of a host key (`com`, `co.uk`); empty for addresses and names under none."""
    host = site.rpartition(":")[0] if site.rpartition(":")[2].isdigit() else site
    return _suffixes()(host).suffix


def merged(frames: Sequence[Frame]) -> Frame:
    """One frame of several: a site listed more than once keeps its first entry, the others are rejected by name."""
    sites: dict[str, FrameSite] = {}
    rejected = []
    for frame in frames:
        rejected += frame.rejected
        for site in frame.sites:
            sites.setdefault(site.site, site)
    source = " + ".join(frame.source for frame in frames)
    digest = hashlib.sha256("\n".join(frame.sha256 for frame in frames).encode("ascii")).hexdigest()
    return frame_of(source, frames[0].sha256 if len(frames) == 1 else digest, list(sites.values()), rejected)


def stratifier(text: str) -> Callable[[FrameSite], str]:
    """What `--strata` asks for: `category`, `country`, `tld`, or `rank:1000,10000` with the upper ends of its classes.

    Raises InputError for anything else.
    """
    kind, _, edges = text.partition(":")
    if kind not in STRATA or bool(edges) != (kind == "rank"):
        raise InputError(f"--strata {text}: expected category, country, tld, or rank with its classes: rank:1000,10000")
    if kind == "tld":
        return lambda site: public_suffix(site.site).rpartition(".")[2] or "none"
    if kind != "rank":
        return lambda site: getattr(site, kind) or "none"
    try:
        ends = sorted({int(edge) for edge in edges.split(",")})
    except ValueError as error:
        raise InputError(f"--strata {text}: {edges!r} is no list of ranks, such as rank:1000,10000,100000") from error
    names = [f"1-{ends[0]}", *(f"{low + 1}-{high}" for low, high in zip(ends, ends[1:], strict=False)), f"{ends[-1]}+"]
    return lambda site: "none" if site.rank is None else names[bisect.bisect_left(ends, site.rank)]


def build(
    frame: Frame,
    *,
    strata: Callable[[FrameSite], str] | None = None,
    sample: int | None = None,
    seed: int = 0,
    per_stratum: bool = False,
    panel: Frame | None = None,
) -> Drawn:
    """A frame of `sample` sites (`per_stratum`: of each stratum) drawn with `seed`, weighted by listed / drawn.

    Without `sample` every site stays, with the weight it has. Sites of `panel` come first, unweighted by the draw and
    marked `panel`; the sample is drawn from the others and marked `refresh`, so that neither replaces the other.
    Without `per_stratum` a stratum gets its share of the sample by its size, at least one site.
    """
    sites = [replace(site, stratum=strata(site)) for site in frame.sites] if strata else list(frame.sites)
    fixed = [replace(site, part=PANEL) for site in panel.sites] if panel is not None else []
    names = {site.site for site in fixed}
    pool = [site for site in sites if site.site not in names]
    listed = Counter(site.stratum or "all" for site in pool)
    if sample is not None:
        pool = _draw(pool, listed, sample, seed, per_stratum)
    if panel is not None:
        pool = [replace(site, part=REFRESH) for site in pool]
    drawn = Counter(site.stratum or "all" for site in pool)
    source = frame.source if sample is None else f"{frame.source}, {len(pool)} drawn with seed {seed}"
    if panel is not None:
        source = f"panel {panel.source} + {source}"
    return Drawn(frame_of(source, frame.sha256, [*fixed, *pool], frame.rejected), dict(listed), dict(drawn))


def _draw(pool: list[FrameSite], listed: Counter[str], sample: int, seed: int, per_stratum: bool) -> list[FrameSite]:
    groups: dict[str, list[FrameSite]] = defaultdict(list)
    for site in pool:
        groups[site.stratum or "all"].append(site)
    chosen: dict[str, FrameSite] = {}
    for stratum, members in groups.items():
        share = sample if per_stratum else max(1, round(sample * len(members) / max(1, len(pool))))
        order = sorted(members, key=lambda site: hashlib.sha256(f"{seed}\n{site.site}".encode()).digest())
        taken = order[:share]
        for site in taken:
            chosen[site.site] = replace(site, weight=listed[stratum] / len(taken) * (site.weight or 1.0))
    return [chosen[site.site] for site in pool if site.site in chosen]


def as_csv(frame: Frame) -> str:
    """The frame as CSV, which `read_frame` reads back to the same id; a comment line names its source and seed."""
    out = io.StringIO()
    out.write(f"# openweb frame {frame.id}: {' '.join(frame.source.split())}; source sha256 {frame.sha256}\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for site in frame.sites:
        writer.writerow(["" if (value := getattr(site, name)) is None else value for name in COLUMNS])
    return out.getvalue()
