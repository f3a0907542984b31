"""The engine: wires frame, spider and spool into one run over a snapshot, ended and gone on with at any time."""

from __future__ import annotations

import asyncio
import hashlib
import random
import signal
import threading
from array import array
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from crawler import lock
from crawler.addresses import registrable
from crawler.frame import Frame
from crawler.guard import Guard
from crawler.known_files import KnownFiles
from crawler.manifest import append_run, manifest
from crawler.politeness import OptOuts, Spacing, require_contact, user_agent
from crawler.records import Snapshot, Visit
from crawler.run_result import CrawlResult
from crawler.settings import Settings
from crawler.spool import WHOLE, Spool, SpoolError, fingerprint, prepare

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.fetch import Wire
    from crawler.spider import AuditSpider
    from crawler.visit import Conduct

# Scrapy, aiohttp, the signals and the WARC reader are imported when a crawl starts: `openweb crawl -h` needs none.

__all__ = ["CrawlResult", "crawl", "in_shard", "open_snapshot"]

SOURCE = "crawl"
_SCRAPY = {
    "TWISTED_REACTOR_ENABLED": False,
    "LOG_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
    "DOWNLOAD_HANDLERS_BASE": {},
    "DOWNLOAD_HANDLERS": {
        "http": "crawler.fetch.GuardedHandler",
        "https": "crawler.fetch.GuardedHandler",
    },
    "DOWNLOADER_MIDDLEWARES_BASE": {},
    "SPIDER_MIDDLEWARES_BASE": {},
    "EXTENSIONS_BASE": {},
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "DOWNLOAD_DELAY": 0,
    "ROBOTSTXT_OBEY": False,
    "COOKIES_ENABLED": False,
    "REDIRECT_ENABLED": False,
    "RETRY_ENABLED": False,
}
"""Scrapy fetches; robots, redirects, spacing, retries and limits are the visit's, so its own parts for them are off.

Its robots middleware lets everything through when robots.txt answers 503 or not at all.
"""

_NETWORK_FACTS = {"ports", "allow_addresses"}


def open_snapshot(settings: Settings, frame: Frame, *, on: date | None = None, name: str | None = None) -> Snapshot:
    """The snapshot of a run that begins now: `DATE[-NAME]`, with the conduct it is made under."""
    on = on or datetime.now(UTC).date()
    facts: dict[str, Any] = settings.model_dump(mode="json", include={"identity", "politeness", "crawl"})
    facts["network"] = settings.network.model_dump(mode="json", include=_NETWORK_FACTS)
    facts["fingerprint"] = fingerprint(facts)
    ident = f"{on.isoformat()}-{name}" if name else on.isoformat()
    return Snapshot(ident, on, SOURCE, frame.id, settings.crawl.vantage or None, facts)


def crawl(
    settings: Settings,
    frame: Frame,
    snapshot: Snapshot,
    *,
    resume: bool,
    shard: tuple[int, int] | None = None,
    on_segment: Callable[[Path], object] | None = None,
    progress: Callable[[Visit], object] | None = None,
    on_end: Callable[[CrawlResult], object] | None = None,
) -> CrawlResult:
    """Visit the sites of `frame` (of shard i of N) that this snapshot has not visited yet, into SPOOL/SNAPSHOT.

    `on_segment` is called with every segment as it is finished, in a thread, one at a time, while the crawl goes on;
    `progress` with every visit once it is safe on the disk; `on_end` with the result, also that of a run that fails.
    SIGINT and SIGTERM end the run in a few seconds with `interrupted` set, a second one at once; so does
    `crawl.time_budget`, which lets visits in flight finish. `resume` first turns what a crashed run left into whole
    segments.
    Raises SettingsError, RunLocked, SpoolError, and whatever `on_segment` raised, after the crawl.
    """
    require_contact(settings.identity, settings.network.resolve)
    folder = Path(settings.crawl.spool) / snapshot.id
    label = WHOLE if shard is None else f"shard-{shard[0]}-of-{shard[1]}"
    agent = user_agent(settings.identity)
    spool = Spool(folder, snapshot, agent=agent, segment_visits=settings.crawl.segment_visits, label=label)
    with lock.hold(folder / f"{label}.lock"):
        if not resume:
            prepare(folder, frame, snapshot, label, settings)
        known = KnownFiles(folder)
        run = _Run(settings, frame, snapshot, spool, shard, on_segment, progress)
        run.result.manifest = manifest(frame, snapshot, label, agent)
        try:
            if resume:
                run.look_back()
            run.go(agent, known)
        except BaseException as error:
            run.result.failed, run.result.because = True, str(error)[:1000] or type(error).__name__
            raise
        finally:
            known.close()
            run.result.ended_at = datetime.now(UTC)
            _put_down(folder, run.result)
            if on_end is not None:
                on_end(run.result)
        return run.result


def _put_down(folder: Path, result: CrawlResult) -> None:
    """Append the run to the manifest; a disk that is full has been told of already, by the run itself."""
    try:
        append_run(folder, result)
    except OSError as error:
        if not result.failed:
            raise SpoolError(f"{folder}: cannot be written ({error.strerror or error}); the visits are safe") from error


