"""The document a `tdm-policy` points to: whom to ask, what is asked in return. Facts; it changes no reservation."""

from __future__ import annotations

import re

from crawler.classify import ROLE_TDM_POLICY
from crawler.records import Carrier, Exchange, Fact, Fault, Signal, Statement
from crawler.tdm_policy import MAX_BYTES, parse
from crawler.vocabulary import Axis, Part

SPEC = "https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240202/#sec-tdm-policy"
STANDING = "W3C community group report"
MAX_RAW = 500

_CARRIER = Carrier("tdm-policy", "TDM policy document", SPEC, STANDING, family="tdmrep", axis=Axis.FACT)


def read_document(exchange: Exchange) -> list[Statement]:
    """Facts `tdm_policy_format`, `tdm_contact:KIND`, `tdm_permission`, `tdm_duty`, `tdm_constraint`, `tdm_target`.

    A policy for people (`text/html`) is as good as one for machines (TDMRep section 6): only its format is recorded.
    """
    body = exchange.body or b""
    start = body[:4_096].decode("utf-8-sig", "replace").lstrip()
    raw = start[:MAX_RAW].encode("utf-8", "replace").decode("utf-8")
    if not start:
        return []
    if not start.startswith(("{", "[")):
        # Terms in words, whether as a page, a PDF or plain text.
        kind = "html" if re.match(r"<(?:!|\?xml|html|head|body)", start, re.IGNORECASE) else "other"
        return [Fact(_CARRIER.id, "tdm_policy_format", kind, "#", raw)]
    out: list[Statement] = [Fact(_CARRIER.id, "tdm_policy_format", "odrl", "#", raw)]
    policy = parse(body[: MAX_BYTES + 1])
    out.extend(Fault(_CARRIER.id, _clean(reason), "#", raw) for reason in policy.faults)
    out.extend(_fact(f"tdm_contact:{kind}", value, "/assigner") for kind, value in policy.contacts)
    for number, permission in enumerate(policy.permissions):
        place = f"/permission/{number}"
        out.append(_fact("tdm_permission", permission.action, place))
        if permission.target:
            out.append(_fact("tdm_target", permission.target, f"{place}/target"))
        out.extend(_fact("tdm_duty", duty, f"{place}/duty") for duty in permission.duties)
        out.extend(_fact("tdm_constraint", text, f"{place}/constraint") for text in permission.constraints)
    return out


def _fact(name: str, value: str, locator: str) -> Fact:
    return Fact(_CARRIER.id, name, _clean(value)[:MAX_RAW], locator, _clean(value)[:MAX_RAW])


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


TDM_POLICY = Signal("tdm-policy", 2, ROLE_TDM_POLICY, Part.BODY, (_CARRIER,), read_document)
