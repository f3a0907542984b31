"""`openweb read` as its users run it: JSON lines and archives in, one object a line out, and nothing ever stops it."""

from __future__ import annotations

import base64
import gzip
import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard
from click.testing import CliRunner, Result
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.signals import CARRIERS
from reports.verbs.read import command

ROOT = Path(__file__).parents[2]
SHARED = (ROOT / "../shared/data").resolve()
PAGE = '<html><head><meta name="robots" content="noai"><link rel="license" href="https://creativecommons.org/licenses/by/4.0/">'
LINES: list[dict[str, Any]] = [
    {"url": "https://a.example/", "status": 200, "headers": [["TDM-Reservation", "1"]], "body": PAGE},
    {
        "url": "https://a.example/robots.txt",
        "status": 200,
        "headers": {},
        "body": "User-agent: *\nContent-Signal: ai-train=no\n",
    },
    {"url": "https://a.example/.well-known/tdmrep.json", "body": '{"location":"/","tdm-reservation":1}'},
    {"url": "https://a.example/ai.txt", "status": 404, "body_b64": base64.b64encode(b"gone").decode()},
]


def run(text: str | bytes, *args: str) -> Result:
    """The verb on standard input."""
    return CliRunner().invoke(command, ["-", *args], input=text, catch_exceptions=False)


def objects(result: Result) -> list[dict[str, Any]]:
    """The objects of standard output."""
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


def jsonl(records: list[dict[str, Any]]) -> str:
    """Records as JSON lines."""
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.fixture(scope="module")
def found() -> list[dict[str, Any]]:
    """What the four lines give."""
    return objects(run(jsonl(LINES)))


def test_every_object_has_its_url_and_kind(found: list[dict[str, Any]]) -> None:
    """Each object carries the input's `url` and a `kind` of the four."""
    assert {record["kind"] for record in found} == {"reading", "licence", "coverage", "page"}
    assert list(dict.fromkeys(record["url"] for record in found)) == [line["url"] for line in LINES]


def test_readings(found: list[dict[str, Any]]) -> None:
    """A reading has the fields its users were promised; `both` is told as strict, and only lenient ones as lenient."""
    readings = [record for record in found if record["kind"] == "reading"]
    promised = {
        "carrier",
        "use",
        "stance",
        "reading",
        "scope",
        "pattern",
        "agent",
        "raw",
        "locator",
        "strength",
        "provenance",
    }
    assert all(promised <= set(record) for record in readings)
    said = {(r["carrier"], r["use"], r["stance"], r["reading"]) for r in readings}
    assert said == {
        ("tdmrep-header", "tdm", "reserved", "strict"),
        ("robots-meta", "train-generative", "reserved", "strict"),
        ("robots-meta", "train-other", "reserved", "strict"),
        ("content-signal", "train-generative", "reserved", "strict"),
        ("content-signal", "train-other", "reserved", "strict"),
        ("tdmrep-file", "tdm", "reserved", "lenient"),
    }


def test_licences_and_page(found: list[dict[str, Any]]) -> None:
    """The licence stands in its head link; the page object says it is the page's own, and comes last."""
    licences = [record for record in found if record["kind"] == "licence"]
    promised = {"spdx", "class", "subject", "source", "raw", "location", "partial", "conflict"}
    assert all(promised <= set(record) for record in licences)
    assert ("CC-BY-4.0", "A", "document") in {(r["spdx"], r["class"], r["subject"]) for r in licences}
    last: dict[str, dict[str, Any]] = {record["url"]: record for record in found}
    assert {record["kind"] for record in last.values()} == {"page"}
    pages = {url: (r["page_licence"], r["page_licence_class"], r["partial"], r["conflict"]) for url, r in last.items()}
    assert pages["https://a.example/"] == ("CC-BY-4.0", "A", False, False)
    assert pages["https://a.example/ai.txt"] == (None, None, False, False)


def test_coverage(found: list[dict[str, Any]]) -> None:
    """Every carrier on every exchange, each once, with state and reason."""
    for line in LINES:
        coverage = [r for r in found if r["kind"] == "coverage" and r["url"] == line["url"]]
        assert [record["carrier"] for record in coverage] == list(CARRIERS)
    states = {
        (r["url"].rpartition("/")[2], r["carrier"]): (r["state"], r["reason"]) for r in found if r["kind"] == "coverage"
    }
    assert states["", "robots-meta"] == ("present", None)
    assert states["", "x-robots-tag"] == ("absent", None)
    assert states["", "ai-txt"] == ("unobserved", "not_asked")
    assert states["ai.txt", "ai-txt"] == ("absent", None)
    assert states["tdmrep.json", "tdmrep-file"] == ("malformed", "wrong_shape: not an array")