def in_shard(site: str, shard: tuple[int, int] | None) -> bool:
    """Whether a site belongs to shard i of N (1 <= i <= N): by the hash of its registrable domain."""
    if shard is None:
        return True
    index, count = shard
    return int.from_bytes(hashlib.sha256(registrable(site).encode()).digest()[:8], "big") % count == index - 1


class _Run:
    """One run: what is done already, what comes next, and where it goes."""

    def __init__(
        self,
        settings: Settings,
        frame: Frame,
        snapshot: Snapshot,
        spool: Spool,
        shard: tuple[int, int] | None,
        on_segment: Callable[[Path], object] | None,
        progress: Callable[[Visit], object] | None,
    ) -> None:
        self._settings = settings
        self._frame = frame
        self._spool = spool
        self._on_segment = on_segment
        self._progress = progress
        self._done: set[str] = set()
        # Waiting sites are drawn by position: four bytes each. Their order is shuffled, the same way for one snapshot,
        # so that neighbours in a list (often on one server) are not asked at the same time.
        self._order = array("I", [at for at, entry in enumerate(frame.sites) if in_shard(entry.site, shard)])
        random.Random(snapshot.id).shuffle(self._order)
        self.result = CrawlResult(snapshot.id, len(self._order))
        self._taking_in = ThreadPoolExecutor(1, thread_name_prefix="segments")
        self._taken: list[Future[object]] = []

    def look_back(self) -> None:
        """Salvage a crashed run's last segment and learn from all segments which sites are done."""
        from crawler.sources.warc import read_visits

        mine = {self._frame.sites[at].site for at in self._order}
        for path in self._spool.salvage():
            self._hand_on(path)
        for segment in self._spool.segments():
            for visit in read_visits(segment):
                if visit.site in mine and visit.site not in self._done:
                    self._done.add(visit.site)
                    self.result.count(visit)
        self.result.earlier, self.result.visited = self.result.visited, 0

    def go(self, agent: str, known: KnownFiles) -> None:
        """Visit what is left, and close the spool whatever happens."""
        from crawler.fetch import Wire, tls_context
        from crawler.signals import PROBES
        from crawler.visit import Conduct, Gates

        settings = self._settings
        look_ups = ThreadPoolExecutor(min(64, settings.crawl.concurrency), thread_name_prefix="dns")
        try:
            guard = Guard(settings.network, dns_timeout=settings.politeness.dns_timeout, executor=look_ups)
            conduct = Conduct(
                settings,
                guard,
                Gates(settings.politeness.robots_max_age),
                OptOuts.read(settings.crawl.optout_file),
                Spacing(settings.politeness),
                PROBES,
                known,
            )
            wire = Wire(
                guard,
                tls_context(settings.network),
                {"User-Agent": agent, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"},
                settings.politeness.timeout,
                2 * settings.politeness.delay + 2.0,
            )
            asyncio.run(self._crawl(conduct, wire))
        finally:
            look_ups.shutdown(wait=False, cancel_futures=True)
            try:
                for path in self._spool.close():
                    self._hand_on(path)
            finally:
                self._taking_in.shutdown(wait=True)
        for taken in self._taken:
            taken.result()

    async def _crawl(self, conduct: Conduct, wire: Wire) -> None:
        from scrapy.crawler import AsyncCrawlerRunner

        from crawler.spider import AuditSpider

        runner = AsyncCrawlerRunner(dict(_SCRAPY))
        crawler = runner.create_crawler(AuditSpider)
        # Where the loop takes no signal handlers (Windows), Ctrl-C ends the run; --resume goes on all the same.
        with suppress(NotImplementedError):
            self._heed_signals(crawler)
        await runner.crawl(crawler, sites=self._sites(), conduct=conduct, wire=wire, sink=self._sink)
        spider = crawler.spider
        assert isinstance(spider, AuditSpider)
        self.result.interrupted, self.result.because = spider.interrupted, spider.because
        if spider.failure is not None:
            raise spider.failure

    def _heed_signals(self, crawler: Crawler) -> None:
        """The first SIGINT or SIGTERM lets visits in flight finish, the second ends the run where it stands."""
        if threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()
        main = asyncio.current_task()
        assert main is not None

        def heed(number: signal.Signals) -> None:
            spider = cast("AuditSpider | None", crawler.spider)
            if spider is not None and not spider.heeded:
                spider.stop(f"by {number.name}")
            else:
                loop.remove_signal_handler(number)
                main.cancel()

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, heed, number)

    def _sites(self) -> Iterator[str]:
        for at in self._order:
            site = self._frame.sites[at].site
            if site not in self._done:
                yield site

    def _sink(self, visits: list[Visit]) -> None:
        for path in self._spool.append(visits):
            self._hand_on(path)
        for visit in visits:
            self.result.count(visit)
            if self._progress is not None:
                self._progress(visit)

    def _hand_on(self, path: Path) -> None:
        self.result.segments.append(path)
        if self._on_segment is not None:
            self._taken.append(self._taking_in.submit(self._on_segment, path))
