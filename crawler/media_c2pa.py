"""C2PA manifests: the training-and-data-mining assertion of the active manifest (CAWG 1.1; C2PA up to 1.4)."""

from __future__ import annotations

import io
import json
import re

from crawler.licences.claims import clean
from crawler.media import C2PA, MAX_RAW, REMOTE, missing, reading
from crawler.records import Fact, Fault, Statement
from crawler.vocabulary import Stance, Use

_USES = {
    "data_mining": Use.TDM,
    "ai_training": Use.TRAIN_OTHER,
    "ai_generative_training": Use.TRAIN_GENERATIVE,
    "ai_inference": Use.AI_INPUT,
}
_LABEL = re.compile(r"(cawg|c2pa)\.training-(?:and-data-)?mining(?:\.v\d+)?(?:__\d+)?")
_KEY = re.compile(r"(?:cawg|c2pa)\.(data_mining|ai_inference|ai_training|ai_generative_training)")
_KINDS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"RIFF", "image/webp"),
    (b"GIF8", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF", "application/pdf"),
)


def read_c2pa(data: bytes) -> list[Statement]:
    """What the active manifest says about training and mining; nothing is ever fetched, remote manifests are a fact.

    `constrained` without more information equals `notAllowed` (CAWG 1.1). Where an old `c2pa.` and a new `cawg.`
    assertion differ, the new one wins and says so.
    """
    try:
        import c2pa
    except ImportError:
        return [*missing("c2pa-python", C2PA)]
    if not hasattr(c2pa, "Context"):
        return [*missing("c2pa-python 0.38 or later", C2PA)]
    kind = next((mime for magic, mime in _KINDS if data.startswith(magic)), None)
    try:
        context = c2pa.Context.from_dict({"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}})
        with c2pa.Reader(kind, io.BytesIO(data), context=context) as reader:
            store = json.loads(reader.json())
            state = str(reader.get_validation_state() or "")
    except c2pa.C2paError as error:
        return _failure(str(error))
    except (ValueError, RecursionError, TypeError) as error:
        return [Fault(C2PA, f"unreadable manifest: {type(error).__name__}", "c2pa", clean(str(error))[:MAX_RAW])]
    return of_store(store, state)


def _failure(error: str) -> list[Statement]:
    if "ManifestNotFound" in error or "no JUMBF" in error.lower() or "not found" in error.lower():
        return []
    if "remote" in error.lower():
        return [Fact(C2PA, REMOTE, "not fetched", "c2pa", clean(error)[:MAX_RAW])]
    return [Fault(C2PA, f"unreadable manifest: {error[:120]}", "c2pa", clean(error)[:MAX_RAW])]


def of_store(store: object, state: str = "") -> list[Statement]:
    """The statements of a manifest store as C2PA's JSON: its active manifest's only, ingredients are not inherited."""
    if not isinstance(store, dict):
        return [Fault(C2PA, "manifest store is no object", "c2pa", "")]
    manifests = store.get("manifests")
    active = store.get("active_manifest")
    manifest = manifests.get(active) if isinstance(manifests, dict) else None
    if not isinstance(manifest, dict):
        return []
    out: list[Statement] = []
    if state:
        out.append(Fact(C2PA, "validation_state", clean(state)[:100], "c2pa", clean(state)[:100]))
    found: dict[str, dict[Use, tuple[Stance, str | None, str, str]]] = {"cawg": {}, "c2pa": {}}
    assertions = manifest.get("assertions")
    for assertion in assertions if isinstance(assertions, list) else []:
        label = assertion.get("label") if isinstance(assertion, dict) else None
        match = _LABEL.fullmatch(label) if isinstance(label, str) else None
        if match is None:
            continue
        data = assertion.get("data")
        entries = data.get("entries", data) if isinstance(data, dict) else None
        if not isinstance(entries, dict):
            out.append(Fault(C2PA, "entries", str(label), clean(json.dumps(data))[:MAX_RAW]))
            continue
        for key, entry in entries.items():
            name = _KEY.fullmatch(str(key))
            use = entry.get("use") if isinstance(entry, dict) else None
            raw = clean(json.dumps({key: entry}))[:MAX_RAW]
            if name is None:
                continue
            info = ""
            if isinstance(entry, dict):
                info = str(entry.get("constraint_info") or entry.get("constraints_info") or "")
            stance = _stance(use, info)
            if stance is None:
                out.append(Fault(C2PA, "use", f"{label} {key}", raw))
                continue
            found[match[1]][_USES[name[1]]] = stance, clean(info)[:MAX_RAW] or None, f"{label} {key}", raw
    for use_of in Use:
        old, new = found["c2pa"].get(use_of), found["cawg"].get(use_of)
        chosen = new or old
        if chosen is None:
            continue
        stance, condition, locator, raw = chosen
        note = None
        if old and new and old[0] is not new[0]:
            note = f"conflict: {old[2]} says {old[0]}; the newer assertion counts"
        elif new is None:
            note = "assertion removed in C2PA 2.0"
        out.append(
            reading(C2PA, use_of, stance, locator, raw, condition if stance is Stance.CONDITIONAL else None, note)
        )
    return out


def _stance(use: object, info: str) -> Stance | None:
    if use == "allowed":
        return Stance.PERMITTED
    if use == "notAllowed":
        return Stance.RESERVED
    if use == "constrained":
        return Stance.CONDITIONAL if info.strip() else Stance.RESERVED
    return None
