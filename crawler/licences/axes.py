"""What a licence asks, on two axes: whether it is open by the Open Definition, and under which conditions.

Neither says anything about a reservation of rights: a licence is not a reservation (Creative Commons, 2021).
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Conditions:
    """The two axes of one licence.

    `is_open` follows the Open Definition 2.1; None where it does not apply: a status, a label, a licence we do not
    know. The four conditions are those of the licence's own summary. `wording` is how a verdict may put it.
    """

    is_open: bool | None
    attribution: bool = False
    share_alike: bool = False
    non_commercial: bool = False
    no_derivatives: bool = False
    wording: str = ""


WAIVED = "rights waived where possible"
FREE = "stated to be free of known copyright"
FREE_US = "stated to be free of known copyright in the United States only"
ATTRIBUTION = "open; attribution is a condition"
SHARE_ALIKE = (
    "open; attribution and the same licence for adapted material that is shared; whether a model is adapted material is"
    " unsettled"
)
STATUS = "a statement of rights status, not a licence"
COMMUNITY = "conditions set by a community"
UNKNOWN = "terms not known to this tool"

_WAIVERS = re.compile(r"CC0-|PDDL-|DL-DE-ZERO-|CC-PDDC$|Unlicense$|0BSD$")
_ATTRIBUTION = re.compile(
    r"OGL-|LicenseRef-OGL-|etalab|LicenseRef-etalab|ODC-By-|NLOD|LicenseRef-NLOD|DL-DE-BY-\d|LicenseRef-DL-DE-BY(?:-\d|$)"
    r"|CDLA-Permissive-|MIT$|MIT-0$|Apache-|BSD-|ISC$|Zlib$|BSL-|Artistic-2|WTFPL$"
)
_SHARE_ALIKE = re.compile(
    r"(?:LicenseRef-)?GFDL|ODbL-|CDLA-Sharing-|(?:LicenseRef-)?LAL|(?:LicenseRef-)?[AL]?GPL|MPL-|EPL-|EUPL-|OFL-"
)
_CC = re.compile(r"(?:LicenseRef-)?CC-((?:BY|NC|ND|SA)(?:-(?:NC|ND|SA))*)(?:-|$)")


def open_axis(spdx: str | None) -> Conditions:
    """The two axes of the licence with this SPDX or `LicenseRef-` id; unknown ids and None give `is_open=None`."""
    if spdx is None:
        return Conditions(None, wording=UNKNOWN)
    if cc := _CC.match(spdx):
        return _creative_commons(cc[1].split("-"))
    if spdx == "CC-PDM-1.0":
        return Conditions(None, wording=FREE)
    if spdx.startswith("LicenseRef-RightsStatements-"):
        return Conditions(None, wording=FREE_US if "-NoC-US-" in spdx else STATUS)
    if spdx.startswith(("LicenseRef-LocalContexts-", "LicenseRef-Kaitiakitanga")):
        return Conditions(None, wording=COMMUNITY)
    if spdx.startswith(("LicenseRef-DL-DE-BY-NC", "NCGL-")):
        return Conditions(False, attribution=True, non_commercial=True, wording="use limited to non-commercial")
    if spdx.startswith(("LicenseRef-CC-Sampling", "LicenseRef-CC-NC-Sampling", "LicenseRef-CC-DEV")):
        return Conditions(False, attribution=True, wording="use limited by a retired licence")
    if _WAIVERS.match(spdx):
        return Conditions(True, wording=WAIVED)
    if _SHARE_ALIKE.match(spdx):
        return Conditions(True, attribution=True, share_alike=True, wording=SHARE_ALIKE)
    if _ATTRIBUTION.match(spdx):
        return Conditions(True, attribution=True, wording=ATTRIBUTION)
    return Conditions(None, wording=UNKNOWN)


def _creative_commons(tokens: list[str]) -> Conditions:
    non_commercial, no_derivatives, share_alike = "NC" in tokens, "ND" in tokens, "SA" in tokens
    limits = ["use limited to non-commercial"] * non_commercial + ["no sharing of adaptations"] * no_derivatives
    if limits:
        wording = "; ".join(limits)
    else:
        wording = SHARE_ALIKE if share_alike else ATTRIBUTION
    return Conditions(not limits, "BY" in tokens, share_alike, non_commercial, no_derivatives, wording)
