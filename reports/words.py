"""How the report words the vocabulary: one title and one plain sentence for every use, state, strength and cause.

A state is worded as what was found, never as what anybody may do.
"""

from __future__ import annotations

from dataclasses import dataclass

from crawler.vocabulary import Cause, Outcome, Provenance, State, Strength, Use


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the vocabulary as shown: its title and what it means."""

    title: str
    meaning: str


USES: dict[Use, Word] = {
    Use.TRAIN_GENERATIVE: Word("Training generative AI", "fitting models that produce text, images, sound or code"),
    Use.TRAIN_OTHER: Word("Training other AI", "fitting models that do not generate: classifiers, rankers, detectors"),
    Use.AI_INPUT: Word("AI answers (grounding)", "putting the content into a model's input as it answers"),
    Use.AI_INDEX: Word("AI index", "keeping the content in an index that AI systems draw on"),
    Use.SEARCH: Word("Search", "building a search index that shows links and short excerpts"),
    Use.USER_FETCH: Word("Fetching for a user", "fetching a page because a person asked an assistant for it"),
    Use.ARCHIVE: Word("Archiving", "keeping copies for the record"),
    Use.TDM: Word("Text and data mining", "any automated analysis, as in Article 4 of EU Directive 2019/790"),
}

STATES: dict[State, Word] = {
    State.RESERVED: Word("Reservation found", "at least one statement reserves this use, and its line is shown"),
    State.CONDITIONAL: Word(
        "Conditions or partial refusal", "the use is tied to conditions, or only some of the known agents are refused"
    ),
    State.CONFLICT: Word("Contradicting statements", "two explicit statements of the site contradict each other"),
    State.PERMITTED: Word(
        "Permission stated", "a statement permits this use, and every place that could say otherwise was read"
    ),
    State.SILENT: Word("None found", "nothing was found in the places checked; silence is not consent"),
    State.UNKNOWN: Word("Could not check", "a place that could hold a statement could not be read, so nothing is said"),
}
"""In the order in which the states are stacked and listed everywhere."""

STRENGTHS: dict[Strength, Word] = {
    Strength.NORMATIVE: Word("normative", "a published specification says how to state and read it"),
    Strength.VENDOR: Word("vendor", "one operator documents that it reads it; others may not"),
    Strength.INFORMAL: Word("informal", "a custom or a plain-language line without a specification"),
    Strength.DERIVED: Word(
        "derived", "concluded from crawlers refused in robots.txt and what the registry says they are for"
    ),
    Strength.INFERRED: Word("inferred", "our own inference from what is around it"),
}

CAUSES: dict[Cause, Word] = {
    Cause.SITE_CHANGED: Word("The site changed", "what the site states differs between the two snapshots"),
    Cause.VISIBILITY_CHANGED: Word(
        "Visibility changed", "a place could be read in one snapshot and not in the other; the site may be the same"
    ),
    Cause.WE_CHANGED: Word(
        "We changed", "our readers, rules or registry differ; the site's bytes are the same, so this is no trend"
    ),
}

HANDS: dict[str, str] = {
    Provenance.ORIGIN: "the site itself, as far as the bytes show",
    Provenance.CDN_MANAGED: "a delivery network that manages the file for its customers",
    Provenance.TEMPLATE: "a template that many sites share",
}
"""Whose hand wrote a statement."""

OUTCOMES: dict[Outcome, Word] = {
    Outcome.OK: Word("ok", "what was asked for came"),
    Outcome.ABSENT: Word("absent", "the server says there is none (404, 410)"),
    Outcome.REFUSED: Word("refused", "the server refused us (401, 403, 451); access, not a statement about use"),
    Outcome.PAID: Word("paid", "the server asks for payment (402); access, not a statement about use"),
    Outcome.RATE_LIMITED: Word("rate limited", "the server asked us to slow down (429)"),
    Outcome.SERVER_ERROR: Word("server error", "the server failed (5xx)"),
    Outcome.UNREACHABLE: Word("unreachable", "no answer: name, connection, TLS or time"),
    Outcome.REDIRECT_LIMIT: Word("redirect limit", "too many redirects, or a loop"),
    Outcome.NOT_THE_FILE: Word("not the file", "something else came, such as an HTML page in place of a text file"),
    Outcome.OVERSIZE: Word("oversize", "more came than the size cap takes"),
    Outcome.DISALLOWED: Word("disallowed", "the site's robots.txt does not let our own crawler fetch it"),
    Outcome.NOT_ASKED: Word("not asked", "we did not ask: an earlier answer or a budget ended the visit"),
}

NEVER_CHECKED = (
    "opt-out registries and contracts with operators",
    "settings kept with an operator rather than on the site, such as a webmaster console",
    "terms of service and other plain-language text, unless a carrier below reads it",
    "pages other than the front page, and files with a statement inside them, but for samples, which decide nothing",
)
"""Places a statement may stand that this archive never looks at; every site page names them."""


def subject_title(subject: str) -> str:
    """The subject of a change in words: a use's title, or an agent's token with what is compared."""
    kind, colon, token = subject.partition(":")
    if colon and kind == "agent":
        return f"{token} (access)"
    return USES[Use(subject)].title if subject in set(Use) else subject


def many(count: int, noun: str) -> str:
    """A number with its noun: `1 site`, `2,000 sites`, `2 bodies`."""
    if count != 1:
        noun = f"{noun[:-1]}ies" if noun.endswith("dy") else f"{noun}s"
    return f"{count:,} {noun}"
