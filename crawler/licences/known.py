"""Licence URLs that are not Creative Commons': open data and government licences, rights statements, software licences.

A row is a host, a pattern its lower-case path must match whole, and what it names; groups of the pattern fill `{1}`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.licences.cc import Licence, from_path

ONLY_VERSION = "the only version published"
STATUS = "a rights status statement, not a licence"
SOFTWARE = "software licence"
UNSTATED = "no version stated"
COMMUNITY = "conditions set by a community"
DATA = frozenset({"ODbL", "ODC-By", "PDDL", "CDLA-Permissive", "CDLA-Sharing"})
"""Families made for databases: a page that links one mostly speaks of the data it shows."""


@dataclass(frozen=True, slots=True)
class _Row:
    host: str
    path: str
    spdx: str | None
    family: str
    version: str | None = None
    note: str | None = None


# The twelve statements of rightsstatements.org, as Europeana's and Omeka's lists have them; checked 26 November 2026.
_RIGHTS = "InC InC-OW-EU InC-EDU InC-NC InC-RUU NoC-CR NoC-NC NoC-OKLR NoC-US CNE UND NKC"
_SPDX_IDS = (
    "0BSD AGPL-3.0-only AGPL-3.0-or-later Apache-2.0 Artistic-2.0 BSD-2-Clause BSD-3-Clause BSL-1.0 EPL-2.0 EUPL-1.2"
    " GPL-2.0-only GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later ISC LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only"
    " LGPL-3.0-or-later MIT MIT-0 MPL-2.0 Unlicense WTFPL Zlib OFL-1.1"
)
_OPEN_IDS = (
    "CC0-1.0 CC-PDDC CC-PDM-1.0 CDLA-Permissive-1.0 CDLA-Permissive-2.0 CDLA-Sharing-1.0 DL-DE-BY-2.0 DL-DE-ZERO-2.0"
    " NLOD-1.0 NLOD-2.0 ODbL-1.0 ODC-By-1.0 OGL-Canada-2.0 OGL-UK-1.0 OGL-UK-2.0 OGL-UK-3.0 PDDL-1.0 etalab-2.0"
)
_DOC = r"(?:\.[a-z]{2}(?:-[a-z]{2})?)?(?:\.html?|\.txt|\.php)?/?"

_ROWS = (
    _Row(
        "nationalarchives.gov.uk",
        r"/doc/open-government-licence/version/([123])/?(?:.*)",
        "OGL-UK-{1}.0",
        "OGL-UK",
        "{1}.0",
    ),
    _Row(
        "nationalarchives.gov.uk", r"/doc/open-government-licence/?(?:.*)", "LicenseRef-OGL-UK", "OGL-UK", note=UNSTATED
    ),
    _Row(
        "open.canada.ca",
        r"/(?:en/open-government-licence-canada|fr/licence-du-gouvernement-ouvert-canada)/?",
        "OGL-Canada-2.0",
        "OGL-Canada",
        "2.0",
        "the version served at this address",
    ),
    _Row("etalab.gouv.fr", r"/.*licence[-_]ouverte[-_a-z]*v?2[.-]0.*", "etalab-2.0", "etalab", "2.0"),
    _Row("etalab.gouv.fr", r"/.*licence[-_]ouverte.*", "LicenseRef-etalab", "etalab", note=UNSTATED),
    _Row("github.com", r"/etalab/licence-ouverte(?:/.*)?", "LicenseRef-etalab", "etalab", note=UNSTATED),
    _Row(
        "gnu.org",
        r"/(?:copyleft|licenses)/(?:old-licenses/)?fdl-(1\.[123])" + _DOC,
        "LicenseRef-GFDL-{1}",
        "GFDL",
        "{1}",
        "invariants and later versions not stated",
    ),
    _Row("gnu.org", r"/(?:copyleft|licenses)/fdl" + _DOC, "LicenseRef-GFDL", "GFDL", note=UNSTATED),
    _Row("opendatacommons.org", r"/licenses/odbl(?:/.*)?", "ODbL-1.0", "ODbL", "1.0", ONLY_VERSION),
    _Row("opendatacommons.org", r"/licenses/pddl(?:/.*)?", "PDDL-1.0", "PDDL", "1.0", ONLY_VERSION),
    _Row("opendatacommons.org", r"/licenses/by(?:/.*)?", "ODC-By-1.0", "ODC-By", "1.0", ONLY_VERSION),
    *(
        _Row(host, r"/permissive-([12])-0/?", "CDLA-Permissive-{1}.0", "CDLA-Permissive", "{1}.0")
        for host in ("cdla.dev", "cdla.io")
    ),
    *(_Row(host, r"/sharing-1-0/?", "CDLA-Sharing-1.0", "CDLA-Sharing", "1.0") for host in ("cdla.dev", "cdla.io")),
    _Row("govdata.de", r"/dl-de/by-2-0/?", "DL-DE-BY-2.0", "DL-DE-BY", "2.0"),
    _Row("govdata.de", r"/dl-de/zero-2-0/?", "DL-DE-ZERO-2.0", "DL-DE-ZERO", "2.0"),
    _Row("govdata.de", r"/dl-de/by-1-0/?", "LicenseRef-DL-DE-BY-1.0", "DL-DE-BY", "1.0"),
    _Row("govdata.de", r"/dl-de/by-nc-1-0/?", "LicenseRef-DL-DE-BY-NC-1.0", "DL-DE-BY-NC", "1.0"),
    _Row("data.norge.no", r"/nlod(?:/[a-z]{2})?/([12])\.0/?", "NLOD-{1}.0", "NLOD", "{1}.0"),
    _Row("data.norge.no", r"/nlod(?:/[a-z]{2})?/?", "LicenseRef-NLOD", "NLOD", note=UNSTATED),
    _Row(
        "nationalarchives.gov.uk",
        r"/doc/non-commercial-government-licence(?:/version/2)?/?(?:.*)",
        "NCGL-UK-2.0",
        "NCGL-UK",
        "2.0",
        "the version served at this address",
    ),
    _Row("artlibre.org", r"/licence/lal(?:/.*)?", "LAL-1.3", "LAL", "1.3", "the version served at this address"),
    *(
        _Row(host, rf"/(?:licenses|guide)/{code}/?", spdx, family, version, note)
        for host in ("opendefinition.org",)
        for code, spdx, family, version, note in (
            ("cc-by", "LicenseRef-CC-BY", "CC-BY", None, UNSTATED),
            ("cc-by-sa", "LicenseRef-CC-BY-SA", "CC-BY-SA", None, UNSTATED),
            ("cc-zero", "CC0-1.0", "CC0", "1.0", ONLY_VERSION),
            ("odc-odbl", "ODbL-1.0", "ODbL", "1.0", ONLY_VERSION),
            ("odc-by", "ODC-By-1.0", "ODC-By", "1.0", ONLY_VERSION),
            ("odc-pddl", "PDDL-1.0", "PDDL", "1.0", ONLY_VERSION),
        )
    ),
    _Row(
        "github.com",
        r"/tehikumedia/kaitiakitanga-licen[cs]e(?:/.*)?",
        "LicenseRef-Kaitiakitanga",
        "Kaitiakitanga",
        None,
        f"{COMMUNITY}; {UNSTATED}",
    ),
    # Checked on 26 November 2026 against stored copies of public pages. One label or notice has a page of its own, as
    # localcontexts.org/label/tk-attribution/; /notice/tk-notice/, /notice/attribution-incomplete/ and
    # /notice/open-to-collaborate/ as DataCite's and Islandora's documentation cite them, /label/bc-provenance/ as the
    # RAiD metadata schema 13.1 does. Pages in the plural, such as /labels/traditional-knowledge-labels/, list labels.
    _Row(
        "localcontexts.org",
        r"/(?:label|notice)/([a-z0-9-]+)/?",
        "LicenseRef-LocalContexts-{1}",
        "LocalContexts-{1}",
        None,
        f"{COMMUNITY}; not a licence",
    ),
    # The addresses of before the Hub, as Mukurtu (2.1.3: /tk/cl/1.0) and Islandora (/tk/mc/1.0/) still write them.
    _Row(
        "localcontexts.org",
        r"/tk/([a-z]{1,3})(?:/(\d\.\d))?/?",
        "LicenseRef-LocalContexts-tk-{1}",
        "LocalContexts-tk-{1}",
        "{2}",
        f"{COMMUNITY}; not a licence",
    ),
    _Row(
        "localcontexts.org",
        r"/(?:labels?|notices?)(?:/.*)?",
        None,
        "LocalContexts",
        None,
        f"{COMMUNITY}; not a licence",
    ),
    _Row(
        "localcontextshub.org",
        r"/projects?/.+",
        "LicenseRef-LocalContexts-Project",
        "LocalContexts-Project",
        None,
        f"{COMMUNITY}; not a licence",
    ),
    *(
        _Row(
            "rightsstatements.org",
            rf"/(?:vocab|page)/{name.lower()}/1\.0/?",
            f"LicenseRef-RightsStatements-{name}-1.0",
            f"RightsStatements-{name}",
            "1.0",
            STATUS,
        )
        for name in _RIGHTS.split()
    ),
    *(
        _Row("spdx.org", rf"/licenses/{re.escape(name.lower())}(?:\.html|\.json)?", name, name, note=SOFTWARE)
        for name in _SPDX_IDS.split()
    ),
    *(
        _Row("spdx.org", rf"/licenses/{re.escape(name.lower())}(?:\.html|\.json)?", name, name)
        for name in _OPEN_IDS.split()
    ),
    _Row("opensource.org", r"/licen[sc]es?/(?:mit|mit-license)" + _DOC, "MIT", "MIT", None, SOFTWARE),
    _Row("opensource.org", r"/licen[sc]es?/isc(?:-license)?" + _DOC, "ISC", "ISC", None, SOFTWARE),
    _Row("opensource.org", r"/licen[sc]es?/apache-2\.0" + _DOC, "Apache-2.0", "Apache", "2.0", SOFTWARE),
    _Row("opensource.org", r"/licen[sc]es?/bsd-([23])-clause" + _DOC, "BSD-{1}-Clause", "BSD", None, SOFTWARE),
    _Row("apache.org", r"/licenses/license-2\.0" + _DOC, "Apache-2.0", "Apache", "2.0", SOFTWARE),
    _Row("mozilla.org", r"(?:/[a-z]{2}(?:-[a-z]{2})?)?/mpl/2\.0/?", "MPL-2.0", "MPL", "2.0", SOFTWARE),
    _Row("unlicense.org", r"/?", "Unlicense", "Unlicense", None, SOFTWARE),
    _Row(
        "gnu.org",
        r"/(?:copyleft|licenses)/(?:old-licenses/)?((?:a|l)?gpl)-(\d\.\d)" + _DOC,
        "LicenseRef-{1}-{2}",
        "{1}",
        "{2}",
        f"{SOFTWARE}; later versions not stated",
    ),
    _Row(
        "gnu.org",
        r"/(?:copyleft|licenses)/((?:a|l)?gpl)" + _DOC,
        "LicenseRef-{1}",
        "{1}",
        None,
        f"{SOFTWARE}; {UNSTATED}",
    ),
)
_TABLE: dict[str, list[tuple[re.Pattern[str], _Row]]] = {}
for _row in _ROWS:
    _TABLE.setdefault(_row.host, []).append((re.compile(_row.path), _row))

_WIKIPEDIA = re.compile(r"/wiki/[^/]*creative_commons_attribution-sharealike_([1-4]\.[05])_.*")
_NAMED = {
    "OGL-UK": ("OGL-UK-{}.0", "LicenseRef-OGL-UK"),
    "etalab": ("etalab-{}.0", "LicenseRef-etalab"),
    "GFDL": ("LicenseRef-GFDL-{}", "LicenseRef-GFDL"),
    "ODbL": ("ODbL-1.0", "ODbL-1.0"),
    "DL-DE-BY": ("DL-DE-BY-{}", "LicenseRef-DL-DE-BY"),
    "DL-DE-ZERO": ("DL-DE-ZERO-{}", "LicenseRef-DL-DE-ZERO"),
    "NLOD": ("NLOD-{}", "LicenseRef-NLOD"),
    "CC0": ("CC0-1.0", "CC0-1.0"),
    "LAL": ("LAL-{}", "LicenseRef-LAL"),
    "Kaitiakitanga": ("LicenseRef-Kaitiakitanga", "LicenseRef-Kaitiakitanga"),
}
_ONLY = {"ODbL": "1.0", "CC0": "1.0"}


def from_host(host: str, path: str) -> Licence | None:
    """The licence that `path` on `host` (both lower-case, host without `www.`) names, None where it is not known."""
    if host.endswith((".wikipedia.org", ".wikimedia.org")) and (copy := _WIKIPEDIA.fullmatch(path)):
        # The text Wikipedia's own pages have linked as their licence.
        return from_path(f"/licenses/by-sa/{copy[1]}/")
    for pattern, row in _TABLE.get(host, ()):
        if match := pattern.fullmatch(path):
            groups = ["", *(group or "" for group in match.groups())]
            if row.family == "{1}":
                groups[1] = groups[1].upper()
            return Licence(
                row.spdx.format(*groups) if row.spdx else None,
                row.family.format(*groups),
                (row.version or "").format(*groups) or None,
                None,
                row.note,
            )
    return None


def licence_of(family: str, version: str | None) -> Licence:
    """The licence a text names by `family` (a key of this module's names) and, where written, `version`."""
    versioned, plain = _NAMED[family]
    if family in _ONLY:
        return Licence(versioned, family, _ONLY[family], None, ONLY_VERSION)
    if version is None:
        note = COMMUNITY if family == "Kaitiakitanga" else UNSTATED
        return Licence(plain, family, None, None, note)
    full = version if "." in version else f"{version}.0"
    spdx = versioned.format(version if family in ("OGL-UK", "etalab") else full)
    if spdx == "etalab-1.0":
        spdx = "LicenseRef-etalab-1.0"
    return Licence(spdx, family, full)
