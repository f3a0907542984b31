"""`openweb doctor`: what it finds, what to do about it, and that no name is looked up unasked."""

from __future__ import annotations

import os
import shutil
import socket
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from crawler.archive import writing
from crawler.doctor import Finding, Health, examine
from crawler.errors import Exit
from crawler.settings import Archive, Settings, load, origins
from tests.reports.archives import records, run, small_archive

CONTACT = "https://lab.openweb-audit.net/bot"


@pytest.fixture(autouse=True)
def no_look_ups(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test here may ask the system's resolver; each runs in a folder of its own."""

    def refuse(*arguments: object, **_: object) -> None:
        raise AssertionError(f"a name was looked up: {arguments}")

    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr"):
        monkeypatch.setattr(socket, name, refuse)
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("OPENWEB_")]:
        monkeypatch.delenv(name)


def settings(**overrides: object) -> Settings:
    values: dict[str, object] = {"identity.contact_url": CONTACT}
    return load(overrides=values | {key.replace("__", "."): value for key, value in overrides.items()})


def by_check(found: Settings, **how: object) -> dict[str, Finding]:
    return {finding.check: finding for finding in examine(found, **how)}  # type: ignore[arg-type]


def test_a_place_that_is_fit() -> None:
    Path("optout.txt").write_text("a.example\n", encoding="utf-8")
    findings = by_check(settings(crawl__optout_file="optout.txt", crawl__vantage="here"))
    assert {finding.health for finding in findings.values()} == {Health.GOOD}, findings
    assert "OpenWebAudit/" in findings["contact"].said
    assert findings["opt-out list"].said == "optout.txt: 1 hosts are left alone"
    assert "duckdb " in findings["libraries"].said
    assert not Path("spool").exists(), "nothing is made"
    assert not Path("openweb.duckdb").exists()


@pytest.mark.parametrize(
    ("given", "check", "health", "said"),
    [
        ({"identity__contact_url": ""}, "contact", Health.MEND, "contact_url is empty"),
        ({"identity__contact_url": "https://example.org/"}, "contact", Health.MEND, "placeholder"),
        ({"identity__contact_url": "ftp://a.b/"}, "contact", Health.MEND, "expected an http, https or mailto URL"),
        ({"identity__token": "gptbot"}, "token", Health.MEND, "is the token of OpenAI"),
        ({"politeness__delay": 0.1}, "politeness", Health.WARNING, "politeness.delay = 0.1, 1 by default"),
        ({"politeness__requests_per_site": 99}, "politeness", Health.WARNING, "requests_per_site = 99"),
        ({"network__allow_addresses": ["10.0.0.0/8"]}, "network", Health.WARNING, "10.0.0.0/8"),
        ({"network__resolve": {"a.test": "127.0.0.1"}}, "network", Health.WARNING, "a.test"),
        ({"network__ca_file": "none.pem"}, "certificates", Health.MEND, "no certificates could be read"),
        ({"crawl__optout_file": "none.txt"}, "opt-out list", Health.MEND, "cannot be read"),
        ({"crawl__optout_file": "bad.txt"}, "opt-out list", Health.MEND, "bad.txt:1"),
        ({"crawl__spool": "file/spool"}, "spool", Health.MEND, "ot a directory"),
        ({"archive__path": "none/a.duckdb"}, "archive place", Health.MEND, "none: No such file"),
        ({"archive__path": "file"}, "archive", Health.MEND, "cannot be opened"),
        ({"archive__path": "other.duckdb"}, "archive", Health.MEND, "not an openweb archive"),
        ({"archive__path": "future.duckdb"}, "archive", Health.MEND, "with schema 999"),
        ({"crawl__concurrency": 10**9}, "open files", Health.MEND, "4000000064 are used"),
    ],
)
def test_what_is_not_fit(given: dict[str, object], check: str, health: Health, said: str) -> None:
    Path("file").write_text("no database", encoding="utf-8")
    Path("bad.txt").write_text("not a host\n", encoding="utf-8")
    duckdb.connect("other.duckdb").close()
    with writing(Archive(path="future.duckdb", threads=1)) as connection:
        connection.execute("UPDATE schema_version SET version = 999")
    finding = by_check(settings(**given))[check]
    assert finding.health is health
    assert said in finding.said
    assert finding.remedy


def test_no_room_on_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(".")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=100 * 1024**2))
    assert by_check(settings())["spool"].health is Health.MEND
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1024**3))
    assert by_check(settings())["spool"].health is Health.WARNING


def test_a_clock_that_is_behind(tmp_path: Path) -> None:
    early = datetime(1970, 1, 3, tzinfo=UTC)
    assert "before this version of openweb was made" in by_check(settings(), now=early)["clock"].said
    path = small_archive(tmp_path)
    with writing(Archive(path=str(path), threads=1)) as connection:
        connection.execute("UPDATE snapshot SET opened_at = TIMESTAMP '2999-01-01'")
    clocks = [finding for finding in examine(settings(archive__path=str(path))) if finding.check == "clock"]
    assert [finding.health for finding in clocks] == [Health.MEND, Health.GOOD]
    assert "2999" in clocks[0].said


def test_names_are_looked_up_when_asked_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "names" not in by_check(settings())
    mapped = settings(identity__contact_url="https://bot.test/", network__resolve={"bot.test": "127.0.0.1"})
    assert by_check(mapped, network=True)["names"].health is Health.GOOD
    asked = []

    def unknown(name: str, *_: object, **__: object) -> None:
        asked.append(name)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    finding = by_check(settings(), network=True)["names"]
    assert (asked, finding.health) == (["lab.openweb-audit.net"], Health.MEND)
    assert "not known" in finding.said


def test_verb_says_where_settings_come_from(monkeypatch: pytest.MonkeyPatch) -> None:
    text = '[identity]\n\ncontact_url = "https://lab.openweb-audit.net/bot"\n[crawl]\nconcurrency = 8\nvantage = "x"\n'
    Path("settings.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("OPENWEB_CRAWL_CONCURRENCY", "16")
    code, text = run("doctor", "--set", "politeness.delay=2", "--db", "a.duckdb")
    assert code == Exit.DONE, "warnings alone stop nothing"
    assert "warning   opt-out list" in text
    assert "crawl.concurrency = 16  (environment OPENWEB_CRAWL_CONCURRENCY)" in text
    assert "crawl.vantage = 'x'  (settings.toml:6)" in text
    assert "politeness.delay = 2.0  (command line)" in text
    assert "archive.path = 'a.duckdb'  (command line)" in text
    assert "politeness.timeout" not in text
    assert "politeness.timeout = 20.0  (default)" in run("doctor", "--all")[1]
    lines = records(run("doctor", "--json")[1])
    kept = {line["key"]: line["origin"] for line in lines if line["kind"] == "setting"}
    assert kept["identity.contact_url"] == "settings.toml:3"
    assert set(kept) == {f"{section}.{key}" for section, table in Settings().model_dump().items() for key in table}


def test_verb_ends_with_2_where_something_must_be_mended() -> None:
    code, text = run("doctor")
    assert code == Exit.USAGE
    assert "MEND      contact" in text
    assert "--contact URL" in text
    assert run("doctor", "--contact", CONTACT)[0] == Exit.DONE


def test_origins_of_everything_by_default() -> None:
    assert set(origins(environ={}).values()) == {"default"}
