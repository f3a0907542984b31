"""The front door: verbs, help, exit codes and the guard against other packages of the same names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import openweb
from crawler import __version__
from crawler.errors import Exit

ROOT = Path(__file__).parents[1]


def run(*args: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """The command as its user runs it."""
    return subprocess.run(
        [sys.executable, "-m", "openweb", *args], cwd=cwd or ROOT, env=env, capture_output=True, text=True, check=False
    )


def test_every_verb_named_is_there() -> None:
    """The table of verbs and the modules that implement them agree."""
    group = openweb.cli
    assert isinstance(group, click.Group)
    assert group.list_commands(click.Context(group)) == list(openweb.VERBS)


@pytest.mark.parametrize("verb", openweb.VERBS)
def test_help_of_a_verb(verb: str) -> None:
    """`-h` starts with one line of purpose and shows two examples."""
    result = CliRunner().invoke(openweb.cli, [verb, "-h"], prog_name="openweb")
    assert result.exit_code == 0, result.output
    text = " ".join(result.output.split())
    assert openweb.VERBS[verb] in text
    assert result.output.count(f"openweb {verb}") >= 3, "usage and two examples"


HEAVY = ("scrapy", "twisted", "aiohttp", "altair", "pyarrow", "duckdb", "crawler.signals")


def test_help_imports_nothing_heavy() -> None:
    """Each verb's help answers at once: what is needed to do the work is imported when the work begins."""
    code = f"""
import importlib, sys
for verb in {list(openweb.VERBS)}:
    importlib.import_module(f"reports.verbs.{{verb}}")
print(*[name for name in {HEAVY} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_version() -> None:
    assert run("--version").stdout.split() == ["openweb,", "version", __version__]


def test_unknown_verb_is_usage() -> None:
    result = run("frobnicate")
    assert result.returncode == Exit.USAGE
    assert "frobnicate" in result.stderr
    assert "Traceback" not in result.stderr


def test_missing_archive_says_what_to_do(tmp_path: Path) -> None:
    """Exit 4, one line on stderr, nothing on stdout."""
    result = run("trend", "--db", str(tmp_path / "none.duckdb"), "--agent", "GPTBot", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (Exit.ARCHIVE, "")
    assert "no archive there" in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[politeness]\ndelya = 1.0\n", "the nearest known key is 'delay'"),
        ("[politeness]\ndelay = 'soon'\n", "settings.toml:2: politeness.delay = 'soon': expected a valid number"),
        ("[politnes]\ndelay = 1.0\n", "the nearest known key is 'politeness'"),
        ("[politeness\n", "not valid TOML"),
    ],
)
def test_settings_errors_point(tmp_path: Path, text: str, said: str) -> None:
    """File, line, key, what was expected, and the nearest known key; exit 2."""
    (tmp_path / "settings.toml").write_text(text, encoding="utf-8")
    result = run("status", cwd=tmp_path)
    assert result.returncode == Exit.USAGE
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_foreign_package_is_named_with_both_paths(tmp_path: Path) -> None:
    """Another `reports` in front of ours on the path: both are named and nothing runs."""
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/__init__.py").write_text("", encoding="utf-8")
    code = "import sys; sys.path.insert(0, sys.argv[1]); import reports; import openweb; openweb.main(['-h'])"
    result = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == Exit.USAGE
    assert str(tmp_path / "reports") in result.stderr
    assert str(ROOT / "reports") in result.stderr
