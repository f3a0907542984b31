"""Robots meta tags and the `X-Robots-Tag` header: directives that vendors or custom give a meaning for AI or search.

A directive only one vendor documents is addressed to that vendor's crawler, never to everybody. The table
`DIRECTIVES` is the whole of the meaning; the parser knows only the grammar.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from crawler.html import page
from crawler.records import Carrier, Exchange, Fact, Fault, Reading, Signal, Statement
from crawler.vocabulary import ANYONE, ROLE_PAGE, Interpretation, Part, Scope, Stance, Strength, Use

GOOGLE = "https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag"
BING = "https://blogs.bing.com/webmaster/september-2023/Announcing-new-options-for-webmasters-to-control-usage-of-their-content-in-Bing-Chat"
NOAI = "https://www.deviantart.com/team/journal/UPDATE-All-Deviations-Are-Opted-Out-of-AI-Datasets-934500371"
NOML = "https://noml.info/"
CANEL = "https://datatracker.ietf.org/doc/draft-canel-robots-ai-control/00/"
MAX_RAW = 500
MAX_TEXT = 32_768
MAX_TOKENS = 1_000

_USES = (Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER, Use.AI_INPUT, Use.SEARCH)
_META = Carrier("robots-meta", "robots meta tag", GOOGLE, "de facto", _USES, "robots-directives")
_HEADER = Carrier("x-robots-tag", "X-Robots-Tag header", GOOGLE, "de facto", _USES, "robots-directives")

_TRAIN = (Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER)
_GOOGLEBOTS = frozenset({"googlebot", "googlebot-news"})
_BINGBOTS = frozenset({"bingbot", "msnbot"})


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a directive means for `uses`.

    `vendors` are the crawlers whose operator documents it: said to everybody, it is read as said to each of the first
    names; said to a crawler that is not among them, it means nothing here. Empty: it means the same for any addressee.
    """

    uses: tuple[Use, ...]
    stance: Stance
    strength: Strength
    source: str
    vendors: tuple[frozenset[str], ...] = ()
    images_only: bool = False
    condition: str | None = None
    note: str | None = None


_SNIPPET = (
    Meaning((Use.AI_INPUT,), Stance.RESERVED, Strength.VENDOR, GOOGLE, (_GOOGLEBOTS, _BINGBOTS), note="not training"),
)
DIRECTIVES: dict[str, tuple[Meaning, ...]] = {
    "noai": (Meaning(_TRAIN, Stance.RESERVED, Strength.INFORMAL, NOAI),),
    "noimageai": (Meaning(_TRAIN, Stance.RESERVED, Strength.INFORMAL, NOAI, images_only=True),),
    "noml": (Meaning(_TRAIN, Stance.RESERVED, Strength.INFORMAL, NOML, note="proposal"),),
    "disallowaitraining": (
        Meaning((Use.TRAIN_GENERATIVE,), Stance.RESERVED, Strength.INFORMAL, CANEL, note="expired draft"),
    ),
    "noarchive": (Meaning((Use.AI_INPUT, Use.TRAIN_GENERATIVE), Stance.RESERVED, Strength.VENDOR, BING, (_BINGBOTS,)),),
    "nocache": (
        Meaning(
            (Use.AI_INPUT, Use.TRAIN_GENERATIVE),
            Stance.CONDITIONAL,
            Strength.VENDOR,
            BING,
            (_BINGBOTS,),
            condition="URL, title and snippet only",
        ),
    ),
    "nosnippet": _SNIPPET,
    "max-snippet:0": _SNIPPET,
    "max-snippet:N": (Meaning((Use.AI_INPUT,), Stance.CONDITIONAL, Strength.VENDOR, GOOGLE, (_GOOGLEBOTS, _BINGBOTS)),),
    "noindex": (Meaning((Use.SEARCH,), Stance.RESERVED, Strength.VENDOR, GOOGLE),),
    "none": (Meaning((Use.SEARCH,), Stance.RESERVED, Strength.VENDOR, GOOGLE),),
    "noimageindex": (Meaning((Use.SEARCH,), Stance.RESERVED, Strength.VENDOR, GOOGLE, images_only=True),),
}
"""Directive (lower-case) to meaning; directives without a meaning for AI or search are not in it."""

