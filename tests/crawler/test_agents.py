"""The registry of crawler tokens: what is in it, what can be asked of it, and what a damaged one says."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import pytest

from crawler.agents import AgentsError, effective, load, parse
from crawler.vocabulary import Use

TABLE = Path(__file__).parents[2] / "../shared/reference/agents.csv"
SMALL = """\
version = "2026-01-01"

[purposes.training]
uses = ["train-generative", "train-other"]
why = "Everything is for training."

[purposes.search]
uses = ["search"]
why = "An index."

[studies]
"S1" = "A study"

[sources]
"list" = "https://list.example/"

[[purpose_token]]
purpose = "training"
since = "2026-10-30"
standing = "draft"

[[agent]]
token = "OneBot"
operator = "One"
country = "US"
purposes = ["training", "search"]
control_only = false
announced = "2023-08"
respects_robots = "claimed"
confidence = "sure"
sources = ["list"]

[[agent]]
token = "TwoBot"
operator = "Two"
country = "DE"
purposes = ["search"]
control_only = false
named_since = "2019"
retired = "2024-02-29"
respects_robots = "unknown"
aliases = ["2-bot"]
related = ["OneBot"]
falls_back_on = ["OneBot"]
ignores_wildcard = true
confidence = "fair"
sources = ["https://two.example/bot"]
studies = ["S1"]
"""


def test_a_small_registry_is_read_whole() -> None:
    registry = parse(SMALL.encode())
    one, two = registry.agents
    assert registry.id.startswith("2026-01-01+")
    assert one.uses == (Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER, Use.SEARCH)
    assert one.announced_by == date(2023, 8, 31)
    assert one.sources == ("https://list.example/",)
    assert two.announced_by == date(2019, 12, 31)
    assert (two.announced, two.named_since, two.falls_back_on, two.ignores_wildcard) == (
        None,
        "2019",
        ("OneBot",),
        True,
    )
    assert registry.get("twobot") is two
    assert registry.get("2-BOT") is two
    assert registry.get("nobody") is None
    assert registry.for_use(Use.SEARCH) == (one, two)
    assert [token.uses for token in registry.purpose_tokens] == [(Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER)]
    assert registry.purpose_tokens[0].token is None


DAMAGE = [
    # id, what to replace, by what, what the message must name
    ("no version", 'version = "2026-01-01"', "", "version"),
    ("not TOML", "[sources]", "[sources", "not valid TOML"),
    ("an unknown key", 'country = "US"', 'contry = "US"', "contry: no such key; the nearest known key is 'country'"),
    ("a missing key", 'country = "US"\n', "", "country is missing"),
    ("an unknown purpose", 'purposes = ["search"]', 'purposes = ["serach"]', "purposes = 'serach'"),
    ("a use nobody knows", 'uses = ["search"]', 'uses = ["reading"]', "[purposes.search]: uses 'reading'"),
    ("a bad date", '"2023-08"', '"2023-13"', "announced = '2023-13'"),
    ("a bad day", '"2024-02-29"', '"2023-02-29"', "retired = '2023-02-29'"),
    ("a source that is no page", 'sources = ["list"]', 'sources = ["lsit"]', "sources = 'lsit'"),
    ("a relative nobody knows", 'related = ["OneBot"]', 'related = ["Zero"]', "related 'Zero': no such agent"),
    ("a fallback nobody knows", 'falls_back_on = ["OneBot"]', 'falls_back_on = ["Zero"]', "falls_back_on 'Zero'"),
    ("a token twice", 'token = "TwoBot"', 'token = "OneBot"', "already at line"),
    ("true or false", "control_only = false", 'control_only = "no"', "control_only = 'no'"),
    ("wildcard, true or false", "ignores_wildcard = true", "ignores_wildcard = 1", "ignores_wildcard = 1"),
    ("a purpose token without standing", 'standing = "draft"\n', "", "standing"),
    ("a purpose token of no purpose", 'purpose = "training"', 'purpose = "fun"', "purpose = 'fun'"),
]


@pytest.mark.parametrize(("old", "new", "named"), [row[1:] for row in DAMAGE], ids=[row[0] for row in DAMAGE])
def test_a_damaged_registry_says_where_and_what(old: str, new: str, named: str) -> None:
    assert old in SMALL
    with pytest.raises(AgentsError) as error:
        parse(SMALL.replace(old, new, 1).encode(), "mine.toml")
    assert str(error.value).startswith("mine.toml")
    assert named in str(error.value)


def test_a_registry_without_agents_is_none() -> None:
    with pytest.raises(AgentsError, match="no \\[\\[agent\\]\\] tables"):
        parse(SMALL[: SMALL.index("[[agent]]")].encode())


def test_octets_that_are_no_utf8() -> None:
    with pytest.raises(AgentsError, match="not valid TOML"):
        parse(b"\xff")


def test_namesakes_need_intervals_that_do_not_meet() -> None:
    second = SMALL[SMALL.rindex("[[agent]]") :].replace("TwoBot", "OneBot").replace('related = ["OneBot"]\n', "")
    second = second.replace('falls_back_on = ["OneBot"]\n', "").replace('aliases = ["2-bot"]\n', "")
    first = SMALL.replace('announced = "2023-08"', 'announced = "2023-08"\nvalid_from = "2023-08"')
    registry = parse((first + "\n" + second + 'valid_until = "2023-07"\n').encode())
    for day, operator in ((date(2021, 1, 1), "Two"), (date(2023, 9, 1), "One")):
        found = registry.get("onebot", day)
        assert found is not None
        assert found.operator == operator
    assert registry.get("onebot", date(2018, 1, 1)) is None
    with pytest.raises(AgentsError, match="already at line"):
        parse((first + "\n" + second + 'valid_until = "2023-08"\n').encode())


OURS = [
    # id, agent, the tokens a file names, whose group it obeys (agents.md section 3.10), basis
    ("its own", "ClaudeBot", {"claudebot", "anthropic-ai", "*"}, "claudebot", "explicit"),
    ("ClaudeBot honours anthropic-ai", "ClaudeBot", {"anthropic-ai", "*"}, "anthropic-ai", "explicit"),
    ("ClaudeBot honours Claude-Web", "ClaudeBot", {"claude-web", "*"}, "claude-web", "explicit"),
    ("Applebot follows Googlebot", "Applebot", {"googlebot", "*"}, "googlebot", "explicit"),
    ("Applebot-Extended does not", "Applebot-Extended", {"googlebot", "applebot", "*"}, "*", "wildcard"),
    ("Googlebot-Image falls back", "Googlebot-Image", {"googlebot", "*"}, "googlebot", "explicit"),
    ("AdsBot ignores *", "AdsBot-Google", {"*"}, None, "default"),
    ("everybody else", "GPTBot", {"googlebot", "*"}, "*", "wildcard"),
    ("nobody named", "GPTBot", set[str](), None, "default"),
]


@pytest.mark.parametrize(("token", "named", "obeyed", "basis"), [row[1:] for row in OURS], ids=[row[0] for row in OURS])
def test_whom_an_agent_obeys_by_its_operators_word(token: str, named: set[str], obeyed: str | None, basis: str) -> None:
    agent = load().get(token)
    assert agent is not None
    assert effective(agent, named) == (obeyed, basis)


NAMESAKES = [
    ("Exabot", date(2018, 1, 1), "Exalead (Dassault)"),
    ("exabot", date(2026, 6, 1), "Exa"),
    ("iaskspider", date(2020, 1, 1), "Sina"),
    ("iaskspider", date(2025, 6, 1), "iAsk (or Sina iAsk)"),
]


@pytest.mark.parametrize(("token", "day", "operator"), NAMESAKES)
def test_namesakes_over_time(token: str, day: date, operator: str) -> None:
    """agents.md section 3.9."""
    agent = load().get(token, day)
    assert agent is not None
    assert agent.operator == operator


def test_a_token_nobody_knew_yet_could_not_have_been_named() -> None:
    """agents.md section 0.3."""
    registry = load()
    early = {agent.token for agent in registry.basket(date(2019, 12, 31))}
    assert {"CCBot", "omgili", "Diffbot", "Bytespider", "Applebot"} <= early
    assert not {"GPTBot", "ClaudeBot", "Google-Extended"} & early
    assert registry.named_by(date(2023, 8, 6), "GPTBot") is False
    assert registry.named_by(date(2023, 8, 7), "gptbot") is True
    assert registry.named_by(date(2023, 8, 7), "xAI-Bot") is None
    assert registry.named_by(date(2023, 8, 7), "nobody") is None


def test_tokens_rfc9309_cannot_express_are_marked() -> None:
    invalid = {agent.token for agent in load().agents if not agent.valid_token}
    assert {"AI2Bot", "img2dataset", "Kangaroo Bot", "ChatGPT Agent", "archive.org_bot", "MJ12bot"} <= invalid
    assert "GPTBot" not in invalid


def test_the_shared_training_token_waits_for_its_spelling() -> None:
    tokens = load().purpose_tokens
    assert [(token.purpose, token.since, token.token) for token in tokens] == [("training", "2026-10-30", None)]


@pytest.mark.skipif(not TABLE.exists(), reason=f"the maintainers' table is not here: {TABLE}")
def test_every_token_of_the_table_is_in_the_registry_as_it_says() -> None:
    registry = load()
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 148
    for row in rows:
        agent = next(found for found in registry.agents if found.token == row["token"])
        assert agent.purposes == tuple(row["purposes"].split(";"))
        assert (agent.announced or "", agent.retired or "") == (row["announced"], row["retired"])
        assert agent.control_only is (row["control_only"] == "yes")
        assert agent.valid_token is (row["rfc9309_valid_token"] == "yes")
        assert (agent.confidence, agent.respects_robots) == (row["confidence"], row["respects_robots"])
        assert len(agent.sources) == len(re.findall(r"https?://\S+", row["source_urls"]))
        assert all(url.startswith("http") for url in agent.sources)
