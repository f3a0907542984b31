"""How far a statement's word carries: drafts are called drafts, and what one operator documents is its own word."""

from __future__ import annotations

from crawler import agents
from crawler.signals import CARRIERS
from crawler.vocabulary import Strength


def carrier_title(carrier: str) -> str:
    """A carrier's title, a draft or proposal called one; its id where today's readers do not know it."""
    known = CARRIERS.get(carrier)
    if known is None:
        return carrier
    standing = known.standing.lower()
    less = next((word for word in ("draft", "proposal") if word in standing), None)
    return f"{known.title} ({less})" if less else known.title


def strength_said(strength: str, agent: str | None) -> str:
    """A statement's strength; what only an operator documents is said to be that operator's word."""
    known = agents.load().get(agent) if agent else None
    if strength != Strength.VENDOR or known is None:
        return strength
    return f"{strength}: {known.operator} says it reads this so"
