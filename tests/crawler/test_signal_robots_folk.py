"""Informal lines and comments: none of them is ever more than informal."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.records import Exchange, Fact, Fault, Reading, Statement
from crawler.signals.robots_folk import read
from crawler.vocabulary import ROLE_ROBOTS, Outcome

MOMENT = datetime(2026, 10, 1, tzinfo=UTC)


def statements(text: str | bytes) -> list[Statement]:
    body = text.encode() if isinstance(text, str) else text
    return read(Exchange("a.example", ROLE_ROBOTS, "https://a.example/robots.txt", Outcome.OK, MOMENT, body=body))


def found(text: str | bytes) -> list[Reading]:
    return [item for item in statements(text) if isinstance(item, Reading)]


LINES = [
    # id, text, (carrier, use, stance, agent, pattern)
    (
        "6 a DisallowAITraining",
        "User-agent: *\nAllow: /\nDisallowAITraining: /\n",
        {("disallow-ai-training", "train-generative", "reserved", "*", None)},
    ),
    (
        "6 AllowAITraining",
        "User-agent: *\nAllowAITraining: /pub\n",
        {("disallow-ai-training", "train-generative", "permitted", "*", "/pub")},
    ),
    (
        "6 DisallowAITraining of a named token",
        "User-agent: GPTBot\nDISALLOWAITRAINING: /\n",
        {("disallow-ai-training", "train-generative", "reserved", "gptbot", None)},
    ),
    ("6 DisallowAITraining without a path", "User-agent: *\nDisallowAITraining:\n", set()),
    (
        "6 e TDM-Reservation above any group",
        "TDM-Reservation: 1\nUser-agent: *\nAllow: /\n",
        {("robots-tdm-line", "tdm", "reserved", "*", None)},
    ),
    ("6 TDM-Reservation: 0", "TDM-Reservation: 0\n", {("robots-tdm-line", "tdm", "permitted", "*", None)}),
    ("6 c a space in the key", "User-agent: *\nDisallow AITraining: /\n", set()),
    ("6 folk keys have no effect", "User-agent: *\nNoAI: /\nAI-Disallow: /\nAI: no\nDisallow-AI-Training: /\n", set()),
    ("an ordinary file", "User-agent: *\nDisallow: /train\nSitemap: https://a.example/ai\n", set()),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in LINES], ids=[row[0] for row in LINES])
def test_lines(text: str, expected: set[tuple[str, str, str, str, str | None]]) -> None:
    readings = found(text)
    assert {(r.carrier, str(r.use), str(r.stance), r.agent, r.pattern) for r in readings} == expected
    assert {r.strength for r in readings} <= {"informal"}


@pytest.mark.parametrize(
    "key", ["NoAI", "AI", "AI-Disallow", "Disallow-AI-Training", "Disallow AITraining", "no-ai-training", "LLM-Policy"]
)
def test_a_key_about_ai_that_nobody_defined_is_recorded(key: str) -> None:
    facts = [item for item in statements(f"User-agent: *\n{key}: /\n") if isinstance(item, Fact)]
    assert [(fact.name, fact.value, fact.locator) for fact in facts] == [
        ("unrecognised_ai_directive", key.lower(), "line 2")
    ]


@pytest.mark.parametrize("key", ["Aim", "Training", "Mail", "Disallow", "Allow", "Air", "Available"])
def test_a_key_that_only_looks_so_is_not(key: str) -> None:
    assert statements(f"User-agent: *\n{key}: /\n") == []


def test_values_that_cannot_be_read_are_faults() -> None:
    items = statements(
        "User-agent: *\nDisallowAITraining: yes\nTDM-Reservation: true\nTDM-Policy: https://a.example/p\n"
    )
    assert [(i.carrier, i.reason) for i in items if isinstance(i, Fault)] == [
        ("disallow-ai-training", "invalid_path"),
        ("robots-tdm-line", "invalid_value"),
    ]
    assert [(i.name, i.value) for i in items if isinstance(i, Fact)] == [("tdm_policy", "https://a.example/p")]


TDM, TRAIN = {"tdm"}, {"train-generative", "train-other"}
COMMENTS = [
    # id, comment, language, uses
    ("6 d Art. 4 CDSM", "# no TDM, Art. 4 CDSM", "en", TDM),
    ("the directive by number", "# All TDM rights are reserved under Article 4 of Directive (EU) 2019/790.", "en", TDM),
    ("over several lines", "# The use of this site for text\n# and data mining is\n# not permitted.", "en", TDM),
    ("German", "# Nutzungsvorbehalt: Text- und Data-Mining gemäß § 44b UrhG ist untersagt", "de", TDM),
    ("French", "# La fouille de textes et de données est interdite (L.122-5-3 CPI)", "fr", TDM),
    ("Spanish", "# Se prohíbe la minería de textos y datos", "es", TDM),
    ("Italian", "# È vietata l'estrazione di testo e di dati", "it", TDM),
    ("Dutch", "# Tekst- en datamining is voorbehouden", "nl", TDM),
    ("Portuguese", "# A prospeção de textos e dados é proibida", "pt", TDM),
    ("Swedish", "# Förbehåll: text- och datautvinning", "sv", TDM),
    ("Danish", "# Forbehold mod tekst- og datamining", "da", TDM),
    ("Polish", "# Zastrzega się eksplorację tekstów i danych; eksploracja tekstów zabroniona", "pl", TDM),
    ("training", "# You may not use this content to train AI models.", "en", TRAIN),
    ("training, prohibited", "# Use for AI training is prohibited", "en", TRAIN),
    ("behind a rule", "User-agent: *\nDisallow: / # TDM rights reserved", "en", TDM),
]


@pytest.mark.parametrize(("text", "language", "uses"), [row[1:] for row in COMMENTS], ids=[row[0] for row in COMMENTS])
def test_reservations_in_comments(text: str, language: str, uses: set[str]) -> None:
    readings = found(text + "\nUser-agent: *\nAllow: /\n")
    assert {str(r.use) for r in readings} == uses
    assert {(r.stance, r.strength, r.agent) for r in readings} == {("reserved", "informal", "*")}
    assert all((r.note or "").startswith(f"informal_reservation; language={language}; offset=") for r in readings)


NOTHING = [
    "# text and data mining is welcome here",
    "# Data mining team: robots@a.example",
    "# AI crawlers used to train models:",
    "# webz.io - they sell data for training LLMs.",
    "# ChatGPT-User is used by plugins in ChatGPT",
    "# Reserved for the training department",
    "# Article 4: how to use this file",
    "# do not train your horses here",
    "Disallow: /text-and-data-mining/reserved",
]


@pytest.mark.parametrize("text", NOTHING)
def test_what_reserves_nothing(text: str) -> None:
    assert found(f"{text}\nUser-agent: *\nAllow: /\n") == []


def test_a_rights_notice_that_names_no_use_is_a_fact() -> None:
    items = statements("# (c) 2024 A. All rights reserved.\nUser-agent: *\nAllow: /\n")
    assert [(i.name, i.value, i.raw) for i in items if isinstance(i, Fact)] == [
        ("rights_notice", "language=en; offset=14", "All rights reserved")
    ]
    assert not [i for i in items if isinstance(i, Reading)]


def test_the_quote_and_its_place() -> None:
    reading = found("User-agent: *\nAllow: /\n\n# Vorbehalt nach § 44b UrhG\n")[0]
    assert (reading.locator, reading.line) == ("line 4", 4)
    assert "44b UrhG" in reading.raw
    assert (reading.note or "").endswith("offset=17")
    assert len(reading.raw) <= 500


def test_two_languages_are_two_readings() -> None:
    text = "# TDM reserved.\n# Text- und Data-Mining: Vorbehalt.\nUser-agent: *\nAllow: /\n"
    notes = [r.note or "" for r in found(text)]
    assert {note.split("; ")[1] for note in notes} == {"language=en", "language=de"}


def test_comments_in_latin_1_are_read() -> None:
    assert {str(r.use) for r in found(b"# TDM reserved \xe9\n")} == {"tdm"}


@given(st.binary(max_size=200).map(lambda data: b"# tdm reserved 2019/790 train ai " + data))
def test_no_comment_raises(body: bytes) -> None:
    assert found(body)
