"""A reservation more never turns deny into allow, and evidence less never makes an allow, whatever the profile."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.profile_file import parse
from analysis.profiles import Access, AccessFact, LicenceFact, Profile, Ruling, UseFact, shipped
from crawler.vocabulary import LicenceClass, State, Strength, Subject, Use

_STRENGTHS = st.sampled_from([None, *Strength])
_SPDX = ["CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC0-1.0", "CC-PDM-1.0", None]
_LICENCES = st.lists(
    st.builds(
        lambda spdx, kind, subject, partial: LicenceFact(spdx, kind, subject, spdx, partial),
        st.sampled_from(_SPDX),
        st.sampled_from(LicenceClass),
        st.sampled_from(Subject),
        st.booleans(),
    ),
    max_size=3,
)
_FACTS = st.builds(UseFact, st.sampled_from(State), st.sampled_from(State), _STRENGTHS)
_USES = st.dictionaries(st.sampled_from(Use), _FACTS)
_RULINGS = st.sampled_from(Ruling)


@st.composite
def written(draw: st.DrawFn) -> Profile:
    """Any profile that can be written: rulings at random where the format takes them."""
    lines = [
        *("format = 1", "[profile.any]", 'version = "1"', 'dated = "2026"', 'title = "t"', 'purpose = "p"'),
        *('jurisdictions = ["any"]', 'grounds = ["g"]', "max_age_days = 10", 'max_age_why = "w"'),
    ]
    free = ["permitted", "silent"]
    uses = draw(st.lists(st.sampled_from(Use), unique=True, min_size=1, max_size=3))
    lines += ["[[profile.any.use]]", f"uses = {[use.value for use in uses]}", 'why = "w"']
    lines.append(f'reading = "{draw(st.sampled_from(["lenient", "strict"]))}"')
    states = [state.value for state in State]
    more = draw(st.lists(st.sampled_from([f"{a}-{b}" for a in states for b in Strength]), unique=True, max_size=6))
    for key in (*states, *more):
        kind = _RULINGS if key.partition("-")[0] in free else st.sampled_from([Ruling.DENY, Ruling.UNKNOWN])
        lines.append(f'{key} = ["{draw(kind)}", "w"]')
    lines += ["[profile.any.access]", 'agents = ["*", "CCBot"]', 'why = "w"']
    for access in Access:
        kind = _RULINGS if access is Access.ADMITTED else st.sampled_from([Ruling.DENY, Ruling.UNKNOWN])
        lines.append(f'{access} = ["{draw(kind)}", "w"]')
    lines += ["[ground.g]", 'title = "t"', 'jurisdiction = "any"', 'dated = "2026"', 'url = "https://a.example/"']
    return parse("\n".join([*lines, 'says = "s"', 'effect = "e"']), "any.toml")["any"]


_PROFILES = st.one_of(st.sampled_from(list(shipped().values())), written())
_ACCESS = st.dictionaries(
    st.sampled_from(sorted({agent for profile in shipped().values() for agent in profile.agents})),
    st.builds(AccessFact, st.sampled_from(Access)),
)


def reserved_more(fact: UseFact | None, strength: Strength) -> list[UseFact]:
    """What a verdict can become when one more reservation of that strength is found (rules 1 to 5)."""
    found = [UseFact(State.RESERVED, State.RESERVED, strength)]
    if fact is None:
        return found
    found.append(replace(fact, state=State.RESERVED, strength=strength))
    if State.PERMITTED in (fact.state, fact.state_strict):
        found.append(UseFact(State.CONFLICT, State.CONFLICT, strength))
    if fact.state is State.RESERVED and fact.strength is not None:
        found.append(fact)
    return found


@settings(deadline=None)
@given(_PROFILES, _USES, _ACCESS, _LICENCES, st.booleans(), st.sampled_from(Use), st.sampled_from(Strength), st.data())
def test_a_reservation_more_never_moves_deny_to_allow(
    profile: Profile,
    uses: dict[Use, UseFact],
    access: dict[str, AccessFact],
    licences: list[LicenceFact],
    seen: bool,
    use: Use,
    strength: Strength,
    data: st.DataObject,
) -> None:
    before = profile.decide(uses, access, licences, licences_seen=seen)
    more = data.draw(st.sampled_from(reserved_more(uses.get(use), strength)))
    after = profile.decide(uses | {use: more}, access, licences, licences_seen=seen)
    if before.ruling is not Ruling.ALLOW and use in profile.wanted:
        assert after.ruling is not Ruling.ALLOW
    if use not in profile.wanted:
        assert after == before


@settings(deadline=None)
@given(_PROFILES, _USES, _ACCESS, _LICENCES, st.data())
def test_evidence_less_never_makes_an_allow(
    profile: Profile,
    uses: dict[Use, UseFact],
    access: dict[str, AccessFact],
    licences: list[LicenceFact],
    data: st.DataObject,
) -> None:
    """Losing an exchange turns permitted and silent into unknown, and what rests on it is gone (signals-robots 9.3)."""
    before = profile.decide(uses, access, licences)
    blind = UseFact(State.UNKNOWN, State.UNKNOWN)
    lost = data.draw(st.sets(st.sampled_from(Use)))
    fewer = {use: blind if use in lost else fact for use, fact in uses.items()}
    unread = data.draw(st.sets(st.sampled_from(sorted(access)))) if access else set()
    without = {agent: fact for agent, fact in access.items() if agent not in unread}
    page = data.draw(st.booleans())
    after = profile.decide(fewer, without, [] if page else licences, licences_seen=not page)
    if before.ruling is not Ruling.ALLOW:
        assert after.ruling is not Ruling.ALLOW


@settings(deadline=None)
@given(_PROFILES, _USES, _ACCESS, _LICENCES, st.integers(0, 4000), st.integers(0, 4000))
def test_older_evidence_never_makes_an_allow_and_never_softens_a_deny(
    profile: Profile,
    uses: dict[Use, UseFact],
    access: dict[str, AccessFact],
    licences: list[LicenceFact],
    age: int,
    older: int,
) -> None:
    before = profile.decide(uses, access, licences, age_days=age)
    after = profile.decide(uses, access, licences, age_days=age + older)
    if before.ruling is not Ruling.ALLOW:
        assert after == before or after.ruling is before.ruling
    assert (before.ruling is Ruling.DENY) == (after.ruling is Ruling.DENY)


@settings(deadline=None)
@given(_PROFILES, _USES, _ACCESS, _LICENCES, st.booleans())
def test_an_allow_says_that_everything_was_looked_at(
    profile: Profile, uses: dict[Use, UseFact], access: dict[str, AccessFact], licences: list[LicenceFact], seen: bool
) -> None:
    found = profile.decide(uses, access, licences, licences_seen=seen)
    if found.ruling is Ruling.ALLOW:
        for rule in profile.uses:
            for use in rule.uses:
                state = uses[use].state_strict if rule.strict else uses[use].state
                assert state in (State.PERMITTED, State.SILENT)
        assert all(access[agent].access is Access.ADMITTED for agent in profile.agents)
        assert seen or profile.licence is None
    assert found.reason
    assert found.code
