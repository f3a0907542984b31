"""Licences named in words, what the words around one say, badges, and the two axes of every licence."""

from __future__ import annotations

import pytest

from crawler.licences import badge
from crawler.licences.axes import open_axis
from crawler.licences.names import hints, named
from crawler.licences.phrases import LINK, MARK, PICTURE, About, spoken


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CC BY-SA 4.0", ["CC-BY-SA-4.0"]),
        ("cc by-sa 3.0", ["CC-BY-SA-3.0"]),
        ("CC-BY-NC-ND 3.0 DE", ["CC-BY-NC-ND-3.0-DE"]),
        ("CC-BY", ["LicenseRef-CC-BY"]),
        ("CC0 and CC 0 1.0", ["CC0-1.0", "CC0-1.0"]),
        ("Creative Commons Zero", ["CC0-1.0"]),
        ("Creative Commons Attribution-ShareAlike 4.0 International License", ["CC-BY-SA-4.0"]),
        ("Creative Commons Attribution Share-Alike License v3.0", ["CC-BY-SA-3.0"]),
        ("Creative Commons Attribution License, which permits non-commercial use", ["LicenseRef-CC-BY"]),
        ("Creative Commons Attribution License (CC-BY 4.0), which permits any use", ["CC-BY-4.0"]),
        (
            "Creative Commons Namensnennung - Keine kommerzielle Nutzung - Weitergabe unter gleichen Bedingungen 3.0",
            ["CC-BY-NC-SA-3.0"],
        ),
        ("Creative-Commons-Lizenz: Namensnennung, keine Bearbeitung 4.0", ["CC-BY-ND-4.0"]),
        ("licence Creative Commons Paternité - Pas de Modification 2.0", ["CC-BY-ND-2.0"]),
        ("Creative Commons Reconocimiento-NoComercial 4.0", ["CC-BY-NC-4.0"]),
        ("Creative Commons 表示 4.0", ["CC-BY-4.0"]),
        ("Open Government Licence v3.0", ["OGL-UK-3.0"]),
        ("Open Government Licence", ["LicenseRef-OGL-UK"]),
        ("Licence Ouverte 2.0", ["etalab-2.0"]),
        ("the GNU Free Documentation License, Version 1.3", ["LicenseRef-GFDL-1.3"]),
        ("the ODbL", ["ODbL-1.0"]),
        ("Free Art License 1.3", ["LAL-1.3"]),
        ("Copyleft: Licence Art Libre", ["LicenseRef-LAL"]),
        ("Kaitiakitanga License", ["LicenseRef-Kaitiakitanga"]),
        ("CC by Somebody", []),
        ("a Creative Commons license", []),
        ("ACC BYTE 4.0", []),
        ("CC BY-ND-SA 4.0", [None]),
        ("", []),
    ],
)
def test_named(text: str, expected: list[str | None]) -> None:
    """5.1(15), 5.5: names in words, a version only where it is written; what is named is hinted at."""
    assert [licence.spdx for licence, _, _ in named(text)] == expected
    if expected:
        lower = text.lower()
        assert any(word in lower for word in hints(lower.encode()))


SENTENCES: list[tuple[str, str, str, About, bool]] = [
    ("The content of this site is licensed under ", "CC BY", ".", About.PAGE, False),
    ("Except where otherwise noted, content on this site is under a ", "CC licence", "", About.PAGE, True),
    ("Content is available under ", "CC BY-SA", " unless otherwise noted.", About.PAGE, True),
    ("Licence: ", "CC BY 4.0", "", About.UNSAID, False),
    ("Text and images are available under ", "CC BY", "", About.PAGE, False),
    ("All photos on this site are published under ", "CC BY", "", About.OBJECT, False),
    ("Die Bilder in diesem Blog stehen unter einer ", "CC-Lizenz", ".", About.OBJECT, False),
    ("Our metadata is available under ", "CC0", "", About.OBJECT, False),
    ("Foto: ", "CC BY-NC 2.0", " A. Author", About.CREDIT, False),
    ("© A. Author / flickr.com | ", "CC BY 2.0", "", About.CREDIT, False),
    ("A. Author [", "CC BY-SA 4.0", "], via Wikimedia Commons", About.CREDIT, False),
    ("Icons made by Flaticon, licensed by ", "CC BY 3.0", "", About.TOOL, False),
    ("Theme by X, licensed under ", "CC BY 3.0", "", About.TOOL, False),
    (f"the content of this page is licensed under the {MARK}CC BY{MARK}, and code samples are licensed under the ",
     "Apache 2.0 License", ".", About.OBJECT, False),
    ("Tous les contenus de ce site sont sous ", "licence CC BY", ", sauf mention contraire", About.PAGE, True),
    ("Todo el contenido se publica bajo una ", "licencia CC BY", "", About.PAGE, False),
    ("", "This work is licensed under a CC BY licence", "", About.PAGE, False),
    ("See the ", "six licences", " for more.", About.NOTHING, False),
    ("A rewrite based on the guide of B. Other, under a ", "CC BY", "", About.CREDIT, False),
    ("This work is based on a work by B. Other and licensed under ", "CC BY", "", About.PAGE, False),
    ("Short Guide by B. Other, licensed under ", "CC BY", "", About.CREDIT, False),
    ("Written by B. Other, licensed under ", "CC BY", "", About.UNSAID, False),
    ("© 2026 by B. Other, licensed under ", "CC BY", "", About.UNSAID, False),
    (f"{LINK}Voice Kit{LINK} licensed under ", "CC BY", "", About.CREDIT, False),
    (f"This {LINK}website{LINK} licensed under ", "CC BY", "", About.PAGE, False),
    (f"© 2026 {LINK}A. Author{LINK}, licensed under ", "CC BY", "", About.UNSAID, False),
    (f"{PICTURE}{LINK}Tower{LINK} (", "Licensed under CC BY", ")", About.CREDIT, False),
    ("© 2026 Berlin Music Lab, under ", "CC BY", "", About.UNSAID, False),
    ("© 2026 Photos A. Author, under ", "CC BY", "", About.OBJECT, False),
    ("Code is licensed under MIT, texts are licensed under ", "CC BY", "", About.PAGE, False),
    ("Distributed under the terms and conditions of the ", "CC BY", "", About.UNSAID, False),
    ("Everything here is under the ", "GNU Free Documentation License", "", About.PAGE, False),
    ("under the ", "GNU Free Documentation License", "", About.UNSAID, False),
    ("Abb. 4: Der Turm. Frei unter ", "CC BY", "", About.CREDIT, False),
    ("con licenza ", "CC BY", "", About.UNSAID, False),
    ("", "CC BY", "", About.NOTHING, False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "inside", "after", "about", "partial"), SENTENCES, ids=[f"{b}{i}{a}"[:60] for b, i, a, _, _ in SENTENCES]
)
def test_spoken(before: str, inside: str, after: str, about: About, partial: bool) -> None:
    """5.1(9), 5.2: what the words around a licence are about, and whether they leave something out."""
    said = spoken(before, inside, after)
    assert (said.about, said.partial) == (about, partial)