_VALUED = frozenset({"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"})
_KNOWN = frozenset(DIRECTIVES) | {
    "all",
    "index",
    "follow",
    "nofollow",
    "notranslate",
    "noodp",
    "noydir",
    "archive",
    "indexifembedded",
    "nositelinkssearchbox",
}
_AGENT = re.compile(r"[A-Za-z][\w.+/ -]*")
_AGENT_META = re.compile(
    r"(?:[\w.-]*(?:bot|spider|crawler|slurp)(?:[_-][\w-]+)?|google-extended|applebot-extended|chatgpt-user|anthropic-ai"
    r"|claude-web|cohere-ai|facebookexternalhit|meta-externalagent|img2dataset|bingpreview|teoma|yandex)"
)


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive as said to `agent` (lower-case, `*` for everybody); `note` says what is odd about how."""

    agent: str
    name: str
    value: str | None = None
    note: str | None = None
    lenient: bool = False


def directives(text: str, agent: str = ANYONE, *, agents: bool = True) -> list[Directive]:
    """The directives of one header field line or one meta's content, in order; never raises.

    With `agents`, `NAME: rest` opens a context that holds until the next one or the end of the line, and names that
    take a value are never agents. `unavailable_after` takes commas until the next known directive.
    """
    found: list[Directive] = []
    tokens = text[:MAX_TEXT].split(",", MAX_TOKENS)[:MAX_TOKENS]
    note = None
    at = 0
    while at < len(tokens):
        token = tokens[at].strip()
        head, colon, rest = (part.strip() for part in token.partition(":"))
        while agents and colon and head.lower() not in _VALUED:
            if not _AGENT.fullmatch(head):
                rest = ""
                break
            # An agent that does not open its line may come from another line a proxy joined to it.
            note = "agent_scope=ambiguous" if at or note else None
            agent = head.lower()
            token = rest
            head, colon, rest = (part.strip() for part in token.partition(":"))
        at += 1
        if colon and head.lower() == "unavailable_after":
            while at < len(tokens) and not _opens(tokens[at], agents):
                rest += "," + tokens[at]
                at += 1
            found.append(Directive(agent, "unavailable_after", rest, note))
        else:
            found.extend(_split(token, agent, note))
    return found


def _split(token: str, agent: str, note: str | None) -> Iterator[Directive]:
    """The directive of a token, or those of one that was separated by semicolons or spaces instead of commas."""
    parts = [part.strip() for part in token.split(";")]
    if len(parts) == 1 and not _is_directive(token):
        words = token.split()
        if len(words) > 1 and all(_is_directive(word) for word in words):
            parts = words
    parts = [part for part in parts if part]
    for part in parts:
        name, _, value = (piece.strip() for piece in part.partition(":"))
        if name.lower() in _VALUED:
            yield Directive(agent, name.lower(), value, note, len(parts) > 1)
        elif _is_directive(part):
            yield Directive(agent, part.lower(), None, note, len(parts) > 1)


def _is_directive(text: str) -> bool:
    name = text.partition(":")[0].strip().lower()
    return text.strip().lower() in _KNOWN or name in _VALUED


def _opens(token: str, agents: bool) -> bool:
    """Whether a token after a date's comma starts something new."""
    if _is_directive(token):
        return True
    head, colon, rest = (part.strip() for part in token.partition(":"))
    return bool(agents and colon and _AGENT.fullmatch(head) and _is_directive(rest))


@dataclass(frozen=True, slots=True)
class _Said:
    directive: Directive
    locator: str
    raw: str
    note: str | None


