"""Turn the maintainers' table of crawler tokens (CSV) into `crawler/agents.toml`.

Run once whenever the table changes, after raising VERSION: `python docs/agents_from_csv.py TABLE.csv > agents.toml`.
Only facts go in; what follows from them (uses, the last day of a period, whether a token is a valid one) is worked out
by `crawler.agents` on load.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from pathlib import Path

VERSION = "2026-11-25"

HEAD = """\
# The registry of crawler tokens: who runs them, what for, since when, and how we know. Made by docs/agents_from_csv.py.
#
# announced: earliest public evidence, as precise as it is known (a year, month or day); absent where none was found.
# named_since: when robots.txt files or lists of crawlers are known to name it; only where `announced` is absent.
# respects_robots: `claimed` (the operator says so), `no` (it says rules may not apply, or repeated reports), `unknown`.
# aliases: other spellings that mean this token. related: tokens of this registry that succeed, precede or back it up.
# control_only: the token is read from robots.txt but sends no requests of its own.
# falls_back_on: tokens whose groups the operator says it obeys where none names its own; ignores_wildcard: not `*`.
# valid_from, valid_until: where two operators' crawlers go by one name, when it means this one.
# [[purpose_token]]: a value that names a purpose and no crawler; without `token` while its spelling is not known.
# sources: web pages, or the short name of one in [sources].
"""

PURPOSES = {
    "training": (
        ["train-generative", "train-other"],
        "What the operator collects to train models: its pages never say that only one kind of model is meant.",
    ),
    "dataset": (
        ["train-generative", "train-other"],
        "A data set handed to third parties; that others train on it is what it is made, sold or known for.",
    ),
    "input": (["ai-input"], "Pages put before a model to ground an answer, fetched or indexed for that."),
    "search": (["search"], "A search index that points readers to the page."),
    "user": (["user-fetch"], "One page fetched because a person asked for it just then."),
    "agent": (["user-fetch"], "A program that browses on a person's behalf: each fetch serves one person's task."),
    "archive": (["archive"], "Copies kept so that the page can be seen later as it was."),
    "unknown": ([], "Nothing public says what it is for, so a rule for this token says nothing about any use."),
}

STUDIES = {
    "CIC24": "Longpre et al. 2024, Consent in Crisis, arXiv 2407.14933",
    "WA24": "Web Almanac 2024, SEO chapter",
    "WA25": "Web Almanac 2025, Generative AI chapter",
    "RISJ24": "Fletcher 2024, Reuters Institute; the exact set of OpenAI tokens is not certain",
    "SIC25": "Liu et al., IMC 2025, arXiv 2411.15091",
    "DG24": "Dinzinger and Granitzer, TempWeb 2024, doi 10.1145/3589335.3651893",
    "CC25": "Nagel 2025, Common Crawl robots.txt experiments",
    "CUI25": "Cui et al., CCS 2025, Odyssey of robots.txt Governance",
    "PK24": "Krantz 2024, fifty news sites",
    "ZB25": "Zhao and Berman, arXiv 2512.24968; the full set was not seen",
}

SOURCES = {
    "ai.robots.txt": "https://github.com/ai-robots-txt/ai.robots.txt/blob/"
    "738c80df2169027ce0e07c9976fd3f2f57dd8f7b/robots.json",
    "crawler-user-agents": "https://github.com/monperrus/crawler-user-agents/blob/"
    "7c7f9f254f16fcbc7d0fcb60d0a188897c00b050/crawler-user-agents.json",
    "cc-robots": "https://github.com/commoncrawl/robotstxt-experiments",
    "ccs-llmbot": "https://github.com/jiancui-research/ccs_ae_llmbot",
}

BESIDE: dict[str, dict[str, object]] = {
    "Applebot": {"falls_back_on": ["Googlebot"]},
    "ClaudeBot": {"falls_back_on": ["anthropic-ai", "Claude-Web"]},
    "Googlebot-Image": {"falls_back_on": ["Googlebot"]},
    "Googlebot-News": {"falls_back_on": ["Googlebot"]},
    "AdsBot-Google": {"ignores_wildcard": True},
    "Exabot": {"valid_until": "2024"},
    "ExaBot": {"valid_from": "2025"},
    "iaskspider": {"valid_from": "2024-09"},
}
"""What the operators say of fallbacks and what the table says of namesakes only in its remarks, by token."""

EARLIER: list[dict[str, object]] = [
    {
        "token": "iaskspider",
        "operator": "Sina",
        "country": "CN",
        "purposes": ["search"],
        "control_only": False,
        "named_since": "2016",
        "respects_robots": "unknown",
        "confidence": "unsure",
        "sources": ["cc-robots"],
        "note": "Sina's old spider, in every Common Crawl crawl since 2016; the name has meant iAsk.ai since 2024-09.",
        "valid_until": "2024-08",
    },
]
"""Namesakes that have no row in the table."""

PURPOSE_TOKENS: list[dict[str, object]] = [
    {
        "purpose": "training",
        "since": "2026-10-30",
        "standing": "individual Internet-Draft",
        "sources": ["https://datatracker.ietf.org/doc/draft-kelley-aipref-training-preference-signal/"],
        "note": "Ordinary groups keyed by a token for a purpose. Set `token` here once its spelling is known.",
    },
]
"""User-agent values that name a purpose, whoever crawls for it."""

SPOKEN_OUT = {
    r"\bAIRT's\b": "ai.robots.txt's",
    r"\bAIRT\b": "ai.robots.txt",
    r"\bCUA\b": "crawler-user-agents",
    r"\bCC25's top-10k\b": "Common Crawl's top-10k",
    r"\bCC25's\b": "Common Crawl's 2025 study's",
    r"\bCC25\b": "Common Crawl's 2025 study",
    r"\bCC (?=crawl|robots|captures|\d{4})": "Common Crawl ",
    r"\bSIC25's\b": "Liu et al.'s",
    r"\bSIC25\b": "Liu et al.",
    r"\bCIC24's\b": "Longpre et al.'s",
    r"\bCIC24\b": "Longpre et al.",
    r"\bCUI25\b": "Cui et al.",
    r"\s*\(issue 212\)": "",
    r"(?i)[.;]? ?\b(?:SEO )?comparison(?: group| row)?\b[.;]? ?": ". ",
    r"(?:\. ?)+(?=\. |\.$)|^[.; ]+|\.(?= \.)|(?<=\.) +$": "",
}
"""The table's shorthand, spelled out or left out: a note must be readable without the table."""