BAD = [
    b"nope",
    b"[1, 2]",
    b'{"status": 200}',
    b'{"url": "https://a.example/", "headers": 3}',
    b'{"url": "https://a.example/", "body_b64": "%%"}',
    b"[" * 100_000,
    b'{"url": "\xff"}',
    b'{"url": "https://[", "body": ""}',
]


def test_bad_lines_are_errors_and_the_run_goes_on() -> None:
    """A bad line costs a line of kind `error` that names its place; what follows it is read."""
    good = json.dumps(LINES[0]).encode()
    result = run(b"\n".join([*BAD, b"", good]) + b"\n")
    records = objects(result)
    errors = [record for record in records if record["kind"] == "error"]
    assert [error["place"] for error in errors] == [f"line {number}" for number in range(1, len(BAD) + 1)]
    assert all(error["error"] and "Traceback" not in error["error"] for error in errors)
    assert [record["url"] for record in records if record["kind"] == "page"] == ["https://a.example/"]
    assert "8 of 9 inputs" in result.stderr


@pytest.mark.timeout(60)
def test_it_streams() -> None:
    """What has been read is written before the input ends, so it can stand in the middle of a pipe."""
    program = "import openweb; openweb.main(['read', '-'])"
    child = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        for line in LINES[:2]:
            child.stdin.write(json.dumps(line) + "\n")
            child.stdin.flush()
            # Reading blocks until the line is answered; pytest's own limit is what would end it.
            while (record := json.loads(child.stdout.readline()))["kind"] != "page":
                assert record["url"] == line["url"]
    finally:
        child.stdin.close()
        assert child.wait(timeout=60) == 0


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress, bytes], ids=["gzip", "zstandard", "plain"])
def test_files(tmp_path: Path, pack: Any) -> None:
    """JSON lines may be compressed; the form is told from the bytes."""
    path = tmp_path / "input"
    path.write_bytes(pack(jsonl(LINES).encode()))
    result = CliRunner().invoke(command, [str(path)], catch_exceptions=False)
    assert len([record for record in objects(result) if record["kind"] == "page"]) == len(LINES)


