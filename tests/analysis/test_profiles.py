"""Profiles: what each that ships answers to every state, what it rests on, and how a mistake in one is told."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner

import openweb
from analysis.profile_file import CAN_ALLOW, defined, parse
from analysis.profiles import (
    NOTICE,
    Access,
    AccessFact,
    LicenceFact,
    Licensed,
    Profile,
    ProfileError,
    Ruling,
    UseFact,
    find,
    load,
    shipped,
)
from crawler import agents
from crawler.vocabulary import LicenceClass, State, Strength, Subject, Use
from tests.analysis.test_profile_mistakes import MINE, at

ALLOW, DENY, UNKNOWN = Ruling.ALLOW, Ruling.DENY, Ruling.UNKNOWN
TEXT = (resources.files("analysis") / "profiles.toml").read_text(encoding="utf-8")


def facts(profile: Profile, state: State, strength: Strength | None = None) -> dict[Use, UseFact]:
    """Every use the profile looks at in one state."""
    return {use: UseFact(state, state, strength, "rule", "found", ("line",)) for use in profile.wanted}


def admitted(profile: Profile, access: Access = Access.ADMITTED) -> dict[str, AccessFact]:
    return {agent: AccessFact(access, "line 1", ("robots",)) for agent in profile.agents}


OPEN = LicenceFact("CC-BY-4.0", LicenceClass.A, Subject.DOCUMENT, "CC-BY", line="licence")

# By profile: the answer to each state where every agent is admitted and the page is openly licensed.
STATES = [
    ("eu-tdm-art4", "reserved", "normative", DENY),
    ("eu-tdm-art4", "reserved", "vendor", DENY),
    ("eu-tdm-art4", "reserved", "informal", UNKNOWN),
    ("eu-tdm-art4", "reserved", "inferred", UNKNOWN),
    ("eu-tdm-art4", "reserved", "derived", DENY),
    ("eu-tdm-art4", "conditional", "normative", DENY),
    ("eu-tdm-art4", "conflict", "vendor", DENY),
    ("eu-tdm-art4", "permitted", "vendor", ALLOW),
    ("eu-tdm-art4", "silent", None, ALLOW),
    ("eu-tdm-art4", "unknown", None, UNKNOWN),
    *(("training-strict", "reserved", strength.value, DENY) for strength in Strength),
    *(("training-strict", "conditional", strength.value, DENY) for strength in Strength),
    ("training-strict", "conflict", "normative", DENY),
    ("training-strict", "unknown", None, DENY),
    ("training-strict", "silent", None, ALLOW),
    ("training-strict", "permitted", "normative", ALLOW),
    ("training-machine-readable", "reserved", "normative", DENY),
    ("training-machine-readable", "reserved", "vendor", DENY),
    ("training-machine-readable", "reserved", "informal", UNKNOWN),
    ("training-machine-readable", "reserved", "inferred", UNKNOWN),
    ("training-machine-readable", "reserved", "derived", DENY),
    ("training-machine-readable", "conditional", "derived", DENY),
    ("training-machine-readable", "conditional", "informal", UNKNOWN),
    ("training-machine-readable", "silent", None, ALLOW),
    ("training-machine-readable", "unknown", None, UNKNOWN),
    ("search-only", "reserved", "vendor", DENY),
    ("search-only", "conditional", "derived", UNKNOWN),
    ("search-only", "silent", None, ALLOW),
    ("search-only", "permitted", "vendor", ALLOW),
    ("search-only", "unknown", None, UNKNOWN),
    ("open-licence", "reserved", "normative", DENY),
    ("open-licence", "reserved", "informal", UNKNOWN),
    ("open-licence", "conflict", "vendor", DENY),
    ("open-licence", "conditional", "normative", DENY),
    ("open-licence", "silent", None, ALLOW),
    ("open-licence", "unknown", None, UNKNOWN),
]


@pytest.mark.parametrize(("name", "state", "strength", "ruling"), STATES, ids=lambda value: str(value))
def test_what_a_state_comes_to(name: str, state: str, strength: str | None, ruling: Ruling) -> None:
    profile = find(name)
    said = facts(profile, State(state), Strength(strength) if strength else None)
    found = profile.decide(said, admitted(profile), [OPEN])
    assert found.ruling is ruling
    if ruling is not ALLOW:
        assert found.lines == ("line",)
    assert state in found.code


def test_training_strict_denies_all_but_what_was_looked_at_and_found_open() -> None:
    """Any reservation, conflict, condition or unknown denies."""
    profile = find("training-strict")
    for state in State:
        found = profile.decide(facts(profile, state), admitted(profile))
        assert (found.ruling is ALLOW) == (state in (State.PERMITTED, State.SILENT))


def test_search_only_does_not_look_at_training() -> None:
    profile = find("search-only")
    said = facts(profile, State.PERMITTED) | {Use.TRAIN_GENERATIVE: UseFact(State.RESERVED, State.RESERVED)}
    assert profile.decide(said, admitted(profile)).ruling is ALLOW


@pytest.mark.parametrize(
    ("access", "ruling"), [(Access.ADMITTED, ALLOW), (Access.REFUSED, DENY), (Access.UNKNOWN, UNKNOWN)]
)
def test_ccbot_is_about_access_alone(access: Access, ruling: Ruling) -> None:
    profile = find("ccbot")
    assert (profile.wanted, profile.agents, profile.licence) == ((), ("CCBot",), None)
    said = {use: UseFact(State.RESERVED, State.RESERVED) for use in Use}
    assert profile.decide(said, {"CCBot": AccessFact(access)}).ruling is ruling
    assert profile.decide(said).ruling is UNKNOWN, "an agent nobody looked at"


def licence(spdx: str | None, kind: str = "A", subject: str = "document", *, partial: bool = False) -> LicenceFact:
    family = re.sub(r"-[0-9.]+$", "", spdx) if spdx else None
    return LicenceFact(spdx, LicenceClass(kind), Subject(subject), family, partial, "licence")


# signals-page 5.6: BY, BY-SA, CC0 are open; NC and ND are not; a status or a label is no licence.
LICENCES = [
    ("BY", [licence("CC-BY-4.0")], True, Licensed.OPEN, ALLOW),
    ("BY-SA, class B", [licence("CC-BY-SA-3.0", "B")], True, Licensed.OPEN, ALLOW),
    ("CC0", [licence("CC0-1.0")], True, Licensed.OPEN, ALLOW),
    ("two versions of one", [licence("CC-BY-4.0"), licence("CC-BY-3.0")], True, Licensed.OPEN, ALLOW),
    ("NC", [licence("CC-BY-NC-4.0")], True, Licensed.LIMITED, DENY),
    ("ND", [licence("CC-BY-ND-4.0")], True, Licensed.LIMITED, DENY),
    ("open beside NC", [licence("CC-BY-4.0"), licence("CC-BY-NC-4.0")], True, Licensed.LIMITED, DENY),
    ("NC, page not read whole", [licence("CC-BY-NC-4.0")], False, Licensed.LIMITED, DENY),
    ("two families", [licence("CC-BY-4.0"), licence("CC-BY-SA-4.0")], True, Licensed.SEVERAL, UNKNOWN),
    ("PDM", [licence("CC-PDM-1.0")], True, Licensed.UNCLEAR, UNKNOWN),
    ("not known", [licence(None)], True, Licensed.UNCLEAR, UNKNOWN),
    ("class C", [licence("CC-BY-4.0", "C")], True, Licensed.NONE, DENY),
    ("of an image", [licence("CC-BY-4.0", subject="object")], True, Licensed.NONE, DENY),
    ("of a part", [licence("CC-BY-4.0", partial=True)], True, Licensed.PARTIAL, UNKNOWN),
    ("none", [], True, Licensed.NONE, DENY),
    ("page not read", [], False, Licensed.UNKNOWN, UNKNOWN),
    ("found, page not read whole", [licence("CC-BY-4.0")], False, Licensed.UNKNOWN, UNKNOWN),
]


@pytest.mark.parametrize(("_", "found", "seen", "licensed", "ruling"), LICENCES, ids=[case[0] for case in LICENCES])
def test_open_licence(_: str, found: list[LicenceFact], seen: bool, licensed: Licensed, ruling: Ruling) -> None:
    profile = find("open-licence")
    decision = profile.decide(facts(profile, State.SILENT), admitted(profile), found, licences_seen=seen)
    assert decision.ruling is ruling
    assert f"licence:{licensed}" in decision.code


def test_a_licence_does_not_cancel_a_reservation() -> None:
    profile = find("open-licence")
    said = facts(profile, State.SILENT) | {Use.TDM: UseFact(State.RESERVED, State.RESERVED, Strength.NORMATIVE)}
    decision = profile.decide(said, admitted(profile), [OPEN])
    assert (decision.ruling, decision.code) == (DENY, "tdm:reserved-normative")


@pytest.mark.parametrize(("age", "ruling"), [(0, ALLOW), (90, ALLOW), (91, UNKNOWN)])
def test_an_allow_ages_and_a_deny_does_not(age: int, ruling: Ruling) -> None:
    profile = find("eu-tdm-art4")
    assert profile.max_age_days == 90
    found = profile.decide(facts(profile, State.SILENT), admitted(profile), age_days=age)
    assert found.ruling is ruling
    assert (found.code == "stale") == (ruling is UNKNOWN)
    assert profile.decide(facts(profile, State.RESERVED), admitted(profile), age_days=9999).ruling is DENY


def test_what_nobody_judged_is_unknown() -> None:
    for profile in shipped().values():
        assert profile.decide({}).ruling in (UNKNOWN, DENY)


def test_strict_reads_the_letter_and_lenient_what_was_meant() -> None:
    fact = UseFact(State.RESERVED, State.SILENT, Strength.VENDOR, "reserved", "meant")
    for reading, ruling in (("lenient", DENY), ("strict", ALLOW)):
        profile = parse(MINE.replace("lenient", reading), "mine.toml")["mine"]
        assert profile.decide({Use.TDM: fact}).ruling is ruling


def test_the_profiles_that_ship() -> None:
    wanted = {"eu-tdm-art4", "training-strict", "training-machine-readable", "ccbot", "search-only", "open-licence"}
    assert wanted <= set(shipped())
    known = {agent.token for agent in agents.load().agents} | {"*"}
    for profile in shipped().values():
        assert set(profile.agents) <= known
        assert profile.jurisdictions
        assert profile.grounds
        assert profile.max_age_days > 0
        assert defined(profile.definition, "again") == profile
    assert len({profile.id for profile in shipped().values()}) == len(shipped())


def test_the_legal_bases_are_dated_and_sourced() -> None:
    """signals-page 6; each statute from its own text."""
    grounds = {ground.title: ground for profile in shipped().values() for ground in profile.grounds}
    dated = {
        ("Directive (EU) 2019/790, Article 3", "2019-04-17"),
        ("Directive (EU) 2019/790, Article 4", "2019-04-17"),
        ("Regulation (EU) 2024/1689 (AI Act), Article 53(1)(c)", "2024-06-13"),
        ("OLG Hamburg, judgment 5 U 104/24", "2025-12-10"),
        ("Report on Copyright and Artificial Intelligence", "2026-03-18"),
        ("17 U.S.C. § 107 (Pub. L. 94-553)", "1976-10-19"),
        ("Copyright Act of Japan (Act No. 48 of 1970), Article 30-4, as amended by Act No. 30 of 2018", "2018-05-25"),
    }
    assert dated <= {(ground.title, ground.dated) for ground in grounds.values()}
    assert all(ground.url.startswith("https://") for ground in grounds.values())


def test_every_ground_that_ships_was_held_against_a_source() -> None:
    for profile in shipped().values():
        for ground in profile.grounds:
            assert ground.checked, ground.id
            assert ground.checked_in, ground.id
            assert set(ground.recalled) <= {"says"}, ground.id


def test_no_profile_pretends_to_be_law() -> None:
    assert "not legal advice" in NOTICE
    assert not re.search(r"allowed to train|compliant|legal to", TEXT + NOTICE, re.IGNORECASE)


def test_an_allow_can_only_stand_where_everything_was_looked_at() -> None:
    assert {"permitted", "silent", "admitted", "open"} == CAN_ALLOW


def test_a_file_of_ones_own_may_name_shipped_grounds(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINE.replace('["ground"]', '["ground", "eu-art-4"]'), encoding="utf-8")
    assert [ground.id for ground in load(path)["mine"].grounds] == ["ground", "eu-art-4"]
    assert find("mine", path).id == load(path)["mine"].id
    assert find("ccbot", path).name == "ccbot"
    with pytest.raises(ProfileError, match=r"did you mean mine\?"):
        find("mien", path)
    with pytest.raises(ProfileError, match="cannot be read"):
        load(tmp_path / "none.toml")


def test_a_changed_profile_has_another_id() -> None:
    one, two = (parse(text, "mine.toml")["mine"] for text in (MINE, MINE.replace('"a"]', '"other"]')))
    assert one.id != two.id


def test_the_verb_lists_shows_and_points(tmp_path: Path) -> None:
    run = CliRunner().invoke
    listed = run(openweb.cli, ["profiles", "list", "--json"])
    assert [json.loads(line)["name"] for line in listed.stdout.splitlines()] == list(shipped())
    shown = run(openweb.cli, ["profiles", "show", "eu-tdm-art4"])
    assert "not legal advice" in shown.stdout
    assert "5 U 104/24" in shown.stdout
    record = json.loads(run(openweb.cli, ["profiles", "show", "ccbot", "--json"]).stdout)
    assert (record["access"]["agents"], record["sha256"]) == (["CCBot"], find("ccbot").sha256)
    path = tmp_path / "mine.toml"
    path.write_text(MINE.replace('"tdm"', '"tmd"'), encoding="utf-8")
    failed = run(openweb.cli, ["profiles", "show", "mine", "--file", str(path)])
    assert isinstance(failed.exception, ProfileError)
    assert f"mine.toml:{at('uses =')}: " in str(failed.exception)
