"""The report's folder: the same bytes twice, put there whole, and nobody else's files touched."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.figures import SitePage
from crawler.errors import Exit
from reports import site
from reports.pages import Report


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_second_run_gives_the_same_bytes(report: Report, sites: list[SitePage], tmp_path: Path) -> None:
    one = site.write(report, iter(sites), tmp_path / "one")
    site.write(report, iter(sites), tmp_path / "two")
    first = tree(tmp_path / "one")
    assert first == tree(tmp_path / "two")
    site.write(report, iter(sites), tmp_path / "one")
    assert first == tree(tmp_path / "one")
    assert one == site.Made(tmp_path / "one" / "index.html", len(first) - 1, 10, capped=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"], "nothing is left lying about"


def test_the_marker_lists_every_file_with_its_hash(report: Report, many: Iterator[SitePage], tmp_path: Path) -> None:
    site.write(report, many, tmp_path / "out")
    first, *lines = (tmp_path / "out" / site.MARKER).read_text(encoding="utf-8").splitlines()
    assert first.startswith("#")
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    files = tree(tmp_path / "out")
    del files[site.MARKER]
    assert listed == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def test_stale_pages_go(report: Report, sites: list[SitePage], tmp_path: Path) -> None:
    site.write(report, iter(sites), tmp_path / "out")
    assert (tmp_path / "out" / "sites" / "harbour.example.html").exists()
    site.write(report, iter([page for page in sites if page.site != "harbour.example"]), tmp_path / "out")
    assert not (tmp_path / "out" / "sites" / "harbour.example.html").exists()


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"notes.txt": "mine"}, "holds files that are no report"),
        ({"index.html": "mine", "sites/a.html": "mine"}, "holds files that are no report"),
        ({site.MARKER: "something else", "a": ""}, "was not written by this openweb"),
        ({site.MARKER: "", "a": ""}, "was not written by this openweb"),
        ({site.MARKER: site.FIRST_LINE, "data/thesis.csv": "mine"}, "files of somebody else, such as data/thesis.csv"),
    ],
)
def test_a_folder_that_is_not_ours_is_left_alone(
    report: Report, sites: list[SitePage], tmp_path: Path, files: dict[str, str], message: str
) -> None:
    out = tmp_path / "out"
    for name, text in files.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(text, encoding="utf-8")
    with pytest.raises(site.ReportError, match=message) as caught:
        site.write(report, iter(sites), out)
    assert caught.value.exit_code is Exit.USAGE
    assert tree(out) == {name: text.encode() for name, text in files.items()}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_added_to_a_report_is_not_lost(report: Report, sites: list[SitePage], tmp_path: Path) -> None:
    site.write(report, iter(sites), tmp_path / "out")
    (tmp_path / "out" / "annotations.md").write_text("mine", encoding="utf-8")
    with pytest.raises(site.ReportError, match=r"annotations\.md"):
        site.write(report, iter(sites), tmp_path / "out")
    assert (tmp_path / "out" / "annotations.md").read_text(encoding="utf-8") == "mine"


def test_a_file_in_the_way_and_a_file_above(report: Report, sites: list[SitePage], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(site.ReportError, match="a file is there"):
        site.write(report, iter(sites), tmp_path / "file")
    with pytest.raises(site.ReportError, match="cannot be written"):
        site.write(report, iter(sites), tmp_path / "file" / "below")


def test_an_empty_folder_and_a_link_to_a_folder_will_do(report: Report, sites: list[SitePage], tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real", target_is_directory=True)
    site.write(report, iter(sites), tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "index.html").exists()


def test_when_evidence_breaks_off_the_old_report_stays(report: Report, sites: list[SitePage], tmp_path: Path) -> None:
    out = tmp_path / "out"
    site.write(report, iter(sites), out)
    before = tree(out)

    def broken() -> Iterator[SitePage]:
        yield sites[0]
        raise RuntimeError("the archive went away")

    with pytest.raises(RuntimeError, match="went away"):
        site.write(report, broken(), out)
    assert tree(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_cap_on_pages_is_named_where_it_bites(report: Report, many: Iterator[SitePage], tmp_path: Path) -> None:
    made = site.write(replace(report, site_pages=4), many, tmp_path / "out")
    assert (made.sites, made.capped) == (4, True)
    assert len(list((tmp_path / "out" / "sites").iterdir())) == 4
    assert "The first 4 of 10 sites are listed" in (tmp_path / "out" / "sites.html").read_text(encoding="utf-8")
    assert "report.site_pages" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


def test_sites_are_read_as_a_stream(report: Report, sites: list[SitePage], tmp_path: Path) -> None:
    """A page is on disk before the next site is asked for."""
    seen = []

    def stream() -> Iterator[SitePage]:
        for page in sites:
            seen.append(len(list(tmp_path.rglob("sites/*.html"))))
            yield page

    done: list[str] = []
    site.write(report, stream(), tmp_path / "out", on_site=done.append)
    assert seen == list(range(10))
    assert done == [page.site for page in sites]
