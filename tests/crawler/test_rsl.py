"""RSL documents: signals-robots 4.2 (document) and 4.3 (evaluation), parser and meaning without any carrier."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.rsl import NAMESPACE, Document, parse
from crawler.rsl_terms import rulings
from crawler.vocabulary import Stance, Use

TG, TO, AI, IX, SE = Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER, Use.AI_INPUT, Use.AI_INDEX, Use.SEARCH
RES, PER, CON = Stance.RESERVED, Stance.PERMITTED, Stance.CONDITIONAL
TRAIN, ALL_AI = {TG, TO}, {TG, TO, AI, IX}
WHOLE = set(Use)


def document(inside: str) -> Document:
    """A document of one content for `/` around these elements."""
    return parse(f'<rsl xmlns="{NAMESPACE}"><content url="/">{inside}</content></rsl>'.encode())


def stances(inside: str) -> dict[Use, Stance]:
    """What a content with these elements means, use by use."""
    (content,) = document(inside).contents
    return {ruling.use: ruling.stance for ruling in rulings(content)}


def usage(kind: str, values: str) -> str:
    """A permits or prohibits element of usages."""
    return f'<{kind} type="usage">{values}</{kind}>'


def of(*pairs: tuple[set[Use], Stance]) -> dict[Use, Stance]:
    """Stances by sets of uses."""
    return {use: stance for uses, stance in pairs for use in uses}


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        pytest.param(usage("permits", "search"), of(({SE}, PER), (ALL_AI, RES)), id="4-test(d)-exhaustive-list"),
        pytest.param(
            usage("permits", "ai-train") + '<payment type="training"><amount currency="USD">5</amount></payment>',
            of((TRAIN, CON), ({AI, IX, SE}, RES)),
            id="4-test(e)-payment",
        ),
        pytest.param(usage("prohibits", "ai-train"), of((TRAIN, RES), ({AI, IX, SE}, PER)), id="4-test(c)-articles"),
        pytest.param(usage("permits", "all"), of((WHOLE, PER)), id="4.3-all-covers-everything"),
        pytest.param(usage("prohibits", "all"), of((WHOLE, RES)), id="9.3-tdm-from-all"),
        pytest.param(usage("permits", "ai-all"), of((ALL_AI, PER), ({SE}, RES)), id="4.3-ai-all"),
        pytest.param(usage("prohibits", "ai-all"), of((ALL_AI, RES), ({SE}, PER)), id="4.3-search-only-pattern"),
        pytest.param(
            usage("permits", "ai-all") + usage("prohibits", "ai-train"),
            of((TRAIN, RES), ({AI, IX}, PER), ({SE}, RES)),
            id="4.3-narrower-prohibits",
        ),
        pytest.param(
            usage("permits", "ai-input") + usage("prohibits", "all"),
            of(({AI}, PER), (WHOLE - {AI}, RES)),
            id="4.3-narrower-permits",
        ),
        pytest.param(
            usage("permits", "search") + usage("prohibits", "search"),
            of(({SE}, RES), (ALL_AI, RES)),
            id="4.3-alike-is-not-licensed",
        ),
        pytest.param(
            usage("permits", "search ai-index"), of(({SE, IX}, PER), (TRAIN | {AI}, RES)), id="4.2-space-separated"
        ),
        pytest.param("", of((ALL_AI | {SE}, PER)), id="4.3-no-usage-stated"),
        pytest.param(
            '<payment type="crawl"><amount currency="USD">1</amount></payment>',
            of((ALL_AI | {SE}, CON)),
            id="4.3-payment-alone",
        ),
    ],
)
def test_usage(licence: str, expected: dict[Use, Stance]) -> None:
    """4.3: narrower beats broader, permit and prohibit alike is not licensed, a permits list is exhaustive."""
    assert stances(f"<license>{licence}</license>") == expected


@pytest.mark.parametrize(
    ("extra", "stance", "condition"),
    [
        pytest.param("", PER, None, id="none"),
        pytest.param('<payment type="free"/>', PER, None, id="free"),
        pytest.param("<payment/>", PER, None, id="untyped-empty"),
        pytest.param('<payment type="free"><amount currency="USD">0.00</amount></payment>', PER, None, id="zero"),
        pytest.param('<payment type="attribution"/>', CON, "payment: attribution", id="attribution"),
        pytest.param('<payment type="contribution"/>', CON, "payment: contribution", id="contribution"),
        pytest.param(
            '<payment type="use"><amount currency="EUR">2</amount></payment>', CON, "payment: use 2 EUR", id="priced"
        ),
        pytest.param(
            "<payment><standard>https://c.example/l</standard></payment>",
            CON,
            "payment: unnamed terms https://c.example/l",
            id="standard-without-type",
        ),
        pytest.param('<permits type="user">non-commercial</permits>', CON, "user: non-commercial", id="user"),
        pytest.param('<prohibits type="geo">de</prohibits>', CON, "not geo: DE", id="geo"),
        pytest.param('<reporting type="usage" endpoint="https://r.example/"/>', CON, "reporting: ", id="reporting"),
        pytest.param('<legal type="disclaimer">as is</legal>', PER, None, id="legal-is-no-condition"),
    ],
)
def test_conditions(extra: str, stance: Stance, condition: str | None) -> None:
    """4.3: any payment but none or free, attribution, reporting, user or place limits make it conditional."""
    (content,) = document(f"<license>{usage('permits', 'ai-train')}{extra}</license>").contents
    ruling = next(ruling for ruling in rulings(content) if ruling.use is TG)
    assert ruling.stance is stance
    assert (ruling.condition or "").startswith(condition or "")
    assert (ruling.condition is None) is (condition is None)


def test_server_makes_conditional() -> None:
    """4.2: with `server` "a licence token is required even if free"."""
    text = f'<rsl xmlns="{NAMESPACE}"><content url="/" server="https://s.example/"><license>{usage("permits", "all")}'
    (content,) = parse(f"{text}</license></content></rsl>".encode()).contents
    assert {(ruling.stance, ruling.condition) for ruling in rulings(content)} == {
        (CON, "licence token from https://s.example/")
    }


def test_licences_are_alternatives() -> None:
    """4.3: free for some and paid for others is conditional; free for everybody beside a paid offer is permitted."""
    free = f'<license>{usage("permits", "ai-train")}<permits type="user">education</permits></license>'
    paid = f'<license>{usage("permits", "ai-train")}<payment type="training"/></license>'
    anyone = f"<license>{usage('permits', 'ai-train')}</license>"
    assert stances(free + paid)[TG] is CON
    assert stances(anyone + paid)[TG] is PER
    assert stances(f"<license>{usage('prohibits', 'ai-train')}</license>" + anyone)[TG] is RES


def test_prohibited_for_some_is_conditional() -> None:
    """4.3: a prohibition in a licence limited to some users reaches those users only."""
    some = f'<license><permits type="user">commercial</permits>{usage("prohibits", "ai-train")}</license>'
    (content,) = document(some).contents
    ruling = next(ruling for ruling in rulings(content) if ruling.use is TG)
    assert (ruling.stance, ruling.condition) == (CON, "prohibited for user: commercial")


def test_inferred_permissions_are_marked() -> None:
    """4.3: what only the absence of a prohibition permits is our inference."""
    (content,) = document(f"<license>{usage('prohibits', 'ai-train')}</license>").contents
    assert {ruling.use for ruling in rulings(content) if ruling.inferred} == {AI, IX, SE}
    (content,) = document(f"<license>{usage('permits', 'all')}</license>").contents
    assert not [ruling for ruling in rulings(content) if ruling.inferred]


@pytest.mark.parametrize(
    ("inside", "fault"),
    [
        pytest.param(f"<license>{usage('permits', 'ai-train,search')}</license>", "comma_list", id="4.2-0.9-commas"),
        pytest.param(f"<license>{usage('permits', 'train-ai')}</license>", "unknown_usage: train-ai", id="4.2-usage"),
        pytest.param("<license><permits>ai-train</permits></license>", "type_missing", id="4.2-type"),
        pytest.param('<license><permits type="x">a</permits></license>', "unknown_type: x", id="4.2-unknown-type"),
        pytest.param('<license><permits type="usage"/></license>', "empty_list", id="4.2-empty"),
        pytest.param("<license/><price/>", "unknown_element: price", id="4.2-unknown-element"),
        pytest.param('<license kind="x"/>', "unknown_attribute: license@kind", id="4.2-unknown-attribute"),
        pytest.param('<license><payment type="per-token"/></license>', "unknown_payment: per-token", id="4.2-payment"),
        pytest.param(
            f"<license>{usage('permits', 'search')}{usage('permits', 'ai-input')}</license>",
            "repeated: permits@usage",
            id="4.2-one-list-of-a-type",
        ),
        pytest.param(
            "<license><standard>https://c.example/l</standard></license>",
            "misplaced: standard in license",
            id="4.2-standard-outside-payment",
        ),
        pytest.param(
            "<license><terms>https://s.example/t</terms></license>", "misplaced: terms in license", id="4.2-terms"
        ),
        pytest.param(
            '<license><permits type="user">all</permits></license>', "unknown_user: all", id="4.2-unknown-user"
        ),
    ],
)
def test_not_conformant(inside: str, fault: str) -> None:
    """4.2: what the namespace does not know makes a document non-conformant."""
    assert [reason for reason, _ in document(inside).faults] == [fault]


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        pytest.param(
            usage("permits", "search") + usage("permits", "ai-input"),
            of(({SE, AI}, PER), (TRAIN | {IX}, RES)),
            id="one-list-in-several-elements",
        ),
        pytest.param(
            '<permits type="search">yes</permits><permits type="ai-train">no</permits>',
            of(({SE}, PER), (TRAIN, RES), ({AI, IX}, RES)),
            id="usage-as-the-type",
        ),
        pytest.param('<prohibits type="ai-train"/>', of((TRAIN, RES), ({AI, IX, SE}, PER)), id="usage-as-type-empty"),
        pytest.param('<prohibits type="ai-use">these</prohibits>', {}, id="unreadable-prohibition-implies-nothing"),
        pytest.param(
            usage("permits", "search ai-summarize"),
            of(({SE}, PER), (TRAIN, RES)),
            id="unknown-word-may-mean-input-or-index-not-training",
        ),
        pytest.param(
            usage("permits", "search model-tuning"), of(({SE}, PER)), id="unknown-word-that-may-mean-training"
        ),
        pytest.param(usage("prohibits", "ai-scrape"), {}, id="unknown-prohibition-implies-nothing"),
        pytest.param(
            usage("permits", "search grounding"), of(({SE, AI}, PER), (TRAIN | {IX}, RES)), id="grounding-is-input"
        ),
        pytest.param(
            usage("permits", "all") + "<attribution>Name and link</attribution>", of((WHOLE, CON)), id="attribution"
        ),
        pytest.param(
            usage("permits", "all") + '<attribution required="no"/>', of((WHOLE, PER)), id="attribution-not-asked"
        ),
        pytest.param(
            usage("permits", "all") + "<standard>https://c.example/l</standard>", of((WHOLE, CON)), id="terms-misplaced"
        ),
        pytest.param(usage("permits", "all") + '<permits type="user">all</permits>', of((WHOLE, PER)), id="any-user"),
    ],
)
def test_what_is_not_conformant_is_read_as_meant_and_never_as_more(licence: str, expected: dict[Use, Stance]) -> None:
    """4.2 and 4.3, leniently: what is plain is read; beside what nobody can tell, silence says nothing."""
    assert document(f"<license>{licence}</license>").faults
    assert stances(f"<license>{licence}</license>") == expected


def test_foreign_elements_are_ignored() -> None:
    """4.2: "foreign-namespace ones ignored"."""
    foreign = '<o:binding scheme="x">text</o:binding>'
    inside = f'<license xmlns:o="urn:o" o:a="1"><payment type="free">{foreign}</payment></license>'
    found = document(inside)
    assert found.faults == []
    assert len(found.contents[0].licences[0].payments) == 1


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (f'<rsl xmlns="{NAMESPACE}"/>', []),
        ('<rsl><content url="/"/></rsl>', ["no_namespace"]),
        (
            '<rsl xmlns="http://rslstandard.org/rsl"><content url="/"/></rsl>',
            ["namespace: http://rslstandard.org/rsl"],
        ),
        (f'<r:rsl xmlns:r="{NAMESPACE}"><r:content url="/"/></r:rsl>', []),
        (f'\n  <?xml version="1.0"?><rsl xmlns="{NAMESPACE}"/>', []),
    ],
    ids=["4.2", "no-namespace", "near-namespace", "prefix", "leading-space"],
)
def test_namespace(text: str, faults: list[str]) -> None:
    """4.2: the namespace identifies RSL whatever the Content-Type; what is nearly it is read and told."""
    found = parse(text.encode())
    assert found.is_rsl
    assert [reason for reason, _ in found.faults] == faults


def test_0_9_style_is_labelled() -> None:
    """4.2: comma lists, inference and XBT are signs of the draft of September 2025."""
    assert document(f"<license>{usage('permits', 'ai-train,search')}</license>").style_0_9
    assert document('<license><payment type="inference"/></license>').style_0_9
    assert document('<license><payment><amount currency="XBT">1</amount></payment></license>').style_0_9
    assert not document(f"<license>{usage('permits', 'ai-train search')}</license>").style_0_9


def test_what_comes_before_damage_is_kept() -> None:
    """A file cut short still says what it said, and that it is cut."""
    whole = f'<rsl xmlns="{NAMESPACE}"><content url="/"><license>{usage("prohibits", "ai-train")}</license>'
    found = parse(whole.encode())
    assert [reason.partition(":")[0] for reason, _ in found.faults] == ["invalid_xml"]
    assert {ruling.use for ruling in rulings(found.contents[0]) if ruling.stance is RES} == TRAIN


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE rsl [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
    + f']><rsl xmlns="{NAMESPACE}"><content url="/">&j;</content></rsl>'
)
EXTERNAL = (
    f'<!DOCTYPE rsl [<!ENTITY x SYSTEM "file:///etc/passwd">]><rsl xmlns="{NAMESPACE}"><copyright>&x;</copyright></rsl>'
)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(BOMB.encode(), "entities", id="billion-laughs"),
        pytest.param(EXTERNAL.encode(), "entities", id="external-entity"),
        pytest.param(b"<a>" * 100_000, "invalid_xml: nested too deep", id="nested-100000"),
        pytest.param(f'<rsl xmlns="{NAMESPACE}">'.encode() + b"<content/>" * 50_000, "invalid_xml", id="many-elements"),
        pytest.param(b"<rsl " + b"a" * 500_000 + b'="x"/>', "", id="long-attribute"),
        pytest.param(b"<" * 10_000_000, "oversize", id="10-megabytes"),
        pytest.param(b"\x00" * 1_000, "invalid_xml", id="nulls"),
        pytest.param(b"\xff\xfe<\x00r\x00", "invalid_xml", id="utf-16-cut"),
        pytest.param(b'<?xml version="1.0" encoding="no-such"?><rsl/>', "invalid_xml", id="unknown-encoding"),
        pytest.param(b"", "invalid_xml", id="empty"),
    ],
)
def test_hostile(data: bytes, reason: str) -> None:
    """Anything costs bounded time, never raises, and is told."""
    started = time.monotonic()
    found = parse(data)
    assert time.monotonic() - started < 2.0
    assert not reason or any(fault.startswith(reason) for fault, _ in found.faults)
    assert found.faults
    assert "root:" not in str(found)


TOKENS = [
    *("<rsl>", "</rsl>", f'<rsl xmlns="{NAMESPACE}">', '<content url="/">', "</content>", "<license>", "</license>"),
    *('<permits type="usage">', "</permits>", "ai-train", ",", '<payment type="x">', "</payment>", "<item>", "</item>"),
    *("<amount>", "</amount>", "<link>", "</link>", "&amp;", "&x;", "<!--", "-->", "<"),
]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=120) | st.lists(st.sampled_from(TOKENS), max_size=30).map("".join))
def test_never_raises(data: str | bytes) -> None:
    """Any bytes give a document whose contents can be ruled on."""
    found = parse(data.encode("utf-8", "replace") if isinstance(data, str) else data)
    for content in found.contents:
        for ruling in rulings(content):
            assert (ruling.condition is not None) is (ruling.stance is CON)
