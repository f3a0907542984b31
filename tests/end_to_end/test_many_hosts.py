"""The web of many hosts, small: outcomes exactly as known, conduct as the server's log proves it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.tenthousand import run


@pytest.mark.slow
def test_a_crawl_of_150_hosts_ends_as_is_known_and_keeps_its_manners(tmp_path: Path) -> None:
    found = run(150, tmp_path)
    assert found["wrong"] == []
    assert found["requests_seen"] > 900
