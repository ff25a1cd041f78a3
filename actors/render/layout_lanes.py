"""The layout processes of a Renderer: none before pages are expected, one then, another where pages pile up.

Each belongs to a thread of its own (process.py says why), takes one page at a time, and ends after a while without any.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from actors.job.ports import ReplicaLost
from actors.ocr.engine import Pixels
from actors.render.order import LayoutOrder
from actors.render.process import RenderProcess, Reply
from cluster.clock import Clock
from cluster.errors import LayoutFailed

SERVE_LAYOUT = "actors.render.layout_child:serve"

PILE = 4
"""So many pages wait when another process is started: it takes a second and 200 MB."""

IDLE_S = 300
"""After so long without a page a process is ended."""


class LayoutLane:
    """One layout process and its thread."""

    def __init__(self, memory_mb: int, child: str) -> None:
        self._process = RenderProcess(memory_mb=memory_mb, target=child)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="layout")
        self._closed = False

    @property
    def pid(self) -> int | None:
        return self._process.pid

    async def ask(self, order: LayoutOrder, timeout_s: float, pixels: Pixels | None) -> Reply:
        """Raises as RenderProcess.call does."""
        if self._closed:
            raise ReplicaLost("The Renderer is closed.")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._process.call, order, timeout_s, pixels)

    def start(self) -> None:
        """Begins to start the process, where there is none, and does not wait for it."""
        if self.pid is None and not self._closed:
            self._thread.submit(self._process.start)  # where it can't be started, the page that comes says so

    async def rest(self) -> None:
        """Ends the process; the next page starts another."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._process.end)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._process.close()
        await self.rest()
        self._thread.shutdown(wait=False)


class LayoutLanes:
    """most: layout processes that there may be. memory_mb: what each may allocate once its model is loaded."""

    def __init__(self, most: int, memory_mb: int, clock: Clock, child: str = SERVE_LAYOUT) -> None:
        self._most = most
        self._memory_mb = memory_mb
        self._clock = clock
        self._child = child
        self._lanes: list[LayoutLane] = []
        self._idle: list[LayoutLane] = []
        self._resting: dict[LayoutLane, asyncio.Task[None]] = {}
        self._free = asyncio.Semaphore(0)
        self._waiting = 0
        self._closed = False

    @property
    def pids(self) -> list[int]:
        return [lane.pid for lane in self._lanes if lane.pid is not None]

    def expect_pages(self) -> None:
        """Pages that will be arranged are being drawn and read: their process starts meanwhile, for a second or so."""
        if self._closed:
            return
        self._make_one_where_needed()
        if self._idle and self._idle[-1].pid is None:
            lane = self._idle[-1]
            lane.start()
            if lane not in self._resting or self._resting[lane].done():
                self._resting[lane] = asyncio.create_task(self._rest(lane))

    @asynccontextmanager
    async def lane(self) -> AsyncIterator[LayoutLane]:
        """A lane that is free; pages get theirs in the order of asking. LayoutFailed once closed."""
        if self._closed:
            raise LayoutFailed("the Renderer is closed")
        self._waiting += 1
        try:
            self._make_one_where_needed()
            await self._free.acquire()
        finally:
            self._waiting -= 1
        lane = self._idle.pop()  # the one that was used last, so that others may rest
        if lane in self._resting:
            self._resting.pop(lane).cancel()
        try:
            yield lane
        finally:
            self._idle.append(lane)
            self._free.release()
            if not self._closed:
                self._resting[lane] = asyncio.create_task(self._rest(lane))

    async def _rest(self, lane: LayoutLane) -> None:
        await self._clock.sleep(IDLE_S)
        await lane.rest()

    def _make_one_where_needed(self) -> None:
        if len(self._lanes) < self._most and (
            not self._lanes or (not self._idle and self._waiting > PILE * len(self._lanes))
        ):
            lane = LayoutLane(self._memory_mb, self._child)
            self._lanes.append(lane)
            self._idle.append(lane)
            self._free.release()

    async def close(self) -> None:
        """Ends the processes. Whoever waits for an answer gets RenderCrashed, or ReplicaLost."""
        self._closed = True
        for task in self._resting.values():
            task.cancel()
        await asyncio.gather(*(lane.close() for lane in self._lanes))
