"""What signals-robots 9.4 asks for beside the states, and every precedence of signals-page 1.5."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from analysis.explain import explanation
from analysis.figures import Explanation
from crawler.robots import access_rows, parse
from crawler.vocabulary import Outcome, State, Use
from tests.analysis.builders import DAY, HTML, Site, archive_of, verdicts
from tests.analysis.combinations import (
    GEN,
    MANAGED,
    PERMITTED,
    RESERVED,
    SEARCH,
    SILENT,
    TDM,
    UNKNOWN,
    meta,
    robots,
    tdmrep,
)


def asked(site: Site, **more: object) -> Explanation:
    with archive_of((DAY, {"a.example": site})) as connection:
        return explanation(connection, "a.example", **more)  # type: ignore[arg-type]


def reason(site: Site, use: Use) -> str:
    (line,) = asked(site, use=use).verdicts
    return line.reason or ""


def test_case_2_the_managed_block_is_told_by_its_hand() -> None:
    """9.4-2: provenance cdn_managed, `use=reference` an inference with a note, eight tokens refused."""
    found = asked(Site(robots=MANAGED))
    said = [item for line in found.verdicts for item in line.evidence if item.kind == "reading"]
    assert {item.provenance for item in said} == {"cdn_managed"}
    assert {item.strength for item in said if item.note == "use=reference"} == {"inferred"}
    assert {line.agent for line in found.access if line.declared == "refused"} == {
        *("Amazonbot", "Applebot-Extended", "Bytespider", "CCBot"),
        *("ClaudeBot", "Google-Extended", "GPTBot", "Meta-ExternalAgent"),
    }


REASONS: list[tuple[str, Site, Use, str]] = [
    (
        "9.4-3 the RSL document that is declared is not there",
        Site(robots=b"License: https://a.example/rsl\n", files={"rsl": Outcome.ABSENT}),
        SEARCH,
        "could not check rsl: declared, but absent",
    ),
    (
        "9.4-3 it cannot be reached",
        Site(robots=b"License: https://a.example/rsl\n", files={"rsl": Outcome.UNREACHABLE}),
        GEN,
        "could not check rsl: unreachable",
    ),
    ("9.4-6 the page asks a price", Site(robots=b"", page=Outcome.PAID), SEARCH, "could not check page: paid"),
    (
        "9.4-7 with the probable intent beside it",
        robots("User-agent: *\nContent-Usage: Train-AI=n\n"),
        GEN,
        "malformed: unparseable; probable intent: train-ai=n",
    ),
    ("9.4-11 beside the refusal", robots("User-agent: *\nContent-Signal: ai-train=no\n"), GEN, "reserved by 1 family"),
    ("9.4-12 our token refused", Site(robots=b"", page=Outcome.DISALLOWED), GEN, "could not check page: disallowed"),
    ("9.3-9 robots.txt unreachable", Site(robots=Outcome.UNREACHABLE), GEN, "robots.txt: unreachable"),
    ("9.3-9 a challenge in place of the page", Site(robots=b"", page=Outcome.REFUSED), GEN, "page: refused"),
    ("9.3-9 truncated", Site(robots=b"User-agent: *\n", truncated=("robots.txt",)), GEN, "robots.txt: truncated"),
    ("9.3-11 n of m tokens", robots("User-agent: *\nDisallow: /\n"), SEARCH, "known agents for this use are refused"),
    ("9.3-14 a legacy label", robots("User-agent: *\nContent-Usage: ai=n\n"), GEN, "malformed: "),
]


@pytest.mark.parametrize(("site", "use", "words"), [case[1:] for case in REASONS], ids=[case[0] for case in REASONS])
def test_the_reason_is_named(site: Site, use: Use, words: str) -> None:
    assert words in reason(site, use)


def test_case_4_a_failing_robots_leaves_the_last_reservation() -> None:
    """9.4-4: 503 on the day, a copy three days old with `train-ai=n`: access refused, reserved, stale."""
    good = robots("User-agent: *\nContent-Usage: train-ai=n\n")
    with archive_of(
        (date(2026, 10, 12), {"a.example": good}), (DAY, {"a.example": Site(robots=Outcome.SERVER_ERROR)})
    ) as connection:
        found = explanation(connection, "a.example", use=GEN, agent="GPTBot")
    (line,) = found.verdicts
    assert (line.state, line.stale, line.staleness_days) == (RESERVED, True, 3)
    assert {row.effective for row in found.access} == {"refused"}


def test_case_9_a_folk_line_leaves_access_as_it_is() -> None:
    """9.4-9: by RFC 9309 and with an `Allow: /` by Google's parser too; without it Google would refuse everything."""
    beside = parse(b"User-agent: *\nDisallowAITraining: /\nAllow: /\n")
    alone = b"User-agent: *\nDisallowAITraining: /\n"
    assert [row.root_blocked for row in access_rows(beside)] == [False]
    with archive_of((DAY, {"a.example": Site(robots=alone)})) as connection:
        rows = connection.execute("SELECT profile, root_blocked FROM access WHERE token = '*'").fetchall()
        notes = connection.execute("SELECT name FROM fact WHERE starts_with(name, 'note:')").fetchall()
    assert dict(rows) == {"rfc9309": False, "google": True}
    assert ("note:accidental_block_risk",) in notes


