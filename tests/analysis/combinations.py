"""The worked combinations: what a site answers, and by which clause which states follow."""

from __future__ import annotations

from dataclasses import replace

from crawler.vocabulary import Outcome, State, Use
from tests.analysis.builders import HTML, Site

GEN, OTHER, INPUT, INDEX = Use.TRAIN_GENERATIVE, Use.TRAIN_OTHER, Use.AI_INPUT, Use.AI_INDEX
SEARCH, FETCH, ARCHIVE, TDM = Use.SEARCH, Use.USER_FETCH, Use.ARCHIVE, Use.TDM
RESERVED, PERMITTED, CONDITIONAL = State.RESERVED, State.PERMITTED, State.CONDITIONAL
CONFLICT, SILENT, UNKNOWN = State.CONFLICT, State.SILENT, State.UNKNOWN
ALL_SILENT = dict.fromkeys(Use, SILENT)
ALL_UNKNOWN = dict.fromkeys(Use, UNKNOWN)

MANAGED = b"""# BEGIN Cloudflare Managed content
User-agent: *
Content-Signal: search=yes,ai-train=no,use=reference
Allow: /

User-agent: Amazonbot
Disallow: /

User-agent: Applebot-Extended
Disallow: /

User-agent: Bytespider
Disallow: /

User-agent: CCBot
Disallow: /

User-agent: ClaudeBot
Disallow: /

User-agent: Google-Extended
Disallow: /

User-agent: GPTBot
Disallow: /

User-agent: meta-externalagent
Disallow: /
# END Cloudflare Managed Content
"""
RSL = b"""<?xml version="1.0"?>
<rsl xmlns="https://rslstandard.org/rsl">
  <content url="/"><license><permits type="usage">search</permits></license></content>
</rsl>
"""
PAID = b"""<?xml version="1.0"?>
<rsl xmlns="https://rslstandard.org/rsl">
  <content url="/"><license><permits type="usage">ai-train</permits>
  <payment type="subscription"/></license></content>
</rsl>
"""


def robots(text: str) -> Site:
    return Site(robots=text.encode())


def tdmrep(text: str, **more: object) -> Site:
    return replace(Site(robots=b"", files={"tdmrep.json": text.encode()}), **more)  # type: ignore[arg-type]


def meta(value: str) -> bytes:
    return HTML.replace(b"</head>", f'<meta name="tdm-reservation" content="{value}"></head>'.encode())


