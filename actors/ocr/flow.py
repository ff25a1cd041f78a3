"""Runs pages through an engine that they enter and leave one by one, in one thread: enter, step, answer, again.

A step that takes longer than a page's time-out is given up as a batch is by the Batcher: the pages inside get
EngineTimeout, and ``stuck`` says that the process must be replaced. So it does when a step raises, since nobody knows
then what has become of the pages inside. A page whose caller was cancelled is read to its end all the same.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from actors.ocr.batch_queue import BatchQueue, Place
from actors.ocr.engine import InFlightEngine, PageImage
from actors.ocr.worker_thread import WorkerThread
from cluster.clock import Clock
from cluster.errors import EngineFailed, EngineTimeout, PageError
from cluster.page_text import PageText

log = logging.getLogger(__name__)

Answer = PageText | PageError


@dataclass(slots=True, eq=False)
class _Entry:
    page: PageImage
    answer: asyncio.Future[Answer]
    alone: bool
    arrived: float
    entered: float = 0.0


class Flow:
    """page_timeout_s: the longest that a single step may take. How many pages wait is bounded by who submits them.

    on_page(wait, seconds): called after each page, with how long it waited and how long it was in the engine.
    """

    def __init__(
        self,
        engine: InFlightEngine,
        *,
        thread: WorkerThread,
        page_timeout_s: float,
        clock: Clock,
        on_page: Callable[[float, float], None] = lambda wait, seconds: None,
    ) -> None:
        self._on_page = on_page
        self._engine = engine
        self._thread = thread
        self._page_timeout_s = page_timeout_s
        self._clock = clock
        self._queue: BatchQueue[_Entry] = BatchQueue(engine.limits)
        self._inside: dict[int, _Entry] = {}
        self._arrival = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self.stuck = False
        self.pages = 0
        self.batches = 0

    @property
    def waiting(self) -> int:
        return len(self._queue)

    @property
    def most(self) -> int:
        """Pages that the engine takes at once by now."""
        return self._engine.in_flight

    async def submit(self, item: PageImage, place: Place) -> Answer:
        """The page's answer. EngineTimeout and EngineFailed where a step did not end well."""
        if self._loop is None:
            self._loop = asyncio.create_task(self._serve())
            self._loop.add_done_callback(self._has_ended)
        now = self._clock.monotonic()
        entry = _Entry(item, asyncio.get_running_loop().create_future(), place.alone, now)
        self._queue.add(entry, item.cost, now, place)
        self._arrival.set()
        try:
            return await entry.answer
        finally:
            self._queue.remove(entry)

    async def close(self) -> None:
        """Ends the loop. Who still waits, in the engine or before it, is cancelled."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.wait([self._loop])
        for entry in self._inside.values():
            entry.answer.cancel()
        while waiting := self._queue.take_in(len(self._queue), empty=True):  # one that asks to be alone comes alone
            for entry in waiting:
                entry.answer.cancel()

    def _has_ended(self, loop: asyncio.Task[None]) -> None:
        """It ends with ``close``, or by a fault of its own: then nobody's turn comes any more."""
        if not loop.cancelled() and (error := loop.exception()) is not None:
            self.stuck = True
            log.critical("the flow broke off", exc_info=error)

    async def _serve(self) -> None:
        while True:
            self._arrival.clear()
            alone = any(entry.alone for entry in self._inside.values())
            free = 0 if alone else self._engine.in_flight - len(self._inside)
            entering = self._queue.take_in(max(0, free), empty=not self._inside)
            if not entering and not self._inside:
                await self._arrival.wait()
                continue
            await self._turn(entering)

    async def _turn(self, entering: list[_Entry]) -> None:
        """One step of the engine, with these pages let in before."""
        for entry in entering:
            self._inside[id(entry.page)] = entry
            entry.entered = self._clock.monotonic()
        self.batches += 1
        self.pages += len(entering)
        pages = [entry.page for entry in entering]
        running = self._thread.call(lambda: self._step(pages))
        if not await self._ended(running):
            self.stuck = True
            detail = f"The engine was not heard of for {self._page_timeout_s:g} s."
            self._settle_all(EngineTimeout(detail))
            await asyncio.wait([running])
        error = running.exception()
        if error is not None:
            self.stuck = True
            failure = error if isinstance(error, PageError) else EngineFailed(f"The engine broke down: {error!r}")
            self._settle_all(failure)
            return
        for page, answer in running.result():
            read = self._inside.pop(id(page), None)
            self._settle(read, answer)
            if read is not None:
                self._on_page(read.entered - read.arrived, self._clock.monotonic() - read.entered)

    def _step(self, pages: list[PageImage]) -> list[tuple[PageImage, Answer]]:
        """In the engine's thread."""
        for page in pages:
            self._engine.enter(page)
        return self._engine.step()

    async def _ended(self, running: asyncio.Future[Any]) -> bool:
        sleep: asyncio.Future[Any] = asyncio.create_task(self._clock.sleep(self._page_timeout_s))
        await asyncio.wait([running, sleep], return_when=asyncio.FIRST_COMPLETED)
        sleep.cancel()
        return running.done()

    def _settle_all(self, error: PageError) -> None:
        for entry in self._inside.values():
            self._settle(entry, error)
        self._inside.clear()

    def _settle(self, entry: _Entry | None, answer: Answer) -> None:
        if entry is not None and not entry.answer.done():
            entry.answer.set_result(answer)
