"""The page queue with waiting: a page's work goes through the gate, holds its place until the page ends, and leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from actors.job.page_queue import PageBudget, PageQueue


@dataclass(slots=True)
class Pass:
    """A page's place in flight. megapixels: what it is counted as."""

    megapixels: float


class PageGate:
    def __init__(self, budget: PageBudget) -> None:
        self._queue: PageQueue[tuple[asyncio.Future[Pass], float]] = PageQueue(budget)
        self._cleared: dict[str, asyncio.Event] = {}

    async def enter(self, job_id: str, megapixels: float) -> Pass:
        """Waits for the page's turn. Cancelled when the job's waiting pages are dropped."""
        future: asyncio.Future[Pass] = asyncio.get_running_loop().create_future()
        self._queue.add(job_id, (future, megapixels), megapixels)
        self._admit()
        try:
            return await future
        except asyncio.CancelledError:
            if not future.cancelled():  # it was let in, and gave up before it knew
                self.leave(future.result())
            raise

    def leave(self, held: Pass) -> None:
        self._queue.release(held.megapixels)
        self._admit()

    def resize(self, held: Pass, megapixels: float) -> None:
        self._queue.resize(held.megapixels, megapixels)
        held.megapixels = megapixels

    def drop(self, job_id: str) -> None:
        for future, _ in self._queue.drop(job_id):
            future.cancel()

    def hold(self, job_ids: Iterable[str]) -> None:
        """No page of these jobs enters until ``free``."""
        for job_id in job_ids:
            self._queue.held.add(job_id)
            self._cleared.setdefault(job_id, asyncio.Event())

    def free(self, job_id: str) -> None:
        self._queue.held.discard(job_id)
        if (event := self._cleared.pop(job_id, None)) is not None:
            event.set()
        self._admit()

    async def cleared(self, job_id: str) -> None:
        """Returns once the job is not held: until then it may be another's, and nothing is written."""
        if (event := self._cleared.get(job_id)) is not None:
            await event.wait()

    @property
    def in_flight(self) -> int:
        return self._queue.pages

    @property
    def waiting(self) -> int:
        return self._queue.waiting

    def _admit(self) -> None:
        while (taken := self._queue.take()) is not None:
            future, megapixels = taken
            if future.done():
                self._queue.release(megapixels)
            else:
                future.set_result(Pass(megapixels))
