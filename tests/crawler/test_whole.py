"""Files that are whole or not there."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from crawler.errors import InputError
from crawler.whole import write_whole


def test_replaces_with_mode_and_through_links(tmp_path: Path) -> None:
    place, link = tmp_path / "place", tmp_path / "link"
    place.write_text("old", encoding="utf-8")
    place.chmod(0o640)
    link.symlink_to(place)
    write_whole(link, "newé")
    assert place.read_bytes() == b"new\xc3\xa9"
    assert link.is_symlink()
    assert stat.S_IMODE(place.stat().st_mode) == 0o640
    write_whole(tmp_path / "other", b"x")
    assert (tmp_path / "other").read_bytes() == b"x"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "other", "place"]


@pytest.mark.parametrize("where", ["none/file", "folder", "file/below"])
def test_what_cannot_be_written_says_so_and_leaves_nothing(where: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("kept", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be written"):
        write_whole(tmp_path / where, "x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]
    assert (tmp_path / "file").read_text(encoding="utf-8") == "kept"
