"""RSL's carriers outside robots.txt: signals-robots 4.1, 4.3 and the tests of section 4; signals-page 3.3."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.html import RSL_XML
from crawler.records import AccessRow, Exchange, Fact, Fault, Headers, Reading, Signal, Statement
from crawler.rsl import NAMESPACE
from crawler.signals import CARRIERS
from crawler.signals.robots_licence import RSL_LINE
from crawler.signals.rsl import (
    DECLARED,
    DOCUMENT_ROLES,
    RSL_DOCUMENT,
    RSL_DOCUMENT_2,
    RSL_DOCUMENT_3,
    RSL_FEED,
    RSL_HEADER,
    RSL_INLINE,
    RSL_LINK,
)
from crawler.vocabulary import Interpretation, Outcome, Scope, Stance, Strength, Use

SHARED = (Path(__file__).parents[2] / "../shared/data/signals").resolve()
TG, TO, AI, IX, SE = Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER, Use.AI_INPUT, Use.AI_INDEX, Use.SEARCH
RES, PER, CON = Stance.RESERVED, Stance.PERMITTED, Stance.CONDITIONAL


def read(signal: Signal, body: str | bytes = b"", headers: Headers = ()) -> list[Statement]:
    """What a signal finds."""
    data = body.encode() if isinstance(body, str) else body
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return list(
        signal.read(
            Exchange(
                "s.example", signal.role, "https://s.example/", Outcome.OK, at, status=200, headers=headers, body=data
            )
        )
    )


def declared(found: list[Statement]) -> list[str]:
    """The documents declared for everybody."""
    return [s.value for s in found if isinstance(s, Fact) and s.name == DECLARED]


def stances(found: list[Statement], pattern: str | None = None) -> dict[Use, Stance]:
    """The stances for one pattern by use."""
    return {s.use: s.stance for s in found if isinstance(s, Reading) and s.pattern == pattern}


def document(*contents: tuple[str, str]) -> str:
    """A document of contents: url and what stands in its one licence."""
    inner = "".join(f'<content url="{url}"><license>{terms}</license></content>' for url, terms in contents)
    return f'<?xml version="1.0"?>\n<rsl xmlns="{NAMESPACE}">\n{inner}\n</rsl>\n'


PROHIBIT = '<prohibits type="usage">ai-train</prohibits>'
PERMIT = '<permits type="usage">all</permits>'


@pytest.mark.parametrize(
    ("line", "expected", "faults"),
    [
        pytest.param(
            f'<https://s.example/l.xml>; rel="license"; type="{RSL_XML}"',
            ["https://s.example/l.xml"],
            [],
            id="4.1-link",
        ),
        pytest.param("<https://s.example/l.xml>; rel=license", [], [], id="4.1-without-the-type"),
        pytest.param(
            f'<https://s.example/l.xml>; type="{RSL_XML}"; rel="next license"',
            ["https://s.example/l.xml"],
            [],
            id="rel-list",
        ),
        pytest.param(f"</l.xml>; rel=license; type={RSL_XML}", ["/l.xml"], ["relative_url"], id="4-test(b)-relative"),
        pytest.param(
            f"<https://creativecommons.org/licenses/by/4.0/>; rel=license; type={RSL_XML}", [], [], id="4-test(f)-cc"
        ),
        pytest.param(f"<>; rel=license; type={RSL_XML}", [], ["empty"], id="empty"),
    ],
)
def test_link_header(line: str, expected: list[str], faults: list[str]) -> None:
    """4.1: `rel="license"` without the RSL type is another family's link; addresses are absolute."""
    found = read(RSL_HEADER, headers=(("Link", line),))
    assert declared(found) == expected
    assert [s.reason for s in found if isinstance(s, Fault)] == faults


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        pytest.param(
            f'<head><link rel="license" type="{RSL_XML}" href="https://s.example/l">',
            ["https://s.example/l"],
            id="4.1-head",
        ),
        pytest.param(
            '<head><link REL="License" TYPE="Application/RSL+XML" href="https://s.example/l">',
            ["https://s.example/l"],
            id="4.1-case",
        ),
        pytest.param('<head><link rel="license" href="https://s.example/l">', [], id="3.3-collision-with-cc"),
        pytest.param(
            f'<body><figure><link rel="license" type="{RSL_XML}" href="https://s.example/l"></figure>',
            [],
            id="4.1-element",
        ),
        pytest.param(
            f'<body><a rel="license" type="{RSL_XML}" href="https://s.example/l">x</a>', [], id="4.1-only-link"
        ),
    ],
)
def test_link_element(markup: str, expected: list[str]) -> None:
    """4.1: in the head the document's; "elsewhere its parent element" only."""
    assert declared(read(RSL_LINK, markup)) == expected


