"""The report in a real browser: opens from disk without a network, is searched, and reads with scripts off.

A small archive is filled through the same door as any; Chromium is driven over the WebDriver protocol.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from analysis.verdicts import judge
from crawler.ingest import Portion, take_in
from crawler.records import Exchange, Snapshot, Visit
from crawler.settings import Archive
from crawler.vocabulary import ROLE_PAGE, ROLE_ROBOTS, Outcome
from reports.verbs.report import command

ROBOTS = {
    "harbour.example": "User-agent: GPTBot\nDisallow: /\n\nUser-agent: *\nDisallow: /search\n",
    "signal.example": "User-agent: *\nContent-Signal: search=yes, ai-train=no\nAllow: /\n",
    "quiet.example": "User-agent: *\nDisallow:\n",
    "evil.example": "User-agent: *\n# <script>document.title='stolen'</script>\u202e\nContent-Signal: ai-train=no\n",
    "gone.example": None,
}
ROWS = "return [...document.querySelectorAll('#sites tbody tr')].filter(row => !row.hidden)"
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-extensions", "--mute-audio",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip


def visit(site: str, robots: str | None, day: datetime) -> Visit:
    url = f"https://{site}/"
    if robots is None:
        asked = Exchange(site, ROLE_ROBOTS, f"{url}robots.txt", Outcome.UNREACHABLE, day, detail="connection reset")
        return Visit(site, (asked,), day, day)
    page = b"<!doctype html><html lang=en><head><title>x</title></head><body><p>Hello.</p></body></html>"
    kind = (("content-type", "text/plain"),)
    exchanges = (
        Exchange(
            site, ROLE_ROBOTS, f"{url}robots.txt", Outcome.OK, day, status=200, headers=kind, body=robots.encode()
        ),
        Exchange(
            site, ROLE_PAGE, url, Outcome.OK, day, status=200, headers=(("content-type", "text/html"),), body=page
        ),
    )
    return Visit(site, exchanges, day, day)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of two months of five sites; one of them begins to refuse GPTBot in the second."""
    folder = tmp_path_factory.mktemp("report")
    archive = Archive(path=str(folder / "a.duckdb"))
    for month, change in ((9, {"harbour.example": "User-agent: *\nDisallow: /search\n"}), (10, {})):
        day = datetime(2026, month, 15, 4, tzinfo=UTC)
        visits = [(day.date().isoformat(), visit(site, body, day)) for site, body in (ROBOTS | change).items()]
        snapshot = Snapshot(day.date().isoformat(), date(2026, month, 15), "crawl")
        take_in(archive, Portion(f"{month:064d}", f"month {month}", (snapshot,), visits), after=judge)
    out = folder / "out"
    done = CliRunner().invoke(command, ["--db", archive.path, "-o", str(out), "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {
        "index": str(out / "index.html"),
        "files": ANY_COUNT,
        "sites": 5,
        "capped": False,
    }
    again = CliRunner().invoke(command, ["--db", archive.path, "-o", str(folder / "again")], catch_exceptions=False)
    assert again.exit_code == 0
    assert tree(out) == tree(folder / "again"), "the same archive gives the same bytes"
    return out


class _AnyCount:
    def __eq__(self, other: object) -> bool:
        return isinstance(other, int) and other > 10

    def __hash__(self) -> int:
        return 0


ANY_COUNT = _AnyCount()


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Browser:
    """As much of the W3C WebDriver protocol as these tests need."""

    def __init__(self, port: int, profile: Path, *, scripts: bool = True) -> None:
        self.base = f"http://127.0.0.1:{port}/session"
        options: dict[str, Any] = {"args": [*FLAGS, f"--user-data-dir={profile}"]}
        if not scripts:
            options["prefs"] = {"profile.managed_default_content_settings.javascript": 2}
        wanted = {"browserName": "chrome", "goog:loggingPrefs": {"browser": "ALL"}, "goog:chromeOptions": options}
        self.base += "/" + self.call("", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]

    def call(self, path: str, data: object = None, method: str | None = None) -> Any:
        body = json.dumps(data).encode() if data is not None else None
        request = urllib.request.Request(self.base + path, data=body, method=method)
        request.add_header("content-type", "application/json")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["value"]

    def open(self, path: Path) -> None:
        self.call("/url", {"url": path.as_uri()})

    def run(self, script: str) -> Any:
        return self.call("/execute/sync", {"script": script, "args": []})

    def type(self, selector: str, text: str) -> None:
        found = self.call("/element", {"using": "css selector", "value": selector})
        self.call(f"/element/{next(iter(found.values()))}/value", {"text": text})

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.call("/se/log", {"type": "browser"})]