CASES: list[tuple[str, Site, dict[Use, State]]] = [
    (
        "9.4-1 Content-Signal no against a Content-Usage header yes",
        Site(robots=b"User-agent: *\nContent-Signal: ai-train=no\n", headers=(("Content-Usage", "train-ai=y"),)),
        {GEN: CONFLICT, OTHER: RESERVED, INPUT: SILENT, SEARCH: SILENT, TDM: SILENT},
    ),
    (
        "9.4-2 managed block only",
        Site(robots=MANAGED),
        {GEN: RESERVED, OTHER: RESERVED, SEARCH: PERMITTED, INPUT: SILENT, TDM: SILENT},
    ),
    (
        "9.4-3 License line whose document is not there",
        Site(robots=b"License: https://a.example/rsl\n", files={"rsl": Outcome.ABSENT}),
        ALL_UNKNOWN,
    ),
    ("9.3-9 License line whose document was not asked", robots("License: https://a.example/rsl\n"), ALL_UNKNOWN),
    ("9.4-5 robots.txt absent, a page without any statement", Site(), ALL_SILENT),
    ("9.4-6 page asks a price", Site(robots=b"", page=Outcome.PAID), ALL_UNKNOWN),
    (
        "9.4-7 upper-case key is no structured field key",
        robots("User-agent: *\nContent-Usage: Train-AI=n\n"),
        {GEN: UNKNOWN, OTHER: SILENT, TDM: SILENT, ARCHIVE: SILENT},
    ),
    (
        "9.4-8 an exhaustive RSL list against a Content-Signal yes",
        Site(
            robots=b"License: https://a.example/rsl\nUser-agent: *\nContent-Signal: ai-input=yes\n", files={"rsl": RSL}
        ),
        {INPUT: CONFLICT, SEARCH: PERMITTED},
    ),
    (
        "9.4-9 DisallowAITraining beside Allow",
        robots("User-agent: *\nDisallowAITraining: /\nAllow: /\n"),
        {GEN: RESERVED, OTHER: SILENT, SEARCH: SILENT, TDM: SILENT},
    ),
    (
        "9.4-10 a label only a past revision knows",
        robots("User-agent: *\nContent-Usage: ai=n\n"),
        {GEN: UNKNOWN, OTHER: UNKNOWN},
    ),
    (
        "9.4-11 everybody refused training, one agent with a group of its own",
        robots("User-agent: *\nContent-Signal: ai-train=no\n\nUser-agent: GPTBot\nAllow: /\n"),
        {GEN: RESERVED, OTHER: RESERVED, SEARCH: SILENT},
    ),
    (
        "2.6-a robots rule and header of one family, most restrictive holds",
        Site(robots=b"User-agent: *\nContent-Usage: train-ai=n\n", headers=(("Content-Usage", "train-ai=y"),)),
        {GEN: RESERVED, OTHER: SILENT},
    ),
    (
        "2.6-a reversed",
        Site(robots=b"User-agent: *\nContent-Usage: train-ai=y\n", headers=(("Content-Usage", "train-ai=n"),)),
        {GEN: RESERVED},
    ),
    (
        "2.6-b a rule for another path leaves the front page as it is",
        robots("User-agent: *\nContent-Usage: train-ai=n\nContent-Usage: /ai-ok/ train-ai=y\n"),
        {GEN: RESERVED},
    ),
    (
        "2.6-c the same path twice",
        robots("User-agent: *\nContent-Usage: / train-ai=n\nContent-Usage: / train-ai=y\n"),
        {GEN: RESERVED},
    ),
    (
        "3.4-a absent keys are unstated",
        robots("User-agent: *\nContent-Signal: search=yes,ai-train=no\n"),
        {INPUT: SILENT, GEN: RESERVED, SEARCH: PERMITTED},
    ),
    (
        "3.4-d a Content-Signal header yes cancels no robots no",
        Site(
            robots=b"User-agent: *\nContent-Signal: ai-train=no\n",
            headers=(("Content-Signal", "ai-train=yes, search=yes, ai-input=yes"),),
        ),
        {GEN: RESERVED, OTHER: RESERVED, INPUT: SILENT},
    ),
    (
        "3.4-e general refusal beside a welcome to one agent is no conflict",
        robots("User-agent: *\nContent-Signal: ai-train=no\nUser-agent: GPTBot\nAllow: /\n"),
        {GEN: RESERVED},
    ),
    ("9.3-8 Allow is access, not a statement of use", robots("User-agent: *\nAllow: /\n"), ALL_SILENT),
    (
        "9.3-11 everybody refused: derived",
        robots("User-agent: *\nDisallow: /\n"),
        {GEN: RESERVED, OTHER: RESERVED, INPUT: RESERVED, SEARCH: RESERVED, FETCH: RESERVED, ARCHIVE: RESERVED}
        | {TDM: SILENT, INDEX: SILENT},
    ),
    (
        "9.3-12 one agent refused: derived, conditional",
        robots("User-agent: GPTBot\nDisallow: /\n"),
        {GEN: CONDITIONAL, OTHER: CONDITIONAL, INPUT: SILENT, SEARCH: SILENT, FETCH: SILENT, ARCHIVE: SILENT},
    ),
    (
        "9.3-12 an own group wins over the group of everybody",
        robots("User-agent: *\nDisallow: /\n\nUser-agent: gptbot\nAllow: /\n"),
        {GEN: CONDITIONAL, SEARCH: RESERVED},
    ),
    (
        "9.3 an explicit permission wins over a derived refusal",
        robots("User-agent: *\nContent-Signal: ai-train=yes\nDisallow: /\n"),
        {GEN: PERMITTED, OTHER: PERMITTED, INPUT: RESERVED},
    ),
    (
        "9.3-7 a permission with a place unread is provisional",
        Site(robots=b"User-agent: *\nContent-Signal: ai-train=yes\n", page=Outcome.REFUSED),
        {GEN: UNKNOWN, OTHER: UNKNOWN},
    ),
    (
        "9.3-1 a reservation with every other place unread is final",
        Site(robots=b"User-agent: *\nContent-Signal: ai-train=no\n", page=Outcome.UNREACHABLE),
        {GEN: RESERVED, OTHER: RESERVED, SEARCH: UNKNOWN},
    ),
    (
        "9.3-4 terms of payment are conditions",
        Site(robots=b"License: https://a.example/rsl\n", files={"rsl": PAID}),
        {GEN: CONDITIONAL},
    ),
    (
        "9.3-5 a condition beside a permission",
        Site(
            robots=b"License: https://a.example/rsl\nUser-agent: *\nContent-Signal: ai-train=yes\n", files={"rsl": PAID}
        ),
        {GEN: CONDITIONAL},
    ),
    (
        "9.3-13 noai alone is informal",
        Site(robots=b"", page=HTML.replace(b"</head>", b'<meta name="robots" content="noai"></head>')),
        {GEN: RESERVED, OTHER: RESERVED, SEARCH: SILENT, TDM: SILENT},
    ),
    (
        "9.3-2 noai against an explicit permission",
        Site(
            robots=b"User-agent: *\nContent-Signal: ai-train=yes\n",
            page=HTML.replace(b"</head>", b'<meta name="robots" content="noai"></head>'),
        ),
        {GEN: CONFLICT, OTHER: CONFLICT},
    ),
    (
        "9.3 a vendor's directive speaks to that vendor only",
        Site(robots=b"", page=HTML.replace(b"</head>", b'<meta name="robots" content="noarchive"></head>')),
        {GEN: SILENT, INPUT: SILENT},
    ),
    ("page-1.5 file reserves", tdmrep('[{"location": "/", "tdm-reservation": 1}]'), {TDM: RESERVED, GEN: SILENT}),
    (
        "page-1.7-4 header 0 replaces file 1",
        tdmrep('[{"location": "/", "tdm-reservation": 1}]', headers=(("tdm-reservation", "0"),)),
        {TDM: PERMITTED},
    ),
    (
        "page-1.5 meta 1 replaces header 0",
        tdmrep("[]", headers=(("tdm-reservation", "0"),), page=meta("1")),
        {TDM: RESERVED},
    ),
    (
        "page-1.5 meta 0 replaces header 1",
        tdmrep('[{"location": "/", "tdm-reservation": 1}]', headers=(("tdm-reservation", "1"),), page=meta("0")),
        {TDM: PERMITTED},
    ),
    (
        "page-1.5 absence at a later step never resets",
        tdmrep('[{"location": "/", "tdm-reservation": 1, "tdm-policy": "https://a.example/p"}]', page=HTML),
        {TDM: RESERVED},
    ),
    (
        "page-1.5 a malformed header resets nothing",
        tdmrep('[{"location": "/", "tdm-reservation": 1}]', headers=(("tdm-reservation", "maybe"),)),
        {TDM: RESERVED},
    ),
    (
        "page-1.2 the first matching rule holds",
        tdmrep('[{"location": "/", "tdm-reservation": 0}, {"location": "*", "tdm-reservation": 1}]'),
        {TDM: PERMITTED},
    ),
    (
        "page-1.2 rules for other paths do not match the front page",
        tdmrep('[{"location": "/scans/", "tdm-reservation": 1}, {"location": "/", "tdm-reservation": 0}]'),
        {TDM: PERMITTED},
    ),
    (
        "page-1.2 an end anchor matches the front page alone",
        tdmrep('[{"location": "/$", "tdm-reservation": 1}, {"location": "/", "tdm-reservation": 0}]'),
        {TDM: RESERVED},
    ),
    ("page-1.7-7 JSON of another shape", tdmrep('{"error": "not found"}'), {TDM: UNKNOWN, GEN: SILENT}),
    ("page-1.7-1 an object in place of an array", tdmrep('{"location": "/", "tdm-reservation": 1}'), {TDM: RESERVED}),
    (
        "page-0 a licence cancels no reservation",
        tdmrep(
            '[{"location": "/", "tdm-reservation": 1}]',
            page=HTML.replace(
                b"</head>", b'<link rel="license" href="https://creativecommons.org/licenses/by/4.0/"></head>'
            ),
        ),
        {TDM: RESERVED, GEN: SILENT},
    ),
    (
        "9.3 tdm is not widened to training, nor training to tdm",
        robots("User-agent: *\nContent-Signal: ai-train=no\n"),
        {TDM: SILENT, GEN: RESERVED},
    ),
    ("coverage robots.txt 503", Site(robots=Outcome.SERVER_ERROR), ALL_UNKNOWN),
    ("coverage robots.txt is a page", Site(robots=Outcome.NOT_THE_FILE), ALL_UNKNOWN),
    ("coverage robots.txt 403", Site(robots=Outcome.REFUSED), ALL_UNKNOWN),
    (
        "coverage well-known files refused or replaced by a page count as absent",
        Site(robots=b"", files={"tdmrep.json": Outcome.REFUSED, "ai.txt": Outcome.NOT_THE_FILE}),
        ALL_SILENT,
    ),
    (
        "coverage a well-known file that failed is unread, for its own uses only",
        Site(robots=b"", files={"tdmrep.json": Outcome.SERVER_ERROR}),
        ALL_SILENT | {TDM: UNKNOWN},
    ),
    (
        "coverage a well-known file that was not asked is unread",
        Site(robots=b"", leave_out=("tdmrep.json",)),
        ALL_SILENT | {TDM: UNKNOWN},
    ),
    (
        "coverage a robots.txt without its end hides what it may say",
        Site(robots=b"User-agent: *\nDisallow: /private/\n", truncated=("robots.txt",)),
        ALL_UNKNOWN,
    ),
    (
        "coverage what stands before the cut still counts",
        Site(robots=b"User-agent: *\nContent-Signal: ai-train=no, search=yes\n", truncated=("robots.txt",)),
        {GEN: RESERVED, SEARCH: UNKNOWN},
    ),
]
