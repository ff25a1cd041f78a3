"""Runs pages through a device in batches: one batch at a time, in one thread, the next formed when the device is free.

``batch_queue.py`` decides, this waits and runs. A batch that takes longer than its time-out is given up: its pages get
EngineTimeout at once, and ``stuck`` says that the process must be replaced, since a thread can't be ended. Pages that
wait meanwhile are not to blame and get no answer from here: should the thread come back they are run, else their
callers learn of it when the process ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from actors.ocr.batch_queue import BatchQueue, Place, WaitUntil
from actors.ocr.engine import BatchLimits
from actors.ocr.worker_thread import WorkerThread
from cluster.clock import Clock
from cluster.errors import EngineTimeout

log = logging.getLogger(__name__)

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, eq=False)
class _Entry(Generic[Item, Answer]):
    item: Item
    answer: asyncio.Future[Answer]
    arrived: float


class Batcher(Generic[Item, Answer]):
    """run: called in ``thread`` with a batch, returns an answer for each item; what it raises, each of them gets.

    cost: an item's pixels. capacity: most items that wait; further callers wait to be let in. page_timeout_s: for each
    page of a batch, from the batch's start. on_batch(waits, seconds): called after each batch, with how
    long each of its items waited for it and how long it took.
    """

    def __init__(
        self,
        run: Callable[[list[Item]], list[Answer]],
        limits: BatchLimits,
        *,
        thread: WorkerThread,
        cost: Callable[[Item], int],
        capacity: int,
        page_timeout_s: float,
        clock: Clock,
        on_batch: Callable[[Sequence[float], float], None] = lambda waits, seconds: None,
    ) -> None:
        self._run = run
        self._on_batch = on_batch
        self._cost = cost
        self._thread = thread
        self._page_timeout_s = page_timeout_s
        self._clock = clock
        self._queue: BatchQueue[_Entry[Item, Answer]] = BatchQueue(limits)
        self._places = asyncio.Semaphore(capacity)
        self._arrival = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self.stuck = False
        self.pages = 0
        self.batches = 0

    @property
    def waiting(self) -> int:
        """Items that are in no batch yet."""
        return len(self._queue)

    @property
    def most(self) -> int:
        """Pages of a full batch, as far as the device's memory has been found to allow."""
        return self._queue.limits.pages

    def shrink(self, pages: int) -> None:
        """No batch of more pages from now on."""
        self._queue.shrink(pages)

    async def submit(self, item: Item, place: Place) -> Answer:
        """The item's answer. EngineTimeout, and what ``run`` raises."""
        await self._places.acquire()
        if self._loop is None:
            self._loop = asyncio.create_task(self._serve())
            self._loop.add_done_callback(self._has_ended)
        now = self._clock.monotonic()
        entry: _Entry[Item, Answer] = _Entry(item, asyncio.get_running_loop().create_future(), now)
        self._queue.add(entry, self._cost(item), now, place)
        self._arrival.set()
        try:
            return await entry.answer
        finally:
            if self._queue.remove(entry):  # the caller was cancelled before the item's turn
                self._places.release()

    async def close(self) -> None:
        """Ends the loop. Who still waits is cancelled."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.wait([self._loop])
        while isinstance(batch := self._queue.take(float("inf")), list):
            for entry in batch:
                entry.answer.cancel()
                self._places.release()

    def _has_ended(self, loop: asyncio.Task[None]) -> None:
        """It ends with ``close``, or by a fault of its own: then nobody's turn comes any more."""
        if not loop.cancelled() and (error := loop.exception()) is not None:
            self.stuck = True
            log.critical("the batcher broke off", exc_info=error)

    async def _serve(self) -> None:
        while True:
            self._arrival.clear()
            match self._queue.take(self._clock.monotonic()):
                case None:
                    await self._arrival.wait()
                case WaitUntil(time):
                    await self._within(time - self._clock.monotonic(), asyncio.create_task(self._arrival.wait()))
                case batch:
                    for _ in range(len(batch)):  # not over the pages: the last one would be held until the next batch
                        self._places.release()
                    await self._one_batch(batch)
                    del batch
                    self._queue.device_freed(self._clock.monotonic())

    async def _one_batch(self, batch: list[_Entry[Item, Answer]]) -> None:
        self.batches += 1
        self.pages += len(batch)
        items = [entry.item for entry in batch]
        answers = [entry.answer for entry in batch]
        begun = self._clock.monotonic()
        waits = [begun - entry.arrived for entry in batch]
        batch.clear()
        running = self._thread.call(lambda: self._run(items))
        try:
            limit = self._page_timeout_s * len(answers)
            if not await self._within(limit, running, keep=True):
                self.stuck = True
                detail = f"Reading took longer than {self._page_timeout_s:g} s a page in a batch of {len(answers)}."
                _settle(answers, [EngineTimeout(detail) for _ in answers])
                await asyncio.wait([running])
            self._on_batch(waits, self._clock.monotonic() - begun)
            error = running.exception()
            _settle(answers, [error for _ in answers] if error is not None else running.result())
        finally:
            for answer in answers:
                answer.cancel()

    async def _within(self, seconds: float, future: asyncio.Future[Any], *, keep: bool = False) -> bool:
        """Whether ``future`` ended within so many seconds; else it is cancelled, unless to be kept."""
        sleep = asyncio.create_task(self._clock.sleep(seconds))
        try:
            await asyncio.wait([future, sleep], return_when=asyncio.FIRST_COMPLETED)
            return future.done()
        finally:
            sleep.cancel()
            if not keep:
                future.cancel()


def _settle(answers: list[asyncio.Future[Any]], outcomes: list[Any]) -> None:
    """A result or an exception for each answer that is still waited for."""
    for answer, outcome in zip(answers, outcomes, strict=True):
        if answer.done():
            continue
        if isinstance(outcome, BaseException):
            answer.set_exception(outcome)
        else:
            answer.set_result(outcome)
