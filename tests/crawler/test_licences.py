"""Licence URLs: every row of the reference sheet's section 5.5, the closed table, and the URLs that are no licence."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.licences import normalise

SPDX_LIST = (Path(__file__).parents[2] / "../shared/data/lists/spdx.json").resolve()
CC = "https://creativecommons.org"


@pytest.mark.parametrize(
    ("url", "spdx", "family", "version", "jurisdiction", "note"),
    [
        ("http://creativecommons.org/licenses/by/4.0", "CC-BY-4.0", "CC-BY", "4.0", None, None),
        ("//creativecommons.org/licenses/by-sa/4.0/deed.pt-br", "CC-BY-SA-4.0", "CC-BY-SA", "4.0", None, None),
        ("HTTP://CreativeCommons.org/Licenses/BY-SA/4.0", "CC-BY-SA-4.0", "CC-BY-SA", "4.0", None, None),
        ("https://creativecommons.org/licenses/by%2Dsa/4.0/", "CC-BY-SA-4.0", "CC-BY-SA", "4.0", None, None),
        (f"{CC}/licenses/by-nc-sa/3.0/de/deed.en", "CC-BY-NC-SA-3.0-DE", "CC-BY-NC-SA", "3.0", "DE", None),
        (f"{CC}/licenses/by/3.0/igo/", "CC-BY-3.0-IGO", "CC-BY", "3.0", "IGO", None),
        (f"{CC}/licenses/by/2.5/scotland/", "LicenseRef-CC-BY-2.5-Scotland", "CC-BY", "2.5", "SCOTLAND", None),
        (f"{CC}/licenses/by-nd-nc/1.0/", "CC-BY-NC-ND-1.0", "CC-BY-NC-ND", "1.0", None, "non-canonical"),
        (f"{CC}/licenses/zero/1.0/", "CC0-1.0", "CC0", "1.0", None, "wrong path"),
        (f"{CC}/licences/by/2.0/uk/", "LicenseRef-CC-BY-2.0-UK", "CC-BY", "2.0", "UK", "malformed path"),
        (f"{CC}/licenses/by-sa/", "LicenseRef-CC-BY-SA", "CC-BY-SA", None, None, "no version stated"),
        (
            "https://web.archive.org/web/2016/http://creativecommons.org/licenses/by/4.0/",
            "CC-BY-4.0",
            "CC-BY",
            "4.0",
            None,
            None,
        ),
        (
            "//web.archive.org/web/20160218174457im_/https://creativecommons.org/licenses/by/4.0/",
            "CC-BY-4.0",
            "CC-BY",
            "4.0",
            None,
            None,
        ),
        (f"{CC}/licenses/ by-sa/4.0/legalcode.de", "CC-BY-SA-4.0", "CC-BY-SA", "4.0", None, None),
        (f"{CC}/licenses/by-nd-sa/4.0/", None, None, "4.0", None, "invalid"),
        (f"{CC}/licenses/", None, None, None, None, "cc-mention"),
        (f"{CC}/", None, None, None, None, "cc-mention"),
        ("creativecommons.org", None, None, None, None, "cc-mention"),
        (f"{CC}/choose/", None, None, None, None, "cc-mention"),
        (f"{CC}/about/cclicenses/", None, None, None, None, "cc-mention"),
        # The grammar above the sheet's table.
        ("www.creativecommons.org/licenses/by/4.0/", "CC-BY-4.0", "CC-BY", "4.0", None, None),
        (f"{CC}:443/licenses/by/4.0/", "CC-BY-4.0", "CC-BY", "4.0", None, None),
        (f"{CC}//licenses//by/4.0//", "CC-BY-4.0", "CC-BY", "4.0", None, None),
        (f" '{CC}/licenses/by/4.0/?ref=x#y' ", "CC-BY-4.0", "CC-BY", "4.0", None, None),
        (f"{CC}/licenses/by/4.0/).", "CC-BY-4.0", "CC-BY", "4.0", None, None),
        (f"{CC}/licenses/by/4.0/legalcode.txt", "CC-BY-4.0", "CC-BY", "4.0", None, None),
        (f"{CC}/licenses/by/4.0/legalcode-plain", "CC-BY-4.0", "CC-BY", "4.0", None, None),
        (f"{CC}/licenses/by/4.0/deed.zh-hans", "CC-BY-4.0", "CC-BY", "4.0", None, None),
        (f"{CC}/licenses/by/4.0/deed.fr_CA", "CC-BY-4.0", "CC-BY", "4.0", None, None),
        (f"{CC}/licenses/by/4.0/rdf", "CC-BY-4.0", "CC-BY", "4.0", None, None),
        (f"{CC}&#47;licenses/by/4.0/", "CC-BY-4.0", "CC-BY", "4.0", None, None),
        (f"{CC}/licenses/by-sa/2.1/jp/", "CC-BY-SA-2.1-JP", "CC-BY-SA", "2.1", "JP", None),
        (f"{CC}/licenses/by/2.1/au/", "LicenseRef-CC-BY-2.1-AU", "CC-BY", "2.1", "AU", None),
        (f"{CC}/licenses/by/2.1/", None, "CC-BY", "2.1", None, "invalid"),
        (f"{CC}/licenses/by/2.1/de/", None, "CC-BY", "2.1", "DE", "invalid"),
        (f"{CC}/licenses/by/4.0/de/", None, "CC-BY", "4.0", "DE", "invalid"),
        (f"{CC}/licenses/by/5.0/", None, "CC-BY", "5.0", None, "invalid"),
        (
            f"{CC}/licenses/by-nd-nc/2.0/jp/",
            "LicenseRef-CC-BY-NC-ND-2.0-JP",
            "CC-BY-NC-ND",
            "2.0",
            "JP",
            "non-canonical",
        ),
        (f"{CC}/licenses/by-by/4.0/", None, None, "4.0", None, "invalid"),
        (f"{CC}/publicdomain/zero/1.0/", "CC0-1.0", "CC0", "1.0", None, None),
        (f"{CC}/publicdomain/zero/1.0/deed.de", "CC0-1.0", "CC0", "1.0", None, None),
        (f"{CC}/publicdomain/zero/", "CC0-1.0", "CC0", "1.0", None, "the only version published"),
        (f"{CC}/publicdomain/zero/2.0/", None, "CC0", "2.0", None, "invalid"),
        (f"{CC}/publicdomain/mark/1.0/", "CC-PDM-1.0", "CC-PDM", "1.0", None, "a label, not a grant"),
        (f"{CC}/licenses/mark/1.0/", "CC-PDM-1.0", "CC-PDM", "1.0", None, "wrong path"),
        (f"{CC}/publicdomain/certification/1.0/us/", "CC-PDDC", "CC-PDDC", None, None, "retired"),
        (f"{CC}/licenses/publicdomain/", "CC-PDDC", "CC-PDDC", None, None, "retired"),
        (f"{CC}/licenses/sa/1.0/", "CC-SA-1.0", "CC-SA", "1.0", None, "retired"),
        (f"{CC}/licenses/nc/2.0/jp/", "LicenseRef-CC-NC-2.0-JP", "CC-NC", "2.0", "JP", "retired"),
        (f"{CC}/licenses/nd-nc/1.0/", "LicenseRef-CC-NC-ND-1.0", "CC-NC-ND", "1.0", None, "retired"),
        (
            f"{CC}/licenses/sampling+/1.0/",
            "LicenseRef-CC-Sampling-Plus-1.0",
            "CC-Sampling-Plus",
            "1.0",
            None,
            "retired",
        ),
        (f"{CC}/licenses/devnations/2.0/", "LicenseRef-CC-DEVNATIONS-2.0", "CC-DEVNATIONS", "2.0", None, "retired"),
        (f"{CC}/licenses/nc/4.0/", None, "CC-NC", "4.0", None, "retired; invalid"),
    ],
)
def test_creative_commons(
    url: str, spdx: str | None, family: str | None, version: str | None, jurisdiction: str | None, note: str | None
) -> None:
    """5.5: the URL grammar, the retired families, and the closed table; a version is never assumed."""
    licence = normalise(url)
    assert licence is not None
    assert (licence.spdx, licence.family, licence.version, licence.jurisdiction) == (
        spdx,
        family,
        version,
        jurisdiction,
    )
    assert (licence.note or "").startswith(note or "")
    assert (licence.note is None) is (note is None)


@pytest.mark.parametrize(
    "url",
    [
        "https://creativecommons.org.evil.com/licenses/by/4.0/",
        "https://example.com/?u=https://creativecommons.org/licenses/by/4.0/",
        "https://notcreativecommons.org/licenses/by/4.0/",
        "https://creativecommons.org@evil.com/licenses/by/4.0/",
        "ftp://creativecommons.org/licenses/by/4.0/",
        "mailto:info@creativecommons.org",
        "/licenses/by/4.0/",
        "terms.html",
        "#license",
        "",
        "https://[::1",
        "https://example.com/" + "a" * 5000,
    ],
)
def test_no_licence(url: str) -> None:
    """5.2, 5.5: share links, other hosts and everything unknown name no licence."""
    assert normalise(url) is None


@pytest.mark.parametrize(
    ("url", "spdx", "family", "version"),
    [
        ("https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/", "OGL-UK-3.0", "OGL-UK", "3.0"),
        ("http://www.nationalarchives.gov.uk/doc/open-government-licence/", "LicenseRef-OGL-UK", "OGL-UK", None),
        ("https://open.canada.ca/en/open-government-licence-canada", "OGL-Canada-2.0", "OGL-Canada", "2.0"),
        ("https://www.etalab.gouv.fr/licence-ouverte-open-licence", "LicenseRef-etalab", "etalab", None),
        (
            "https://www.etalab.gouv.fr/wp-content/uploads/2017/04/ETALAB-Licence-Ouverte-v2.0.pdf",
            "etalab-2.0",
            "etalab",
            "2.0",
        ),
        ("https://github.com/etalab/licence-ouverte/blob/master/LO.md", "LicenseRef-etalab", "etalab", None),
        ("http://www.gnu.org/copyleft/fdl.html", "LicenseRef-GFDL", "GFDL", None),
        ("https://www.gnu.org/licenses/fdl-1.3.html", "LicenseRef-GFDL-1.3", "GFDL", "1.3"),
        ("https://www.gnu.org/licenses/fdl-1.3.en.html", "LicenseRef-GFDL-1.3", "GFDL", "1.3"),
        ("http://opendatacommons.org/licenses/odbl/1.0/", "ODbL-1.0", "ODbL", "1.0"),
        ("https://opendatacommons.org/licenses/odbl/summary/", "ODbL-1.0", "ODbL", "1.0"),
        ("https://opendatacommons.org/licenses/pddl/1-0/", "PDDL-1.0", "PDDL", "1.0"),
        ("https://opendatacommons.org/licenses/by/", "ODC-By-1.0", "ODC-By", "1.0"),
        ("https://cdla.dev/permissive-2-0/", "CDLA-Permissive-2.0", "CDLA-Permissive", "2.0"),
        ("https://cdla.io/sharing-1-0", "CDLA-Sharing-1.0", "CDLA-Sharing", "1.0"),
        ("https://www.govdata.de/dl-de/by-2-0", "DL-DE-BY-2.0", "DL-DE-BY", "2.0"),
        ("https://www.govdata.de/dl-de/zero-2-0", "DL-DE-ZERO-2.0", "DL-DE-ZERO", "2.0"),
        ("https://data.norge.no/nlod/no/2.0", "NLOD-2.0", "NLOD", "2.0"),
        ("https://data.norge.no/nlod/en/1.0/", "NLOD-1.0", "NLOD", "1.0"),
        (
            "http://rightsstatements.org/vocab/InC/1.0/",
            "LicenseRef-RightsStatements-InC-1.0",
            "RightsStatements-InC",
            "1.0",
        ),
        (
            "https://rightsstatements.org/page/NoC-US/1.0/?language=en",
            "LicenseRef-RightsStatements-NoC-US-1.0",
            "RightsStatements-NoC-US",
            "1.0",
        ),
        ("https://spdx.org/licenses/MIT.html", "MIT", "MIT", None),
        ("https://spdx.org/licenses/CC0-1.0", "CC0-1.0", "CC0-1.0", None),
        ("https://opensource.org/licenses/MIT", "MIT", "MIT", None),
        ("https://opensource.org/license/bsd-3-clause", "BSD-3-Clause", "BSD", None),
        ("http://www.apache.org/licenses/LICENSE-2.0.html", "Apache-2.0", "Apache", "2.0"),
        ("https://www.mozilla.org/en-US/MPL/2.0/", "MPL-2.0", "MPL", "2.0"),
        ("https://www.gnu.org/licenses/agpl-3.0.html", "LicenseRef-AGPL-3.0", "AGPL", "3.0"),
        ("https://www.gnu.org/licenses/gpl.html", "LicenseRef-GPL", "GPL", None),
        (
            "//en.wikipedia.org/wiki/Wikipedia:Text_of_Creative_Commons_Attribution-ShareAlike_3.0_Unported_License",
            "CC-BY-SA-3.0",
            "CC-BY-SA",
            "3.0",
        ),
    ],
)
def test_known(url: str, spdx: str | None, family: str, version: str | None) -> None:
    """5.5: common licence URLs that are not Creative Commons'; an unversioned one keeps its version open."""
    licence = normalise(url)
    assert licence is not None
    assert (licence.spdx, licence.family, licence.version) == (spdx, family, version)


