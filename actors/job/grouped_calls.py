"""Calls to a pool that carry a group of pages where pages are quick, and one page where they are slow.

A call costs the cluster a few milliseconds whatever it carries, so quick pages share one; a slow page in a group would
only keep the first page's text from its reader, and other replicas from work. The group grows with the rate at which
one replica is seen to finish pages: as many as it does in GROUP_S, up to LARGEST.

A group that is not full goes at once where a replica has nothing to do; else it waits for more of the same until a call
ends, and for GROUP_S at most. So calls are the fuller the busier the pool is, and nobody waits for an idle one.

A call that nobody waits for any more is cancelled, so that a replica does not read the pages of a cancelled job.

Items that ask to be alone, since they may have ended a replica, go one after the other: were two of them in the same
replica, the guilty one would take the other with it, and it would be blamed as well.
"""

from __future__ import annotations

import asyncio
import contextvars
import math
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from cluster.clock import Clock

A = TypeVar("A")
R = TypeVar("R")

GROUP_S = 0.05
LARGEST = 16
MEMORY = 32
"""Over about so many finished pages the rate is averaged."""


class GroupedCalls(Generic[A, R]):
    """replicas: the most that the pool may have; the rate is theirs together. call: one answer for each item."""

    def __init__(self, call: Callable[[list[A]], Awaitable[list[R]]], replicas: int, clock: Clock) -> None:
        self._call = call
        self._replicas = replicas
        self._clock = clock
        self._gathered: list[tuple[A, asyncio.Future[R]]] = []
        self._flushing = False
        self._in_flight = 0
        self._calls = 0
        self._holding: asyncio.Task[None] | None = None
        self._busy_since = 0.0
        self._busy_s = 0.0
        self._finished = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._alone = asyncio.Lock()

    @property
    def group(self) -> int:
        """How many items the next call may carry."""
        if self._finished < 1 or self._busy_s <= 0:
            return 1
        rate = self._finished / self._busy_s / self._replicas
        return max(1, min(LARGEST, int(rate * GROUP_S)))

    @property
    def unanswered(self) -> int:
        """Items that were submitted and not answered yet."""
        return len(self._gathered) + self._in_flight

    async def submit(self, item: A, *, alone: bool = False) -> R:
        """Sends the item, with others of the same moment unless ``alone``; raises what the call raises."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        if alone:
            async with self._alone:
                self._send([(item, future)])
                return await future
        self._gathered.append((item, future))
        self._flush_soon()
        return await future

    def _flush_soon(self) -> None:
        if self._gathered and not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        """Sends what is full, or has waited long enough for more."""
        self._flushing = False
        self._send_gathered(spare=self._replicas - self._calls)

    def _send_gathered(self, spare: float) -> None:
        """spare: calls that may go without being full."""
        gathered, self._gathered = [entry for entry in self._gathered if not entry[1].done()], []
        size = self.group
        for start in range(0, len(gathered), size):
            group = gathered[start : start + size]
            if len(group) == size or spare > 0:
                self._send(group)
                spare -= 1
            else:
                self._gathered = group
                self._hold()

    def _hold(self) -> None:
        if self._holding is None:
            self._holding = asyncio.get_running_loop().create_task(self._let_go(), context=contextvars.Context())

    async def _let_go(self) -> None:
        await self._clock.sleep(GROUP_S)
        self._holding = None
        self._send_gathered(math.inf)

    def _send(self, group: list[tuple[A, asyncio.Future[R]]]) -> None:
        # An empty context: a client's disconnect must not cascade into work of the cluster.
        task = asyncio.get_running_loop().create_task(self._run(group), context=contextvars.Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        futures = [future for _, future in group]

        def left(_: asyncio.Future[R]) -> None:
            if all(future.cancelled() for future in futures):
                task.cancel()

        for future in futures:
            future.add_done_callback(left)

    async def _run(self, group: list[tuple[A, asyncio.Future[R]]]) -> None:
        if self._in_flight == 0:
            self._busy_since = self._clock.monotonic()
        self._in_flight += len(group)
        self._calls += 1
        finished = 0
        try:
            answers = await self._call([item for item, _ in group])
            finished = len(answers)
            for (_, future), answer in zip(group, answers, strict=True):
                if not future.done():
                    future.set_result(answer)
        except Exception as error:
            for _, future in group:
                if not future.done():
                    future.set_exception(error)
        finally:
            self._calls -= 1
            self._measure(len(group), finished)
            self._flush_soon()

    def _measure(self, ended: int, finished: int) -> None:
        now = self._clock.monotonic()
        self._busy_s += now - self._busy_since
        self._busy_since = now
        self._in_flight -= ended
        self._finished += finished
        if self._finished > MEMORY:
            keep = MEMORY / self._finished
            self._finished *= keep
            self._busy_s *= keep
