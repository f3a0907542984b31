"""Surfaces: the verbs of the command, terminal text, pages, charts and feeds. No SQL and no arithmetic here."""
