"""The page queues with waiting: a page's work goes through the gate, holds its place until the page ends, and leaves.

Every pool has a queue and a budget of its own, so that a slow engine's pages are not in the way of a quick one's. A job
that is held is held in all of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from actors.job.page_queue import PageBudget, PageQueue

Waiting = tuple[asyncio.Future["Pass"], str, float]


@dataclass(slots=True)
class Pass:
    """A page's place in flight. megapixels: what it is counted as. pool: whose budget it is counted against."""

    job_id: str
    pool: str
    megapixels: float


class PageGate:
    """budgets: of each pool, by its name."""

    def __init__(self, budgets: Mapping[str, PageBudget]) -> None:
        self._held: set[str] = set()
        self._queues: dict[str, PageQueue[Waiting]] = {
            pool: PageQueue(budget, self._held) for pool, budget in budgets.items()
        }
        self._cleared: dict[str, asyncio.Event] = {}

    async def enter(self, pool: str, job_id: str, megapixels: float, rank: int = 0) -> Pass:
        """Waits for the page's turn, jobs of a lower rank first. Cancelled when the job's waiting pages are dropped."""
        future: asyncio.Future[Pass] = asyncio.get_running_loop().create_future()
        self._queues[pool].add(job_id, (future, job_id, megapixels), megapixels, rank)
        self._admit(pool)
        try:
            return await future
        except asyncio.CancelledError:
            if not future.cancelled():  # it was let in, and gave up before it knew
                self.leave(future.result())
            raise

    def leave(self, held: Pass) -> None:
        self._queues[held.pool].release(held.job_id, held.megapixels)
        self._admit(held.pool)

    def resize(self, held: Pass, megapixels: float) -> None:
        self._queues[held.pool].resize(held.job_id, held.megapixels, megapixels)
        held.megapixels = megapixels

    def drop(self, job_id: str) -> None:
        for queue in self._queues.values():
            for future, _, _ in queue.drop(job_id):
                future.cancel()

    def hold(self, job_ids: Iterable[str]) -> None:
        """No page of these jobs enters until ``free``."""
        for job_id in job_ids:
            self._held.add(job_id)
            self._cleared.setdefault(job_id, asyncio.Event())

    def free(self, job_id: str) -> None:
        self._held.discard(job_id)
        if (event := self._cleared.pop(job_id, None)) is not None:
            event.set()
        for pool in self._queues:
            self._admit(pool)

    async def cleared(self, job_id: str) -> None:
        """Returns once the job is not held: until then it may be another's, and nothing is written."""
        if (event := self._cleared.get(job_id)) is not None:
            await event.wait()

    @property
    def in_flight(self) -> int:
        return sum(queue.pages for queue in self._queues.values())

    @property
    def waiting(self) -> int:
        return sum(queue.waiting for queue in self._queues.values())

    @property
    def pools(self) -> dict[str, tuple[int, int]]:
        """Of each pool, how many pages wait and how many are in flight."""
        return {pool: (queue.waiting, queue.pages) for pool, queue in self._queues.items()}

    def _admit(self, pool: str) -> None:
        queue = self._queues[pool]
        while (taken := queue.take()) is not None:
            future, job_id, megapixels = taken
            if future.done():
                queue.release(job_id, megapixels)
            else:
                future.set_result(Pass(job_id, pool, megapixels))
