"""`import openweb`: the names it promises, that they cost nothing until used, and the examples of docs/python.md."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import openweb
from analysis import door
from analysis.verdicts import judge
from crawler.ingest import take_in
from crawler.settings import Archive
from tests.analysis.builders import HTML, Site, portion

ROOT = Path(__file__).parents[1]
SEPTEMBER, OCTOBER = date(2026, 9, 15), date(2026, 10, 15)
LICENSED = HTML.replace(b"</head>", b'<link rel="license" href="https://creativecommons.org/licenses/by/4.0/"></head>')
CLOSED = b"User-agent: *\nContent-Signal: ai-train=no\nAllow: /\n\nUser-agent: GPTBot\nDisallow: /\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the archive of the examples: three sites, two snapshots, taken in through the real door."""
    folder = tmp_path_factory.mktemp("door")
    blog = Site(robots=b"User-agent: *\nDisallow: /drafts/\n")
    before = {
        "news.example": Site(robots=b"User-agent: *\nAllow: /\n"),
        "blog.example": blog,
        "open.example": Site(page=LICENSED),
    }
    after = before | {"news.example": Site(robots=CLOSED)}
    for on, sites in ((SEPTEMBER, before), (OCTOBER, after)):
        take_in(Archive(path=str(folder / "openweb.duckdb"), threads=1), portion(sites, on), after=judge, workers=1)
    return folder


@pytest.fixture
def at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(home)
    return home


def blocks(page: str) -> list[tuple[int, str]]:
    """The runnable examples of a page, each with the line it begins at."""
    found = re.finditer(r"^```pycon\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    return [(page.count("\n", 0, match.start(1)), match[1]) for match in found]


def test_the_examples_of_the_page_are_true(at_home: Path) -> None:
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    assert len(blocks(page)) >= 6
    names: dict[str, object] = {}
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    said: list[str] = []
    for line, text in blocks(page):
        example = doctest.DocTestParser().get_doctest(text, names, "docs/python.md", "docs/python.md", line)
        runner.run(example, out=said.append, clear_globs=False)
        names = example.globs
    assert not runner.failures, "".join(said)


def test_every_promised_name_is_there_and_documented() -> None:
    for name in openweb.__all__:
        found = getattr(openweb, name)
        if name != "__version__" and not isinstance(found, str):
            assert name == "Statement" or found.__doc__, name
    assert set(openweb.__all__) == {*door.__all__, "__version__"}
    assert set(openweb.__all__) <= set(dir(openweb))


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'robots_txt'"):
        _ = openweb.robots_txt  # type: ignore[attr-defined]


def test_importing_it_loads_nothing_heavy() -> None:
    """`openweb -h` and `import openweb` answer at once: the database and Arrow come with the first use."""
    code = "import openweb, sys; print(sorted({'duckdb', 'pyarrow', 'scrapy', 'analysis.door'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_type_checkers_see_the_names(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import openweb\n"
        "reveal_type(openweb.parse_robots(b'').allows('a', '/').line)\n"
        "with openweb.open_archive('x') as archive:\n"
        "    reveal_type(archive.verdicts('a.example')[0].state)\n"
        "    reveal_type(archive.decide('a.example', 'ccbot').ruling)\n"
        "openweb.load_polices\n"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--no-error-summary",
            f"--cache-dir={tmp_path / 'cache'}",
            str(program),
        ],
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if "No module named mypy" in done.stderr:
        pytest.skip("mypy is not installed")
    told = re.findall(r'Revealed type is "([^"]+)"', done.stdout)
    assert told == ["int | None", "crawler.vocabulary.State", "crawler.vocabulary.Ruling"] or told == [
        "Union[builtins.int, None]",
        "crawler.vocabulary.State",
        "crawler.vocabulary.Ruling",
    ], done.stdout
    assert 'has no attribute "load_polices"' in done.stdout


