"""docs/adding-a-signal.md, executed as it stands on a copy of the project: one file, one line, its tests."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```python ?(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_worked_example(tmp_path: Path) -> None:
    """The page's own blocks, put where the page says, make a signal whose verdict carries its line."""
    text = (ROOT / "docs/adding-a-signal.md").read_text(encoding="utf-8")
    blocks = {label or "file": code for label, code in BLOCK.findall(text)}
    assert set(blocks) == {"file", "retained", "import", "line", "test", "verdict"}
    for package in ("crawler", "analysis", "reports"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    signals = tmp_path / "crawler/signals"
    (signals / "model_use.py").write_text(blocks["file"], encoding="utf-8")
    registry = signals / "__init__.py"
    once(registry, "from crawler.signals.robots_directives", blocks["import"])
    once(registry, "    TDMREP_FILE,\n", blocks["line"])
    once(tmp_path / "crawler/headers.py", '        "server",\n', blocks["retained"])
    program = tmp_path / "example.py"
    program.write_text(blocks["test"] + "\n\n" + blocks["verdict"], encoding="utf-8")
    run = subprocess.run([sys.executable, program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def once(path: Path, before: str, added: str) -> None:
    """Put `added` before the one place where `before` stands."""
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{path.name}: {before!r} stands there {text.count(before)} times"
    path.write_text(text.replace(before, added + before), encoding="utf-8")
