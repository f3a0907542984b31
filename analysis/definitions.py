"""What every published figure means, in words: the texts behind the definition ids and rule ids."""

from __future__ import annotations

from analysis.rules import RULES

_CLASSES = {
    "root_blocked": (
        "Refused at the root",
        (
            "The robots.txt of the site refuses the agent the path `/` under RFC 9309: by its own group, or by the"
            " `*` group where the file does not name it."
        ),
    ),
    "full_exact": (
        "Refused by exactly one rule",
        "The rules that hold for the agent are exactly one `Disallow: /` (as Common Crawl's 2025 study counts).",
    ),
    "full_probe": (
        "Refused everything probed",
        "The root, a canary path and every path the file names are refused to the agent (as Liu et al. 2025 count).",
    ),
    "full_dpi": (
        "Refused by the rule of Consent in Crisis",
        (
            "Leaving out rules with a question mark, some Disallow is exactly `/` and there is no Allow (as Longpre"
            " et al. 2024 count)."
        ),
    ),
    "partial": ("Partly refused", "Some of what was probed is refused to the agent and some is not."),
    "none": ("Nothing refused", "No Disallow takes effect for the agent; a site without a robots.txt counts too."),
    "explicit_allow": (
        "Welcomed by name",
        "The agent's own group allows everything by name, and `/` is not refused to it.",
    ),
}

_DENOMINATORS = {
    "frame": ("Every site of the frame", "All sites the snapshot is about, whether they answered or not."),
    "answered": ("Sites that answered", "Sites whose robots.txt was read, or is known to be absent (404 or 410)."),
    "has_robots": ("Sites with a robots.txt", "Sites whose robots.txt was read."),
    "has_rules": ("Sites with rules", "Sites whose robots.txt was read and has at least one group of rules."),
    "matched": (
        "Matched sites",
        "Sites known in every snapshot of the series, so that no site entering or leaving moves the rate.",
    ),
}

_OTHERS = (
    (
        "use-state",
        "State of a use",
        (
            "Sites whose verdict for the use has the state, over the statements about the front page that speak to"
            " everybody, as publishers plainly meant them; the strict reading takes them to the letter. A reservation"
            " is final, a permission provisional: what could not be checked makes it unknown. A licence, a price or a"
            " block never changes it."
        ),
    ),
    (
        "unknown",
        "Unknown",
        "Sites of the frame for which it could not be told, because what would tell was not seen or not understood.",
    ),
    ("interval", "Interval", "The 95 % Wilson score interval of n of N; it covers chance, not what is unknown."),
    (
        "bounds",
        "Bounds",
        "The rates if none, and if all, of the unknown sites had counted (Manski bounds); they cover what is unknown.",
    ),
    (
        "agents-known",
        "Known agents",
        (
            "A refused agent says something of a use only where the registry lists the use under the agent's"
            " principal purpose. All of a use's known agents refused: reserved, derived; some: conditional, derived."
        ),
    ),
    (
        "change-cause",
        "Cause of a change",
        (
            "`site changed`: what the site shows differs. `visibility changed`: a place was read in one snapshot and"
            " not in the other. `we changed`: the same evidence, judged by other rules, readers or another registry."
        ),
    ),
)


def definitions() -> list[tuple[str, str, str]]:
    """Id, title and text of every definition: figures, access classes, denominators, then the rules in their order."""
    listed = [*_OTHERS]
    listed += [(f"agent-{key}", title, text) for key, (title, text) in _CLASSES.items()]
    listed += [(f"denominator-{key}", title, text) for key, (title, text) in _DENOMINATORS.items()]
    for place, rule in enumerate(RULES, 1):
        text = f"Rule {place} of {len(RULES)}, gives `{rule.state}`: {rule.why} Clause: {rule.spec}."
        listed.append((f"rule-{rule.id}", f"Rule {rule.id}", text))
    return listed
