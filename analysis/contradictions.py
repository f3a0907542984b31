"""Statements of one site that do not fit together, each with both its sides; nothing is settled here.

No contradictions are: silence against anything, different uses, different agents, Allow beside a reservation of use
(access is not use), or a refusal of one agent beside a general permission (signals-robots 9.3).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from analysis.figures import Contradiction, Evidence, LicenceLine, VerdictLine
from crawler.robots import RobotsFile
from crawler.robots.provenance import provenance_of
from crawler.signals import CARRIERS
from crawler.vocabulary import ANYONE, LicenceClass, Outcome, Provenance, Stance, State, Subject

_OPPOSED = {(Stance.RESERVED.value, Stance.PERMITTED.value), (Stance.PERMITTED.value, Stance.RESERVED.value)}
_CLOSED = frozenset({Outcome.REFUSED.value, Outcome.PAID.value, Outcome.RATE_LIMITED.value})
_OPEN = ("CC0", "CC-BY-", "PDDL", "OGL", "etalab", "ODC-By", "ODbL", "NLOD", "DL-DE", "GFDL")


def contradictions(
    verdicts: Sequence[VerdictLine],
    licences: Sequence[LicenceLine] = (),
    *,
    robots: RobotsFile | None = None,
    page: Mapping[str, object] | None = None,
) -> list[Contradiction]:
    """What the statements behind some verdicts of one site, its licences, robots.txt and page contradict each other in.

    `page` is the last exchange of the page (url, outcome, status, fetched_at). One line a pair of places.
    """
    return [
        *_statements(verdicts),
        *_licences(verdicts, licences),
        *_hands(verdicts, robots),
        *_enforcement(verdicts, page),
    ]


def _apt(verdict: VerdictLine) -> list[Evidence]:
    """Statements about this use to the one asked about, in the words of today."""
    return [
        item
        for item in verdict.evidence
        if item.kind == "reading"
        and item.agent in (ANYONE, verdict.agent)
        and item.scope != "object"
        and item.vocabulary != "as_of"
        and item.interpretation != "strict"
    ]


def _statements(verdicts: Sequence[VerdictLine]) -> Iterator[Contradiction]:
    """Opposed stances on one use from two places, or from two lines of one; the pair once, with all its uses."""
    pairs: dict[tuple[str, str], tuple[list[str], tuple[Evidence, Evidence]]] = {}
    for verdict in verdicts:
        for one, other in combinations(_apt(verdict), 2):
            if (one.stance, other.stance) not in _OPPOSED:
                continue
            if one.scope == "path" and other.scope == "path" and one.pattern != other.pattern:
                continue
            sides = (one, other) if one.stance == Stance.RESERVED else (other, one)
            key = (f"{sides[0].carrier} {sides[0].locator}", f"{sides[1].carrier} {sides[1].locator}")
            pairs.setdefault(key, ([], sides))[0].append(verdict.use.value)
    for uses, sides in pairs.values():
        families = {_family(side.carrier) for side in sides}
        within = len(families) == 1
        scopes = {side.scope for side in sides}
        notes = []
        if within:
            notes.append("settled by the family's own rule")
        if len(scopes) > 1:
            notes.append(f"{sides[0].scope} against {sides[1].scope}: no rule lets the narrower win across families")
        if any(side.strength not in ("normative", "vendor") for side in sides):
            notes.append(
                "one side is " + next(s.strength or "" for s in sides if s.strength not in ("normative", "vendor"))
            )
        yield Contradiction(
            "within a family" if within else "across families",
            f"{_title(sides[0].carrier)} reserves, {_title(sides[1].carrier)} permits",
            tuple(dict.fromkeys(uses)),
            sides,
            "; ".join(notes),
        )


def _licences(verdicts: Sequence[VerdictLine], licences: Sequence[LicenceLine]) -> Iterator[Contradiction]:
    """An open licence of the page beside a reservation: two axes, both shown (signals-page 0)."""
    open_ones = [
        line
        for line in licences
        if line.subject == Subject.DOCUMENT
        and line.licence_class in (LicenceClass.A, LicenceClass.B)
        and (line.spdx or "").startswith(_OPEN)
        and "-NC" not in (line.spdx or "")
        and "-ND" not in (line.spdx or "")
    ]
    reserved = [verdict for verdict in verdicts if verdict.state is State.RESERVED and verdict.strength != "derived"]
    if not open_ones or not reserved:
        return
    sides = [item for verdict in reserved for item in verdict.evidence if item.deciding and item.kind == "reading"]
    for line in {line.spdx: line for line in reversed(open_ones)}.values():
        grant = Evidence(
            "licence",
            line.carrier,
            line.url,
            line.locator,
            line.raw,
            line.seen_at,
            line.content_sha256,
            note=f"{line.spdx}; class {line.licence_class}; of {line.subject}",
        )
        yield Contradiction(
            "licence beside a reservation",
            f"{line.spdx} is declared, and uses are reserved",
            tuple(verdict.use.value for verdict in reserved),
            (*dict.fromkeys(sides), grant),
            "a licence cancels no reservation, nor the reverse",
        )


def _hands(verdicts: Sequence[VerdictLine], robots: RobotsFile | None) -> Iterator[Contradiction]:
    """A block that a delivery network wrote, and what the owner allows beside it."""
    if robots is None or not robots.managed:
        return
    spoken = next(
        (item for verdict in verdicts for item in verdict.evidence if item.content_sha256 and item.line), None
    )
    if spoken is None:
        return
    closed: dict[str, int] = {}
    opened: dict[str, int] = {}
    for group in robots.groups:
        managed = provenance_of(robots, group.first_line) is Provenance.CDN_MANAGED
        for rule in group.rules:
            wide = rule.value in ("/", "/*", "*")
            for token in group.tokens:
                if managed and rule.kind == "disallow" and wide:
                    closed.setdefault(token, rule.number)
                elif not managed and rule.kind == "allow" and token != ANYONE:
                    opened.setdefault(token, rule.number)
    reserved = [
        item
        for verdict in verdicts
        for item in _apt(verdict)
        if item.stance == Stance.RESERVED and item.provenance == Provenance.CDN_MANAGED
    ]
    for token, line in opened.items():
        owner = _line(robots, spoken, line, token)
        if token in closed:
            managed_line = _line(robots, spoken, closed[token], token)
            yield Contradiction(
                "managed block against the owner",
                f"the managed block refuses {token}, the owner's group allows it",
                (),
                (managed_line, owner),
                "both groups hold for it: the longest path decides, Allow wins where equally long (RFC 9309 2.2.2)",
            )
        elif reserved:
            yield Contradiction(
                "managed block against the owner",
                f"the managed block reserves uses, the owner has a group that allows {token}",
                tuple(dict.fromkeys(item.use or "" for item in reserved)),
                (reserved[0], owner),
                "access of one agent beside a general reservation: what holds depends on who asks",
            )


def _enforcement(verdicts: Sequence[VerdictLine], page: Mapping[str, object] | None) -> Iterator[Contradiction]:
    """A use is permitted in words, and the page answered that very visit with a refusal or a price."""
    if page is None or page["outcome"] not in _CLOSED:
        return
    permitting = {
        (item.carrier, item.locator): (verdict.use.value, item)
        for verdict in verdicts
        for item in _apt(verdict)
        if item.stance == Stance.PERMITTED
    }
    if not permitting:
        return
    status = f"{page['status']} " if page["status"] else ""
    answer = Evidence(
        "access",
        "page",
        str(page["url"]),
        "answer",
        f"{status}{page['outcome']}",
        page["fetched_at"],  # type: ignore[arg-type]
        note=str(page["detail"] or "") or None,
    )
    yield Contradiction(
        "statement against enforcement",
        f"a use is permitted in words, the page answered {page['outcome']}",
        tuple(dict.fromkeys(use for use, _ in permitting.values())),
        (*(item for _, item in permitting.values()), answer),
        "access says nothing of rights; seen by our own crawler only",
    )


def _line(robots: RobotsFile, like: Evidence, number: int, token: str) -> Evidence:
    return Evidence(
        "access",
        "robots-groups",
        like.url,
        f"line {number}",
        robots.line(number).raw,
        like.seen_at,
        like.content_sha256,
        number,
        agent=token,
        provenance=provenance_of(robots, number).value,
    )


def _family(carrier: str) -> str:
    known = CARRIERS.get(carrier)
    return (known.family or known.id) if known is not None else carrier


def _title(carrier: str) -> str:
    known = CARRIERS.get(carrier)
    return known.title if known is not None else carrier