def test_case_11_the_group_of_an_agent_replaces_what_everybody_is_told() -> None:
    """9.4-11: unstated for GPTBot, reserved for the others and for the site."""
    site = robots("User-agent: *\nContent-Signal: ai-train=no\n\nUser-agent: GPTBot\nAllow: /\n")
    with archive_of((DAY, {"a.example": site})) as connection:
        states = {
            agent: explanation(connection, "a.example", use=GEN, agent=agent).verdicts[0].state
            for agent in (None, "GPTBot", "ClaudeBot")
        }
    assert states == {None: RESERVED, "GPTBot": SILENT, "ClaudeBot": RESERVED}


VALUES = (None, "0", "1", "maybe")


def lands_on(*values: str | None) -> State:
    """1.5 by hand: of file, header and meta the last that is 0 or 1; another value is unset, and leaves doubt (1.1)."""
    said = [value for value in values if value in ("0", "1")]
    if said and said[-1] == "1":
        return RESERVED
    if "maybe" in values:
        return UNKNOWN
    return PERMITTED if said else SILENT


def test_every_precedence_of_file_header_and_meta() -> None:
    """1.5, all 64 combinations: each later value replaces the earlier one, absence and error never do."""
    sites = {}
    for number, (file, header, tag) in enumerate(product(VALUES, repeat=3)):
        value = file if file in ("0", "1") else '"maybe"'
        files = {} if file is None else {"tdmrep.json": f'[{{"location": "/", "tdm-reservation": {value}}}]'.encode()}
        sites[f"{number}.example"] = Site(
            robots=b"",
            files=files,
            headers=() if header is None else (("tdm-reservation", header),),
            page=HTML if tag is None else meta(tag),
        )
    with archive_of((DAY, sites)) as connection:
        found = verdicts(connection)
    expected = {values: lands_on(*values) for values in product(VALUES, repeat=3)}
    got = {values: State(str(found[f"{number}.example", TDM]["state"])) for number, values in enumerate(expected)}
    assert got == expected


def test_a_policy_is_a_property_of_its_own() -> None:
    """1.5: file {1, policy P} and header 1: reserved by the header, and P stands beside it."""
    file = '[{"location": "/", "tdm-reservation": 1, "tdm-policy": "https://a.example/p"}]'
    (line,) = asked(tdmrep(file, headers=(("tdm-reservation", "1"),)), use=TDM).verdicts
    said = {item.carrier: (item.deciding, item.note) for item in line.evidence}
    assert line.state is RESERVED
    assert said == {"tdmrep-header": (True, None), "tdmrep-file": (False, "condition: https://a.example/p")}