@pytest.mark.parametrize("url", ["https://opensource.org/licenses/MIT", "https://spdx.org/licenses/Apache-2.0"])
def test_software_licences_say_so(url: str) -> None:
    """5.2: a software licence on a page that is no software must be told apart."""
    licence = normalise(url)
    assert licence is not None
    assert (licence.note or "").startswith("software licence")


@pytest.mark.parametrize(
    ("url", "spdx", "version"),
    [
        ("https://localcontexts.org/label/tk-attribution/", "LicenseRef-LocalContexts-tk-attribution", None),
        ("http://www.localcontexts.org/label/bc-provenance", "LicenseRef-LocalContexts-bc-provenance", None),
        ("https://localcontexts.org/notice/tk-notice/", "LicenseRef-LocalContexts-tk-notice", None),
        (
            "https://localcontexts.org/notice/attribution-incomplete/",
            "LicenseRef-LocalContexts-attribution-incomplete",
            None,
        ),
        (
            "https://localcontexts.org/notice/open-to-collaborate/",
            "LicenseRef-LocalContexts-open-to-collaborate",
            None,
        ),
        ("https://localcontexts.org/tk/cl/1.0", "LicenseRef-LocalContexts-tk-cl", "1.0"),
        ("http://localcontexts.org/tk/mc/", "LicenseRef-LocalContexts-tk-mc", None),
        ("https://localcontexts.org/labels/traditional-knowledge-labels/", None, None),
        ("https://localcontexts.org/labels/biocultural-labels/", None, None),
        ("https://localcontexts.org/notices/about-the-notices/", None, None),
        (
            "https://localcontextshub.org/projects/71b32571-0176-4627-8e01-4d78818432a7/",
            "LicenseRef-LocalContexts-Project",
            None,
        ),
    ],
)
def test_labels_and_notices_of_communities(url: str, spdx: str | None, version: str | None) -> None:
    """Issue 4(7): addresses as Local Contexts, DataCite, RAiD, Mukurtu and Islandora write them; lists name none."""
    found = normalise(url)
    assert found is not None
    assert (found.spdx, found.version) == (spdx, version)
    assert found.note == "conditions set by a community; not a licence"


