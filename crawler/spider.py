"""The spider: draws sites as slots free up, visits them, and hands finished visits to the sink, a batch at a time."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import Any, cast

import scrapy
from scrapy.http.request import NO_CALLBACK

from crawler.controls import Controls
from crawler.errors import Exit, OpenwebError
from crawler.fetch import CAP, CONDITIONS, RECEIVED, Received, Wire
from crawler.records import Exchange, Visit
from crawler.run_result import OWN_FAULT
from crawler.visit import Conduct, Request, Visitor, strained
from crawler.vocabulary import ROLE_ROBOTS, Outcome

_LAST_VISITS = 600.0
"""Seconds that visits in flight have when the time budget is used up."""

Sink = Callable[[list[Visit]], None]
"""Puts visits where they survive a crash; runs in a thread, one call at a time."""


class NetworkLost(OpenwebError):
    """No site answers any more: the run stops rather than recording the rest of its frame as dead."""

    exit_code = Exit.BELOW_FLOOR


class AuditSpider(scrapy.Spider):
    """Visits `sites` lazily, `concurrency` at a time; after `stop`, visits in flight have `grace` seconds to finish."""

    name = "openweb"

    def __init__(
        self,
        *,
        sites: Iterator[str],
        conduct: Conduct,
        wire: Wire,
        sink: Sink,
        grace: float = 5.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.wire = wire
        self.failure: BaseException | None = None
        self.interrupted = False
        self.because: str | None = None
        self._sites = sites
        self._conduct = conduct
        self._sink = sink
        self._grace = grace
        self._hosts: dict[str, _Turn] = {}
        self._stopping = asyncio.Event()
        self._hurry = asyncio.Event()
        self._controls = Controls(conduct.settings.crawl.control_urls, conduct, self._ask)
        self._finished: list[tuple[Visit, asyncio.Future[None] | None]] = []
        self._doubtful: list[Visit] = []
        self._patience = max(100, 2 * conduct.settings.crawl.concurrency)
        self._asking = asyncio.Lock()
        self._wake = asyncio.Event()
        self._drained = False

    @property
    def heeded(self) -> bool:
        """Whether the run has been told to hurry."""
        return self._hurry.is_set()

    def stop(self, because: str, *, hurry: bool = True) -> None:
        """Draw no more sites; visits in flight have `grace` seconds to finish, or ten minutes without `hurry`."""
        self.interrupted = True
        self.because = because
        self._stopping.set()
        if hurry:
            self._hurry.set()

    def _out_of_time(self, because: str) -> None:
        if not self._stopping.is_set() and not self._drained:
            self.stop(because, hurry=False)

    async def start(self) -> AsyncIterator[Any]:
        """Run every visit; nothing is scheduled, so Scrapy's queues stay empty whatever the size of the frame."""
        for nothing in await self._run_to_end():
            yield nothing

    async def _run_to_end(self) -> tuple[Any, ...]:
        try:
            await self._run()
        except Exception as error:
            # Handed to whoever started the run: the engine would only log it.
            self.failure = error
        return ()

    async def _run(self) -> None:
        writer = asyncio.create_task(self._write())
        workers = [asyncio.create_task(self._work()) for _ in range(self._conduct.settings.crawl.concurrency)]
        everything = asyncio.ensure_future(asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION))
        stop = asyncio.create_task(self._stopping.wait())
        hurry = asyncio.create_task(self._hurry.wait())
        if budget := self._conduct.settings.crawl.time_budget:
            why = f"by crawl.time_budget, {budget:g} s"
            asyncio.get_running_loop().call_later(budget, self._out_of_time, why)
        try:
            ends: set[asyncio.Future[Any]] = {everything, writer}
            await asyncio.wait({*ends, stop}, return_when=asyncio.FIRST_COMPLETED)
            if self._stopping.is_set() and not self._hurry.is_set() and not everything.done():
                await asyncio.wait({*ends, hurry}, timeout=_LAST_VISITS, return_when=asyncio.FIRST_COMPLETED)
            if self._hurry.is_set() and not everything.done():
                await asyncio.wait(ends, timeout=self._grace, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (*workers, stop, hurry):
                task.cancel()
            await asyncio.gather(*workers, stop, hurry, everything, return_exceptions=True)
            lost = any(task.done() and not task.cancelled() and task.exception() is not None for task in workers)
            if not self._stopping.is_set() and not lost:
                self._finished += [(visit, None) for visit in self._doubtful]
            self._drained = True
            self._wake.set()
            # The writer is never cut off: what its thread is writing must be whole before the spool is closed.
            await writer
        for task in workers:
            if not task.cancelled() and (fault := task.exception()) is not None:
                raise fault

    async def _work(self) -> None:
        for site in self._sites:
            visit = await self._visit(site)
            if _unanswered(visit):
                await self._doubt(visit)
                if self._stopping.is_set():
                    return
                continue
            written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._finished += [*((doubtful, None) for doubtful in self._doubtful), (visit, written)]
            self._doubtful.clear()
            self._wake.set()
            await written
            if self._stopping.is_set():
                return

    async def _doubt(self, visit: Visit) -> None:
        """Hold a visit back until some other site answers: only then was it the site that was dead, and not we.

        Where `crawl.control_urls` are named, they are asked instead of waiting so long.
        """
        self._doubtful.append(visit)
        if len(self._doubtful) < (self._controls.patience or self._patience):
            return
        if self._controls.patience:
            async with self._asking:
                if len(self._doubtful) < self._controls.patience:
                    return  # answered meanwhile
                if await self._controls.answer():
                    self._finished += [(doubtful, None) for doubtful in self._doubtful]
                    self._doubtful.clear()
                    self._wake.set()
                    return
        raise NetworkLost(
            f"the last {len(self._doubtful)} sites gave no answer at all{self._controls.silent}, so the network or the"
            " resolver of this machine seems to be down; none of them was recorded. Mend it, then go on with --resume"
        )

    async def _write(self) -> None:
        """Hand finished visits to the sink; those that finish meanwhile go together, so one sync serves many."""
        while not (self._drained and not self._finished):
            await self._wake.wait()
            self._wake.clear()
            batch, self._finished = self._finished, []
            await asyncio.to_thread(self._sink, [visit for visit, _ in batch])
            for _, written in batch:
                if written is not None and not written.done():
                    written.set_result(None)

    async def _visit(self, site: str) -> Visit:
        began = datetime.now(UTC)
        visitor = Visitor(site, self._conduct, self._ask)
        try:
            return await visitor.visit()
        except Exception:
            # A fault of ours that one site brings out must not end a run over a million others: it is recorded as the
            # visit's one row, and the run says at its end how many there were.
            self.logger.debug("visit of %s", site, exc_info=True)
            fault = f"{OWN_FAULT}: {traceback.format_exc(limit=-1).splitlines()[-1]}"[:300]
            url = f"https://{site}/robots.txt"
            note = Exchange(site, ROLE_ROBOTS, url, Outcome.NOT_ASKED, began, detail=fault)
            return Visit(site, (note,), began, datetime.now(UTC))

    async def _ask(self, request: Request) -> Received:
        """One request in its turn: one at a time a host, spaced by host and by address."""
        turn = self._hosts.setdefault(request.host, _Turn())
        turn.waiting += 1
        try:
            async with turn.lock:
                (address, *_) = await self._conduct.guard.addresses(request.host, request.port)
                spacing = self._conduct.spacing
                # First the host's turn, then the address's: a host that is waited for must not hold up its neighbours.
                await _until(spacing.ready(request.host, time.monotonic(), gap=request.gap))
                await _until(spacing.reserve(address.ip, time.monotonic()))
                while left := spacing.start(address.ip, time.monotonic()):
                    await asyncio.sleep(left)
                try:
                    received = await self._get(request)
                finally:
                    spacing.end(request.host, time.monotonic())
                spacing.judge(address.ip, strained=strained(received))
                return received
        finally:
            turn.waiting -= 1
            if not turn.waiting:
                del self._hosts[request.host]

    async def _get(self, request: Request) -> Received:
        asked = scrapy.Request(
            request.url,
            callback=NO_CALLBACK,
            dont_filter=True,
            meta={
                CAP: request.cap,
                CONDITIONS: request.conditions,
                "download_slot": request.host,
                "verbatim_url": True,
            },
        )
        engine = self.crawler.engine
        await engine.download_async(asked)
        return cast(Received, asked.meta[RECEIVED])


class _Turn:
    """The turn of a host: who holds `lock` may ask."""

    __slots__ = ("lock", "waiting")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.waiting = 0


async def _until(moment: float) -> None:
    if (left := moment - time.monotonic()) > 0:
        await asyncio.sleep(left)


def _unanswered(visit: Visit) -> bool:
    """Whether something was asked of a site and nothing came, not even a refusal to speak TLS."""
    return (
        any(exchange.outcome is Outcome.UNREACHABLE for exchange in visit.exchanges)
        and all(exchange.status is None for exchange in visit.exchanges)
        and not any((exchange.detail or "").startswith("TLS") for exchange in visit.exchanges)
    )
