"""Which page may go next: a pool's page budget, dealt round-robin over the jobs of a host.

Pure. The budget counts pages and megapixels in flight; a page larger than the whole budget goes when nothing else
does. A book of two thousand pages and a letter take turns, and the letter does not wait for a place either: the first
page of each job in flight is not counted, up to twice the budget in all. Jobs go by rank, the lowest first; but every
LOWER_TURN-th page is of the highest, so that bulk work goes on under any load.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

OVERFLOW = 2
LOWER_TURN = 8


@dataclass(frozen=True, slots=True)
class PageBudget:
    """What may be in flight at once, over all jobs of a host."""

    pages: int
    megapixels: float


@dataclass(slots=True)
class _Flying:
    """What one job has in flight."""

    pages: int = 0
    megapixels: float = 0.0


@dataclass(slots=True)
class PageQueue(Generic[T]):
    """held: jobs none of whose pages may go."""

    budget: PageBudget
    held: set[str] = field(default_factory=set)
    pages: int = 0
    megapixels: float = 0.0
    _flying: dict[str, _Flying] = field(default_factory=dict)
    _waiting: dict[int, OrderedDict[str, deque[tuple[T, float]]]] = field(default_factory=dict)
    _taken: int = 0

    def add(self, job_id: str, item: T, megapixels: float, rank: int = 0) -> None:
        self._waiting.setdefault(rank, OrderedDict()).setdefault(job_id, deque()).append((item, megapixels))

    def drop(self, job_id: str) -> list[T]:
        """Takes the job's waiting pages out."""
        return [item for jobs in self._waiting.values() for item, _ in jobs.pop(job_id, ())]

    def take(self) -> T | None:
        """The next page in turn, if the budget has room for it; it is in flight from now on."""
        if self.pages >= OVERFLOW * self.budget.pages:
            return None
        ranks = sorted((rank for rank, jobs in self._waiting.items() if jobs), reverse=self._lower_turn())
        for rank in ranks:
            jobs = self._waiting[rank]
            job_id = next((job_id for job_id, items in jobs.items() if self._may_go(job_id, items[0][1])), None)
            if job_id is not None:
                return self._take(jobs, job_id)
        return None

    def resize(self, job_id: str, before: float, after: float) -> None:
        """A page in flight turned out to have ``after`` megapixels."""
        self._count(job_id, 0, after - before)

    def release(self, job_id: str, megapixels: float) -> None:
        """A page in flight has ended."""
        self._count(job_id, -1, -megapixels)
        if self._flying[job_id].pages == 0:
            del self._flying[job_id]
        if self.pages == 0:
            self.megapixels = 0.0

    @property
    def waiting(self) -> int:
        return sum(len(items) for jobs in self._waiting.values() for items in jobs.values())

    def _lower_turn(self) -> bool:
        return self._taken % LOWER_TURN == LOWER_TURN - 1

    def _may_go(self, job_id: str, megapixels: float) -> bool:
        if job_id in self.held:
            return False
        if self.pages == 0:
            return True
        if self.megapixels + megapixels > OVERFLOW * self.budget.megapixels:
            return False
        if job_id not in self._flying:
            return True
        # The budget's own first page is the first of some job as well.
        counted = self.pages - len(self._flying) + 1
        return counted < self.budget.pages and self._counted_megapixels() + megapixels <= self.budget.megapixels

    def _counted_megapixels(self) -> float:
        """Without the first page of each job, which is taken for an average one of it; a single job's count all."""
        if len(self._flying) == 1:
            return self.megapixels
        return sum(job.megapixels * (job.pages - 1) / job.pages for job in self._flying.values())

    def _count(self, job_id: str, pages: int, megapixels: float) -> None:
        flying = self._flying.setdefault(job_id, _Flying())
        flying.pages += pages
        flying.megapixels += megapixels
        self.pages += pages
        self.megapixels += megapixels

    def _take(self, jobs: OrderedDict[str, deque[tuple[T, float]]], job_id: str) -> T:
        items = jobs[job_id]
        item, megapixels = items.popleft()
        jobs.move_to_end(job_id)
        if not items:
            del jobs[job_id]
        self._count(job_id, 1, megapixels)
        self._taken += 1
        return item
