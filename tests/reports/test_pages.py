"""Pages: valid HTML, readable by ear and keyboard, nothing crawled becomes markup, no claim beyond what is known."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import html5lib  # type: ignore[import-untyped]
import pytest
from lxml import etree

from analysis.figures import SitePage
from crawler.vocabulary import Cause, State, Use
from reports import evidence, moves, pages, render, site
from reports.pages import Report

H = "{http://www.w3.org/1999/xhtml}"
FORBIDDEN = ("allowed to train", "compliant", "legal to", "is legal", "free to use", "may train")


@pytest.fixture
def folder(report: Report, sites: list[SitePage], tmp_path: Path) -> Path:
    """The whole report on disk."""
    site.write(report, iter(sites), tmp_path / "report")
    return tmp_path / "report"


def parsed(path: Path) -> etree._Element:
    """The page as a tree; raises on the first parse error the HTML standard names."""
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("lxml"), strict=True, namespaceHTMLElements=True)
    root: etree._Element = parser.parse(path.read_text(encoding="utf-8")).getroot()
    return root


def html_pages(folder: Path) -> list[Path]:
    found = sorted(folder.rglob("*.html"))
    assert len(found) == 5 + 10
    return found


def words(node: etree._Element | None) -> str:
    return "" if node is None else " ".join("".join(map(str, node.itertext())).split())


def test_every_page_is_valid_and_its_ids_are_its_own(folder: Path) -> None:
    for path in html_pages(folder):
        root = parsed(path)
        ids = [node.get("id") for node in root.iter("*") if node.get("id")]
        assert len(ids) == len(set(ids)), path
        for node in root.iter():
            for name in ("aria-labelledby", "aria-describedby", "for"):
                for part in (node.get(name) or "").split():
                    assert part in ids, (path, name, part)


def test_landmarks_headings_tables_and_labels(folder: Path) -> None:
    for path in html_pages(folder):
        root = parsed(path)
        assert root.get("lang") == "en"
        assert [len(root.findall(f".//{H}{tag}")) for tag in ("main", "nav", "footer", "title", "h1")] == [1] * 5
        first = root.find(f".//{H}body/{H}a")
        assert first is not None
        assert first.get("href") == "#main", "the first thing the keyboard meets skips to the content"
        levels = [int(node.tag[-1]) for node in root.iter() if re.fullmatch(rf"{H}h[1-6]", str(node.tag))]
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels)), (path, levels)
        for table in root.iter(f"{H}table"):
            assert words(table.find(f"{H}caption"))
            assert all(th.get("scope") in ("col", "row") for th in table.iter(f"{H}th")), path
            rows = [len(row.findall(f"{H}th") + row.findall(f"{H}td")) for row in table.iter(f"{H}tr")]
            assert len(set(rows)) == 1, (path, "every row has as many cells as there are columns")
        for field in [*root.iter(f"{H}input"), *root.iter(f"{H}select")]:
            assert root.find(f".//{H}label[@for='{field.get('id')}']") is not None
        for region in root.iterfind(".//*[@role='region']"):
            assert region.get("aria-label")
            assert region.get("tabindex") == "0", "what scrolls can be scrolled by keyboard"


def test_links_lead_somewhere_and_nothing_is_fetched_from_outside(folder: Path) -> None:
    for path in html_pages(folder):
        root = parsed(path)
        for node in root.iter():
            assert not [name for name in node.attrib if str(name).startswith("on") or name == "style"], path
            for name in ("src", "srcset", "data", "poster", "action", "background"):
                assert node.get(name) is None, path
            href = node.get("href")
            if href is None:
                continue
            if re.match(r"https?:", href):
                assert node.tag == f"{H}a"
                assert node.get("rel") == "nofollow noopener noreferrer"
                continue
            place, _, anchor = href.partition("#")
            target = (path.parent / place).resolve() if place else path
            assert target.is_file(), (path, href)
            assert folder in target.parents
            if anchor:
                assert f'id="{anchor}"' in target.read_text(encoding="utf-8"), (path, href)


def test_the_policy_lets_nothing_in_and_the_one_script_is_ours(folder: Path) -> None:
    for path in html_pages(folder):
        root = parsed(path)
        policy = next(
            str(node.get("content"))
            for node in root.iter(f"{H}meta")
            if node.get("http-equiv") == "Content-Security-Policy"
        )
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        scripts = list(root.iter(f"{H}script"))
        assert [node.text for node in scripts] == ([render.static("search.js")] if path.name == "sites.html" else [])
        assert ("script-src" in policy) == bool(scripts)
        assert not scripts or render.script_source("search.js") in policy


def test_what_sites_serve_never_becomes_markup(folder: Path, hostile: tuple[str, ...]) -> None:
    raw = {words(node) for path in html_pages(folder) for node in parsed(path).iter(f"{H}code")}
    for text in hostile:
        assert " ".join(render.clean(text).split()) in raw, "it is shown as it stands, hidden characters escaped"
    for path in html_pages(folder):
        root = parsed(path)
        names = {str(node.tag).rpartition("}")[2] for node in root.iter("*")}
        assert not names & {"img", "iframe", "object", "embed", "base", "frame", "video", "audio"}
        assert not [
            node for node in root.iter() if str(node.get("href") or "").lower().startswith(("javascript:", "data:"))
        ]
        text = path.read_bytes().decode("utf-8")
        assert not render._HIDDEN.search(text), (path, "no control or direction character is in the bytes")


def test_numbers_stand_with_their_denominator(report: Report) -> None:
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", pages.front(report, pages.Written())))
    assert "A reservation against training generative AI was found on 4 of 10 sites" in text
    assert "That is 40.0% of the 10 sites in the denominator “frame” (95% interval 16.8% to 68.7%)." in text
    assert "On 2 of 10 (20.0%) none was found in the places checked, which is not consent." in text
    assert "1 of 10 (10.0%) could not be checked" in text
    assert "between 40.0% and 50.0%" in text
    assert "In the first snapshot, 15 August 2026, it was 1 of 10 (10.0%)" in text
    assert "GPTBot (OpenAI): 4 of 9 sites refuse it at the root (denominator “answered”)" in re.sub(r" \(", " (", text)


def test_no_page_says_more_than_is_known(folder: Path) -> None:
    for path in html_pages(folder):
        text = words(parsed(path)).lower()
        assert not [phrase for phrase in FORBIDDEN if phrase in text], path


def test_a_change_of_ours_and_a_change_of_theirs_never_share_a_heading(report: Report, sites: list[SitePage]) -> None:
    events, alone = moves.events(report.changes), moves.by_cause(report.changes)
    (flip,) = moves.flips(report.changes)
    assert (len(flip.sites), flip.parts, flip.provenance) == (3, tuple(events), "cdn_managed")
    assert [(event.title, len(event.sites)) for event in events] == [("Managed robots.txt: Content-Signal added", 3)]
    assert {move.title for move in events[0].moves} == {"Training generative AI", "Training other AI"}
    assert list(alone) == [Cause.SITE_CHANGED, Cause.VISIBILITY_CHANGED, Cause.WE_CHANGED]
    assert [entry.title for entry in alone[Cause.SITE_CHANGED]] == ["harbour.example"]
    assert [entry.title for entry in alone[Cause.WE_CHANGED]] == [sites[3].site]
    assert alone[Cause.SITE_CHANGED][0].moves[0].title == "GPTBot (access)"


def test_sites_without_a_page_are_not_linked(report: Report) -> None:
    text = pages.changes(report, pages.Written())
    assert "sites/" not in text
    assert "sites/harbour.example.html" in pages.changes(report, pages.Written(frozenset({"harbour.example"})))


def test_a_statement_is_listed_once_with_all_it_says_and_decides(sites: list[SitePage]) -> None:
    page = next(page for page in sites if page.site == "harbour.example")
    (found,) = evidence.statements(page)
    assert found.stances == (("train-generative", "reserved"), ("train-other", "reserved"), ("search", "permitted"))
    assert found.decides == (Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER, Use.SEARCH)
    (refusal,) = evidence.refusals(page)
    assert evidence.refusing(page.verdicts[2]) == [refusal]
    assert evidence.refusing(page.verdicts[3]) == []
    assert (refusal.agents, refusal.evidence.raw) == ((("GPTBot", 9), ("CCBot", 9)), "Disallow: /")
    assert evidence.unseen(page) == [evidence.Missed(("tdmrep-file",), "unobserved", "unreachable", (Use.TDM,))]


@pytest.mark.parametrize(
    ("state", "more", "expected"),
    [
        (State.SILENT, {"looked_at": 9}, "None found in the 9 places checked"),
        (State.SILENT, {"looked_at": 1}, "None found in the 1 place checked"),
        (State.UNKNOWN, {"reason": "malformed: x"}, "Could not check"),
        (State.UNKNOWN, {"reason": "could not check page: not_asked"}, "Could not check page: not asked"),
        (State.RESERVED, {"strength": "normative"}, "Reservation found"),
        (State.RESERVED, {"strength": "derived", "agents_refused": 12, "agents_known": 12},
         "Reservation found: 12 of 12 known agents for this use refused"),
        (State.CONDITIONAL, {"strength": "derived", "agents_refused": 2, "agents_known": 12},
         "Partial refusal found: 2 of 12 known agents for this use refused"),
        (State.CONDITIONAL, {"strength": "vendor"}, "Conditions or partial refusal"),
        (State.PERMITTED, {}, "Permission stated"),
        (State.CONFLICT, {}, "Contradicting statements"),
    ],
)  # fmt: skip
def test_verdicts_in_words(sites: list[SitePage], state: State, more: dict[str, object], expected: str) -> None:
    verdict = replace(sites[0].verdicts[3], state=state, **more)  # type: ignore[arg-type]
    assert evidence.answer(verdict) == expected


def test_an_archive_without_verdicts_or_with_one_snapshot_still_reads(report: Report, tmp_path: Path) -> None:
    bare = replace(report, snapshots=report.snapshots[:1], figures=[], agents=[], agent_trends={}, changes=[])
    site.write(bare, iter([]), tmp_path / "bare")
    for path in sorted((tmp_path / "bare").rglob("*.html")):
        parsed(path)
    assert "There is one snapshot so far" in (tmp_path / "bare" / "index.html").read_text(encoding="utf-8")


def test_history_has_a_row_for_as_long_as_nothing_differed(sites: list[SitePage]) -> None:
    new, old = evidence.history(sites[0])
    assert [(len(item.snapshots), len(item.looked_at)) for item in (new, old)] == [(1, 1), (2, 1)]
    assert (new.states["tdm"], old.states["tdm"]) == ("reserved", "silent")
    assert [row["snapshot"] for row in old.snapshots] == ["2026-08-15", "2026-09-15"]


def test_a_site_that_was_not_looked_at_says_so(report: Report, tmp_path: Path) -> None:
    page = SitePage("quiet.example", None, None, None, (), (), ())
    site.write(report, iter([page]), tmp_path / "report")
    text = words(parsed(tmp_path / "report" / "sites" / "quiet.example.html"))
    assert "No verdict: this site is listed and was not looked at in the last snapshot." in text


def test_links_to_lines_are_told_apart_by_more_than_colour() -> None:
    """WCAG 1.4.3: text 4.5:1, and 1.4.11: marks 3:1, against the ground they stand on, in both schemes."""
    css = render.static("report.css")
    light, dark = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", part)) for part in css.split("@media", 2)[:2])
    for scheme in (light, dark):
        for ground in ("paper", "card"):
            assert all(contrast(scheme[name], scheme[ground]) >= 4.5 for name in ("ink", "soft", "link", "reserved"))
        assert contrast(scheme["ink"], scheme["mark"]) >= 4.5
        assert contrast(scheme["reserved"], scheme["mark"]) >= 4.5
        assert all(contrast(scheme[name], scheme["paper"]) >= 3 for name in ("permitted", "conflict", "unknown-line"))


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio of two #rrggbb colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