@pytest.mark.parametrize(
    ("agent", "url", "profile", "allowed", "line"),
    [
        ("GPTBot", "https://a.example/x", "rfc9309", False, 2),
        ("gptbot", "/x?y#z", "rfc9309", False, 2),
        ("GPTBot", "https://a.example/robots.txt", "rfc9309", True, None),
        ("CCBot", "https://a.example/x", "rfc9309", True, None),
        ("CCBot", "https://a.example/y", "rfc9309", True, None),
        # Google's parser takes "Dissallow" for Disallow; RFC 9309 does not know the key.
        ("CCBot", "https://a.example/y", "google", False, 4),
    ],
)
def test_a_robots_file_answers_with_its_line(
    agent: str, url: str, profile: str, allowed: bool, line: int | None
) -> None:
    text = b"User-agent: GPTBot\nDisallow: /\nUser-agent: *\nDissallow: /y\n"
    found = openweb.may_fetch(text, agent, url, profile=profile)
    assert (found.allowed, found.line) == (allowed, line)
    assert openweb.parse_robots(text.decode()).allows(agent, url, profile=profile) == found


@pytest.mark.parametrize("body", [b"", b"\x00\xff\xfe", b"<html>", b"User-agent" * 1000, bytes(range(256))])
def test_any_bytes_can_be_a_robots_file(body: bytes) -> None:
    file = openweb.parse_robots(body)
    assert file.allows("GPTBot", "https://a.example/").allowed
    assert file.access()[-1].token == "*"


def test_mistakes_are_pointed_errors(at_home: Path) -> None:
    with pytest.raises(openweb.OpenwebError, match="rfc9309, google"):
        openweb.may_fetch(b"", "a", "/", profile="bing")
    with pytest.raises(openweb.OpenwebError, match="role 'page '"):
        openweb.read_signals("https://a.example/", 200, {}, b"", role="page ")
    with pytest.raises(openweb.OpenwebError, match="no archive there"), openweb.open_archive("none.duckdb"):
        pass
    pq.write_table(pa.table({"a": [1]}), "other.parquet")
    with pytest.raises(openweb.OpenwebError, match="no policy of openweb"):
        openweb.load_policy("other.parquet")
    with openweb.open_archive("openweb.duckdb") as archive:
        with pytest.raises(openweb.OpenwebError, match="not in this archive"):
            archive.verdicts("nowhere.example")
        with pytest.raises(openweb.OpenwebError, match="train-generative"):
            archive.verdicts("news.example", use="training")
        with pytest.raises(openweb.OpenwebError, match="did you mean ccbot"):
            archive.decide("news.example", "ccbots")


def test_an_archive_is_read_while_another_reader_has_it_open(at_home: Path) -> None:
    """A reader of another process holds it open from before we open it until after we are done."""
    code = (
        "import openweb\n"
        "with openweb.open_archive('openweb.duckdb') as archive:\n"
        "    print(len(archive.snapshots()), flush=True)\n"
        "    input()\n"
        "    print(archive.verdicts('news.example', 'tdm')[0].state, flush=True)\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "2"
        with openweb.open_archive("openweb.duckdb") as archive, openweb.open_archive("openweb.duckdb") as again:
            assert archive.verdicts("news.example", "tdm")[0].state is openweb.State.SILENT
            assert again.decide("news.example", "ccbot", OCTOBER).ruling is openweb.Ruling.ALLOW
        assert other.communicate("\n", timeout=30)[0].strip() == "silent"
    finally:
        other.kill()


def test_a_url_nobody_looked_at_is_unknown_not_an_error(at_home: Path) -> None:
    with openweb.open_archive("openweb.duckdb") as archive:
        found = archive.decide("https://nowhere.example/x", "eu-tdm-art4", date(2026, 10, 20))
    assert (found.ruling, found.code) == (openweb.Ruling.UNKNOWN, "not-in-archive")


def test_signals_take_headers_as_a_mapping_or_as_lines() -> None:
    one = openweb.read_signals("https://a.example/", 200, {"Content-Usage": "train-ai=n"}, b"<p>")
    two = openweb.read_signals("https://a.example/", 200, [("Content-Usage", "train-ai=n")], b"<p>")
    assert one == two
    assert any(isinstance(item, openweb.Reading) and item.stance is openweb.Stance.RESERVED for item in one)
