"""`openweb backfill table`, `status` and `verify` as their users run them: results, messages, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

import openweb
from crawler.errors import Exit, OpenwebError

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
BLOCK = "User-agent: GPTBot\nDisallow: /\n"
COLUMNS = ("--site", "site", "--date", "date", "--body", "body")


def run(*args: object) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "openweb", *map(str, args)], cwd=ROOT, capture_output=True, text=True, check=False
    )


def invoke(*args: object) -> Result:
    """The command in this process, for what needs no exit code of `main`."""
    return CliRunner().invoke(openweb.cli, [str(arg) for arg in args], standalone_mode=False)


def answer(result: Result) -> tuple[int, str]:
    """The exit code and message `main` would end with; anything but an answer to the user is raised."""
    match result.exception:
        case None:
            return int(result.return_value or 0), result.output
        case OpenwebError() as error:
            return error.exit_code, str(error)
        case click.ClickException() as error:
            return error.exit_code, error.format_message()
        case error:
            raise error


@pytest.fixture
def panel(tmp_path: Path) -> Path:
    rows = [
        ("a.example", "2025-01-15", BLOCK),
        ("b.example", "2025-01-15", ""),
        ("a.example", "2025-02-15", "<!doctype html>"),
        ("b.example", "never", BLOCK),
    ]
    columns = dict(zip(("site", "date", "body"), map(list, zip(*rows, strict=True)), strict=True))
    pq.write_table(pa.table(columns), tmp_path / "panel.parquet")
    return tmp_path / "panel.parquet"


def test_a_table_goes_in_once_and_says_what_it_did(panel: Path, tmp_path: Path) -> None:
    db = tmp_path / "a.duckdb"
    first = run("backfill", "table", panel, *COLUMNS, "--db", db, "--json")
    assert first.returncode == Exit.DONE, first.stderr
    said = json.loads(first.stdout)
    assert said | {"readings": 0} == {
        "file": "panel.parquet",
        "already": False,
        "rows": 4,
        "sites": 2,
        "snapshots": 2,
        "visits": 3,
        "exchanges": 3,
        "bodies": 3,
        "readings": 0,
        "rejects": 1,
        "repeated": 0,
        "outcomes": {"not_the_file": 2, "ok": 1},
        "rejected": {"not a date": 1},
    }
    second = invoke("backfill", "table", panel, *COLUMNS, "--db", db)
    assert answer(second)[0] == Exit.DONE
    assert second.stdout == "panel.parquet: already in the archive; nothing changed\n"


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        pytest.param(("--date", "day"), Exit.USAGE, "no column 'day'; its columns are: site, date, body", id="column"),
        pytest.param(("--status-map", "x=y"), Exit.USAGE, "--status-map x=y: expected TEXT=OUTCOME", id="map"),
        pytest.param(("--calendar", "c.csv"), Exit.USAGE, "add --change-log", id="calendar without a change log"),
        pytest.param(("--change-log", "--calendar", "none.csv"), Exit.USAGE, "calendar cannot be read", id="calendar"),
        pytest.param(("--frame", "none.csv"), Exit.USAGE, "none.csv: cannot be read", id="frame"),
        pytest.param(("--status", "body"), Exit.BELOW_FLOOR, "", id="most rows rejected"),
        pytest.param(("--site", "body"), Exit.USAGE, "none of its 4 rows could be taken", id="all rows rejected"),
    ],
)
def test_what_cannot_be_used_is_said(
    args: tuple[str, ...], code: Exit, message: str, panel: Path, tmp_path: Path
) -> None:
    found, said = answer(invoke("backfill", "table", panel, *COLUMNS, *args, "--db", tmp_path / "a.duckdb"))
    assert found == code
    assert message in said


def test_a_file_that_is_none(tmp_path: Path) -> None:
    found, said = answer(invoke("backfill", "table", tmp_path / "none", *COLUMNS, "--db", tmp_path / "a.duckdb"))
    assert found == Exit.USAGE
    assert "cannot be read" in said
    assert not (tmp_path / "a.duckdb").exists()


def test_status_shows_what_is_there(panel: Path, tmp_path: Path) -> None:
    db = tmp_path / "a.duckdb"
    invoke("backfill", "table", panel, *COLUMNS, "--db", db)
    text = invoke("status", "--db", db).output
    for part in ("snapshots (2 of 2 shown)", "2025-01-15  table panel.parquet: 2 sites, 2 observed, 1 answered"):
        assert part in text
    assert "rejected: 1 not a date" in text
    lines = [json.loads(line) for line in invoke("status", "--db", db, "--json").output.splitlines()]
    assert [line["kind"] for line in lines] == ["archive", "snapshot", "snapshot", "reject"]
    assert (lines[0]["visits"], lines[0]["rejects"], lines[1]["outcomes"]) == (3, 1, {"not_the_file": 1, "ok": 1})


def test_a_hostile_name_is_not_sent_to_the_terminal(panel: Path, tmp_path: Path) -> None:
    evil = tmp_path / "\x1b[31mred.parquet"
    panel.rename(evil)
    db = tmp_path / "a.duckdb"
    for result in (invoke("backfill", "table", evil, *COLUMNS, "--db", db), invoke("status", "--db", db)):
        assert "\x1b" not in result.output
        assert "\\x1b[31mred" in result.output


def test_verify_passes_a_whole_archive_and_not_a_damaged_one(panel: Path, tmp_path: Path) -> None:
    db = tmp_path / "a.duckdb"
    invoke("backfill", "table", panel, *COLUMNS, "--db", db)
    assert invoke("verify", "--db", db).stdout == f"{db}: whole\n"
    with duckdb.connect(str(db)) as connection:
        connection.execute("UPDATE body SET data = 'x' WHERE bytes > 0")
        connection.execute("DELETE FROM evidence")
    broken = run("verify", "--db", db, "--json")
    assert broken.returncode == Exit.ARCHIVE
    found = {line["rule"]: line["broken"] for line in map(json.loads, broken.stdout.splitlines()) if line["broken"]}
    assert found["the bytes of 3 bodies match their hashes"] == 2
    assert found["every visit has its evidence"] == 3
    assert "damaged, see above" in broken.stderr
    assert "Traceback" not in broken.stderr
    assert answer(invoke("verify", "--db", tmp_path / "none.duckdb"))[0] == Exit.ARCHIVE


@pytest.mark.skipif(not DATA.is_dir(), reason="the real panel is not here")
def test_the_real_panel(tmp_path: Path) -> None:
    """1,585 site-months of 145 sites in 11 waves, 10 to 14 % of a wave HTML or empty (its own description)."""
    db = tmp_path / "panel.duckdb"
    columns = ("--site", "site", "--date", "observed_on", "--body", "body")
    result = invoke("backfill", "table", DATA / "robots_panel_2025_2026.parquet", *columns, "--db", db, "--json")
    said = json.loads(result.stdout)
    assert (said["rows"], said["visits"], said["sites"], said["snapshots"], said["rejects"]) == (1585, 1585, 145, 11, 0)
    lines = [json.loads(line) for line in invoke("status", "--db", db, "--json").output.splitlines()]
    waves = [line for line in lines if line["kind"] == "snapshot"]
    for wave in waves:
        assert set(wave["outcomes"]) == {"ok", "not_the_file"}
        assert 0.09 <= wave["outcomes"]["not_the_file"] / wave["sites"] <= 0.15
