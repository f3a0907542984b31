"""The tokens a user-agent line plainly means and no parser reads: a softer answer beside the exact one.

Names of a company or a product, versions and whole user-agent strings, lists with commas, hyphens that are none
(U+2011, copied from an operator's page), and a rule glued to the token (`User-agent: GPTBot Disallow: /`).
"""

from __future__ import annotations

import re
from functools import lru_cache

from crawler.robots.model import PRODUCT_TOKEN, TOKEN_OF, RobotsFile
from crawler.robots.profile import INTENDED
from crawler.robots.reader import LETTERS

MEANT: dict[str, tuple[str, ...]] = {
    "anthropic": ("claudebot", "claude-user", "claude-searchbot"),
    "anthropicbot": ("claudebot",),
    "anthropic-claude": ("claudebot",),
    "bard": ("google-extended",),
    "chatgpt": ("gptbot", "chatgpt-user"),
    "chatgpt-bot": ("gptbot", "chatgpt-user"),
    "claude": ("claudebot",),
    "commoncrawl": ("ccbot",),
    "common-crawl": ("ccbot",),
    "gemini": ("google-extended",),
    "googlebot-extended": ("google-extended",),
    "googleextended": ("google-extended",),
    "gpt": ("gptbot",),
    "gpt-bot": ("gptbot",),
    "gptbot-user": ("gptbot", "chatgpt-user"),
    "openai": ("gptbot", "chatgpt-user", "oai-searchbot"),
    "openai.com": ("gptbot", "chatgpt-user", "oai-searchbot"),
    "openai-crawler": ("gptbot",),
    "openaibot": ("gptbot",),
    "perplexity": ("perplexitybot", "perplexity-user"),
    "perplexity-ai": ("perplexitybot", "perplexity-user"),
    "perplexityai": ("perplexitybot", "perplexity-user"),
}
"""Names no crawler goes by, lower-case, to the tokens they are taken to mean (counts: Common Crawl's 2025 study)."""

MAX_VALUE = 2_000
MAX_TOKENS = 100
_HYPHENS = {ord(c): "-" for c in "\u2010\u2011\u2012\u2013\u2014\u2212\u00ad\ufe63\uff0d"}
_GLUED = re.compile(r"(.+?)\s+((?:dis)?allow\s*:.*)\Z", re.IGNORECASE | re.DOTALL)
_COMPATIBLE = re.compile(r"compatible\s*;\s*([A-Za-z][A-Za-z_-]*)")
_VERSION = re.compile(r"([A-Za-z_-]{2,})/[\d.x*]+(?=[\s;)]|\Z)")
_BROWSER = frozenset({"mozilla", "applewebkit", "chrome", "safari", "gecko", "khtml", "version", "mobile", "firefox"})


@lru_cache(maxsize=16_384)
def meant(value: str) -> tuple[tuple[str, ...], str]:
    """The lower-case tokens a user-agent value means beyond its letters, and a rule glued to it (else "").

    Empty where the value means what it says, or where nothing can be made of it.
    """
    if len(value) > MAX_VALUE:
        return (), ""
    plain = value.translate(_HYPHENS).strip()
    rule = ""
    if glued := _GLUED.match(plain):
        plain, rule = glued[1].strip().rstrip(",;"), glued[2]
    tokens: list[str] = []
    for part in [plain] if "mozilla" in plain.lower() else re.split(r"[,;|]", plain):
        tokens += _one(part.strip().strip("\"'"))
    found = tuple(dict.fromkeys(tokens))[:MAX_TOKENS]
    return ((), "") if not rule and found == (value.lower(),) else (found, rule)


def _one(part: str) -> tuple[str, ...]:
    low = part.lower()
    if low in MEANT:
        return MEANT[low]
    if PRODUCT_TOKEN.match(part):
        return (low,)
    if compatible := _COMPATIBLE.search(part):
        return (compatible[1].lower(),)
    named = [name.lower() for name in _VERSION.findall(part) if name.lower() not in _BROWSER]
    return MEANT.get(named[0], (named[0],)) if named else ()


def suspects(file: RobotsFile) -> list[str]:
    """The values of user-agent lines that may mean another token than they say."""
    return [*filter(None, file.odd_tokens), *(MEANT.keys() & file.index.keys())]


def intended_of(file: RobotsFile) -> tuple[RobotsFile, list[int], frozenset[str]] | None:
    """The file with every meant token and glued rule on lines of their own, or None where there is none.

    With it, the number in the file of each of its lines, and the tokens that were added.
    """
    found = {token: meant(token) for token in suspects(file)}
    if not any(tokens or rule for tokens, rule in found.values()):
        return None
    lines: list[bytes] = []
    raws: list[bytes] = []
    numbers: list[int] = []
    added: set[str] = set()
    for number, (line, letter) in enumerate(zip(file.octet_lines, file.shape, strict=True), 1):
        rewritten = [line]
        if letter == "U" and (token := TOKEN_OF[line]) in found and any(found[token]):
            tokens, rule = found[token]
            added.update(tokens)
            rewritten += [b"user-agent:" + token.encode("utf-8") for token in tokens]
            if rule:
                rewritten.append(rule.encode("utf-8", "replace"))
        lines += rewritten
        raws += [line] * len(rewritten)
        numbers += [number] * len(rewritten)
    if file.cut:
        lines[-1] = b""
    shape = "".join(map(LETTERS.__getitem__, lines))
    whole = RobotsFile(
        lines,
        shape,
        truncated=file.truncated,
        encoding=file.encoding,
        cut=False,
        profile=INTENDED,
        raw_lines=raws,
    )
    return whole, numbers, frozenset(added)
