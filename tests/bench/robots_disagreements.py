"""Both profiles against an independent implementation of each, on every robots.txt body of the shared data.

`google` against Google's own parser (`jwm.robotstxt`), `rfc9309` against Protego. A difference from Protego is put down
to the first change of the body that makes Protego agree: the reason is what was changed. Prints one JSON object;
the counts stand in docs/robots-disagreements.md.

    python tests/bench/robots_disagreements.py ../shared/data [--sample N]
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import duckdb
from jwm.robotstxt import googlebot
from protego import Protego

from crawler.robots import CAP, RobotsFile, decide, google_of, google_path_of, parse, path_of
from crawler.robots.google import REWRITTEN
from crawler.robots.model import TOKEN_OF, value_of

_AGENTS = (
    "GPTBot ChatGPT-User CCBot ClaudeBot anthropic-ai Claude-Web Google-Extended Googlebot Applebot-Extended Applebot "
    "Bytespider PerplexityBot Amazonbot FacebookBot meta-externalagent AI2Bot Diffbot omgili cohere-ai bingbot"
)
AGENTS = tuple(_AGENTS.split())
FILES = (
    "robots_history_usgov_2020_2025",
    "robots_panel_2025_2026",
    "robots_snapshot_2019",
    "robots_snapshot_2019_with_links",
    "robots_snapshot_2024",
)
LARGE = 50_000
"""Octets from which a body is asked about two paths instead of four: Google's parser reads it anew for each verdict."""


def bodies(data: Path, files: Sequence[str] = FILES) -> Iterator[bytes]:
    """Every distinct body, in the order of the files."""
    seen: set[bytes] = set()
    for name in files:
        rows = duckdb.execute(f"SELECT body FROM '{data / name}.parquet' WHERE body IS NOT NULL").fetchall()
        for (body,) in rows:
            octets = body.encode("utf-8") if isinstance(body, str) else bytes(body)
            if octets not in seen:
                seen.add(octets)
                yield octets


def paths_of(file: RobotsFile, rng: random.Random, count: int) -> list[str]:
    """The root and paths the file's own rules are about, some a little longer than the rule."""
    values = [value_of(line) for line, letter in zip(file.octet_lines, file.shape, strict=True) if letter in "daqxy"]
    chosen = rng.sample(values, min(count - 1, len(values)))
    texts = [value.decode("utf-8", "replace").replace("*", "x").rstrip("$").split("#")[0] for value in chosen]
    return ["/", *(("" if text.startswith("/") else "/") + text + rng.choice(["", "", "z", "/"]) for text in texts)]


def as_text(body: bytes) -> str:
    """A body as Scrapy hands it to Protego."""
    return body.decode("utf-8-sig", errors="ignore")


_BREAKS = re.compile("[\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")


def _no_breaks(text: str, agent: str) -> str:
    return _BREAKS.sub(" ", text)


def _rewrite(change: Callable[[bytes, str, str], bytes | None]) -> Callable[[str, str], str]:
    """The lines of a text after a change of each; None drops a line."""

    def whole(text: str, agent: str) -> str:
        file = parse(text.encode("utf-8"))
        lines = (change(line, letter, agent) for line, letter in zip(file.octet_lines, file.shape, strict=True))
        return b"\n".join(line for line in lines if line is not None).decode("utf-8", "replace")

    return whole


def _no_lenient_rules(line: bytes, letter: str, agent: str) -> bytes | None:
    rewritten = REWRITTEN[line]
    lenient = letter in "jo" and (rewritten.startswith((b"user", b"allow", b"disallow")) or letter == "j")
    words = line.partition(b":")[0].split()
    return None if lenient or (letter == "o" and len(words) > 1) else line


def _no_unknown_keys(line: bytes, letter: str, agent: str) -> bytes | None:
    return None if letter in "uso" else line


def _whole_tokens(line: bytes, letter: str, agent: str) -> bytes | None:
    if letter == "U" and (token := TOKEN_OF[line]) not in (agent.lower(), "*"):
        return b"user-agent: zz" + bytes(str(abs(hash(token))), "ascii")
    return line


def _no_index(line: bytes, letter: str, agent: str) -> bytes | None:
    return line.replace(b"index.htm", b"ind_x.htm") if letter in "aq" else line


def _no_absolute(line: bytes, letter: str, agent: str) -> bytes | None:
    return None if letter in "nmw" else line


def _no_dollar(line: bytes, letter: str, agent: str) -> bytes | None:
    value = value_of(line)
    return None if letter in "dxaqy" and b"$" in value else line


REASONS: dict[str, Callable[[str, str], str]] = {
    "line breaks RFC 9309 does not know (2.2: EOL)": _no_breaks,
    "misspelt or colonless rules taken as rules (2.2)": _rewrite(_no_lenient_rules),
    "an unknown key ends a group (2.2.4)": _rewrite(_no_unknown_keys),
    "tokens matched by part of a name (2.2.1)": _rewrite(_whole_tokens),
    "index.html taken for its directory (2.2.2)": _rewrite(_no_index),
    "rules that do not begin with / or * (2.2)": _rewrite(_no_absolute),
    "$ also taken literally (2.2.3)": _rewrite(_no_dollar),
}
ESCAPES = "length counted or octets compared after another escaping (2.2.2)"
ENCODING = "octets that are no UTF-8, or NUL, dropped or cut"
UNEXPLAINED = "unexplained"


