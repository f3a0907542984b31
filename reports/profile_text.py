"""Profiles as text for people, as records for programs, and as the page docs/profiles.md."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from analysis.policy import COLUMNS
from analysis.profiles import NOTICE, Answer, Ground, Profile, shipped
from crawler import agents
from crawler.vocabulary import ANYONE

_WIDTH = 110
HOW_DECIDED = (
    "A decision is the most restrictive answer to all a profile asks: `deny` before `unknown` before `allow`."
    " Only `permitted` and `silent` verdicts, an admitted crawler and one open licence can be answered with"
    " `allow`: everything else reserves, or does not say that every place was looked at. So one more reservation"
    " never helps, and one look less never does. A deny is final; an allow falls back to `unknown` when its"
    " evidence is too old. A site nobody looked at is `unknown`."
)
HOW_FAR = (
    "A host speaks for itself alone: `www.example.org` and `example.org` are two, and the one nobody looked at is"
    " `unknown` whatever the other says; `http` and `https` of one host are answered alike. Verdicts are about the"
    " front page and the policy files of a host. For its other paths they are taken as they stand, and every `allow`"
    " about uses says so; what robots.txt and statements with a path say of the path itself is added. A licence is the"
    " front page's own: for other pages it comes to `unknown`, never to `allow`."
)
YOUR_OWN = (
    "`openweb profiles show NAME` prints one of these. A file of your own has the form of"
    " `analysis/profiles.toml`; `openweb profiles show NAME --file MINE.toml` checks it."
)
THE_FILE = (
    "`Archive.compile_policy` writes the decisions of a profile on every site of an archive as one Parquet file."
    " A row is a host and a span of time. To join without this tool: the host key, and a day from `valid_from` on"
    " and before `valid_until`. Where `partial` is true the row's decision is that of the front page;"
    " `openweb.load_policy` answers for paths. The metadata key `openweb.policy` holds the profile in full, the"
    " ids of all snapshots and a hash of the rows."
)
_LICENSED = {
    "open": "one open licence for the whole page",
    "limited": "a licence that is not open",
    "unclear": "a licence of which it is not known whether it is open",
    "several": "several licences for the same page",
    "partial": "a licence for part of the content only",
    "none": "no licence that counts",
    "unknown": "not every place of licences could be read",
}


def line_of(profile: Profile) -> str:
    """One line about a profile, for a list."""
    return f"{profile.name:26} {profile.version:>3}  {profile.dated}  {profile.title}"


def as_record(profile: Profile) -> dict[str, Any]:
    """All of a profile as `--json` prints it."""
    fields = {key: value for key, value in asdict(profile).items() if key != "definition"}
    return {**fields, "id": profile.id, "sha256": profile.sha256, "notice": NOTICE}


def shown(profile: Profile) -> Iterator[str]:
    """Lines of text about a profile: for whom, what it answers and why, and what it rests on."""
    yield f"{profile.name}, version {profile.version} of {profile.dated}: {profile.title}"
    yield from _wrapped(profile.purpose)
    yield from _wrapped(NOTICE)
    yield f"Jurisdictions: {', '.join(profile.jurisdictions)}"
    yield from _wrapped(f"An allow needs evidence of at most {profile.max_age_days} days: {profile.max_age_why}.")
    for title, why, answers in _questions(profile):
        yield ""
        yield from _wrapped(f"{title}: {why}")
        for state, answer in answers:
            yield from _wrapped(f"{state:24} {answer.ruling:8} {answer.why}", "  ", " " * 36)
    yield from _strangers(profile)
    for ground in profile.grounds:
        yield ""
        yield from _wrapped(f"{ground.title} ({_place(ground)}, {_when(ground)}). {ground.says} {ground.effect}")
        yield f"  {ground.url}"
        yield from _wrapped(_checked(ground), "  ", "  ")
    yield ""
    yield f"Profile {profile.id}."


def _checked(ground: Ground) -> str:
    """What was held against which sources and when, and what stands there from memory."""
    if ground.checked is None:
        return "Not checked against a source."
    sources = f" in {ground.checked_in}" if ground.checked_in else ""
    memory = f"; from memory: {', '.join(ground.recalled)}" if ground.recalled else ""
    return f"Checked {ground.checked}{sources}{memory}."


def _strangers(profile: Profile) -> Iterator[str]:
    """The tokens it asks about that the registry does not know: one's own crawler, or a slip of the pen."""
    known = [agent.token for agent in agents.load().agents]
    for token in profile.agents:
        if token != ANYONE and agents.load().get(token) is None:
            near = difflib.get_close_matches(token, known, n=1, cutoff=0.7)
            yield ""
            yield from _wrapped(
                f"{token} is not in the registry of crawlers{f' (did you mean {near[0]}?)' if near else ''};"
                " robots.txt is asked about it all the same."
            )


