"""The vocabulary of RSL 1.0: elements, where they stand, usages and payments, and spellings seen instead of them."""

from __future__ import annotations

USAGES = frozenset({"all", "ai-all", "ai-train", "ai-input", "ai-index", "search"})
USERS = frozenset({"commercial", "non-commercial", "education", "government", "personal"})
PAYMENTS = frozenset({"purchase", "subscription", "training", "crawl", "use", "contribution", "attribution", "free"})
USAGE_ALIASES = {
    "train-ai": "ai-train",
    "ai-training": "ai-train",
    "training": "ai-train",
    "train": "ai-train",
    "ai-inference": "ai-input",
    "inference": "ai-input",
    "ai-use": "ai-input",
    "ai-search": "ai-index",
    "index": "search",
    "grounding": "ai-input",
    "ai-grounding": "ai-input",
    "rag": "ai-input",
    "ai-rag": "ai-input",
}
"""Spellings seen instead of the usage they plainly mean; read leniently."""

ELEMENTS: dict[str, frozenset[str]] = {
    "rsl": frozenset({"max-age"}),
    "content": frozenset({"url", "server", "encrypted", "lastmod"}),
    "license": frozenset(),
    "permits": frozenset({"type"}),
    "prohibits": frozenset({"type"}),
    "payment": frozenset({"type"}),
    "standard": frozenset(),
    "custom": frozenset(),
    "amount": frozenset({"currency"}),
    "accepts": frozenset({"type"}),
    "reporting": frozenset({"type", "profile", "endpoint"}),
    "legal": frozenset({"type"}),
    "alternate": frozenset({"type", "href", "url"}),
    "schema": frozenset(),
    "copyright": frozenset({"type", "contactEmail", "contactUrl"}),
    "terms": frozenset(),
}
"""Elements of the namespace and their attributes; "unknown elements or attributes make a document non-conformant"."""
TYPES = frozenset({"usage", "user", "geo"})
YES = frozenset({"", "yes", "y", "true", "allow", "allowed", "permitted"})
NO = frozenset({"no", "n", "false", "none", "deny", "denied", "disallow", "disallowed", "prohibited"})
"""What stands in an element whose type names a usage, where the usage itself should stand."""

_PLACES = {
    "content": ("license", "alternate", "schema", "copyright", "terms"),
    "license": ("permits", "prohibits", "payment", "reporting", "legal"),
    "payment": ("standard", "custom", "amount", "accepts"),
}
PARENTS = {child: parent for parent, children in _PLACES.items() for child in children}
"""Where an element stands; `content` may stand in a feed's item and elsewhere."""