@pytest.mark.parametrize(
    ("src", "spdx"),
    [
        ("http://i.creativecommons.org/l/by-nc-sa/3.0/88x31.png", "CC-BY-NC-SA-3.0"),
        ("https://i0.wp.com/i.creativecommons.org/l/by/3.0/88x31.png?w=88", "CC-BY-3.0"),
        ("//licensebuttons.net/l/by/4.0/80x15.png", "CC-BY-4.0"),
        ("https://licensebuttons.net/p/zero/1.0/88x31.png", "CC0-1.0"),
        ("https://i.creativecommons.org/p/mark/1.0/88x31.png", "CC-PDM-1.0"),
        ("//web.archive.org/web/2016im_/http://i.creativecommons.org/l/by/2.0/de/80x15.png", "LicenseRef-CC-BY-2.0-DE"),
    ],
)  # fmt: skip
def test_badge(src: str, spdx: str) -> None:
    """5.1(10): what a badge shows."""
    licence = badge(src)
    assert licence is not None
    assert licence.spdx == spdx


@pytest.mark.parametrize(
    "src", ["", "logo.png", "https://licensebuttons.net.evil.example/l/by/4.0/88x31.png", "x" * 3000]
)
def test_no_badge(src: str) -> None:
    """5.2: other hosts' images are no badges."""
    assert badge(src) is None


@pytest.mark.parametrize(
    ("spdx", "is_open", "conditions"),
    [
        ("CC0-1.0", True, ""),
        ("PDDL-1.0", True, ""),
        ("DL-DE-ZERO-2.0", True, ""),
        ("CC-PDM-1.0", None, ""),
        ("LicenseRef-RightsStatements-NoC-US-1.0", None, ""),
        ("LicenseRef-RightsStatements-InC-1.0", None, ""),
        ("CC-BY-4.0", True, "by"),
        ("LicenseRef-CC-BY", True, "by"),
        ("CC-BY-3.0-IGO", True, "by"),
        ("OGL-UK-3.0", True, "by"),
        ("etalab-2.0", True, "by"),
        ("ODC-By-1.0", True, "by"),
        ("NLOD-2.0", True, "by"),
        ("DL-DE-BY-2.0", True, "by"),
        ("CC-BY-SA-4.0", True, "by sa"),
        ("LicenseRef-GFDL-1.3", True, "by sa"),
        ("ODbL-1.0", True, "by sa"),
        ("CC-BY-NC-4.0", False, "by nc"),
        ("CC-BY-NC-SA-3.0-DE", False, "by nc sa"),
        ("CC-BY-NC-ND-4.0", False, "by nc nd"),
        ("CC-BY-ND-4.0", False, "by nd"),
        ("LicenseRef-CC-BY-2.5-Scotland", True, "by"),
        ("LicenseRef-DL-DE-BY-NC-1.0", False, "by nc"),
        ("LicenseRef-Kaitiakitanga", None, ""),
        ("LicenseRef-LocalContexts-tk-attribution", None, ""),
        ("LicenseRef-Something", None, ""),
        (None, None, ""),
    ],
)
def test_open_axis(spdx: str | None, is_open: bool | None, conditions: str) -> None:
    """5.6: open by the Open Definition is one axis, the four conditions are the other; neither speaks of training."""
    found = open_axis(spdx)
    flags = (found.attribution, found.non_commercial, found.no_derivatives, found.share_alike)
    assert found.is_open is is_open
    assert " ".join(name for name, on in zip(("by", "nc", "nd", "sa"), flags, strict=True) if on) == conditions
    assert found.wording