def document() -> str:
    """The page docs/profiles.md: how profiles answer, every profile that ships, and the columns of a policy."""
    lines = [
        "# Profiles",
        "",
        "<!-- Written by `make docs`; edit analysis/profiles.toml, not this page. -->",
        "",
        *_wrapped(f"**{NOTICE}**"),
        "",
        *_wrapped(HOW_DECIDED),
        "",
        *_wrapped(HOW_FAR),
        "",
        *_wrapped(YOUR_OWN),
        "",
    ]
    lines += _table(
        ("Profile", "Version", "Title", "Jurisdictions", "Days"),
        (
            (f"[`{p.name}`](#{p.name})", p.version, p.title, ", ".join(p.jurisdictions), str(p.max_age_days))
            for p in shipped().values()
        ),
    )
    for profile in shipped().values():
        lines += _section(profile)
    lines += ["## What they rest on", ""]
    grounds = {ground.id: ground for profile in shipped().values() for ground in profile.grounds}
    lines += _table(
        ("Ground", "Where", "Dated", "What it says", "What follows here", "Checked"),
        (
            (
                *(f"[{ground.title}]({ground.url})", _place(ground), _when(ground), ground.says, ground.effect),
                _checked(ground),
            )
            for ground in grounds.values()
        ),
    )
    lines += [
        "## The policy file",
        "",
        *_wrapped(THE_FILE),
        "",
    ]
    lines += _table(
        ("Column", "Type", "Meaning"),
        ((f"`{name}`", f"`{_kind(kind)}`", meaning) for name, (kind, meaning) in COLUMNS.items()),
    )
    return "\n".join(lines)


def _kind(kind: object) -> str:
    text = str(kind)
    return text if len(text) < 40 else text.partition("<")[0] + " of structs"


def _section(profile: Profile) -> list[str]:
    lines = [f"## {profile.name}", "", f"{profile.title}. {profile.purpose}", ""]
    lines += [
        f"Version {profile.version} of {profile.dated}; `{profile.id}`. An allow needs evidence of at most"
        f" {profile.max_age_days} days: {profile.max_age_why}. Rests on: "
        + "; ".join(ground.title for ground in profile.grounds)
        + ".",
        "",
    ]
    for title, why, answers in _questions(profile):
        lines += [f"**{title}.** {why}", ""]
        lines += _table(
            ("Found", "Answer", "Why"), ((f"`{state}`", answer.ruling.value, answer.why) for state, answer in answers)
        )
    return lines


def _questions(profile: Profile) -> Iterator[tuple[str, str, Iterable[tuple[str, Answer]]]]:
    for rule in profile.uses:
        reading = "to the letter of the specifications" if rule.strict else "as publishers plainly meant it"
        answers = sorted(rule.answers.items(), key=lambda pair: pair[0].partition("-")[0])
        yield f"{', '.join(rule.uses)}, {reading}", rule.why, answers
    if profile.access is not None:
        agents = ("any other crawler (`*`)" if agent == ANYONE else agent for agent in profile.access.agents)
        yield f"Access of {', '.join(agents)}", profile.access.why, profile.access.answers.items()
    if profile.licence is not None:
        rule_, classes = profile.licence, "/".join(profile.licence.classes)
        title = f"Licences of class {classes} for {', '.join(rule_.subjects)}"
        yield title, f"{rule_.why} " + " ".join(_meanings()), rule_.answers.items()


def _meanings() -> Iterator[str]:
    yield "; ".join(f"{state}: {meaning}" for state, meaning in _LICENSED.items()) + "."


def _place(ground: Ground) -> str:
    return "anywhere" if ground.jurisdiction == "any" else ground.jurisdiction


def _when(ground: Ground) -> str:
    return ground.dated + (f", applies from {ground.applies_from}" if ground.applies_from else "")


def _wrapped(text: str, first: str = "", later: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=later, break_long_words=False)


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    def row(cells: Iterable[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

    return [row(columns), row("---" for _ in columns), *map(row, rows), ""]
