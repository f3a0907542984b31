"""`openweb optout`: a host added is on the list, shown, and asked nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import openweb
from crawler.errors import OpenwebError
from crawler.settings import SettingsError


def run(folder: Path, *arguments: str) -> str:
    listed = f"crawl.optout_file={folder / 'optout.txt'}"
    result = CliRunner().invoke(openweb.cli, ["optout", *arguments, "--set", listed], standalone_mode=False)
    if isinstance(result.exception, OpenwebError):
        raise result.exception
    assert result.exception is None, result.output
    return result.output


def test_a_host_added_is_listed_once(tmp_path: Path) -> None:
    assert "left.test: added" in run(tmp_path, "add", "https://LEFT.test/contact", "--note", "by mail")
    assert "on the list already: left.test covers everything below it" in run(tmp_path, "add", "deep.left.test")
    run(tmp_path, "add", "münchen.test")
    listed = [line.split()[0] for line in run(tmp_path, "list").splitlines()]
    assert listed == ["left.test", "xn--mnchen-3ya.test"]
    hosts = [json.loads(line)["host"] for line in run(tmp_path, "list", "--json").splitlines()]
    assert hosts == listed


def test_a_list_that_is_not_named_or_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match=r"optout\.txt cannot be read"):
        run(tmp_path, "list")
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(openweb.cli, ["optout", "list"], standalone_mode=False)
    assert isinstance(result.exception, SettingsError)
    assert "crawl.optout_file is empty" in str(result.exception)


def test_an_entry_that_is_no_host_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OpenwebError, match="not a host name"):
        run(tmp_path, "add", "not a host")
    assert not (tmp_path / "optout.txt").exists()
