"""`openweb optout`: the list it keeps is the one the crawler honours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from crawler.errors import Exit
from crawler.politeness import OptOuts
from tests.reports.archives import records, run

ROOT = Path(__file__).parents[2]
DAY = ("--date", "2026-11-25")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "optout.txt"


def test_add_normalises_explains_and_is_honoured(file: Path) -> None:
    hosts = ("https://News.Example.ORG:8443/contact?x", "BÜCHER.example.", "[2001:DB8::1]:81")
    code, text = run("optout", "add", *hosts, "--reason", "by mail # 123\nthanks", *DAY, "--file", file)
    assert code == Exit.DONE
    assert "news.example.org: added, with everything below it" in text
    assert file.read_text(encoding="utf-8").splitlines()[1:] == [
        "news.example.org  # 2026-11-25 by mail 123 thanks",
        "xn--bcher-kva.example  # 2026-11-25 by mail 123 thanks",
        "[2001:db8::1]  # 2026-11-25 by mail 123 thanks",
    ]
    honoured = OptOuts.read(str(file))
    for host in ("news.example.org", "a.news.example.org:8080", "xn--bcher-kva.example", "[2001:db8::1]:81"):
        assert honoured.covers(host), host
    assert honoured.covers("example.org") is None
    assert honoured.covers("badnews.example.org") is None


def test_duplicates_and_domains_above_and_below(file: Path) -> None:
    run("optout", "add", "www.example.org", *DAY, "--file", file)
    before = file.read_bytes()
    assert "on the list already (" in run("optout", "add", "WWW.example.org", "--file", file)[1]
    assert "www.example.org covers everything below it" in run("optout", "add", "a.www.example.org", "--file", file)[1]
    assert file.read_bytes() == before
    assert "it covers www.example.org too, listed before" in run("optout", "add", "example.org", "--file", file)[1]
    assert [record["host"] for record in records(run("optout", "list", "--file", file, "--json")[1])] == [
        "www.example.org",
        "example.org",
    ]


def test_remove_keeps_the_line_as_a_comment(file: Path) -> None:
    file.write_text("# ours\nexample.org # 2026-01-02 mail\nwww.example.org\nother.example", encoding="utf-8")
    code, text = run("optout", "remove", "www.example.org", "none.example", "a.other.example", *DAY, "--file", file)
    assert code == Exit.DONE
    assert "www.example.org: removed, but example.org is on the list and covers it" in text
    assert "none.example: not on the list" in text
    assert "a.other.example: not removed: other.example is on the list" in text
    run("optout", "remove", "example.org", "--reason", "asked again", *DAY, "--file", file)
    assert file.read_text(encoding="utf-8").splitlines() == [
        "# ours",
        "# removed 2026-11-25 asked again: example.org # 2026-01-02 mail",
        "# removed 2026-11-25: www.example.org",
        "other.example",
    ]
    assert OptOuts.read(str(file)).hosts == ("other.example",)
    run("optout", "add", "example.org", *DAY, "--file", file)
    assert OptOuts.read(str(file)).hosts == ("example.org", "other.example")


def test_one_that_is_no_host_adds_none(file: Path) -> None:
    code, text = run("optout", "add", "good.example", "not a host", "--file", file)
    assert code == Exit.USAGE
    assert "give a host such as example.org" in text
    assert not file.exists()


@pytest.mark.parametrize("octets", [b"\xff\xfe\x00", b"exa mple.org\n"])
def test_a_list_the_crawler_cannot_read_is_not_touched(octets: bytes, file: Path) -> None:
    file.write_bytes(octets)
    assert run("optout", "add", "a.example", "--file", file)[0] == Exit.USAGE
    assert run("optout", "list", "--file", file)[0] == Exit.USAGE
    assert file.read_bytes() == octets


def test_without_a_list_it_says_how_to_name_one() -> None:
    code, text = run("optout", "list", "--set", "crawl.optout_file=''")
    assert code == Exit.USAGE
    assert "crawl.optout_file is empty" in text


def test_no_entry_is_lost_when_two_add_at_once(file: Path) -> None:
    started = [
        subprocess.Popen([sys.executable, "-m", "openweb", "optout", "add", f"{n}.example", "--file", file], cwd=ROOT)
        for n in "abcd"
    ]
    assert [process.wait(60) for process in started] == [0] * 4
    assert OptOuts.read(str(file)).hosts == ("a.example", "b.example", "c.example", "d.example")
