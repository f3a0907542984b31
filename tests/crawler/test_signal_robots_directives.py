"""Robots meta and X-Robots-Tag: the grammar of agents and directives, and the meanings of the reference table."""

from __future__ import annotations

import io
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.records import Exchange, Fact, Fault, Reading, Statement
from crawler.signals.robots_directives import DIRECTIVES, ROBOTS_META, X_ROBOTS_TAG, directives
from crawler.vocabulary import Interpretation, Outcome, Part, Scope, Stance, Strength, Use

SHARED = (Path(__file__).parents[2] / "../shared/data").resolve()
TG, TO, AI, SE = Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER, Use.AI_INPUT, Use.SEARCH
RES, CON = Stance.RESERVED, Stance.CONDITIONAL
Stated = set[tuple[str, Use, Stance]]


def exchange(body: bytes = b"", *lines: str) -> Exchange:
    """An answered page with this body and these X-Robots-Tag lines."""
    headers = tuple(("X-Robots-Tag", line) for line in lines)
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return Exchange("s.example", "page", "https://s.example/", Outcome.OK, at, status=200, headers=headers, body=body)


def readings(statements: object) -> list[Reading]:
    """The readings among statements."""
    found: list[Statement] = list(statements)  # type: ignore[call-overload]
    return [s for s in found if isinstance(s, Reading)]


def stated(found: list[Reading]) -> Stated:
    """Who is told what."""
    return {(r.agent, r.use, r.stance) for r in found}


def test_signals_name_their_place() -> None:
    """Both speak about a page: one in its body, one in its headers."""
    assert (ROBOTS_META.role, ROBOTS_META.part) == ("page", Part.BODY)
    assert (X_ROBOTS_TAG.role, X_ROBOTS_TAG.part) == ("page", Part.HEADERS)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("googlebot: noai, noimageai", [("googlebot", "noai"), ("googlebot", "noimageai")], id="2.4(2)"),
        pytest.param(
            "unavailable_after: 25 Jun 2026 15:00:00 PST, noai",
            [("*", "unavailable_after"), ("*", "noai")],
            id="2.4(3)",
        ),
        pytest.param("max-snippet:0, noai", [("*", "max-snippet"), ("*", "noai")], id="2.4(4)"),
        pytest.param(":, :, ,;: -::", [], id="2.4(8)"),
        pytest.param("noindex, googlebot: nofollow", [("*", "noindex"), ("googlebot", "nofollow")], id="robots-6.1(1)"),
        pytest.param(
            "unavailable_after: Fri, 25 Jun 2027 15:00:00 GMT, noai",
            [("*", "unavailable_after"), ("*", "noai")],
            id="robots-6.1(2)-comma-in-date",
        ),
        pytest.param(
            "unavailable_after: Friday, 25-Jun-27 15:00:00 GMT, otherbot: noai",
            [("*", "unavailable_after"), ("otherbot", "noai")],
            id="robots-6.1(2)-date-then-agent",
        ),
        pytest.param(
            "unavailable_after: 2027-06-25T15:00:00+02:00, max-snippet: 5",
            [("*", "unavailable_after"), ("*", "max-snippet")],
            id="robots-6.1(2)-iso-date",
        ),
        pytest.param(
            "max-snippet: 0, otherbot: noai", [("*", "max-snippet"), ("otherbot", "noai")], id="robots-6.1(3)"
        ),
        pytest.param(
            "bingbot: noarchive, nocache", [("bingbot", "noarchive"), ("bingbot", "nocache")], id="robots-6.1(4)"
        ),
        pytest.param("BingBot: NoArchive", [("bingbot", "noarchive")], id="robots-6.1-case"),
        pytest.param("a-bot: noai, b-bot: noai", [("a-bot", "noai"), ("b-bot", "noai")], id="robots-6.1-next-agent"),
        pytest.param("googlebot: max-snippet: 0", [("googlebot", "max-snippet")], id="robots-6.1-agent-then-value"),
        pytest.param("nosuch, noai", [("*", "noai")], id="robots-6.1-unknown-ignored"),
        pytest.param(
            "max-image-preview:large, max-video-preview:-1",
            [("*", "max-image-preview"), ("*", "max-video-preview")],
            id="2.1-valued",
        ),
    ],
)
def test_grammar(line: str, expected: list[tuple[str, str]]) -> None:
    """Signals-page 2.1 and signals-robots 6.1: agents hold to the end of their line, valued names are no agents."""
    assert [(d.agent, d.name) for d in directives(line)] == expected


