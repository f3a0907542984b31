"""The hand-written expectation: complete, and of one mind with itself and with the world."""

from __future__ import annotations

from importlib import resources
from itertools import pairwise

import pytest

from crawler.miniweb.expected import expected, parse
from crawler.miniweb.loading import load
from crawler.miniweb.world import WorldError
from crawler.vocabulary import Cause, Outcome, State, Use

TEXT = (resources.files("crawler") / "miniweb" / "expected.toml").read_text(encoding="utf-8")


def test_every_listed_site_is_expected_in_every_month() -> None:
    for site in load().listed:
        for month in load().months:
            assert expected().seen(site.host, month).states.keys() == set(Use)


def test_the_changes_are_exactly_those_between_the_months() -> None:
    """Written twice, by site and by event: what one says the other must say."""
    between = {
        (host, after, use, states[0], states[1])
        for host in expected().sites
        for before, after in pairwise(load().months)
        for use in Use
        if len(set(states := tuple(expected().seen(host, month).states[use] for month in (before, after)))) == 2
    }
    listed = [(change.site, change.month, change.use, change.before, change.after) for change in expected().changes]
    assert len(set(listed)) == len(listed)
    assert set(listed) == between


def test_a_change_to_or_from_unknown_is_one_of_visibility() -> None:
    for change in expected().changes:
        unknown = State.UNKNOWN in (change.before, change.after)
        assert (change.cause is Cause.VISIBILITY_CHANGED) is unknown, change


def test_a_robots_txt_that_was_not_seen_leaves_every_use_unknown() -> None:
    """Silence is not consent, and unknown is not silence."""
    for host in expected().sites:
        for month in load().months:
            seen = expected().seen(host, month)
            if seen.robots not in (Outcome.OK, Outcome.ABSENT):
                assert set(seen.states.values()) == {State.UNKNOWN}, (host, month)


def test_every_event_that_changes_an_answer_is_in_an_expectation_or_said_to_change_nothing() -> None:
    """A site that answers differently from one month to the next is looked at again, or said to have said the same."""
    world = load()
    for site in world.listed:
        for before, after in pairwise(world.months):
            differ = any(
                world.answer(site.host, path, before) != world.answer(site.host, path, after)
                for path in ("/", "/robots.txt", "/.well-known/tdmrep.json", "/trust.txt")
            )
            if differ or world.face(site.host, before).untrusted != world.face(site.host, after).untrusted:
                runs = expected().sites[site.host]
                explained = any(run.because and run.span.holds(before) and run.span.holds(after) for run in runs)
                assert explained or any(run.span.first == after for run in runs), (site.host, after)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('host = "knot-wiki.example"', 'host = "knot-wik.example"', "listed in the world or expected, but not both"),
        ('until = "2026-04"', 'until = "2026-05"', "is in 2 runs of months; expected one"),
        ('until = "2026-04"', 'until = "2026-03"', "is in 0 runs of months; expected one"),
        ('train = "conditional"', 'trian = "conditional"', "trian: no such key; the nearest known key is 'train'"),
        ('train = "conditional"', 'train = "maybe"', "expected one of reserved, permitted"),
        ('robots = "absent"', 'robots = "gone"', "expected one of ok, absent"),
        ("of object", "of photograph", "subject one of document, object"),
        ('event = "first-block"', 'event = "block"', "expected the id of an event"),
        ('uses = ["train"]', 'uses = ["training"]', "expected a list of every, train"),
        ('sites = ["harbour-news.example"]', 'sites = ["knot-wiki.example"]', "expected sites of the event"),
        ('cause = "site changed"', 'cause = "who knows"', "expected one of site changed"),
        ('strict = { tdm = "unknown" }', 'strict = "unknown"', "expected a table of uses"),
    ],
)
def test_a_wrong_expectation_is_refused_with_its_place(old: str, new: str, message: str) -> None:
    assert old in TEXT
    with pytest.raises(WorldError, match=r"^expected\.toml") as caught:
        parse(TEXT.replace(old, new, 1), load())
    assert message in str(caught.value)
