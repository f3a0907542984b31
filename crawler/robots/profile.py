"""The profiles of reading: how lines are grouped, and in which form paths and patterns are compared."""

from __future__ import annotations

from dataclasses import dataclass

RULE_LETTERS = "DdxnAaqymw"
"""The letters of Allow and Disallow lines in the shape of a file (`crawler.robots.model`)."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How a file is read: a user-agent line after one of the `closing` letters begins a new group.

    `literal`: paths and patterns are compared as Google's parser does, without RFC 9309's normal form.
    """

    name: str
    closing: str
    literal: bool = False


RFC9309 = Profile("rfc9309", RULE_LETTERS)
"""RFC 9309 section 2.1: a group ends at the user-agent line after a rule; no other key ends one (2.2.4)."""

AIPREF = Profile("aipref", RULE_LETTERS + "u")
"""draft-ietf-aipref-attach section 3 extends `rule`: a Content-Usage line is a rule, so it closes the token list."""


GOOGLE = Profile("google", RULE_LETTERS, literal=True)
"""Google's open parser (github.com/google/robotstxt), on lines as `crawler.robots.google` rewrites them."""

INTENDED = Profile("intended", RULE_LETTERS)
"""RFC 9309 on lines as `crawler.robots.intended` rewrites them: the tokens and rules plainly meant."""
