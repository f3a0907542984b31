"""Deciding the cases of a policy: a case is a combination of verdicts, robots.txt and licences that some site shows.

A robots.txt is parsed only where its access rows leave paths apart and nothing else denies already.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa

from analysis.policy_file import PART
from analysis.policy_paths import PathRule, path_rules, settled
from analysis.profile_model import LICENCE, Access, AccessFact, Decision, LicenceFact, Profile, UseFact, together
from analysis.query import sql
from crawler.robots import RobotsFile, decide, parse
from crawler.robots.matcher import choose
from crawler.vocabulary import LicenceClass, Outcome, Ruling, State, Strength, Subject, Use

_BATCH = 2_000
"""Cases decided at a time, so that no more bodies than theirs are held."""

DECIDED = pa.schema(
    [
        ("case_id", pa.uint64()),
        ("decision", pa.string()),
        ("reason", pa.string()),
        ("code", pa.string()),
        ("line_ids", pa.list_(pa.string())),
        ("line_uses", pa.list_(pa.string())),
        ("line_licences", pa.bool_()),
        ("partial", pa.bool_()),
        ("parts", pa.list_(PART)),
    ]
)
"""A decided case; `line_uses` and `line_licences` say whose statements, which differ by site, decide as well."""


class Cases:
    """The cases in `policy_picture`; once decided, `rules` holds the path rules of each robots.txt that needs them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, profile: Profile) -> None:
        self.connection = connection
        self.profile = profile
        self.rules: dict[str, list[dict[str, Any]]] = {}

    def decide(self) -> Iterator[pa.RecordBatch]:
        """Every case decided, in batches of DECIDED."""
        cases = self.connection.sql(sql("policy_cases")).to_arrow_table()
        for start in range(0, cases.num_rows, _BATCH):
            found = [_Case(self.profile, case) for case in cases.slice(start, _BATCH).to_pylist()]
            wanted = sorted({case.gate for case in found if case.depends_on_paths})
            held: dict[str, bytes] = {}
            if wanted:
                held = dict(self.connection.execute(sql("policy_body"), {"bodies": wanted}).fetchall())
            files: dict[str, RobotsFile] = {}
            for case in found:
                if case.depends_on_paths:
                    self._parse(case, held, files)
            yield pa.RecordBatch.from_pylist([case.decided() for case in found], schema=DECIDED)

    def _parse(self, case: _Case, held: dict[str, bytes], files: dict[str, RobotsFile]) -> None:
        body = case.gate
        if body not in held:
            # The access row tells the front page alone; of other paths nothing is known.
            case.access |= {agent: AccessFact(Access.UNKNOWN, "the file is not held") for agent in case.apart}
            case.apart = {}
            return
        if body not in files:
            files[body] = parse(held[body])
        rules = case.parse(files[body])
        if rules and body not in self.rules:
            self.rules[body] = [rule._asdict() for rule in rules]


class _Case:
    """One case: its facts, and of robots.txt the agents (`apart`) for which paths come to different answers."""

    def __init__(self, profile: Profile, case: dict[str, Any]) -> None:
        self.profile, self.case = profile, case
        self.gate: str = case["gate"] or ""
        self.uses = {Use(fact["use"]): _use(fact) for fact in case["facts"] or ()}
        self.licences = [_licence(claim) for claim in case["claims"] or ()]
        self.said = {item["use"] for item in case["paths"] or ()}
        self.access: dict[str, AccessFact] = {}
        self.apart: dict[str, str] = {}
        if profile.access is not None:
            self._from_rows()
        fixed = [one for name, one in self.parts() if name not in self.apart and name not in self.said]
        self.denied = any(one.ruling is Ruling.DENY for one in fixed)

    @property
    def depends_on_paths(self) -> bool:
        """Whether robots.txt has to be parsed: what denies everywhere leaves nothing for paths to decide."""
        return bool(self.apart) and not self.denied

    def parts(self) -> list[tuple[str, Decision]]:
        """What each use, agent and the licence come to at the front page."""
        seen = bool(self.case["seen"])
        return self.profile.parts(self.uses, self.access, self.licences, licences_seen=seen)

    def _from_rows(self) -> None:
        if self.case["rows"] is None:
            absent = self.gate == Outcome.ABSENT
            fact = AccessFact(Access.ADMITTED, "there is none") if absent else AccessFact(Access.UNKNOWN, self.gate)
            self.access = dict.fromkeys(self.profile.agents, fact)
            return
        for row in self.case["rows"]:
            agent, said = row["agent"], row["said"]
            if said is None:
                self.access[agent] = AccessFact(Access.UNKNOWN, "not read")
                continue
            access = Access.REFUSED if said["root_blocked"] else Access.ADMITTED
            self.access[agent] = self._fact(access, said["line"] if said["raw"] else None, said["raw"])
            if not (said["nothing"] or said["full_exact"]):
                self.apart[agent] = said["token"]

    def parse(self, file: RobotsFile) -> list[PathRule]:
        """The path rules of the file for the agents that need them; the others' access is settled."""
        groups: dict[tuple[int, ...], list[str]] = {}
        for agent, token in self.apart.items():
            groups.setdefault(choose(file, token)[1], []).append(agent)
        rules: list[PathRule] = []
        for agents in groups.values():
            token = self.apart[agents[0]]
            spoken = path_rules(file, token, agents)
            whole = settled(spoken)
            front = decide(file, token, "/")
            access = whole or (Access.ADMITTED if front.allowed else Access.REFUSED)
            self.access |= dict.fromkeys(agents, self._fact(access, front.line, front.raw))
            if whole is None:
                rules += spoken
            else:
                for agent in agents:
                    del self.apart[agent]
        return rules

    def _fact(self, access: Access, line: int | None, raw: str | None) -> AccessFact:
        if line is None:
            return AccessFact(access, "no rule matches")
        return AccessFact(access, f"line {line}: {(raw or '').strip()}", (f"{self.gate}:line {line}",))

    def decided(self) -> dict[str, Any]:
        """The case as a row of DECIDED."""
        parts = self.parts()
        whole = self.profile.for_host(together(parts))
        fixed = [one for name, one in parts if name not in self.apart and name not in self.said]
        of_page = any(name == LICENCE and one.ruling is Ruling.ALLOW for name, one in parts)
        apart = bool(self.apart or self.said) or (of_page and whole.ruling is Ruling.ALLOW)
        partial = apart and not any(one.ruling is Ruling.DENY for one in fixed)
        deciding = [name for name, decision in parts if decision.ruling is whole.ruling]
        return {
            "case_id": self.case["case_id"],
            "decision": whole.ruling.value,
            "reason": whole.reason,
            "code": whole.code,
            "line_ids": list(whole.lines),
            "line_uses": [name for name in deciding if name in set(Use)],
            "line_licences": LICENCE in deciding,
            "partial": partial,
            "parts": [_part(name, decision) for name, decision in parts] if partial else None,
        }


def _part(name: str, decision: Decision) -> dict[str, Any]:
    head = {"part": name, "decision": decision.ruling.value, "code": decision.code, "reason": decision.reason}
    return {**head, "lines": list(decision.lines)}


def _use(fact: dict[str, Any]) -> UseFact:
    strength = Strength(fact["strength"]) if fact["strength"] else None
    return UseFact(State(fact["state"]), State(fact["state_strict"]), strength, fact["rule"], fact["reason"] or "")


def _licence(claim: dict[str, Any]) -> LicenceFact:
    where = LicenceClass(claim["licence_class"]), Subject(claim["subject"])
    return LicenceFact(claim["spdx"], *where, claim["family"], claim["partial"])
