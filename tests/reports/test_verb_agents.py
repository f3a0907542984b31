"""`openweb agents`: the list and one token in full."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from crawler.agents import load
from crawler.errors import InputError
from openweb import cli


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["agents", *arguments], standalone_mode=False)


def test_the_list_has_every_token_and_the_registry_on_stderr() -> None:
    result = run("list")
    assert len(result.stdout.splitlines()) == len(load().agents)
    assert load().id in result.stderr
    assert run().stdout == result.stdout


def test_the_list_by_use_operator_and_day() -> None:
    records = [
        json.loads(line)
        for line in run("list", "--use", "train-generative", "--on", "2023-12-31", "--json").stdout.splitlines()
    ]
    tokens = {record["token"] for record in records}
    assert {"GPTBot", "CCBot", "Google-Extended"} <= tokens
    assert "Applebot-Extended" not in tokens
    assert {line.split()[0] for line in run("list", "--operator", "anthropic").stdout.splitlines()} >= {"ClaudeBot"}


def test_one_token_in_full() -> None:
    text = run("show", "claudebot").stdout
    for words in (
        "ClaudeBot",
        "Anthropic",
        "train-generative",
        "falls_back_on      anthropic-ai, Claude-Web",
        "https://",
    ):
        assert words in text
    record = json.loads(run("show", "Applebot-Extended", "--json").stdout)
    assert record["control_only"] is True
    assert record["registry"] == load().id


def test_namesakes_by_day() -> None:
    assert "operator           Exalead" in run("show", "exabot", "--on", "2018-01-01").stdout
    assert "operator           Exa\n" in run("show", "exabot", "--on", "2026-06-01").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "gptbott"], "near: gptbot"),
        (["show", "exabot", "--on", "2001-01-01"], "no crawler of that name was known"),
    ],
)
def test_an_unknown_token_says_what_is_near(arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert isinstance(result.exception, InputError)
    assert message in str(result.exception)


def test_a_day_that_is_none() -> None:
    result = CliRunner().invoke(cli, ["agents", "list", "--on", "May"])
    assert result.exit_code == 2
    assert "expected a day such as 2024-05-01" in result.output
