"""Which page may go next: a host's page budget, dealt round-robin over its jobs.

Pure. The budget counts pages and megapixels in flight; a page larger than the whole budget goes when nothing else
does. A book of two thousand pages and a letter take turns, so the letter does not wait for the book.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


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
    _waiting: OrderedDict[str, deque[tuple[T, float]]] = field(default_factory=OrderedDict)

    def add(self, job_id: str, item: T, megapixels: float) -> None:
        self._waiting.setdefault(job_id, deque()).append((item, megapixels))

    def drop(self, job_id: str) -> list[T]:
        """Takes the job's waiting pages out."""
        return [item for item, _ in self._waiting.pop(job_id, ())]

    def take(self) -> T | None:
        """The next page in turn, if the budget has room for it; it is in flight from now on."""
        job_id = next((job_id for job_id in self._waiting if job_id not in self.held), None)
        if job_id is None:
            return None
        items = self._waiting[job_id]
        item, megapixels = items[0]
        full = self.pages >= self.budget.pages or self.megapixels + megapixels > self.budget.megapixels
        if full and self.pages > 0:
            return None
        items.popleft()
        self._waiting.move_to_end(job_id)
        if not items:
            del self._waiting[job_id]
        self.pages += 1
        self.megapixels += megapixels
        return item

    def resize(self, before: float, after: float) -> None:
        """A page in flight turned out to have ``after`` megapixels."""
        self.megapixels += after - before

    def release(self, megapixels: float) -> None:
        """A page in flight has ended."""
        self.pages -= 1
        self.megapixels = max(0.0, self.megapixels - megapixels) if self.pages else 0.0

    @property
    def waiting(self) -> int:
        return sum(len(items) for items in self._waiting.values())
