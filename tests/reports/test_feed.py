"""Feeds of changes: what RFC 4287 and JSON Feed 1.1 ask for, stable ids, and hostile text that stays text."""

from __future__ import annotations

import json
from datetime import date

from lxml import etree

from reports import feed
from reports.pages import Report

A = "{http://www.w3.org/2005/Atom}"


def dates(report: Report) -> dict[str, date]:
    return {line.snapshot: line.date for line in report.snapshots}


def test_atom_has_what_rfc_4287_asks_for(report: Report) -> None:
    """RFC 4287 section 4.1: feed and entries have an id, a title and an updated; entries without link have content."""
    root = etree.fromstring(feed.atom(report.changes, dates(report), title="T & <t>").encode("utf-8"))
    assert root.tag == f"{A}feed"
    assert root.findtext(f"{A}title") == "T & <t>"
    assert root.findtext(f"{A}updated") == "2026-10-15T00:00:00Z"
    assert root.findtext(f"{A}author/{A}name")
    entries = root.findall(f"{A}entry")
    assert len(entries) == 4, "one event on three sites and three sites that changed alone"
    ids = [entry.findtext(f"{A}id") or "" for entry in entries]
    assert len(set(ids)) == 4
    assert all(one.startswith("urn:uuid:") for one in ids)
    for entry in entries:
        assert entry.findtext(f"{A}updated") == "2026-10-15T00:00:00Z"
        assert entry.findtext(f"{A}title")
        assert entry.findtext(f"{A}content")
    causes = [entry.find(f"{A}category").get("term") for entry in entries]  # type: ignore[union-attr]
    assert causes == ["site changed", "site changed", "visibility changed", "we changed"]


def test_json_feed_names_every_site_of_an_event(report: Report) -> None:
    made = json.loads(feed.json_feed(report.changes, dates(report), title="T", link="https://report.example/"))
    assert made["version"] == "https://jsonfeed.org/version/1.1"
    assert made["home_page_url"] == "https://report.example/"
    event, alone, *_ = made["items"]
    assert event["title"].startswith(
        "Managed robots.txt: Content-Signal added: Training generative AI: silent → reserved"
    )
    assert len(event["_openweb"]["sites"]) == 3
    assert (
        "seen 2026-10-15 04:12:09 UTC: Content-Signal: search=yes, ai-train=no, use=reference" in event["content_text"]
    )
    assert alone["_openweb"] == {"cause": "site changed", "sites": ["harbour.example"]}


def test_the_same_changes_have_the_same_ids_and_bytes(report: Report) -> None:
    assert feed.atom(report.changes, dates(report), title="T") == feed.atom(report.changes[:], dates(report), title="T")
    before = {item.id for item in feed.entries(report.changes, dates(report))}
    fewer = {item.id for item in feed.entries(report.changes[:-1], dates(report))}
    assert fewer < before


def test_no_change_is_a_feed_all_the_same(report: Report) -> None:
    assert etree.fromstring(feed.atom([], dates(report), title="T").encode("utf-8")).findall(f"{A}entry") == []
    assert json.loads(feed.json_feed([], dates(report), title="T"))["items"] == []
