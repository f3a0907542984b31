"""Control URLs: pages of the operator's own choice that tell a dead network from a stretch of dead sites."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from crawler.guard import DEFAULT_PORTS, NoAddress, NotAsked
from crawler.settings import SettingsError
from crawler.visit import Ask, Conduct, Request

_WANTED = 1024
_FEWEST = 20


class Controls:
    """Asks the URLs of `crawl.control_urls`; `patience` is after how many silent sites in a row, 0 without any URL.

    Raises SettingsError for a URL that must not be asked.
    """

    def __init__(self, urls: Sequence[str], conduct: Conduct, ask: Ask) -> None:
        self._urls = tuple(urls)
        self._conduct = conduct
        self._ask = ask
        for url in self._urls:
            try:
                conduct.guard.check(url)
            except NotAsked as error:
                raise SettingsError(f"crawl.control_urls: {url[:200]!r}: {error}") from error
        self.patience = max(_FEWEST, conduct.settings.crawl.concurrency) if self._urls else 0
        self.silent = ", and no URL of crawl.control_urls answered" if self._urls else ""

    async def answer(self) -> bool:
        """Whether any control URL answers, whatever its status; asked one after the other, in their turn."""
        for url in self._urls:
            parts = urlsplit(url)
            host = parts.hostname or ""
            port = parts.port or DEFAULT_PORTS[parts.scheme]
            try:
                received = await self._ask(Request(url, host, port, _WANTED, self._conduct.settings.politeness.delay))
            except (NotAsked, NoAddress):
                continue
            if received.status is not None:
                return True
        return False
