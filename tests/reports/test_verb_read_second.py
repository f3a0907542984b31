"""`openweb read --second`: what extruct and BeautifulSoup find stands beside what was read here."""

from __future__ import annotations

from tests.reports.test_verb_read import LINES, PAGE, jsonl, objects, run


def test_a_second_reading_on_request() -> None:
    """What others find stands beside, and whether a reader here found it; a property ours know nothing of shows."""
    odd = '<meta property="x:license" content="https://odd.example/terms">'
    lines = objects(
        run(
            jsonl([{"url": "https://a.example/", "body": f'<html prefix="x: https://x.example/">{PAGE}{odd}'}]),
            "--second",
        )
    )
    second = {(line["by"], line["raw"]): line["read"] for line in lines if line["kind"] == "second"}
    assert second["beautifulsoup rel", "https://creativecommons.org/licenses/by/4.0/"] is True
    assert second["extruct rdfa", "https://odd.example/terms"] is False
    text = run(jsonl(LINES[:1]), "--second", "--text").stdout
    assert "found by beautifulsoup rel: read here too" in text
    assert [line for line in objects(run(jsonl(LINES))) if line["kind"] == "second"] == []
