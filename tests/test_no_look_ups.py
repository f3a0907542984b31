"""That nothing the tests start asks the system's resolver is proven only if asking it would be seen: it is."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests import no_look_ups

NAME = "a-name-nobody-has.test"


def forget() -> str:
    tried = no_look_ups.SEEN.read_text(encoding="utf-8")
    no_look_ups.SEEN.write_text("", encoding="utf-8")
    return tried


@pytest.mark.parametrize("name", [NAME, "localhost"])
def test_a_look_up_here_fails_and_is_seen(name: str) -> None:
    with pytest.raises(OSError, match="look no name up"):
        socket.getaddrinfo(name, 80)
    assert f"'{name}'" in forget()


@pytest.mark.parametrize("call", ["gethostbyname", "gethostbyname_ex"])
def test_other_ways_to_ask_are_seen_too(call: str) -> None:
    with pytest.raises(OSError, match="look no name up"):
        getattr(socket, call)(NAME)
    assert NAME in forget()


def test_addresses_are_no_names() -> None:
    assert socket.getaddrinfo("127.0.0.1", 80)
    assert socket.getaddrinfo("::1", 80)
    assert forget() == ""


def test_a_look_up_in_a_process_below_is_seen(tmp_path: Path) -> None:
    """Also where it is caught there, and by the process of a process."""
    ask = f"import socket, contextlib\nwith contextlib.suppress(Exception):\n    socket.getaddrinfo({NAME!r}, 80)\n"
    below = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {ask!r}])"
    for script in (ask, below):
        subprocess.run([sys.executable, "-c", script], check=True, cwd=tmp_path)
        assert NAME in forget()


def test_the_crawler_asking_for_a_name_that_is_not_mapped_is_seen(tmp_path: Path) -> None:
    (tmp_path / "sites.txt").write_text(NAME)
    (tmp_path / "settings.toml").write_text('[identity]\ncontact_url = "https://bot.openweb-audit-tests.net/"\n')
    subprocess.run(
        [sys.executable, "-m", "openweb", "crawl", "--sites", "sites.txt"],
        cwd=tmp_path, env=os.environ, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert f"socket.getaddrinfo '{NAME}'" in forget()
