"""`openweb frame`: what it writes, prints and refuses."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crawler.errors import Exit
from crawler.frame import read_frame
from tests.reports.archives import records, run

ROOT = Path(__file__).parents[2]


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    rows = [f"{rank},Site{rank}.example" for rank in range(1, 101)]
    path.write_text("\n".join([*rows, "101,site1.example", "102,not a host"]) + "\n", encoding="utf-8")
    return path


def test_build_says_what_was_listed_drawn_and_left_out(tmp_path: Path, listed: Path) -> None:
    out, left_out = tmp_path / "frame.csv", tmp_path / "left-out.csv"
    command = ("frame", "build", listed, "-o", out, "--strata", "rank:10", "--sample", 5, "--per-stratum")
    code, text = run(*command, "--seed", 7, "--rejects", left_out)
    assert code == Exit.DONE
    assert "1-10: 10 listed, 5 drawn" in text
    assert "11+: 90 listed, 5 drawn" in text
    assert "left out: 1: duplicate" in text
    frame = read_frame(out)
    assert f"frame {frame.id}: 10 sites of list.csv, 10 drawn with seed 7" in text
    assert frame.sha256 == read_frame(listed).sha256
    assert sorted({site.weight for site in frame.sites if site.weight}) == [2.0, 18.0]
    reasons = [row["reason"] for row in csv.DictReader(io.StringIO(left_out.read_text(encoding="utf-8")))]
    assert len(reasons) == 2
    before = out.read_bytes()
    assert run(*command, "--seed", 7)[0] == Exit.DONE
    assert out.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["frame.csv", "left-out.csv", "list.csv"]


def test_json_and_several_lists(tmp_path: Path, listed: Path) -> None:
    table = tmp_path / "more.parquet"
    pq.write_table(pa.table({"host": ["site1.example", "news.example"], "category": ["a", "b"]}), table)
    out = tmp_path / "f.csv"
    code, text = run("frame", "build", listed, table, "-o", out, "--panel", table, "--sample", 3, "--json")
    (record,) = records(text.partition("\nleft out")[0])
    assert code == Exit.DONE
    assert (record["sites"], record["panel"], record["path"]) == (5, 2, str(out))
    assert record["strata"] == {"all": {"listed": 99, "drawn": 3}}
    assert [site.part for site in read_frame(out).sites] == ["panel"] * 2 + ["refresh"] * 3


def test_no_list_is_the_starter_frame(tmp_path: Path) -> None:
    out = tmp_path / "f.csv"
    assert run("frame", "build", "-o", out, "--strata", "category", "--sample", 60)[0] == Exit.DONE
    assert len(read_frame(out).sites) == 60
    (record,) = records(run("frame", "show", "--json")[1])
    assert record["sites"] >= 300
    assert sum(record["by_country"].values()) == record["sites"]
    assert record["by_category"]["news"] > 100


def test_show(tmp_path: Path, listed: Path) -> None:
    code, text = run("frame", "show", listed)
    assert code == Exit.DONE
    assert f"frame {read_frame(listed).id}: 100 sites of list.csv" in text
    assert "by category" not in text, "a list without categories shows none"
    hostile = tmp_path / "hostile.csv"
    hostile.write_text("site,category\na.example,\x1b[31mred\n", encoding="utf-8")
    assert "\x1b" not in run("frame", "show", hostile)[1]


def test_stdin_to_stdout() -> None:
    """The list in, the frame out, what is said about it on stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "openweb", "frame", "build", "-", "-o", "-", "--list-id", "My list 7"],
        cwd=ROOT, input=b"a.example\nb.example\nb.example\n", capture_output=True, check=False, env=os.environ,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    frame = read_frame(done.stdout)
    assert [site.site for site in frame.sites] == ["a.example", "b.example"]
    assert frame.source == "My list 7"
    assert b"left out: 1: duplicate" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.csv", "-o", "f.csv"], "none.csv: cannot be read"),
        (["list.csv", "-o", "none/f.csv"], "cannot be written"),
        (["list.csv", "-o", "f.csv", "--per-stratum"], "say how many with --sample"),
        (["list.csv", "-o", "f.csv", "--strata", "size"], "expected category, country, tld, or rank"),
        (["list.csv", "-o", "f.csv", "--strata", "country"], "no site of list.csv has a country"),
        (["list.csv", "-o", "f.csv", "--sample", "0"], "from 1 up"),
        (["list.csv", "-o", "f.csv", "--column", "host"], "no column 'host'"),
        (["empty.txt", "-o", "f.csv"], "no site in it"),
        (["list.csv", "-o", "-", "--json"], "both want stdout"),
    ],
)
def test_what_cannot_be_built(
    arguments: list[str], message: str, tmp_path: Path, listed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.txt").write_text("# nothing\n", encoding="utf-8")
    code, text = run("frame", "build", *arguments)
    assert code == Exit.USAGE
    assert message in text
    assert not (tmp_path / "f.csv").exists()
