"""How fast a robots.txt becomes access classes, beside Protego; the rate of `openweb robots`; the pathological curve.

    python tests/bench/bench_robots.py [../shared/data] [--bodies N] [--rounds N]

The comparison is one interleaved run over the same bodies: Protego's parse and 20 `can_fetch("/")` against our parse
and the access rows of the same 20 agents, all classes and the deciding line; then the rows of every token named, then
those of every profile too. What our reader remembers of lines it has seen is thrown away before every round, so that
each round meets distinct bodies. CPU seconds of this process, best round of each side; both sides get octets. Prints a
table, then one JSON line.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
from protego import Protego

from crawler.robots import access_rows, other_rows, parse, rows_for
from crawler.robots.classes import _SLICES, _TEXTS
from crawler.robots.matcher import _compile_short
from crawler.robots.model import TOKEN_OF
from crawler.robots.oracle import Oracle
from crawler.robots.reader import _KEYS, LETTERS

_AGENTS = (
    "GPTBot ChatGPT-User CCBot ClaudeBot anthropic-ai Claude-Web Google-Extended Googlebot Applebot-Extended Applebot "
    "Bytespider PerplexityBot Amazonbot FacebookBot meta-externalagent AI2Bot Diffbot omgili cohere-ai bingbot"
)
AGENTS = tuple(_AGENTS.split())
LOWER = tuple(agent.lower() for agent in AGENTS)
AI_BLOCK = b"\n" + b"".join(f"User-agent: {agent}\nDisallow: /\n\n".encode() for agent in AGENTS[:12])
STRATA = ((100, 500), (500, 1_000), (1_000, 2_000), (2_000, 5_000), (5_000, 20_000), (20_000, 100_000))
SIZES = (62_500, 125_000, 250_000, 500_000)


def corpus(data: Path, count: int) -> list[bytes]:
    """Distinct real bodies by strata of size, 40 % with a block of AI agents appended.

    To a mean of about 5.6 KB, as in the measurements this is compared with.
    """
    rng = random.Random(2026)
    rows = duckdb.execute(
        f"SELECT DISTINCT body FROM '{data / 'robots_snapshot_2024.parquet'}' ORDER BY body"
    ).fetchall()
    texts = [row[0].encode() if isinstance(row[0], str) else bytes(row[0]) for row in rows if row[0]]
    real = [text for text in texts if b"ser-agent" in text[:100_000] and b"<html" not in text[:2_000].lower()]
    shares = (0.2, 0.2, 0.16, 0.2, 0.17, 0.07)
    bodies: list[bytes] = []
    for (low, high), share in zip(STRATA, shares, strict=True):
        stratum = [text for text in real if low <= len(text) < high]
        bodies += rng.sample(stratum, min(len(stratum), round(count * share)))
    rng.shuffle(bodies)
    return [body + AI_BLOCK if rng.random() < 0.4 else body for body in bodies]


def forget() -> None:
    """Throw away what the reader remembers."""
    for memory in (LETTERS, TOKEN_OF, _KEYS, _TEXTS, _SLICES):
        memory.clear()
    _compile_short.cache_clear()
    parse.cache_clear()


def theirs(bodies: list[bytes]) -> int:
    """Protego: refused verdicts."""
    refused = 0
    for body in bodies:
        rules = Protego.parse(body.decode("utf-8-sig", errors="ignore"))
        for agent in AGENTS:
            refused += not rules.can_fetch("/", agent)
    return refused


def ours(bodies: list[bytes]) -> int:
    """A row for each agent, all classes and the line that decides: refused verdicts."""
    refused = 0
    for body in bodies:
        for row in rows_for(parse(body), LOWER):
            refused += row.root_blocked
    return refused


def every_row(bodies: list[bytes]) -> int:
    """The row of every token the files name."""
    return sum(len(access_rows(parse(body))) for body in bodies)


def every_profile(bodies: list[bytes]) -> int:
    """The same with the rows of every other profile where they differ."""
    count = 0
    for body in bodies:
        file = parse(body)
        rows = access_rows(file)
        count += len(rows) + len(other_rows(file, rows))
    return count


def timed(work: Callable[[list[bytes]], int], bodies: list[bytes]) -> tuple[float, int]:
    """CPU seconds of one round, and its answer."""
    forget()
    started = time.process_time()
    answer = work(bodies)
    return time.process_time() - started, answer


def compare(bodies: list[bytes], rounds: int) -> dict[str, float]:
    """Best CPU seconds a side over interleaved rounds."""
    sides = {"protego": theirs, "ours": ours, "every_row": every_row, "every_profile": every_profile}
    best = dict.fromkeys(sides, float("inf"))
    for _ in range(rounds):
        for name, work in sides.items():
            best[name] = min(best[name], timed(work, bodies)[0])
    return best


def questions(bodies: list[bytes], count: int) -> bytes:
    """JSON lines about 200 of the bodies."""
    rng = random.Random(7)
    few = [body.decode("utf-8", "replace") for body in bodies[:200]]
    lines = (
        json.dumps({"robots": rng.choice(few), "agent": rng.choice(AGENTS), "url": f"https://a.example/{n % 97}/x"})
        for n in range(count)
    )
    return "\n".join(lines).encode()


def vectors(data: Path, count: int) -> bytes:
    """The conformance vectors again and again, as JSON lines."""
    lines = [
        json.dumps({key: vector[key] for key in ("robots", "agent", "url")})
        for file in sorted(data.glob("conformance/*_*.json"))
        for vector in json.loads(file.read_text(encoding="utf-8")).get("vectors", [])
    ]
    return "\n".join((lines * (count // len(lines) + 1))[:count]).encode()


def oracle_rate(text: bytes) -> dict[str, float]:
    """`openweb robots` on some questions: answers a CPU and a wall second, start included, and as a library."""
    command = [sys.executable, "-m", "openweb", "robots"]
    started, cpu = time.perf_counter(), _children()
    answers = subprocess.run(command, input=text, stdout=subprocess.PIPE, check=True).stdout.count(b"\n")
    wall, spent = time.perf_counter() - started, _children() - cpu
    inner = Oracle()
    begun = time.process_time()
    for octets in text.split(b"\n"):
        question = inner.question(octets)
        assert isinstance(question, dict)
        inner.answer(question).record()
    library = time.process_time() - begun
    return {
        "questions": answers,
        "megabytes": round(len(text) / 1e6, 1),
        "cpu_rate": round(answers / spent),
        "wall_rate": round(answers / wall),
        "library_rate": round(answers / library),
    }


def _children() -> float:
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def filled(size: int, text: bytes) -> bytes:
    """The text repeated up to a size."""
    return (text * (size // len(text) + 1))[:size]


PATHOLOGICAL: dict[str, Callable[[int], bytes]] = {
    "a line of *": lambda n: b"User-agent: *\nDisallow: /" + b"*" * n,
    "nested escapes": lambda n: b"User-agent: *\nDisallow: /" + filled(n, b"%25"),
    "groups": lambda n: b"".join(f"User-agent: b{i:05}\nDisallow: /{i:05}\n".encode() for i in range(n // 37)),
    "groups of one token": lambda n: filled(n, b"User-agent: a\nDisallow: /x\n"),
    "rules": lambda n: b"User-agent: *\n" + b"".join(f"Disallow: /{i:06}\n".encode() for i in range(n // 18)),
    "wildcards under a block": lambda n: (
        b"User-agent: *\nDisallow: /*\n" + b"".join(f"Allow: /{i:05}*a*b$\n".encode() for i in range(n // 19))
    ),
    "tokens of one group": lambda n: (
        b"".join(f"User-agent: b{i:05}\n".encode() for i in range(n // 19)) + b"Disallow: /\n"
    ),
    "NUL": lambda n: b"\0" * n,
    "blank lines": lambda n: b"\n" * n,
}


def curve() -> dict[str, list[float]]:
    """CPU seconds of rows of every profile and one verdict on a long path, by size, best of three."""
    found = {}
    for name, make in PATHOLOGICAL.items():
        seconds = []
        for size in SIZES:
            body, best = make(size), float("inf")
            for _ in range(3):
                forget()
                started = time.process_time()
                file = parse(body)
                other_rows(file, access_rows(file))
                Oracle().ask(body, "GPTBot", "https://a.example/" + "a" * 2_000)
                best = min(best, time.process_time() - started)
            seconds.append(round(best, 4))
        found[name] = seconds
    return found


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, default=Path(__file__).parents[2] / "../shared/data")
    parser.add_argument("--bodies", type=int, default=400, help="distinct bodies compared (default: 400)")
    parser.add_argument("--rounds", type=int, default=15, help="rounds of each side (default: 15)")
    options = parser.parse_args()
    data: Path = options.data
    if not (data / "robots_snapshot_2024.parquet").is_file():
        sys.stderr.write(f"nothing measured: {data} does not hold robots_snapshot_2024.parquet\n")
        return 0
    bodies = corpus(data, options.bodies)
    size = sum(map(len, bodies))
    assert timed(theirs, bodies)[1] > 0
    best = compare(bodies, options.rounds)
    rates = {name: len(bodies) / seconds for name, seconds in best.items()}
    oracles = {
        "200 real bodies": oracle_rate(questions(bodies, 60_000)),
        "conformance vectors": oracle_rate(vectors(data, 100_000)),
    }
    pathological = curve()
    out = [f"{len(bodies)} distinct bodies, {size / 1e6:.2f} MB, mean {size / len(bodies) / 1e3:.1f} KB"]
    out += [f"{'engine':34} {'files/s':>9} {'verdicts/s':>11} {'x Protego':>10}"]
    for name, rate in rates.items():
        out.append(f"{name:34} {rate:9.0f} {rate * len(AGENTS):11.0f} {rate / rates['protego']:10.2f}")
    for name, rate_of in oracles.items():
        out.append(
            f"openweb robots, {name}: {rate_of['questions']} questions ({rate_of['megabytes']} MB):"
            f" {rate_of['cpu_rate']} a CPU second, {rate_of['wall_rate']} a wall second, start included;"
            f" as a library {rate_of['library_rate']}"
        )
    out.append(f"{'pathological, CPU seconds at':34} " + " ".join(f"{n // 1000:>7} KB" for n in SIZES) + "   x for 8x")
    for name, seconds in pathological.items():
        growth = seconds[-1] / max(seconds[0], 1e-4)
        out.append(f"{name:34} " + " ".join(f"{s:10.4f}" for s in seconds) + f" {growth:10.1f}")
    record = {
        "benchmark": "robots",
        "bodies": len(bodies),
        "bytes": size,
        "files_per_cpu_second": {name: round(rate) for name, rate in rates.items()},
        "ratio": round(rates["ours"] / rates["protego"], 2),
        "ratio_every_profile": round(rates["every_profile"] / rates["protego"], 2),
        "oracle": oracles,
        "pathological": pathological,
        "sizes": SIZES,
    }
    sys.stdout.write("\n".join(out) + "\n" + json.dumps(record) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
