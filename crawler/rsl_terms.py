"""What the terms of one RSL `<content>` mean for each use: RSL 1.0 evaluation, section by section, as data and rules.

A narrower usage beats a broader one; permit and prohibit of the same scope leave the use not licensed; a `<permits>`
list of usages is exhaustive; where only `<prohibits>` stands, the rest is not prohibited, which is our inference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.rsl import Content, Licence, Payment, Rule
from crawler.vocabulary import Stance, Use

_TRAIN = (Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER)
_AI = (*_TRAIN, Use.AI_INPUT, Use.AI_INDEX)
VOCABULARY = (*_AI, Use.SEARCH)
"""The uses an exhaustive list leaves out when it does not name them."""
COVERS: dict[str, tuple[int, tuple[Use, ...]]] = {
    "all": (0, (*VOCABULARY, Use.USER_FETCH, Use.ARCHIVE, Use.TDM)),
    "ai-all": (1, _AI),
    "ai-train": (2, _TRAIN),
    "ai-input": (2, (Use.AI_INPUT,)),
    "ai-index": (2, (Use.AI_INDEX,)),
    "search": (2, (Use.SEARCH,)),
}
"""Usage to how narrow it is and the uses it covers (RSL 1.0 section 3.4.1)."""
MAX_CONDITION = 500
_MAY_TRAIN = re.compile(r"train|learn|model|tun(?:e|ing)|\ball\b|any|\*")


@dataclass(frozen=True, slots=True)
class Ruling:
    """The stance of one content on one use; `line` is the deciding element's, `span` the lines of its licence."""

    use: Use
    stance: Stance
    line: int
    span: tuple[int, int]
    condition: str | None = None
    note: str | None = None
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class _Term:
    """One licence's word on one use, best first: explicit `prohibits` or `permits`, else what its silence implies."""

    explicit: bool
    permits: bool
    line: int
    licence: Licence
    conditions: tuple[str, ...]
    scoped: bool
    note: str | None = None


def rulings(content: Content) -> list[Ruling]:
    """The stances of a content, use by use; the licences of one content are alternatives a client may choose from."""
    licences = content.licences
    if not licences:
        if content.server is None:
            return []
        # "server" means a licence token is required, whatever the terms turn out to be.
        licences = [Licence(content.line, content.line)]
    said: dict[Use, list[_Term]] = {}
    for licence in licences:
        conditions = tuple(_conditions(content, licence))
        scoped = any(rule.permits and rule.type in ("user", "geo") for rule in licence.rules)
        for use, term in _terms(licence, conditions, scoped):
            said.setdefault(use, []).append(term)
    return [_ruling(use, terms) for use, terms in said.items()]


def _terms(licence: Licence, conditions: tuple[str, ...], scoped: bool) -> Iterator[tuple[Use, _Term]]:
    usages = [rule for rule in licence.rules if rule.type == "usage"]
    lists = [rule for rule in usages if rule.permits]
    unknown = [value for rule in lists or usages for value in rule.values if value not in COVERS]
    best: dict[tuple[Use, bool], tuple[int, Rule]] = {}
    for rule in usages:
        for value in rule.values:
            rank, uses = COVERS.get(value, (-1, ()))
            for use in uses:
                known = best.get((use, rule.permits))
                if known is None or rank > known[0]:
                    best[use, rule.permits] = (rank, rule)
    for use in Use:
        permit, prohibit = best.get((use, True)), best.get((use, False))
        if permit is not None and (prohibit is None or permit[0] > prohibit[0]):
            yield use, _Term(True, True, permit[1].line, licence, conditions, scoped)
        elif prohibit is not None:
            note = "permitted and prohibited alike" if permit is not None and permit[0] == prohibit[0] else None
            yield use, _Term(True, False, prohibit[1].line, licence, conditions, scoped, note)
        elif use in VOCABULARY and not _untold(use, licence, unknown, lists=bool(lists)):
            if lists:
                yield use, _Term(False, False, lists[0].line, licence, conditions, scoped, "not in an exhaustive list")
            else:
                note = "only prohibits are stated" if usages else "no usage is stated"
                yield use, _Term(False, True, licence.line, licence, conditions, scoped, note)


def _untold(use: Use, licence: Licence, unknown: list[str], *, lists: bool) -> bool:
    """Whether silence on `use` says nothing, because words we do not know may speak of it.

    A list of permitted usages leaves training out all the same, unless an unknown word of it may mean training.
    """
    if licence.unread or not lists:
        return licence.unread or bool(unknown)
    return bool(unknown) and (use not in _TRAIN or any(_MAY_TRAIN.search(word) for word in unknown))


def _ruling(use: Use, terms: list[_Term]) -> Ruling:
    denied = [term for term in terms if term.explicit and not term.permits]
    outright = [term for term in denied if not term.scoped]
    granted = [term for term in terms if term.explicit and term.permits]
    implied = [term for term in terms if not term.explicit and term.permits]
    if outright:
        note = "permitted by another licence of the same content" if granted else outright[0].note
        return _of(use, Stance.RESERVED, outright[0], note=note)
    if granted or implied:
        chosen = granted or implied
        free = [term for term in chosen if not term.conditions]
        if free and not denied:
            return _of(use, Stance.PERMITTED, free[0], note=free[0].note, inferred=not granted)
        texts = [", ".join(term.conditions) for term in chosen if term.conditions]
        texts += [f"prohibited for {_scope(term.licence)}" for term in denied]
        return _of(use, Stance.CONDITIONAL, chosen[0], " | ".join(texts), chosen[0].note, inferred=not granted)
    if denied:
        text = " | ".join(f"prohibited for {_scope(term.licence)}" for term in denied)
        return _of(use, Stance.CONDITIONAL, denied[0], text)
    return _of(use, Stance.RESERVED, terms[0], note=terms[0].note)


def _of(
    use: Use,
    stance: Stance,
    term: _Term,
    condition: str | None = None,
    note: str | None = None,
    *,
    inferred: bool = False,
) -> Ruling:
    span = (term.licence.line, term.licence.end)
    text = condition[:MAX_CONDITION] if condition else None
    return Ruling(use, stance, term.line, span, text, note, inferred)


def _scope(licence: Licence) -> str:
    return ", ".join(
        f"{rule.type}: {' '.join(rule.values)}" for rule in licence.rules if rule.permits and rule.type != "usage"
    )


def _conditions(content: Content, licence: Licence) -> Iterator[str]:
    """Everything that must be met: anything but no payment or a free one, limits to users or places, a server."""
    for payment in licence.payments:
        if text := payment_text(payment):
            yield text
    for rule in licence.rules:
        if rule.type != "usage":
            yield f"{'' if rule.permits else 'not '}{rule.type}: {' '.join(rule.values)}"
    yield from licence.asked
    for report in licence.reporting:
        yield f"reporting: {report[:200]}"
    if content.server is not None:
        yield f"licence token from {content.server[:200]}"
    if content.encrypted:
        yield "encrypted"


def payment_text(payment: Payment) -> str | None:
    """The payment as a condition in words; None for one that asks for nothing."""
    priced = payment.amount is not None and payment.amount.strip("0., ") != ""
    if payment.type in (None, "free") and not priced and not payment.terms:
        return None
    parts = [f"payment: {payment.type or 'unnamed'}"]
    if payment.amount:
        parts.append(f"{payment.amount} {payment.currency or ''}".strip())
    parts += [f"terms {url[:200]}" for url in payment.terms]
    return " ".join(parts)