def test_agent_inside_a_line_is_ambiguous() -> None:
    """Signals-page 2.1: an agent that does not open its line may stem from another line a proxy joined."""
    assert [d.note for d in directives("noindex, googlebot: noai, noml")] == [
        None,
        "agent_scope=ambiguous",
        "agent_scope=ambiguous",
    ]
    assert [d.note for d in directives("googlebot: noai, noml")] == [None, None]


TRAINING: Stated = {("*", TG, RES), ("*", TO, RES)}
SNIPPET: Stated = {("googlebot", AI, RES), ("bingbot", AI, RES)}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("noai", TRAINING, id="2.2-noai"),
        pytest.param("noimageai", TRAINING, id="2.2-noimageai"),
        pytest.param("noml", TRAINING, id="2.2-noml"),
        pytest.param("DisallowAITraining", {("*", TG, RES)}, id="robots-6.1-disallowaitraining"),
        pytest.param("noarchive", {("bingbot", AI, RES), ("bingbot", TG, RES)}, id="2.2-noarchive-bing-only"),
        pytest.param("nocache", {("bingbot", AI, CON), ("bingbot", TG, CON)}, id="2.2-nocache-bing-only"),
        pytest.param("noarchive, nocache", {("bingbot", AI, CON), ("bingbot", TG, CON)}, id="2.4(6)-both-as-nocache"),
        pytest.param("nosnippet", SNIPPET, id="2.2-nosnippet-not-training"),
        pytest.param("max-snippet:0", SNIPPET, id="2.2-max-snippet-0"),
        pytest.param("max-snippet: 50", {("googlebot", AI, CON), ("bingbot", AI, CON)}, id="2.2-max-snippet-n"),
        pytest.param("max-snippet:-1", set(), id="2.2-max-snippet-unlimited"),
        pytest.param("max-snippet:lots", set(), id="2.2-max-snippet-malformed"),
        pytest.param("noindex", {("*", SE, RES)}, id="2.4(7)-noindex-no-ai-reservation"),
        pytest.param("none", {("*", SE, RES)}, id="2.2-none"),
        pytest.param("noimageindex", {("*", SE, RES)}, id="2.2-noimageindex"),
        pytest.param("index, follow, nofollow, notranslate, all", set(), id="2.2-no-meaning"),
    ],
)
def test_meanings(content: str, expected: Stated) -> None:
    """Signals-page 2.2: what one vendor documents is addressed to it alone, in the meta as in the header."""
    assert (
        stated(readings(ROBOTS_META.read(exchange(f'<meta name="robots" content="{content}">'.encode())))) == expected
    )
    assert stated(readings(X_ROBOTS_TAG.read(exchange(b"", content)))) == expected


@pytest.mark.parametrize(
    ("directive", "strength"),
    [
        ("noai", Strength.INFORMAL),
        ("noml", Strength.INFORMAL),
        ("noarchive", Strength.VENDOR),
        ("noindex", Strength.VENDOR),
    ],
)
def test_strengths(directive: str, strength: Strength) -> None:
    """Signals-page 2.2: folk directives are informal, documented ones a vendor's word."""
    assert {r.strength for r in readings(X_ROBOTS_TAG.read(exchange(b"", directive)))} == {strength}


def test_images_only() -> None:
    """2.2: `noimageai` and `noimageindex` reach images, never the page's text."""
    found = readings(X_ROBOTS_TAG.read(exchange(b"", "noimageai, noimageindex")))
    assert {r.scope for r in found} == {Scope.OBJECT}
    assert all("images only" in (r.note or "") for r in found)


def test_lines_are_read_apart() -> None:
    """2.4(1): an agent's scope ends with its field line."""
    found = readings(X_ROBOTS_TAG.read(exchange(b"", "googlebot: noindex", "noai")))
    assert stated(found) == {("googlebot", SE, RES)} | TRAINING
    assert [r.locator for r in found] == ["header x-robots-tag #1"] + ["header x-robots-tag #2"] * 2
    assert {r.scope for r in found} == {Scope.RESPONSE}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("googlebot: noarchive", set()),
        ("otherbot: nosnippet", set()),
        ("bingbot: nosnippet", {("bingbot", AI, RES)}),
        ("googlebot-news: nosnippet", {("googlebot-news", AI, RES)}),
        ("otherbot: noai", {("otherbot", TG, RES), ("otherbot", TO, RES)}),
    ],
)
def test_addressees(line: str, expected: Stated) -> None:
    """2.2: a vendor's directive said to another crawler means nothing; a general one is scoped to its addressee."""
    assert stated(readings(X_ROBOTS_TAG.read(exchange(b"", line)))) == expected


def test_undocumented_addressee_is_told() -> None:
    """2.2: no vendor documents that CCBot reads AI directives in metas."""
    found = readings(ROBOTS_META.read(exchange(b'<meta name="CCBot" content="noai">')))
    assert {(r.agent, r.note) for r in found} == {("ccbot", "honouring=undocumented")}