def note(text: str, limit: int = 240) -> str:
    """The table's remark with shorthand spelled out, cut after the last whole sentence that fits `limit` characters."""
    for shorthand, words in SPOKEN_OUT.items():
        text = re.sub(shorthand, words, text)
    kept = ""
    for sentence in re.split(r"(?<=[.)])\s+(?=[A-Z0-9'])", text.strip()):
        if kept and len(kept) + len(sentence) > limit:
            break
        kept = f"{kept} {sentence}".strip()
    return kept


def spelling(alias: str) -> str:
    """An alias without the remark the table puts behind it; U+2011 is how one operator's page printed its hyphen."""
    if alias.endswith("with U+2011 hyphen"):
        return alias.split(" with ")[0].replace("-", "\u2011")
    return re.sub(r"\s*\([^)]*\)$", "", alias)


def first_named(row: dict[str, str]) -> str:
    """When robots.txt files or lists are known to have named a token whose announcement was not found."""
    if row["cc_crawls_named_of_55"] == "55":
        return "2016"  # the first of those crawls
    return row["cc_top10k_first_year"] or row["airt_first_listed"]


def agent(row: dict[str, str], tokens: set[str]) -> list[str]:
    """The lines of one `[[agent]]` table."""
    spellings = [spelling(alias) for alias in row["aliases"].split(";") if alias]
    spellings = [item for item in spellings if item.casefold() != row["token"].casefold()]
    urls = re.findall(r"https?://\S+", row["source_urls"])
    short = {url: name for name, url in SOURCES.items()}
    fields: dict[str, object] = {
        "token": row["token"],
        "operator": row["operator"],
        "country": row["operator_country"],
        "purposes": row["purposes"].split(";"),
        "control_only": row["control_only"] == "yes",
        "announced": row["announced"],
        "named_since": "" if row["announced"] else first_named(row),
        "retired": row["retired"],
        "respects_robots": row["respects_robots"],
        "aliases": [item for item in spellings if item.casefold() not in tokens],
        "related": [item for item in spellings if item.casefold() in tokens],
        "studies": [item for item in row["used_in_studies"].split(";") if item],
        "confidence": row["confidence"],
        "sources": [short.get(url, url) for url in urls],
        "note": note(row["note"]),
    }
    return lines_of("agent", fields | BESIDE.get(row["token"], {}))


def lines_of(table: str, fields: dict[str, object]) -> list[str]:
    """The lines of one `[[table]]`, without what is empty."""
    return [f"[[{table}]]", *(f"{key} = {toml(value)}" for key, value in fields.items() if value not in ("", []))]


def toml(value: object) -> str:
    """A TOML value: for strings, booleans and lists of strings JSON's notation is TOML's too."""
    return json.dumps(value, ensure_ascii=True)


def main(path: str) -> None:
    """Write the TOML for the table at `path` to standard output."""
    with Path(path).open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    tokens = {row["token"].casefold() for row in rows}
    lines = [HEAD, f"version = {toml(VERSION)}", ""]
    for purpose, (uses, why) in PURPOSES.items():
        lines += [f"[purposes.{purpose}]", f"uses = {toml(uses)}", f"why = {toml(why)}", ""]
    for title, table_of in (("studies", STUDIES), ("sources", SOURCES)):
        lines += [f"[{title}]", *(f"{toml(key)} = {toml(text)}" for key, text in table_of.items()), ""]
    for token in PURPOSE_TOKENS:
        lines += [*lines_of("purpose_token", dict(token)), ""]
    for row in rows:
        lines += [*agent(row, tokens), ""]
    for earlier in EARLIER:
        lines += [*lines_of("agent", dict(earlier)), ""]
    sys.stdout.write("\n".join(lines))


if __name__ == "__main__":
    main(*sys.argv[1:])