def test_all_carriers_are_equal() -> None:
    """4.1: "all equal", so one family at one precedence; the declaration has one name in robots.txt and elsewhere."""
    found = [carrier for carrier in CARRIERS.values() if carrier.family == "rsl"]
    assert {carrier.id for carrier in found} == {
        "rsl-robots",
        "rsl-header",
        "rsl-link",
        "rsl-inline",
        "rsl-feed",
        "rsl-document",
        "rsl-document-2",
        "rsl-document-3",
    }
    assert {carrier.precedence for carrier in found} == {0}
    robots = read(RSL_LINE, "User-agent: *\nLicense: https://s.example/l.xml\nDisallow:\n")
    assert declared(robots) == ["https://s.example/l.xml"]


def test_documents_have_their_roles() -> None:
    """A second and third document are asked for and read under roles of their own."""
    signals = (RSL_DOCUMENT, RSL_DOCUMENT_2, RSL_DOCUMENT_3)
    assert tuple(signal.role for signal in signals) == DOCUMENT_ROLES
    for signal in signals:
        found = read(signal, document(("/", PROHIBIT)))
        assert {s.carrier for s in found if not isinstance(s, AccessRow)} == {signal.carriers[0].id}
        assert stances(found)[TG] is RES


def test_path_contents() -> None:
    """4-test (c): `/` permits all and `/articles/` prohibits training: articles reserved, their rest permitted."""
    found = read(RSL_DOCUMENT, document(("/", PERMIT), ("/articles/", PROHIBIT)))
    assert set(stances(found).values()) == {PER}
    assert stances(found, "/articles/") == {TG: RES, TO: RES, AI: PER, IX: PER, SE: PER}
    assert {s.scope for s in found if isinstance(s, Reading)} == {Scope.ORIGIN, Scope.PATH}


@pytest.mark.parametrize(
    ("url", "pattern", "interpretation", "note"),
    [
        ("/", None, Interpretation.BOTH, None),
        ("/*", None, Interpretation.BOTH, None),
        ("/a/*.html$", "/a/*.html$", Interpretation.BOTH, None),
        ("https://s.example/a?b#c", "/a?b", Interpretation.BOTH, "url_is_absolute: s.example"),
        ("https://s.example", None, Interpretation.BOTH, "url_is_absolute: s.example"),
        ("a/", "/a/", Interpretation.LENIENT, "url_without_slash"),
        ("", None, Interpretation.LENIENT, "url_empty"),
    ],
)
def test_content_url(url: str, pattern: str | None, interpretation: Interpretation, note: str | None) -> None:
    """4.2: a pattern as in robots.txt or a full URL; an empty one has no place in a file."""
    found = [s for s in read(RSL_DOCUMENT, document((url, PROHIBIT))) if isinstance(s, Reading) and s.use is TG]
    assert [(r.pattern, r.interpretation, r.note) for r in found] == [(pattern, interpretation, note)]


def test_where_it_stands() -> None:
    """Every reading leads back to its line and shows the licence."""
    found = [s for s in read(RSL_DOCUMENT, document(("/", PROHIBIT))) if isinstance(s, Reading) and s.use is TG]
    assert (found[0].line, found[0].locator) == (3, "line 3")
    assert PROHIBIT in found[0].raw


def test_strengths() -> None:
    """4.3: what the list says is the specification's word, what its silence permits is inferred."""
    found = [s for s in read(RSL_DOCUMENT, document(("/", PROHIBIT))) if isinstance(s, Reading)]
    assert {r.use for r in found if r.strength is Strength.INFERRED} == {AI, IX, SE}
    assert {r.use for r in found if r.strength is Strength.NORMATIVE} == {TG, TO}


def test_comma_lists_are_lenient() -> None:
    """4.2: "1.0 readers must not split on commas, so parse tolerant and label"."""
    found = read(RSL_DOCUMENT, document(("/", '<prohibits type="usage">ai-train, ai-input</prohibits>')))
    readings = [s for s in found if isinstance(s, Reading)]
    assert {r.interpretation for r in readings} == {Interpretation.LENIENT}
    assert {r.use for r in readings if r.stance is RES} == {TG, TO, AI}
    assert [(s.name, s.value) for s in found if isinstance(s, Fact)] == [("rsl_style", "0.9")]


