"""Which page may go next: a pool's page budget, dealt round-robin over the jobs of a host.

Pure. The budget counts pages and megapixels in flight; a page larger than the whole budget goes when nothing else
does. A book of two thousand pages and a letter take turns, and the letter does not wait for a place either: a job with
no page in flight may start one beyond the budget, up to twice as many pages. Jobs go by rank, the lowest first; but
every LOWER_TURN-th page is of the highest, so that bulk work goes on under any load.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
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
class PageQueue(Generic[T]):
    """held: jobs none of whose pages may go."""

    budget: PageBudget
    held: set[str] = field(default_factory=set)
    pages: int = 0
    megapixels: float = 0.0
    _flying: Counter[str] = field(default_factory=Counter)
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

    def resize(self, before: float, after: float) -> None:
        """A page in flight turned out to have ``after`` megapixels."""
        self.megapixels += after - before

    def release(self, job_id: str, megapixels: float) -> None:
        """A page in flight has ended."""
        self.pages -= 1
        self.megapixels = max(0.0, self.megapixels - megapixels) if self.pages else 0.0
        self._flying[job_id] -= 1
        if self._flying[job_id] <= 0:
            del self._flying[job_id]

    @property
    def waiting(self) -> int:
        return sum(len(items) for jobs in self._waiting.values() for items in jobs.values())

    def _lower_turn(self) -> bool:
        return self._taken % LOWER_TURN == LOWER_TURN - 1

    def _may_go(self, job_id: str, megapixels: float) -> bool:
        if job_id in self.held:
            return False
        times = 1 if job_id in self._flying else OVERFLOW
        fits = self.megapixels + megapixels <= times * self.budget.megapixels
        return self.pages == 0 or (self.pages < times * self.budget.pages and fits)

    def _take(self, jobs: OrderedDict[str, deque[tuple[T, float]]], job_id: str) -> T:
        items = jobs[job_id]
        item, megapixels = items.popleft()
        jobs.move_to_end(job_id)
        if not items:
            del jobs[job_id]
        self.pages += 1
        self.megapixels += megapixels
        self._flying[job_id] += 1
        self._taken += 1
        return item