def test_what_only_defines_labels_names_none() -> None:
    """The predicates of the old vocabulary are no labels."""
    for url in ("http://localcontexts.org/tk/hasLabel", "https://localcontexts.org/about/"):
        found = normalise(url)
        assert found is None or not found.family


def test_rights_statements_are_no_licences() -> None:
    """5.5: rightsstatements.org names a status."""
    licence = normalise("https://rightsstatements.org/vocab/InC/1.0/")
    assert licence is not None
    assert licence.note == "a rights status statement, not a licence"


def test_spdx_ids_exist() -> None:
    """Every id that is not a LicenseRef is on the SPDX list, and every CC id on that list is reached by its URL."""
    if not SPDX_LIST.exists():
        pytest.skip("no SPDX list beside the repository")
    ids = set(json.loads(SPDX_LIST.read_text("utf-8")))
    codes = ("by", "by-sa", "by-nc", "by-nd", "by-nc-sa", "by-nc-nd")
    ports = ("", "/at", "/au", "/de", "/es", "/fr", "/igo", "/jp", "/nl", "/uk", "/us", "/scotland", "/za")
    made = set()
    for path in [
        f"/licenses/{c}/{v}{p}/" for c in codes for v in ("1.0", "2.0", "2.1", "2.5", "3.0", "4.0") for p in ports
    ]:
        licence = normalise(CC + path)
        assert licence is not None
        made |= {licence.spdx} if licence.spdx else set()
    plain = {spdx for spdx in made if not spdx.startswith("LicenseRef-")}
    assert plain <= ids
    assert {spdx for spdx in ids if spdx.startswith("CC-BY")} <= plain
    for spdx in ids:
        licence = normalise(f"https://spdx.org/licenses/{spdx}.html")
        assert licence is None or licence.spdx == spdx


@given(
    st.text(max_size=80)
    | st.text("htps:/creativommns.glyb-ldz013%&#;[]@ ", max_size=60).map(lambda t: f"{CC}/licenses/{t}")
)
def test_never_raises(url: str) -> None:
    """Any text names a licence or none; an SPDX id never comes without its family."""
    licence = normalise(url)
    assert licence is None or licence.spdx is None or licence.family is not None


@pytest.mark.parametrize(
    "url", ["https://" + "a." * 1000, "https://www.etalab.gouv.fr/" + "licence-ouverte-" * 120, "%" * 2048, "&" * 2048]
)
def test_bounded_time(url: str) -> None:
    """The longest URL that is looked at costs little."""
    started = time.monotonic()
    normalise(url)
    assert time.monotonic() - started < 1.0
