"""More worked combinations: the tests that the sheets list under each family of statements."""

from __future__ import annotations

from crawler.vocabulary import Outcome, State, Use
from tests.analysis.builders import HTML, Site
from tests.analysis.combinations import (
    ALL_SILENT,
    ALL_UNKNOWN,
    CONDITIONAL,
    CONFLICT,
    GEN,
    INPUT,
    OTHER,
    PAID,
    PERMITTED,
    RESERVED,
    RSL,
    SEARCH,
    SILENT,
    TDM,
    UNKNOWN,
    meta,
    robots,
    tdmrep,
)

POLICY = """# As a condition of accessing this website, you agree to abide by the following content signals:
# (a) If a content-signal = yes, you may collect content for the corresponding use.
# (b) If a content-signal = no, you may not collect content for the corresponding use.
# ANY RESTRICTIONS EXPRESSED VIA CONTENT SIGNALS ARE EXPRESS RESERVATIONS OF RIGHTS UNDER ARTICLE 4 OF THE
# EUROPEAN UNION DIRECTIVE 2019/790 ON COPYRIGHT AND RELATED RIGHTS IN THE DIGITAL SINGLE MARKET.
User-agent: *
Allow: /
"""
YES = b"User-agent: *\nContent-Signal: ai-train=yes\n"
DOCUMENT = b"License: https://a.example/rsl\n"

FAMILY_CASES: list[tuple[str, Site, dict[Use, State]]] = [
    (
        "9.3-3 a reservation of the site against a permission of the page",
        Site(robots=b"User-agent: *\nContent-Signal: ai-train=no\n", headers=(("Content-Usage", "train-ai=y"),)),
        {GEN: CONFLICT},
    ),
    (
        "9.3-6 only a permission, every place checked",
        robots("User-agent: *\nContent-Signal: search=yes\n"),
        {SEARCH: PERMITTED},
    ),
    # 2.2: `bots` stood for tdm and its children, so in the present vocabulary both are unknown.
    ("9.3-14 a legacy label", robots("User-agent: *\nContent-Usage: bots=n\n"), {GEN: UNKNOWN, TDM: UNKNOWN}),
    (
        "9.4-12 our own token may not fetch: what was not asked is not known",
        Site(robots=b"User-agent: OpenWebAudit\nDisallow: /\n", page=Outcome.DISALLOWED),
        ALL_UNKNOWN,
    ),
    (
        "2.6-d search stands beside a reservation of training",
        robots("User-agent: *\nContent-Usage: train-ai=n, search=y\n"),
        {GEN: RESERVED, SEARCH: PERMITTED},
    ),
    ("3.4-b the policy comment alone expresses nothing", robots(POLICY), ALL_SILENT),
    ("4.4-b a relative address is no License line", robots("License: /license.xml\n"), {GEN: SILENT}),
    (
        "4.4-d a list of permitted uses is exhaustive",
        Site(robots=DOCUMENT, files={"rsl": RSL}),
        {GEN: RESERVED, OTHER: RESERVED, INPUT: RESERVED, SEARCH: PERMITTED, TDM: SILENT},
    ),
    (
        "4.4-e a payment is a condition",
        Site(robots=DOCUMENT, files={"rsl": PAID}),
        {GEN: CONDITIONAL, OTHER: CONDITIONAL},
    ),
    (
        "4.4-f a licence text is no RSL document",
        robots("License: https://creativecommons.org/licenses/by/4.0/\n"),
        ALL_SILENT,
    ),
    (
        "5-a a price does not make a permission a refusal",
        Site(robots=YES, page=Outcome.PAID),
        {GEN: UNKNOWN, OTHER: UNKNOWN},
    ),
    ("5-b a price alone says nothing of use", Site(robots=b"", page=Outcome.PAID), ALL_UNKNOWN),
    ("5-c a bot challenge is no content", Site(robots=b"", page=Outcome.REFUSED), ALL_UNKNOWN),
    ("5-d robots.txt refused, the page answers", Site(robots=Outcome.REFUSED), ALL_UNKNOWN),
    (
        "5-e a price or a block leaves what robots.txt reserves",
        Site(robots=b"User-agent: *\nContent-Signal: ai-train=no\n", page=Outcome.REFUSED),
        {GEN: RESERVED, SEARCH: UNKNOWN},
    ),
    (
        "6-a DisallowAITraining, access open",
        robots("User-agent: *\nAllow: /\nDisallowAITraining: /\n"),
        {GEN: RESERVED, SEARCH: SILENT},
    ),
    (
        "6-b the same without Allow: by RFC 9309 access is open all the same",
        robots("User-agent: *\nDisallowAITraining: /\n"),
        {GEN: RESERVED, SEARCH: SILENT},
    ),
    ("6-c a key with a space is unknown", robots("User-agent: *\nDisallow AITraining: /\n"), ALL_SILENT),
    ("6-d a reservation in a comment", robots("# no TDM, Art. 4 CDSM\nUser-agent: *\nAllow: /\n"), {TDM: RESERVED}),
    ("6-e TDM-Reservation above every group", robots("TDM-Reservation: 1\nUser-agent: *\nAllow: /\n"), {TDM: RESERVED}),
    ("page-1.7-5 a meta speaks of the page", tdmrep("[]", page=meta("1")), {TDM: RESERVED}),
    ("page-1.7-8 a value joined with itself", tdmrep("[]", headers=(("tdm-reservation", "1, 1"),)), {TDM: RESERVED}),
    ("page-1.7-8 two values", tdmrep("[]", headers=(("tdm-reservation", "0, 1"),)), {TDM: RESERVED}),
    ("page-1.7-9 an invented key", tdmrep('{"prohibitedAiGenerativeTraining": true}'), {TDM: UNKNOWN}),
    (
        "page-1.7-10 not reserved, the policy is ignored",
        tdmrep("[]", headers=(("tdm-reservation", "0"), ("tdm-policy", "https://a.example/p"))),
        {TDM: PERMITTED},
    ),
    (
        "page-1.7-11 http-equiv",
        tdmrep("[]", page=HTML.replace(b"</head>", b'<meta http-equiv="tdm-reservation" content="1"></head>')),
        {TDM: RESERVED},
    ),
    (
        "6.1 noai in a header is informal",
        Site(robots=b"", headers=(("X-Robots-Tag", "noai"),)),
        {GEN: RESERVED, TDM: SILENT},
    ),
    (
        "9.2 REP: at equal length Allow holds",
        robots("User-agent: *\nDisallow: /\nAllow: /\n"),
        {GEN: SILENT, SEARCH: SILENT},
    ),
    (
        "9.2 AIPREF: deny before allow, search apart",
        robots("User-agent: *\nContent-Usage: train-ai=n, search=y\nContent-Usage: train-ai=y, search=y\n"),
        {GEN: RESERVED, SEARCH: PERMITTED},
    ),
    (
        "9.2 Content-Signal: the last of one key",
        robots("User-agent: *\nContent-Signal: ai-train=no, ai-train=yes\n"),
        {GEN: PERMITTED, OTHER: PERMITTED},
    ),
    (
        "9.2 Content-Signal: no before yes of two lines",
        robots("User-agent: *\nContent-Signal: ai-train=yes\nContent-Signal: ai-train=no\n"),
        {GEN: RESERVED, OTHER: RESERVED, INPUT: SILENT},
    ),
    (
        "9.2 TDMRep: meta before header before file",
        tdmrep('[{"location": "/", "tdm-reservation": 1}]', headers=(("tdm-reservation", "1"),), page=meta("0")),
        {TDM: PERMITTED},
    ),
]