@pytest.mark.parametrize(
    "body", ["<!doctype html><p>x", "<feed/>", "", "{}", "<rss/>"], ids=["html", "feed", "empty", "json", "rss"]
)
def test_what_is_no_rsl_is_a_fault(body: str) -> None:
    """4.3: an invalid document behind a declaration is unknown, never silent."""
    found = read(RSL_DOCUMENT, body)
    assert any(isinstance(s, Fault) and s.reason.startswith("not RSL") for s in found)
    assert not [s for s in found if isinstance(s, Reading)]


def inline(where: str, url: str = "") -> str:
    """A page with one RSL script."""
    script = (
        f'<script type="{RSL_XML}"><rsl xmlns="{NAMESPACE}"><content url="{url}"><license>{PROHIBIT}</license>'
        "</content></rsl></script>"
    )
    return f"<!doctype html><html><head>{script if where == 'head' else ''}</head><body>" + (
        f"<{where}>{script}</{where}>" if where != "head" else ""
    )


@pytest.mark.parametrize(
    ("where", "url", "scope", "pattern"),
    [
        ("head", "", Scope.DOCUMENT, None),
        ("main", "", Scope.DOCUMENT, None),
        ("figure", "", Scope.OBJECT, None),
        ("head", "/news/", Scope.PATH, "/news/"),
    ],
)
def test_inline(where: str, url: str, scope: Scope, pattern: str | None) -> None:
    """4.1: an empty `url` is the placement: the page in its head, the parent element elsewhere."""
    found = [s for s in read(RSL_INLINE, inline(where, url)) if isinstance(s, Reading) and s.use is TG]
    assert [(r.stance, r.scope, r.pattern) for r in found] == [(RES, scope, pattern)]
    assert found[0].locator.startswith(f'script[type="{RSL_XML}"] #1 line ')


def test_inline_with_two_contents_is_a_fault() -> None:
    """4.1: "exactly one `<content>`"."""
    body = f'<script type="{RSL_XML}">{document(("", PROHIBIT), ("", PERMIT))}</script>'
    assert [s.reason for s in read(RSL_INLINE, body) if isinstance(s, Fault)] == ["more than one content"]


FEED = f"""<?xml version="1.0"?>
<rss version="2.0" xmlns:rsl="{NAMESPACE}"><channel><title>T</title><link>https://s.example/</link>
<item><rsl:content url=""><rsl:license>{PROHIBIT.replace("prohibits", "rsl:prohibits")}</rsl:license></rsl:content>
<link>https://s.example/one?x=1</link></item>
<item><link>https://s.example/two</link></item></channel></rss>"""


def test_feed() -> None:
    """4.1: `<rsl:content>` in an item speaks of that item."""
    found = read(RSL_FEED, FEED)
    assert stances(found, "/one?x=1$") == {TG: RES, TO: RES, AI: PER, IX: PER, SE: PER}
    assert {s.pattern for s in found if isinstance(s, Reading)} == {"/one?x=1$"}
    assert read(RSL_FEED, "<!doctype html><p>rslstandard.org/rsl") == []


def test_terms_are_facts() -> None:
    """4.2: prices, servers, referenced licences and owners are kept beside the stances."""
    text = (
        f'<rsl xmlns="{NAMESPACE}" max-age="7"><content url="/" server="https://l.example/"><license>{PERMIT}'
        '<payment type="crawl"><standard>https://l.example/s</standard><amount currency="USD">0.1</amount></payment>'
        '<legal type="contact">x@y.example</legal></license><copyright type="organization">A Press</copyright>'
        "<terms>https://s.example/terms</terms></content></rsl>"
    )
    found = {(s.name, s.value) for s in read(RSL_DOCUMENT, text) if isinstance(s, Fact)}
    assert found == {
        ("rsl_max_age", "7"),
        ("rsl_server", "https://l.example/"),
        ("rsl_payment", "payment: crawl 0.1 USD terms https://l.example/s"),
        ("rsl_terms_of_payment", "https://l.example/s"),
        ("rsl_legal", "contact: x@y.example"),
        ("rsl_copyright", "A Press"),
        ("rsl_terms", "https://s.example/terms"),
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dylmye+dylmye.github.io__public__license.xml", {TG: CON, TO: CON, AI: RES, IX: RES, SE: RES}),
        ("piiiico+amdal-site__.well-known__rsl.xml", dict.fromkeys(Use, CON)),
    ],
)
def test_real_documents(name: str, expected: dict[Use, Stance]) -> None:
    """Published documents, as a person reads them: training through a server, and everything, both for attribution."""
    path = SHARED / name
    if not path.exists():
        pytest.skip("no real files beside the repository")
    found = read(RSL_DOCUMENT, path.read_bytes())
    assert stances(found) == expected
    assert not [s for s in found if isinstance(s, Fault)]
