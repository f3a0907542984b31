"""No name is ever looked up through the system's resolver, by any test, in any process: here that is made to fail."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

STARTUP = Path(__file__).parent / "startup"


def forbid() -> Path:
    """Forbid look-ups in this process and every Python below it; returns the file in which each try is written."""
    descriptor, name = tempfile.mkstemp(prefix="look-ups-")
    os.close(descriptor)
    os.environ["LOOK_UPS"] = name
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(STARTUP), os.environ.get("PYTHONPATH"))))
    exec(compile((STARTUP / "sitecustomize.py").read_text(encoding="utf-8"), "sitecustomize.py", "exec"), {})
    return Path(name)


SEEN = forbid()


@pytest.fixture(autouse=True)
def no_look_ups() -> Iterator[None]:
    """Fails the test in which a name was looked up, whatever became of it there."""
    yield
    tried = SEEN.read_text(encoding="utf-8")
    SEEN.write_text("", encoding="utf-8")
    assert tried == "", f"a name was looked up through the system's resolver: {tried}"
