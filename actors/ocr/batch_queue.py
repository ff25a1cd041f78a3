"""Which pages make the next batch: pure scheduling, with no clock and no device.

Pages leave in the order in which they came. A batch is full when the next page would exceed the limit of pages or of
pixels, or when either page asks to be alone. A full batch goes at once; one that is not waits for more pages, but no
longer than ``wait_ms`` after the moment when both its first page was there and the device was free. Waiting counts
from then, and not from the page's arrival, because the pages of a batch that has just ended come back as new ones
within milliseconds: who starts without them runs half-empty batches for ever.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeVar

from actors.ocr.engine import BatchLimits

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """Ask again at this time, in seconds, or when a page arrives."""

    time: float


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[Item]):
    item: Item
    cost: int
    alone: bool
    since: float


class BatchQueue(Generic[Item]):
    """Times are seconds of any clock that does not fall. cost: pixels."""

    def __init__(self, limits: BatchLimits) -> None:
        self._limits = limits
        self._waiting: deque[_Waiting[Item]] = deque()
        self._free_since = float("-inf")

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, item: Item, cost: int, now: float, *, alone: bool = False) -> None:
        self._waiting.append(_Waiting(item, cost, alone, now))

    def remove(self, item: Item) -> bool:
        """Takes out an item that nobody waits for any more; False where it has already left."""
        for waiting in self._waiting:
            if waiting.item is item:
                self._waiting.remove(waiting)
                return True
        return False

    def device_freed(self, now: float) -> None:
        """The batch that was taken last is done."""
        self._free_since = now

    def take(self, now: float) -> list[Item] | WaitUntil | None:
        """With the device free: the next batch, or when to ask again, or None where no page waits."""
        if not self._waiting:
            return None
        count, full = self._next_batch()
        if not full:
            until = max(self._waiting[0].since, self._free_since) + self._limits.wait_ms / 1000
            if now < until:
                return WaitUntil(until)
        return [self._waiting.popleft().item for _ in range(count)]

    def _next_batch(self) -> tuple[int, bool]:
        """How many of the first pages go together, and whether no other page may join them."""
        pixels = 0
        for count, waiting in enumerate(self._waiting):
            pixels += waiting.cost
            if count and (waiting.alone or pixels > self._limits.pixels):
                return count, True
            if waiting.alone or count + 1 == self._limits.pages or pixels >= self._limits.pixels:
                return count + 1, True
        return len(self._waiting), False
