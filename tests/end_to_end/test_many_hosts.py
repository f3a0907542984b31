"""The web of many hosts, small: outcomes exactly as known, conduct as the server's log proves it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.tenthousand import run


@pytest.mark.slow
def test_a_crawl_of_150_hosts_ends_as_is_known_and_keeps_its_manners(tmp_path: Path) -> None:
    found = run(150, tmp_path)
    assert found["wrong"] == []
    assert found["requests_seen"] > 900


@pytest.mark.slow
def test_bad_manners_would_be_found_out(tmp_path: Path) -> None:
    hurry: dict[str, Any] = {"politeness.delay": 0.02, "politeness.delay_per_ip": 0.0, "politeness.timeout": 1.5}
    found = run(60, tmp_path, **hurry | {"crawl.optout_file": ""})
    for words in ("asked again within 0.1 s", "requests in a second", "must not be asked at all"):
        assert any(words in line for line in found["wrong"]), words
