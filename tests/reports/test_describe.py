"""The pages of docs/ that are made from the code say what the code says now."""

from __future__ import annotations

from pathlib import Path

import pytest

import openweb
from crawler.signals import CARRIERS, SIGNALS
from reports import describe

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", describe.PAGES)
def test_docs_are_as_the_code_writes_them(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == describe.PAGES[name](), f"docs/{name} is behind the code: run `make docs`"


def test_every_signal_and_carrier_is_described() -> None:
    text = describe.signals()
    assert not [signal.id for signal in SIGNALS if f"| `{signal.id}` | {signal.version} |" not in text]
    assert not [carrier.id for carrier in CARRIERS.values() if f"| `{carrier.id}` | " not in text]


def test_every_verb_is_described_with_its_examples() -> None:
    text = describe.cli()
    for verb in openweb.VERBS:
        _, found, rest = text.partition(f"\n## openweb {verb}\n")
        assert found, verb
        part = rest.partition("\n## ")[0]
        assert openweb.VERBS[verb] in part
        assert f"openweb {verb}" in part.partition("Examples:")[2], verb
