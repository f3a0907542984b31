"""A deny is final: what is not seen never turns a reservation into anything softer (signals-robots 9.3)."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.verdicts import judge
from crawler.archive import memory
from crawler.ingest import take_in_to
from crawler.settings import Archive
from crawler.signals import PROBES
from crawler.vocabulary import ROLE_PAGE, ROLE_ROBOTS, Outcome, State, Use
from tests.analysis.builders import HTML, Site, portion, verdicts

_LINES = st.sampled_from(
    [
        "Content-Signal: ai-train=no",
        "Content-Signal: ai-train=yes, search=yes",
        "Content-Signal: use=reference",
        "Content-Usage: train-ai=n",
        "Content-Usage: train-ai=y, ai-use=n",
        "Content-Usage: Train-AI=n",
        "Content-Usage: ai=n",
        "DisallowAITraining: /",
        "TDM-Reservation: 1",
        "Disallow: /",
        "Allow: /",
        "# We reserve all rights; no AI training",
    ]
)
_ROBOTS = st.lists(_LINES, max_size=4).map(lambda lines: "\n".join(["User-agent: *", *lines, ""]).encode())
_PAGE = st.sampled_from(["", '<meta name="robots" content="noai">', '<meta name="tdm-reservation" content="1">']).map(
    lambda tag: HTML.replace(b"</head>", tag.encode() + b"</head>")
)
_HEADERS = st.lists(
    st.sampled_from(
        [
            ("Content-Usage", "train-ai=n"),
            ("Content-Usage", "search=y"),
            ("tdm-reservation", "1"),
            ("tdm-reservation", "0"),
        ]
    ),
    max_size=2,
).map(tuple)
_TDMREP = st.sampled_from(
    ['[{"location": "/", "tdm-reservation": 1}]', '[{"location": "/", "tdm-reservation": 0}]', "{"]
)
_TRUST = st.sampled_from(["datatrainingallowed=no\n", "datatrainingallowed=yes\n"])
_SITES = st.builds(
    lambda robots, page, headers, files: Site(robots=robots, page=page, headers=headers, files=files),
    _ROBOTS,
    _PAGE,
    _HEADERS,
    st.fixed_dictionaries(
        {},
        optional={"tdmrep.json": _TDMREP.map(str.encode), "trust.txt": _TRUST.map(str.encode)},
    ),
)
ROLES = [ROLE_ROBOTS, ROLE_PAGE, *PROBES]
_LOSSES = [Outcome.UNREACHABLE, Outcome.SERVER_ERROR, Outcome.NOT_ASKED]


CUT = "truncated"
"""What came is all there, but its end may be missing: nothing is known to be absent any more."""


def without(site: Site, role: str, how: Outcome | str) -> Site:
    """The site with one exchange that brought nothing, or not all."""
    if not isinstance(how, Outcome):
        return replace(site, truncated=(role,))
    if role == ROLE_ROBOTS:
        return replace(site, robots=how)
    if role == ROLE_PAGE:
        return replace(site, page=how, headers=())
    return replace(site, files={**site.files, role: how})


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(site=_SITES, how=st.sampled_from([*_LOSSES, CUT]))
def test_losing_an_observation_never_softens_a_reservation(site: Site, how: Outcome | str) -> None:
    sites = {"whole.example": site} | {
        f"{number}.example": without(site, role, how) for number, role in enumerate(ROLES)
    }
    with memory(Archive(threads=1)) as connection:
        take_in_to(connection, portion(sites), after=judge, workers=1)
        found = verdicts(connection)
        roles = dict(connection.execute("SELECT DISTINCT reading_id, role FROM reading").fetchall())
    for use in Use:
        whole = found["whole.example", use]
        for number, role in enumerate(ROLES):
            less = found[f"{number}.example", use]
            if whole["state"] == State.RESERVED:
                ids = whole["deciding"]
                assert isinstance(ids, list)
                rests_on = set() if how == CUT else {roles.get(key, ROLE_ROBOTS) for key in ids}
                # Without the statement itself nothing is known of it; with it, nothing else matters.
                allowed = {State.RESERVED} if role not in rests_on else {State.RESERVED, State.UNKNOWN}
                # Where several statements reserve, a weaker one may take over; a conflict still names the reservation.
                allowed |= {State.CONFLICT, State.CONDITIONAL} if role in rests_on else set()
                assert less["state"] in allowed, (use, role, whole, less)
            if whole["state"] == State.UNKNOWN:
                assert less["state"] not in (State.PERMITTED, State.SILENT), (use, role, whole, less)
            if less["state"] == State.PERMITTED:
                assert whole["state"] == State.PERMITTED, (use, role, whole, less)


_ROWS = {
    "reading": "reading_id",
    "access": "token",
    "fact": "name",
    "fault": "carrier",
}


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(site=_SITES)
def test_losing_a_row_that_does_not_decide_never_softens_a_reservation(site: Site) -> None:
    """Readings, access rows, facts and faults, one at a time; a row that decides is the statement itself."""
    with memory(Archive(threads=1)) as connection:
        take_in_to(connection, portion({"a.example": site}), after=judge, workers=1)
        whole = verdicts(connection)
        for table, name in _ROWS.items():
            for row, key in connection.execute(f"SELECT rowid, {name} FROM {table}").fetchall():
                connection.begin()
                connection.execute(f"DELETE FROM {table} WHERE rowid = {row}")
                connection.execute("DELETE FROM verdict")
                connection.execute("DELETE FROM coverage")
                judge(connection)
                less = verdicts(connection)
                connection.rollback()
                for place, before in whole.items():
                    # Every agent of a derived reservation takes part in it, though each line is named but once.
                    decides = before["rule"] == "reserved-derived" if table == "access" else key in before["deciding"]  # type: ignore[operator]
                    if before["state"] == State.RESERVED and not decides:
                        assert less[place]["state"] == State.RESERVED, (table, key, place, before, less[place])