def test_a_cut_file_is_told(tmp_path: Path) -> None:
    """A compressed file that ends too early gives what it held and an error."""
    path = tmp_path / "cut.jsonl.gz"
    whole = gzip.compress(jsonl(LINES * 200).encode(), mtime=0)
    path.write_bytes(whole[: len(whole) // 2])
    records = objects(CliRunner().invoke(command, [str(path)], catch_exceptions=False))
    assert records[-1]["kind"] == "error"
    assert "decompressed" in records[-1]["error"]


def archive(path: Path) -> None:
    """A WARC of four responses about different addresses, and a request nobody asked for."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for url, status, fields, body in (
            ("https://w.example/robots.txt", "200 OK", [], b"User-agent: *\nContent-Signal: ai-train=no\n"),
            (
                "https://w.example/article/7",
                "200 OK",
                [("Content-Type", "text/html"), ("X-Robots-Tag", "noai")],
                b"<p>",
            ),
            (
                "https://w.example/photo.jpg",
                "200 OK",
                [("Content-Type", "image/jpeg"), ("tdm-reservation", "1")],
                b"\xff",
            ),
            ("https://w.example/ai.txt", "404 Not Found", [], b""),
        ):
            head = StatusAndHeaders(status, fields, protocol="HTTP/1.1")
            writer.write_record(writer.create_warc_record(url, "response", payload=io.BytesIO(body), http_headers=head))
        writer.write_record(
            writer.create_warc_record("https://w.example/", "request", payload=io.BytesIO(b"GET / HTTP/1.1\r\n\r\n"))
        )


@pytest.mark.parametrize("way", ["named", "renamed", "piped"])
def test_archives(tmp_path: Path, way: str) -> None:
    """Every response of a WARC is read, whatever its address, its name and whether it is named or piped in."""
    path = tmp_path / ("input.bin" if way == "renamed" else "input.warc.gz")
    archive(path)
    result = (
        run(path.read_bytes()) if way == "piped" else CliRunner().invoke(command, [str(path)], catch_exceptions=False)
    )
    records = objects(result)
    pages = {record["url"]: record["outcome"] for record in records if record["kind"] == "page"}
    assert pages == {
        "https://w.example/robots.txt": "ok",
        "https://w.example/article/7": "ok",
        "https://w.example/photo.jpg": "ok",
        "https://w.example/ai.txt": "absent",
    }
    said = {(r["url"].rpartition("/")[2], r["carrier"], r["use"]) for r in records if r["kind"] == "reading"}
    assert said >= {("7", "x-robots-tag", "train-generative"), ("photo.jpg", "tdmrep-header", "tdm")}


def test_facts_on_request() -> None:
    """Prices, dialects and faults are printed when asked for, in kinds of their own."""
    line = {"url": "https://a.example/", "status": 402, "headers": {"crawler-price": "USD 0.01"}, "body": ""}
    assert {record["kind"] for record in objects(run(jsonl([line])))} == {"coverage", "page"}
    facts = [record for record in objects(run(jsonl([line]), "--facts")) if record["kind"] == "fact"]
    assert [(fact["carrier"], fact["name"], fact["value"]) for fact in facts] == [
        ("payment", "paid", "pay-per-crawl USD 0.01")
    ]
    policy = {"url": "https://a.example/ai.txt", "body": "Training: no\n"}
    kinds = {record["kind"] for record in objects(run(jsonl([*LINES, policy]), "--facts"))}
    assert kinds == {"reading", "licence", "coverage", "page", "fact", "fault", "access"}


def test_text_for_people() -> None:
    """On a terminal the same is said in words, and hostile characters are shown, never sent."""
    line = {"url": "https://a.example/", "headers": {"x-robots-tag": "noai, \x1b[31mred"}, "body": PAGE}
    result = run(jsonl([line]) + "nope\n", "--text")
    assert result.exit_code == 0
    assert "train-generative reserved, informal: x-robots-tag" in result.stdout
    assert "the page declares CC-BY-4.0" in result.stdout
    assert "\x1b" not in result.stdout
    assert "line 2" in result.stderr


def test_usage() -> None:
    """Two forms at once, and a file that is not there, are told with what to do."""
    runner = CliRunner()
    assert runner.invoke(command, ["-", "--json", "--text"]).exit_code == 2
    child = subprocess.run(
        [sys.executable, "-c", "import openweb; openweb.main(['read', 'no-such-file'])"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == 2
    assert child.stderr.startswith("openweb: no-such-file: cannot be read")


HOSTILE = {
    "nested-json": b"[" * 100_000,
    "nested-tags": b"<div>" * 2_000_000,
    "attribute": b'<meta name="robots" content="' + b"a" * 1_000_000 + b'">',
    "invalid-utf-8": b"\xff\xfe\xfd" * 100_000,
    "billion-laughs": b'<!DOCTYPE rsl [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rsl xmlns="https://rslstandard.org/rsl">&b;</rsl>',
    "json-ld": b'<script type="application/ld+json">' + b'{"a":' * 100_000,
    "zeros": b"\x00" * 10_000_000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_bodies(body: bytes) -> None:
    """Whatever is served at any of our places costs bounded time and gives its coverage."""
    paths = ["/", "/robots.txt", "/.well-known/tdmrep.json", "/ai.txt", "/trust.txt", "/llms.txt", "/rsl.xml"]
    encoded = base64.b64encode(body).decode()
    started = time.monotonic()
    records = objects(run(jsonl([{"url": f"https://h.example{path}", "body_b64": encoded} for path in paths])))
    assert time.monotonic() - started < 20.0
    assert len([record for record in records if record["kind"] == "page"]) == len(paths)


def real_files() -> Iterator[tuple[str, str]]:
    """The published files beside the repository and the address each was served at."""
    for path in sorted((SHARED / "signals").glob("**/*")):
        name = path.name.rpartition("__")[2]
        if path.is_file() and name != "LICENSE":
            folder = "/.well-known" if "well-known" in path.name else ""
            yield str(path), f"https://r.example{folder}/{'' if name.endswith('.html') else name}"


def test_real_files() -> None:
    """Published tdmrep.json, RSL, ai.txt, robots.txt and meta files each state what a person reads in them."""
    files = list(real_files())
    if not files:
        pytest.skip("no real files beside the repository")
    lines = [{"url": url, "body_b64": base64.b64encode(Path(path).read_bytes()).decode()} for path, url in files]
    for (path, _), line in zip(files, lines, strict=True):
        records = objects(run(jsonl([line])))
        said = {
            (r["carrier"], r["use"], r["stance"])
            for r in records
            if r["kind"] == "reading" and r["reading"] == "strict"
        }
        name = Path(path).name
        if "tdmrep" in name:
            stance = "permitted" if name.startswith("xlr8harder") else "reserved"
            assert said == {("tdmrep-file", "tdm", stance)}, name
        elif name.endswith(".xml"):
            assert ("rsl-document", "train-generative", "conditional") in said, name
        elif name == "ai.txt":
            assert said == {("ai-txt", use, "reserved") for use in ("train-generative", "train-other")}
        elif name == "meta-tags.html":
            assert said >= {("tdmrep-meta", "tdm", "reserved"), ("robots-meta", "train-generative", "reserved")}


def test_real_archives() -> None:
    """Archives others wrote, some damaged on purpose: a page or an error for each, and never a traceback."""
    files = [path for path in sorted((SHARED / "warc").rglob("*")) if path.is_file()]
    if not files:
        pytest.skip("no archives beside the repository")
    result = CliRunner().invoke(command, [str(path) for path in files], catch_exceptions=False)
    records = objects(result)
    assert len([record for record in records if record["kind"] == "page"]) >= 60
    assert all("Traceback" not in record["error"] for record in records if record["kind"] == "error")