def test_semicolons_are_read_leniently() -> None:
    """2.4(5): both directives are read, and the separator is a fault."""
    statements = list(ROBOTS_META.read(exchange(b'<meta name="ROBOTS" content="NOAI;noimageai">')))
    found = readings(statements)
    assert {(r.scope, r.use) for r in found} == {(s, u) for s in (Scope.DOCUMENT, Scope.OBJECT) for u in (TG, TO)}
    assert {r.interpretation for r in found} == {Interpretation.LENIENT}
    assert [s.reason for s in statements if isinstance(s, Fault)] == ["separator"]


def test_spaces_are_read_leniently() -> None:
    """2.1: the grammar separates by commas; words that are all directives are read leniently."""
    found = readings(X_ROBOTS_TAG.read(exchange(b"", "noindex noai")))
    assert stated(found) == {("*", SE, RES)} | TRAINING
    assert {r.interpretation for r in found} == {Interpretation.LENIENT}


def test_metas_add_up_wherever_they_stand() -> None:
    """2.4(9): metas in body and noscript are read and say where; bing's rule looks at all of them together."""
    body = (
        b"<head><meta name=robots content=noarchive></head><body><noscript><meta name=robots content=noai></noscript>"
        b"<meta name=bingbot content=nocache><meta name=description content=noai><meta name=keywords content=noai>"
    )
    found = readings(ROBOTS_META.read(exchange(body)))
    assert stated(found) == TRAINING | {("bingbot", AI, CON), ("bingbot", TG, CON)}
    assert {r.note for r in found} == {"location=noscript", "location=body"}
    assert {r.locator for r in found} == {'meta[name="robots"] #2', 'meta[name="bingbot"] #1'}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<p>a</p><span data-nosnippet>b</span><div class=x DATA-NOSNIPPET='true'>c</div>", ["2"]),
        (b"<p>data-nosnippet</p><p title=data-nosnippets>", []),
        (b"<br data-nosnippet/>", ["1"]),
    ],
)
def test_data_nosnippet_is_counted(body: bytes, expected: list[str]) -> None:
    """2.2: of parts of the page, "count only", never a stance."""
    found = ROBOTS_META.read(exchange(body))
    assert [s.value for s in found if isinstance(s, Fact)] == expected
    assert not readings(found)


def test_every_meaning_names_its_source() -> None:
    """The table is data: each meaning has a use and a source that can be opened."""
    for meanings in DIRECTIVES.values():
        for meaning in meanings:
            assert meaning.uses
            assert meaning.source.startswith("https://")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text("noaimgbtrchve:;, -0129\ud800é", max_size=60) | st.text(max_size=40), max_size=4))
def test_never_raises(lines: list[str]) -> None:
    """Any header lines and any metas give readings whose texts can be stored."""
    body = "".join(f'<meta name="robots" content="{line}">' for line in lines).encode("utf-8", "surrogatepass")
    for statement in [*X_ROBOTS_TAG.read(exchange(b"", *lines)), *ROBOTS_META.read(exchange(body))]:
        assert isinstance(statement, Reading | Fault | Fact)
        assert statement.raw.encode("utf-8") is not None


@pytest.mark.parametrize(
    "line", ["noai," * 200_000, "a:" * 300_000, "unavailable_after: x," * 50_000, "noai;" * 200_000, "noai " * 200_000]
)
def test_long_lines_in_bounded_time(line: str) -> None:
    """A header of a megabyte costs bounded time."""
    started = time.monotonic()
    X_ROBOTS_TAG.read(exchange(b"", line))
    assert time.monotonic() - started < 5.0


def test_real_meta_file() -> None:
    """A published snippet: `noai, noimageai` to everybody; its `nofollow` for CCBot is no AI directive."""
    path = SHARED / "signals/healsdata+ai-training-opt-out/meta-tags.html"
    if not path.exists():
        pytest.skip("no real files beside the repository")
    assert stated(readings(ROBOTS_META.read(exchange(path.read_bytes())))) == TRAINING


def test_saved_pages() -> None:
    """Real pages are read without an exception, and every reading has a use its directive's meaning allows."""
    path = SHARED / "html/pages.jsonl.zst"
    if not path.exists():
        pytest.skip("no saved pages beside the repository")
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        zstd = pytest.importorskip("backports.zstd")
    with zstd.open(path, "rb") as file:
        for line in io.TextIOWrapper(file, "utf-8"):
            body = json.loads(line)["html"].encode("utf-8", "surrogatepass")
            assert all(r.carrier == "robots-meta" for r in readings(ROBOTS_META.read(exchange(body))))
