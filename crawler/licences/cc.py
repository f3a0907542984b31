"""Creative Commons licence URLs: the grammar of creativecommons.org paths and the closed table of what exists.

Facts of the tables: the paths published by Creative Commons (creativecommons/cc-legal-tools-data) and the SPDX licence
list 3.27.0. A version that is not stated is never assumed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Licence:
    """What a licence URL names; `spdx` is None where it names none that exists.

    Where no version is stated `spdx` is a `LicenseRef-` id without one and `version` is None: it is never assumed.
    `family` is the licence without version and port, None when nothing is granted; `jurisdiction` is upper-case.
    `note` says what is odd: `cc-mention`, `invalid`, `non-canonical`, `wrong path`, `malformed path`, `retired`, ….
    """

    spdx: str | None
    family: str | None
    version: str | None = None
    jurisdiction: str | None = None
    note: str | None = None


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PATH = re.compile(
    r"/(licen[sc]es|publicdomain)/([a-z+\-]+)(?:/(\d\.\d))?(?:/([a-z]{2}|igo|scotland))?"
    r"(?:/(?:deed|legalcode-plain|legalcode|rdf)(?:[._](?:[a-z]{2,3}(?:[-_][a-z0-9]{2,4})?|txt))?)?/?"
)
_ORDER = ("by", "nc", "nd", "sa")
_CODES = frozenset({"by", "by-sa", "by-nc", "by-nd", "by-nc-sa", "by-nc-nd"})
_PORTS: dict[str, frozenset[str]] = {
    "1.0": frozenset({"fi", "il", "nl"}),
    "2.0": _words("at au be br ca cl de es fr hr it jp kr nl pl tw uk za"),
    "2.1": frozenset({"au", "es", "jp"}),
    "2.5": _words("ar au bg br ca ch cn co dk es hr hu il in it mk mt mx my nl pe pl pt scotland se si tw za"),
    "3.0": _words(
        "am at au az br ca ch cl cn cr cz de ec ee eg es fr ge gr gt hk hr ie igo it lu nl no nz ph pl pr pt ro rs"
        " sg th tw ug us ve vn za"
    ),
    "4.0": frozenset(),
}
_UNPORTED = frozenset({"1.0", "2.0", "2.5", "3.0", "4.0"})
_RETIRED_PORTS: frozenset[tuple[str, str | None]] = frozenset(
    {("1.0", None), ("1.0", "fi"), ("1.0", "il"), ("1.0", "nl"), ("2.0", "jp")}
)
_RETIRED: dict[str, frozenset[tuple[str, str | None]]] = {
    "sampling": frozenset({("1.0", None), ("1.0", "br"), ("1.0", "tw")}),
    "sampling+": frozenset({("1.0", None), ("1.0", "br"), ("1.0", "de"), ("1.0", "tw")}),
    "nc-sampling+": frozenset({("1.0", None), ("1.0", "tw")}),
    "devnations": frozenset({("2.0", None)}),
    **dict.fromkeys(("sa", "nc", "nd", "nc-sa", "nd-nc"), _RETIRED_PORTS),
}
_RETIRED_NAMES = {"sampling": "Sampling", "sampling+": "Sampling-Plus", "nc-sampling+": "NC-Sampling-Plus"}
_SPDX_PORTS = _words(
    "BY-2.5-AU BY-3.0-AT BY-3.0-AU BY-3.0-DE BY-3.0-IGO BY-3.0-NL BY-3.0-US BY-NC-3.0-DE BY-NC-ND-3.0-DE"
    " BY-NC-ND-3.0-IGO BY-NC-SA-2.0-DE BY-NC-SA-2.0-FR BY-NC-SA-2.0-UK BY-NC-SA-3.0-DE BY-NC-SA-3.0-IGO"
    " BY-ND-3.0-DE BY-SA-2.0-UK BY-SA-2.1-JP BY-SA-3.0-AT BY-SA-3.0-DE BY-SA-3.0-IGO"
)

MENTION = Licence(None, None, note="cc-mention")


def from_path(path: str) -> Licence:
    """The licence a lower-case path on creativecommons.org names; `MENTION` where it names none."""
    match = _PATH.fullmatch(re.sub(r"/{2,}", "/", path))
    if match is None:
        return MENTION
    section, code, version, port = match.groups()
    if code in ("zero", "mark"):
        return _public_domain(section, code, version, port)
    if code == "certification" or (section != "publicdomain" and code == "publicdomain"):
        return Licence("CC-PDDC", "CC-PDDC", note="retired; a dedication or certification, not a licence")
    notes = [] if section == "licenses" else ["wrong path" if section == "publicdomain" else "malformed path"]
    retired = "nd-nc" if code == "nc-nd" else code
    if retired in _RETIRED:
        return _retired(retired, version, port, notes)
    tokens = code.split("-")
    ordered = "-".join(token for token in _ORDER if token in tokens)
    if ordered not in _CODES or len(tokens) != len(ordered.split("-")):
        return Licence(None, None, version, note="invalid: no such licence")
    if ordered != code:
        notes.append("non-canonical")
    return _standard(ordered, version, port, notes)


def _standard(code: str, version: str | None, port: str | None, notes: list[str]) -> Licence:
    family = f"CC-{code.upper()}"
    jurisdiction = port.upper() if port else None
    if version is None:
        return Licence(f"LicenseRef-{family}", family, None, jurisdiction, "; ".join([*notes, "no version stated"]))
    if version not in _PORTS or (port not in _PORTS[version] if port else version not in _UNPORTED):
        return Licence(None, family, version, jurisdiction, "; ".join([*notes, "invalid: no such version or port"]))
    note = "; ".join(notes) or None
    if port is None:
        return Licence(f"{family}-{version}", family, version, None, note)
    # SPDX knows a few ports by name; the others get a LicenseRef that keeps how the port is written (`Scotland`).
    ported = f"{family}-{version}-{port.upper()}"
    if ported.removeprefix("CC-") in _SPDX_PORTS:
        return Licence(ported, family, version, jurisdiction, note)
    written = port.capitalize() if len(port) > 3 else port.upper()
    return Licence(f"LicenseRef-{family}-{version}-{written}", family, version, jurisdiction, note)


def _public_domain(section: str, code: str, version: str | None, port: str | None) -> Licence:
    family, spdx = ("CC0", "CC0-1.0") if code == "zero" else ("CC-PDM", "CC-PDM-1.0")
    notes = [] if section == "publicdomain" else ["wrong path"]
    if code == "mark":
        notes.append("a label, not a grant")
    if version is None:
        return Licence(spdx, family, "1.0", None, "; ".join([*notes, "the only version published"]))
    if version != "1.0" or port is not None:
        return Licence(None, family, version, port.upper() if port else None, "invalid: no such version or port")
    return Licence(spdx, family, version, None, "; ".join(notes) or None)


def _retired(code: str, version: str | None, port: str | None, notes: list[str]) -> Licence:
    name = _RETIRED_NAMES.get(code, "NC-ND" if code == "nd-nc" else code.upper())
    family = f"CC-{name}"
    jurisdiction = port.upper() if port else None
    notes = [*notes, "retired"]
    if version is None:
        return Licence(f"LicenseRef-{family}", family, None, jurisdiction, "; ".join([*notes, "no version stated"]))
    if (version, port) not in _RETIRED[code]:
        return Licence(None, family, version, jurisdiction, "; ".join([*notes, "invalid: no such version or port"]))
    if (code, version, port) == ("sa", "1.0", None):
        return Licence("CC-SA-1.0", family, version, None, "; ".join(notes))
    spdx = f"LicenseRef-{family}-{version}" + (f"-{jurisdiction}" if jurisdiction else "")
    return Licence(spdx, family, version, jurisdiction, "; ".join(notes))