def reason_of(body: bytes, agent: str, url: str, ours: bool) -> str:
    """Why Protego answers otherwise than the `rfc9309` profile."""
    text = as_text(body)
    for reason in REASONS:
        if _protego(_changed(reason, text, agent), agent, url) is ours:
            return reason
    everything = text
    for change in REASONS.values():
        everything = change(everything, agent)
        if _protego(everything, agent, url) is ours:
            return "several of these together"
    if decide(parse(text.encode("utf-8")), agent, path_of(url)).allowed is not ours:
        return ENCODING
    return ESCAPES if re.search(r"[^A-Za-z0-9_.~/*$\s-]", _rules(everything) + path_of(url)) else UNEXPLAINED


@lru_cache(maxsize=64)
def _changed(reason: str, text: str, agent: str) -> str:
    return REASONS[reason](text, agent)


def _rules(text: str) -> str:
    file = parse(text.encode("utf-8"))
    return " ".join(line.value for line in file.lines if line.kind in ("allow", "disallow"))


def _protego(text: str, agent: str, url: str) -> bool:
    return bool(_parsed(text).can_fetch(url, agent))


@lru_cache(maxsize=64)
def _parsed(text: str) -> Protego:
    return Protego.parse(text)


def compare(body: bytes, rng: random.Random) -> Iterator[tuple[str, str, str, str, bool]]:
    """(peer, agent, url, reason or "", ours) for every verdict asked; reason says why the peer disagrees."""
    file = parse(body)
    google, text = google_of(file), as_text(body)
    protego = Protego.parse(text)
    for path in paths_of(file, rng, 4 if len(body) < LARGE else 2):
        url = "http://a.example" + path
        for agent in AGENTS:
            ours = decide(google, agent, google_path_of(url)).allowed
            theirs = googlebot.RobotsMatcher().OneAgentAllowedByRobots(body, agent, url)
            yield "google", agent, url, "" if ours is theirs else "differs", ours
            ours = decide(file, agent, path_of(url)).allowed
            differs = protego.can_fetch(url, agent) is not ours
            yield "protego", agent, url, reason_of(body, agent, url, ours) if differs else "", ours


def _listed(cases: dict[tuple[str, str, str], list[bool]]) -> list[str]:
    """One row of Markdown a body and reason: hash of the body, verdicts, agents, what we say, why the peer does not."""
    rows: dict[tuple[str, str, str], list[tuple[str, int]]] = {}
    for (digest, reason, agent), ours in cases.items():
        for allowed in sorted(set(ours)):
            said = "allowed" if allowed else "refused"
            rows.setdefault((reason, digest, said), []).append((agent, ours.count(allowed)))
    return [
        f"| {digest} | {sum(n for _, n in agents)} | {', '.join(a for a, _ in agents)} | {said} | {reason} |"
        for (reason, digest, said), agents in sorted(rows.items())
    ]


def main(arguments: list[str]) -> None:
    """Compare, and print the counts."""
    every = sorted(bodies(Path(arguments[0])), key=len)
    rng = random.Random(20261125)
    if "--sample" in arguments:
        every = rng.sample(every, int(arguments[arguments.index("--sample") + 1]))
    asked: Counter[str] = Counter()
    verdicts: Counter[str] = Counter()
    files: Counter[str] = Counter()
    open_cases: list[dict[str, object]] = []
    cases: dict[tuple[str, str, str], list[bool]] = {}
    started, cut = time.monotonic(), 0
    for number, body in enumerate(every):
        if len(body) > CAP:
            # Neither peer has a cap of its own: all three get the whole lines before ours.
            cut += 1
            body = body[: body.rfind(b"\n", 0, CAP) + 1]
        reasons = set()
        for peer, agent, url, reason, ours in compare(body, rng):
            asked[peer] += 1
            if reason:
                verdicts[f"{peer}: {reason}"] += 1
                reasons.add(f"{peer}: {reason}")
                digest = hashlib.sha256(every[number]).hexdigest()[:16]
                cases.setdefault((digest, f"{peer}: {reason}", agent), []).append(ours)
                if reason in (UNEXPLAINED, "differs") and len(open_cases) < 50:
                    open_cases.append({"body": number, "agent": agent, "url": url, "ours": ours})
        files.update(reasons)
        if number % 1000 == 999:
            sys.stderr.write(f"{number + 1} {dict(verdicts)} {time.monotonic() - started:.0f} s\n")
            sys.stderr.flush()
    sys.stdout.write(
        json.dumps(
            {
                "bodies": len(every),
                "cut at the cap": cut,
                "verdicts": asked,
                "differing verdicts": dict(verdicts.most_common()),
                "differing bodies": dict(files.most_common()),
                "open": open_cases,
                "cases": _listed(cases),
            },
            indent=1,
        )
        + "\n"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
