"""`openweb robots`: one answer a line, a bad line costs itself only, and a file explained."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crawler.robots import oracle
from crawler.robots.oracle import Oracle, QuestionError
from openweb import cli

BODY = "User-agent: *\nDisallow: /private\n\nUser-agent: GPTBot\nDisallow: /\n"


def run(text: str | bytes, *options: str) -> Result:
    return CliRunner().invoke(cli, ["robots", *options], input=text, standalone_mode=False)


def answers(text: str | bytes, *options: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run(text, *options).stdout.splitlines()]


def ask(**question: object) -> str:
    return json.dumps({"robots": BODY, "agent": "GPTBot", "url": "https://a.example/x"} | question) + "\n"


def test_an_answer_names_the_line_that_made_it() -> None:
    assert answers(ask()) == [
        {
            "allowed": False,
            "rule": "Disallow: /",
            "line": 5,
            "basis": "explicit",
            "class": ["root_blocked", "full_exact", "full_probe", "full_dpi"],
            "notes": [],
        }
    ]
    assert answers(ask(agent="CCBot", url="/public")) == [
        {"allowed": True, "rule": None, "line": None, "basis": "wildcard", "class": ["partial"], "notes": []}
    ]


def test_octets_come_as_base64() -> None:
    octets = base64.b64encode(b"\xff\xfe" + "User-agent: *\nDisallow: /\n".encode("utf-16-le")).decode()
    found = answers(json.dumps({"robots_b64": octets, "agent": "a", "url": "/"}))
    assert (found[0]["allowed"], found[0]["notes"]) == (False, ["encoding", "differs:google"])


def test_the_profiles_differ_and_say_so() -> None:
    question = ask(robots="User-agent: *\nDisallowAITraining: /\n")
    assert [answers(question, "--profile", p)[0]["allowed"] for p in ("rfc9309", "google")] == [True, False]
    assert answers(question)[0]["notes"] == ["accidental_block_risk", "differs:google"]
    assert "differs:rfc9309" in answers(question, "--profile", "google")[0]["notes"]


BAD = [
    ("not JSON", "nope\n", "not JSON"),
    ("no object", "[1]\n", "expected an object"),
    ("no body", '{"agent": "a", "url": "/"}\n', '"robots"'),
    ("not Base64", '{"robots_b64": "*", "agent": "a", "url": "/"}\n', "not Base64"),
    ("a body that is no text", '{"robots": 1, "agent": "a", "url": "/"}\n', '"robots": expected the text'),
    ("no agent", '{"robots": "", "url": "/"}\n', '"agent"'),
    ("no URL", '{"robots": "", "agent": "a"}\n', '"url"'),
    ("nested without end", "[" * 100_000 + "\n", "not JSON"),
    ("not UTF-8", b"\xff\n", "not JSON"),
]


@pytest.mark.parametrize(("line", "message"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_a_bad_line_is_an_error_on_its_own_line(line: str | bytes, message: str) -> None:
    octets = line if isinstance(line, bytes) else line.encode()
    text = ask(id=1).encode() + b"\n" + octets + ask(id=2).encode()
    result = run(text)
    found = [json.loads(record) for record in result.stdout.splitlines()]
    assert result.return_value == 0
    assert [record.get("id") for record in found] == [1, None, 2]
    assert found[1]["line"] == 3
    assert message in found[1]["error"]


def test_a_run_in_which_nothing_could_be_answered_fails() -> None:
    assert run("nope\n").return_value == 2
    assert run("").return_value == 0


REPEATED = [
    ("the usual order", ask(agent="CCBot", url="/private/x") + ask(agent="GPTBot", url="/")),
    ("a value that is a key's name", ask(agent="agent", url='"agent"') + ask(agent="agent", url="/private")),
    (
        "another key before the agent",
        2 * ('{"robots": "User-agent: *\\nDisallow: /", "id": 1, "agent": "a", "url": "/"}\n'),
    ),
    ("the body behind", 2 * '{"agent": "a", "url": "/", "robots": "User-agent: *\\nDisallow: /"}\n'),
    ("the body twice: the last counts", 2 * ask().replace('"url"', '"robots": "", "url"')),
    ("octets after text", ask() + ask().replace('"url"', '"robots_b64": "", "url"')),
]


@pytest.mark.parametrize("text", [row[1] for row in REPEATED], ids=[row[0] for row in REPEATED])
def test_a_body_seen_before_is_answered_as_when_first_seen(text: str) -> None:
    lines = text.splitlines(keepends=True)
    assert answers(text * 2) == [answers(line)[0] for line in lines] * 2


def test_the_id_is_given_back_as_it_came() -> None:
    assert [found["id"] for found in answers(ask(id={"a": [1]}) + ask(id=None) + '{"id": 3}\n')] == [
        {"a": [1]},
        None,
        3,
    ]


def test_text_that_is_no_unicode_is_answered() -> None:
    assert answers('{"robots": "User-agent: *\\nDisallow: /\\ud800", "agent": "\\ud800", "url": "/\\ud800"}\n')


def test_a_line_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.verbs.robots.MAX_LINE", 300)
    found = answers("x" * 1_000 + "\n" + ask(id=7))
    assert ["error" in record for record in found] == [True, False]


def test_bodies_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oracle, "MAX_OCTETS", 100)
    asked = Oracle()
    for number in range(50):
        assert not asked.ask(f"User-agent: *\nDisallow: /{number}\n", "a", f"/{number}").allowed
    assert len(asked._bodies) < 10


def test_a_profile_nobody_knows() -> None:
    with pytest.raises(QuestionError, match="rfc9309, google"):
        Oracle("yandex")
    assert CliRunner().invoke(cli, ["robots", "--profile", "yandex"]).exit_code == 2


def test_explain_shows_each_line_with_its_meaning(tmp_path: Path) -> None:
    file = tmp_path / "robots.txt"
    file.write_bytes(b"User-agent: GPTBot\nContent-Signal: ai-train=no\nDisallow: /\nfoo\n# \x1b[31m\n")
    text = CliRunner().invoke(cli, ["robots", "--explain", str(file)], standalone_mode=False).stdout
    assert "    1  User-agent: GPTBot\n       ^ names whom the rules below are for" in text
    assert "train-generative reserved for gptbot, vendor" in text
    assert "    3  Disallow: /\n       ^ refuses / for gptbot" in text
    assert "    4  foo\n       ^ not a line of robots.txt" in text
    assert "\x1b" not in text


def test_explain_says_what_another_profile_reads_otherwise(tmp_path: Path) -> None:
    file = tmp_path / "robots.txt"
    file.write_bytes(b"User-agent: *\nDissallow: /\n")
    text = CliRunner().invoke(cli, ["robots", "--explain", str(file)], standalone_mode=False).stdout
    assert "# google reads it otherwise for *: wildcard, root_blocked, full_exact, full_probe, full_dpi" in text
    text = (
        CliRunner().invoke(cli, ["robots", "--profile", "google", "--explain", str(file)], standalone_mode=False).stdout
    )
    assert "    2  Dissallow: /\n       ^ refuses / for *" in text


def test_help_begins_with_its_purpose_and_two_examples() -> None:
    text = CliRunner().invoke(cli, ["robots", "-h"]).stdout
    assert "Answer for JSON lines of robots.txt" in text
    assert text.count("  openweb robots") >= 2


def test_input_may_be_a_stream() -> None:
    """From a stream, without a file."""
    result = CliRunner().invoke(cli, ["robots", "-"], input=io.BytesIO(ask().encode()), standalone_mode=False)
    assert result.return_value == 0