def _readings(carrier: Carrier, scope: Scope, said: Iterable[_Said]) -> list[Statement]:
    """The readings of everything one carrier says, and one fault a place whose separators had to be guessed."""
    everything = list(said)
    # Bing, 2023: a page with both tags is treated as if it had `nocache` alone.
    cached = any(s.directive.name == "nocache" and s.directive.agent in _BINGBOTS | {ANYONE} for s in everything)
    out: dict[Statement, None] = {}
    for item in everything:
        key = _table_key(item.directive)
        if key == "noarchive" and cached:
            continue
        for meaning in DIRECTIVES.get(key, ()):
            for agent in _addressees(item.directive.agent, meaning):
                out.update(dict.fromkeys(_stated(carrier, scope, item, meaning, agent)))
    return list(out)


def _table_key(directive: Directive) -> str:
    if directive.name != "max-snippet":
        return directive.name
    value = (directive.value or "").strip()
    if not re.fullmatch(r"[0-9]{1,9}", value):
        return "max-snippet:unlimited"
    return "max-snippet:N" if int(value) else "max-snippet:0"


def _addressees(agent: str, meaning: Meaning) -> Sequence[str]:
    if not meaning.vendors:
        return (agent,)
    if agent == ANYONE:
        return tuple(min(vendor) for vendor in meaning.vendors)
    return (agent,) if any(agent in vendor for vendor in meaning.vendors) else ()


def _stated(carrier: Carrier, scope: Scope, item: _Said, meaning: Meaning, agent: str) -> Iterator[Statement]:
    directive = item.directive
    notes = [directive.note, item.note, meaning.note, "images only" if meaning.images_only else None]
    if agent not in _GOOGLEBOTS | _BINGBOTS | {ANYONE}:
        notes.append("honouring=undocumented")
    if directive.lenient:
        notes.append("malformed: separator")
        yield Fault(carrier.id, "separator", item.locator, item.raw)
    condition = meaning.condition
    if directive.name == "max-snippet" and meaning.stance is Stance.CONDITIONAL:
        condition = f"at most {int((directive.value or '0').strip())} characters"
    for use in meaning.uses:
        yield Reading(
            carrier=carrier.id,
            use=use,
            stance=meaning.stance,
            strength=meaning.strength,
            locator=item.locator,
            raw=item.raw,
            agent=agent,
            scope=Scope.OBJECT if meaning.images_only else scope,
            interpretation=Interpretation.LENIENT if directive.lenient else Interpretation.BOTH,
            condition=condition,
            note="; ".join(note for note in notes if note) or None,
        )


def read_meta(exchange: Exchange) -> list[Statement]:
    """`<meta name="robots">` and metas named for a crawler; several add up, wherever in the page they stand."""
    said: list[_Said] = []
    for meta in page(exchange.body or b"").metas:
        if meta.name is None or not meta.content:
            continue
        if meta.name != "robots" and not _AGENT_META.fullmatch(meta.name):
            continue
        agent = ANYONE if meta.name == "robots" else meta.name
        note = f"location={meta.location}" if meta.location != "head" else None
        raw = _clean(f"{meta.name}: {meta.content}")[:MAX_RAW]
        said.extend(_Said(d, meta.locator, raw, note) for d in directives(meta.content, agent, agents=False))
    out = _readings(_META, Scope.DOCUMENT, said)
    if marked := page(exchange.body or b"").nosnippets:
        # Google's and Bing's attribute keeps parts of a page out of answers: counted, no stance of the page.
        out.append(Fact(_META.id, "data_nosnippet", str(marked), "[data-nosnippet]", "data-nosnippet"))
    return out


def read_header(exchange: Exchange) -> list[Statement]:
    """Every `X-Robots-Tag` field line by itself: an agent's scope ends with its line."""
    said: list[_Said] = []
    for number, line in enumerate(exchange.header("x-robots-tag"), 1):
        raw, locator = _clean(line)[:MAX_RAW], f"header x-robots-tag #{number}"
        said.extend(_Said(d, locator, raw, None) for d in directives(line))
    return _readings(_HEADER, Scope.RESPONSE, said)


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


ROBOTS_META = Signal("robots-meta", 2, ROLE_PAGE, Part.BODY, (_META,), read_meta)
X_ROBOTS_TAG = Signal("x-robots-tag", 1, ROLE_PAGE, Part.HEADERS, (_HEADER,), read_header)