@pytest.fixture(scope="module")
def driver() -> Iterator[int]:
    """The port of a running chromedriver."""
    if not shutil.which("chromedriver") or not (shutil.which("chromium") or shutil.which("google-chrome")):
        pytest.skip("needs chromium and chromedriver")
    process = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    port = 0
    for line in process.stdout:
        if "successfully on port" in line:
            port = int(line.rstrip(".\n").rpartition(" ")[2])
            break
    yield port
    process.terminate()
    process.wait(timeout=10)


@pytest.fixture
def browser(driver: int, tmp_path: Path) -> Iterator[Browser]:
    session = Browser(driver, tmp_path / "profile")
    yield session
    session.call("", method="DELETE")


def test_every_page_opens_from_disk_without_network_or_complaint(report: Path, browser: Browser) -> None:
    for path in sorted(report.rglob("*.html")):
        browser.open(path)
        assert browser.complaints() == [], path.name
        assert browser.run("return performance.getEntriesByType('resource').map(e => new URL(e.name).protocol)") in (
            [], ["file:"],
        )  # fmt: skip
        family = browser.run("return getComputedStyle(document.querySelector('nav a')).fontFamily")
        assert "system-ui" in family, "the style sheet beside it is used"
        assert browser.run("return document.title") != "stolen"
        assert browser.run("return document.scripts.length") == (1 if path.name == "sites.html" else 0)


@pytest.mark.parametrize("width", [380, 1280])
def test_no_page_is_wider_than_its_window(report: Path, browser: Browser, width: int) -> None:
    browser.call("/goog/cdp/execute", {"cmd": "Emulation.setDeviceMetricsOverride", "params": {
        "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}})  # fmt: skip
    for path in sorted(report.rglob("*.html")):
        browser.open(path)
        assert browser.run("return innerWidth") == width
        assert browser.run("return document.documentElement.scrollWidth") <= width, path.name


def test_sites_are_found_and_filtered(report: Path, browser: Browser) -> None:
    shown = f"{ROWS}.map(row => row.cells[0].innerText.trim())"
    browser.open(report / "sites.html")
    everything = browser.run(shown)
    assert sorted(everything) == sorted(ROBOTS)
    browser.type("#q", "HARB")
    assert browser.run(shown) == ["harbour.example"]
    assert browser.run("return document.getElementById('shown').innerText") == "1 of 5 sites shown"
    browser.run("document.getElementById('q').value = ''; document.getElementById('use').value = '0';"
                "document.getElementById('state').value = 'reserved';"
                "document.getElementById('state').dispatchEvent(new Event('input'))")  # fmt: skip
    assert sorted(browser.run(shown)) == ["evil.example", "signal.example"]


def test_the_keyboard_reaches_the_content_first(report: Path, browser: Browser) -> None:
    browser.open(report / "index.html")
    keys = {"type": "key", "id": "k", "actions": [{"type": kind, "value": "\ue004"} for kind in ("keyDown", "keyUp")]}
    browser.call("/actions", {"actions": [keys]})
    assert browser.run("return document.activeElement.className") == "skip"
    assert browser.run("return document.activeElement.getBoundingClientRect().left") >= 0
    keys["actions"] = [{"type": kind, "value": "\ue007"} for kind in ("keyDown", "keyUp")]
    browser.call("/actions", {"actions": [keys]})
    deadline = time.monotonic() + 5
    while browser.run("return document.activeElement.id") != "main" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert browser.run("return document.activeElement.id") == "main"


def test_it_reads_without_scripts(report: Path, driver: int, tmp_path: Path) -> None:
    plain = Browser(driver, tmp_path / "profile", scripts=False)
    try:
        plain.open(report / "sites.html")
        rows = plain.call("/elements", {"using": "css selector", "value": "#sites tbody tr"})
        assert len(rows) == 5
        form = plain.call("/element", {"using": "css selector", "value": "#find"})
        assert plain.call(f"/element/{next(iter(form.values()))}/displayed") is False
    finally:
        plain.call("", method="DELETE")


def test_dark_mode_changes_the_charts_too(report: Path, browser: Browser) -> None:
    colour = "return getComputedStyle(document.querySelector('#standing [fill=\"#c6cdd3\"]')).fill"
    found = []
    for scheme in ("light", "dark"):
        browser.call("/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia", "params": {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]}})  # fmt: skip
        browser.open(report / "index.html")
        found.append(browser.run(colour))
    assert found == ["rgb(198, 205, 211)", "rgb(75, 83, 89)"]


def test_the_line_behind_a_verdict_is_on_the_page_as_text(report: Path, browser: Browser) -> None:
    browser.open(report / "sites" / "evil.example.html")
    text = browser.run("return document.querySelector('main').innerText")
    assert "Content-Signal: ai-train=no" in text
    assert "Reservation found" in text
    browser.open(report / "sites" / "gone.example.html")
    text = browser.run("return document.querySelector('main').innerText")
    assert "Could not check" in text
    assert "connection reset" in text
