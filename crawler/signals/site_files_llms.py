"""`/llms.txt`: text for assistants. Its presence is a fact and has no rights meaning whatever it says."""

from __future__ import annotations

from crawler.records import Carrier, Exchange, Fact, Fault, Signal, Statement
from crawler.vocabulary import Axis, Part

SPEC = "https://llmstxt.org/"
ROLE = "llms.txt"
PATH = "/llms.txt"
MAX_RAW = 200

_CARRIER = Carrier("llms-txt", "llms.txt", SPEC, "proposal", axis=Axis.FACT)


def read_file(exchange: Exchange) -> list[Statement]:
    """A Fact `llms_txt` with the file's title; a text that does not begin with a Markdown title (`# `) is a Fault."""
    text = (exchange.body or b"")[:65_536].decode("utf-8-sig", "replace").lstrip()
    if not text:
        return []
    first = text.splitlines()[0][:MAX_RAW].encode("utf-8", "replace").decode("utf-8").rstrip()
    if first.startswith("# ") and first[2:].strip():
        return [Fact(_CARRIER.id, "llms_txt", first[2:].strip(), "line 1", first)]
    return [Fault(_CARRIER.id, "no title", "line 1", first)]


LLMS_TXT = Signal("llms-txt", 1, ROLE, Part.BODY, (_CARRIER,), read_file, PATH)
