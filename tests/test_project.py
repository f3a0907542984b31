"""The project as a whole: its settings file, its wheel, its locks, its words and the size of its files."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from crawler import __version__
from crawler.settings import Settings

ROOT = Path(__file__).parents[1]
PACKAGES = ("crawler", "analysis", "reports")


def tracked() -> list[Path]:
    """The files of the project: those git knows and those it would add."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_settings_file_equals_the_defaults() -> None:
    """Every setting stands in settings.toml with its default, and no other."""
    written = tomllib.loads((ROOT / "settings.toml").read_text(encoding="utf-8"))
    assert written == Settings().model_dump()


def test_every_setting_is_commented() -> None:
    """Above each setting (or the setting before it, for pairs) stands what it means."""
    lines = (ROOT / "settings.toml").read_text(encoding="utf-8").splitlines()
    bare = [
        line
        for above, line in itertools.pairwise(lines)
        if re.match(r"\w+ = ", line) and not above.startswith("#") and not re.match(r"\w+ = ", above)
    ]
    assert bare == []


def test_wheel_ships_the_tree(tmp_path: Path) -> None:
    """The wheel holds every file of the three packages and the front door, and nothing else."""
    build = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert build.returncode == 0, build.stderr
    (wheel,) = tmp_path.glob("*.whl")
    assert __version__ in wheel.name
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if ".dist-info/" not in name}
    here = {path.relative_to(ROOT).as_posix() for path in tracked()}
    wanted = {name for name in here if name == "openweb.py" or name.split("/")[0] in PACKAGES}
    assert inside == wanted


@pytest.mark.parametrize("lock", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.name)
def test_locks_are_pinned_by_hash_and_name_no_host(lock: Path) -> None:
    """Each requirement is exact and hashed; no address stands in a lock."""
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    requirements = [block for block in re.split(r"\n(?=[a-z])", text) if re.match(r"[a-z]", block)]
    assert requirements
    for requirement in requirements:
        assert re.match(r"[a-z0-9._\-\[\]]+==\S+", requirement), requirement
        assert "--hash=sha256:" in requirement, requirement


def test_no_uv_lock() -> None:
    """uv.lock would carry addresses."""
    assert not (ROOT / "uv.lock").exists()


def test_files_stay_readable_in_one_sitting() -> None:
    """No Python file of the house is longer than 350 lines."""
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in tracked()
        if path.suffix == ".py" and (lines := len(path.read_text(encoding="utf-8").splitlines())) > 350
    }
    assert long == {}


def test_no_rooms_without_a_name() -> None:
    """What a module is for can be told from its name."""
    assert [p.name for p in tracked() if p.stem in {"utils", "util", "helpers", "common", "misc"}] == []


def test_sql_lives_in_sql_files() -> None:
    """Every .sql file says its grain, inputs or columns in a comment at its head."""
    bare = [
        p.name for p in tracked() if p.suffix == ".sql" and not p.read_text(encoding="utf-8").lstrip().startswith("--")
    ]
    assert bare == []


FORBIDDEN = re.compile(r"\ballowed to train\b|\bcompliant\b|\blegal to\b", re.IGNORECASE)


def test_no_verdict_pretends_to_be_law() -> None:
    """Wording: reservation found, none found in the places checked, could not check; never these words."""
    said = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in tracked()
        if path.suffix in {".py", ".toml", ".html", ".atom", ".sql", ".md", ".js", ".css", ".csv", ".cff"}
        and "tests" not in path.relative_to(ROOT).parts
        and (found := FORBIDDEN.search(path.read_text(encoding="utf-8")))
    ]
    assert said == []


def test_no_data_of_others_is_committed() -> None:
    """Fixtures are our own: no data files, archives or databases in the tree."""
    held = {".parquet", ".warc", ".gz", ".zst", ".duckdb", ".arc"}
    assert [p.name for p in tracked() if p.suffix in held] == []
