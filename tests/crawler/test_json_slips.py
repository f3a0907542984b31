"""JSON written by hand: what is mended, and the objects found where a list of them was wanted."""

from __future__ import annotations

import pytest

from crawler.json_slips import mended, within


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1,}', '{"a": 1}'),
        ("[1, 2,\n]", "[1, 2\n]"),
        ('{"a": "x" // why\n}', '{"a": "x" \n}'),
        ('{"a": "http://x.example/,]"}', '{"a": "http://x.example/,]"}'),
        ('{"a": 1\n"b": 2}', '{"a": 1,\n"b": 2}'),
        ('{"a": "\\"//,}"}', '{"a": "\\"//,}"}'),
    ],
)
def test_mended(text: str, expected: str) -> None:
    """Comments and commas go or come, and what stands in strings stays."""
    assert mended(text) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"a": {"x": 1}}, ["/a"]),
        ({"rules": [{"x": 1}, 2, {"y": 1}, {"x": 2}]}, ["/rules/0", "/rules/3"]),
        ({"a": {"rules": [{"x": 1}]}}, ["/a/rules/0"]),
        ({"a/b": {"x": 1}}, ["/a~1b"]),
        ({"a": {"b": {"c": {"x": 1}}}}, []),
        ({"x": 1}, []),
    ],
)
def test_within(data: dict[str, object], expected: list[str]) -> None:
    """Wanted objects two levels deep, each with its pointer; one at a time, never one inside another."""
    assert [place for place, _ in within(data, lambda each: "x" in each)] == expected
