"""`openweb demo` around its year: where it refuses to write, what it says when a step fails, and serving alone."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from crawler.archive import reading
from crawler.miniweb.expected import expected
from crawler.miniweb.loading import load
from crawler.miniweb.server import MiniWeb
from crawler.settings import Archive
from crawler.settings import load as load_settings
from reports.verbs import demo


def openweb(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "openweb", *arguments], cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )


def test_help_says_what_it_does_with_two_examples(tmp_path: Path) -> None:
    run = openweb("demo", "-h", cwd=tmp_path)
    assert run.returncode == 0
    assert "Serve the miniature web on loopback, crawl its twelve months, write the report." in " ".join(
        run.stdout.split()
    )
    assert "Examples:\n    openweb demo\n    openweb demo --months 7 --serve\n" in run.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("do not lose me")
    run = openweb("demo", "-o", str(tmp_path), cwd=tmp_path)
    assert run.returncode == 2
    assert "not empty and not a demo's folder" in run.stderr
    assert "Traceback" not in run.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("months", ["0", "13", "x"])
def test_a_year_has_twelve_months(tmp_path: Path, months: str) -> None:
    run = openweb("demo", "--months", months, cwd=tmp_path)
    assert run.returncode == 2
    assert "--months" in run.stderr


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "demo-out").write_text("a file")
    run = openweb("demo", cwd=tmp_path)
    assert run.returncode == 2
    assert "demo-out: cannot be used" in run.stderr
    assert "Traceback" not in run.stderr


def test_the_settings_are_read_back_as_meant_and_change_nothing_but_waiting_and_network(tmp_path: Path) -> None:
    with MiniWeb(load(), "2025-11", ca_file=tmp_path / demo.AUTHORITY) as web:
        demo._write_settings(tmp_path, web)
        settings = load_settings(tmp_path / demo.SETTINGS, environ={})
        assert settings.network.resolve == web.resolve_map()
    assert settings.network.allow_addresses == ["127.0.0.0/8"]
    assert settings.identity.contact_url == demo.CONTACT
    plain = load_settings(None, environ={}).politeness
    changed = {key for key, value in settings.politeness.model_dump().items() if value != plain.model_dump()[key]}
    assert changed == {"delay", "delay_per_ip", "timeout"}
    assert (tmp_path / demo.FRAME).read_text().count("\n") == 1 + len(load().listed)


def test_a_step_that_fails_is_named_with_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(demo.DemoError, match="ended with exit code 2") as caught:
        demo._openweb(tmp_path, "crawl", "--sites", "nowhere.csv")
    assert "demo.toml" in str(caught.value)
    assert "it goes on where it stopped" in str(caught.value)


def test_serving_one_month_until_interrupted(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "openweb", "demo", "--serve", "--months", "3"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(6)]
        assert said[0].startswith("The miniature web of 2026-01 on 127.0.0.1: 55 sites.")
        found = re.search(r"--resolve (harbour-news\.example):(\d+):127\.0\.0\.1 http://\1:\2/robots\.txt", said[2])
        assert found is not None, said
        with closing(http.client.HTTPConnection("127.0.0.1", int(found[2]), timeout=5)) as connection:
            connection.request("GET", "/robots.txt", headers={"Host": f"{found[1]}:{found[2]}"})
            assert b"GPTBot" in connection.getresponse().read()
        process.send_signal(signal.SIGINT)
        err = process.communicate(timeout=10)[1]
    finally:
        process.kill()
    assert process.returncode == 0
    assert said[4].startswith("curl -L --connect-to ::127.0.0.1:")
    assert said[5].startswith("curl --cacert ")
    assert err.strip() == "1 request answered."
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_demo_that_was_stopped_in_the_middle_of_a_crawl_goes_on_and_loses_nothing(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "openweb", "demo", "--months", "1"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        begun = tmp_path / "demo-out" / "spool" / "2025-11-15" / "snapshot.json"
        deadline = time.monotonic() + 60
        while not begun.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130
    run = subprocess.run(
        [sys.executable, "-m", "openweb", "demo", "--months", "1"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    with reading(Archive(path=str(tmp_path / "demo-out" / "openweb.duckdb"))) as connection:
        found = connection.execute(
            "SELECT v.site, e.outcome FROM visit v JOIN evidence e USING (evidence_id) WHERE e.role = 'robots.txt'"
        ).fetchall()
    assert sorted(found) == sorted((host, expected().seen(host, "2025-11").robots.value) for host in expected().sites)
