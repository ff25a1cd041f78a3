"""Batching: pages of all jobs wait in one queue, and a batch is formed when the device is free.

Theory of operation. A batch closed by a timer while the device is busy is smaller than it need be just when the load
is high. Here nothing is closed before the device can take it: then as many pages as the limits allow are taken, in the
order of their coming. If they are fewer than a full batch, the device waits for more, but no longer than ``wait_ms``
after the oldest came. A page marked alone is a batch of its own, since it may have ended a replica.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from actors.ocr.engine import BatchLimits
from cluster.clock import Clock

A = TypeVar("A")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Waiting(Generic[A]):
    """An item in the queue. cost: pixels. since: when it came, seconds of a monotonic clock."""

    item: A
    cost: int
    since: float
    alone: bool = False


@dataclass(slots=True)
class BatchQueue(Generic[A]):
    """The pure part: what waits, and which batch may go."""

    limits: BatchLimits
    _waiting: deque[Waiting[A]] = field(default_factory=deque)

    def add(self, item: A, cost: int, now: float, *, alone: bool = False) -> None:
        self._waiting.append(Waiting(item, cost, now, alone))

    def wait(self, now: float) -> float | None:
        """Seconds until a batch may go, 0 for now, None while nothing waits."""
        if not self._waiting:
            return None
        if self._full():
            return 0.0
        return max(0.0, self._waiting[0].since + self.limits.wait_ms / 1000 - now)

    def take(self) -> list[A]:
        """The next batch, in the order of coming."""
        size = self._size()
        return [self._waiting.popleft().item for _ in range(size)]

    def __len__(self) -> int:
        return len(self._waiting)

    def _size(self) -> int:
        """How many of the first waiting pages make the next batch."""
        size, cost = 0, 0
        for waiting in self._waiting:
            cost += waiting.cost
            over = size > 0 and (cost > self.limits.pixels or waiting.alone)
            if over or size == self.limits.pages:
                break
            size += 1
            if waiting.alone:
                break
        return size

    def _full(self) -> bool:
        """Whether waiting longer could not make the next batch larger."""
        size = self._size()
        return size < len(self._waiting) or size == self.limits.pages or self._waiting[0].alone


class Batcher(Generic[A, R]):
    """run: reads one batch, one answer for each item; it is awaited, one batch at a time. capacity: items that may
    wait; past it ``submit`` waits for room.
    """

    def __init__(
        self, limits: BatchLimits, run: Callable[[list[A]], Awaitable[list[R]]], clock: Clock, capacity: int = 1024
    ) -> None:
        self._queue: BatchQueue[tuple[A, asyncio.Future[R]]] = BatchQueue(limits)
        self._run = run
        self._clock = clock
        self._room = asyncio.Semaphore(capacity)
        self._came = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.batches = 0
        self.items = 0

    async def submit(self, item: A, cost: int, *, alone: bool = False) -> R:
        """The item's answer; raises what its batch's run raised."""
        async with self._room:
            future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
            self._queue.add((item, future), cost, self._clock.monotonic(), alone=alone)
            self._came.set()
            if self._task is None:
                self._task = asyncio.get_running_loop().create_task(self._work())
            return await future

    @property
    def waiting(self) -> int:
        return len(self._queue)

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _work(self) -> None:
        """While the device is busy in ``run``, the queue grows; then the next batch is as large as it can be."""
        try:
            while (delay := self._queue.wait(self._clock.monotonic())) is not None:
                if delay > 0:
                    await self._sleep(delay)
                    continue
                batch = [entry for entry in self._queue.take() if not entry[1].done()]
                if batch:
                    await self._run_batch(batch)
        finally:
            self._task = None

    async def _sleep(self, seconds: float) -> None:
        """Until the time has passed or another item came."""
        self._came.clear()
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        coming = asyncio.ensure_future(self._came.wait())
        await asyncio.wait((sleeping, coming), return_when=asyncio.FIRST_COMPLETED)
        sleeping.cancel()
        coming.cancel()

    async def _run_batch(self, batch: list[tuple[A, asyncio.Future[R]]]) -> None:
        self.batches += 1
        self.items += len(batch)
        try:
            answers = await self._run([item for item, _ in batch])
            for (_, future), answer in zip(batch, answers, strict=True):
                if not future.done():
                    future.set_result(answer)
        except Exception as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
