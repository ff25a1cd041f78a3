"""Which pages make the next batch: pure scheduling, with no clock and no device.

Pages of different jobs take turns, those of one job stay in order, and a lower rank goes first. A batch is full when
the next page would exceed the limit of pages or of pixels, or when either page asks to be alone. A full batch goes at
once; one that is not waits for more pages, but no longer than ``wait_ms`` after the moment when both its first page was
there and the device was free. Waiting counts from then, and not from the page's arrival, because the pages of a batch
that has just ended come back as new ones within milliseconds: who starts without them runs half-empty batches for ever.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from actors.ocr.engine import BatchLimits

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """Ask again at this time, in seconds, or when a page arrives."""

    time: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page stands among others. rank: lower ones first. job_id: whose pages take turns. alone: in a batch of
    its own."""

    job_id: str = ""
    rank: int = 0
    alone: bool = False


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[Item]):
    item: Item
    cost: int
    alone: bool
    since: float


_Key = tuple[int, str]


class BatchQueue(Generic[Item]):
    """Times are seconds of any clock that does not fall. cost: pixels."""

    def __init__(self, limits: BatchLimits) -> None:
        self.limits = limits
        self._waiting: OrderedDict[_Key, deque[_Waiting[Item]]] = OrderedDict()
        self._free_since = float("-inf")

    def __len__(self) -> int:
        return sum(len(pages) for pages in self._waiting.values())

    def add(self, item: Item, cost: int, now: float, place: Place = Place()) -> None:  # it is frozen
        pages = self._waiting.setdefault((place.rank, place.job_id), deque())
        pages.append(_Waiting(item, cost, place.alone, now))

    def remove(self, item: Item) -> bool:
        """Takes out an item that nobody waits for any more; False where it has already left."""
        for key, pages in self._waiting.items():
            for waiting in pages:
                if waiting.item is item:
                    pages.remove(waiting)
                    if not pages:
                        del self._waiting[key]
                    return True
        return False

    def shrink(self, pages: int) -> None:
        """Batches of more pages than this did not fit the device's memory."""
        self.limits = replace(self.limits, pages=max(1, min(self.limits.pages, pages)))

    def device_freed(self, now: float) -> None:
        """The batch that was taken last is done."""
        self._free_since = now

    def take(self, now: float) -> list[Item] | WaitUntil | None:
        """With the device free: the next batch, or when to ask again, or None where no page waits."""
        if not self._waiting:
            return None
        chosen, full = self._next_batch()
        if not full:
            since = min(pages[0].since for pages in self._waiting.values())
            until = max(since, self._free_since) + self.limits.wait_ms / 1000
            if now < until:
                return WaitUntil(until)
        return [self._leave(key) for key in chosen]

    def take_in(self, free: int, *, empty: bool) -> list[Item]:
        """For a device that pages enter while others are in it: at most ``free`` that may enter now.

        empty: no page is in the device. One that asks to be alone enters it then, and no other with it.
        """
        chosen: list[_Key] = []
        for key, waiting in self._in_turn():
            if len(chosen) == free or (waiting.alone and (chosen or not empty)):
                break
            chosen.append(key)
            if waiting.alone:
                break
        return [self._leave(key) for key in chosen]

    def _next_batch(self) -> tuple[list[_Key], bool]:
        """Whose first pages go together, and whether no other page may join them."""
        pixels = 0
        chosen: list[_Key] = []
        for key, waiting in self._in_turn():
            pixels += waiting.cost
            if chosen and (waiting.alone or pixels > self.limits.pixels):
                return chosen, True
            chosen.append(key)
            if waiting.alone or len(chosen) == self.limits.pages or pixels >= self.limits.pixels:
                return chosen, True
        return chosen, False

    def _in_turn(self) -> Iterator[tuple[_Key, _Waiting[Item]]]:
        """The pages in the order in which they leave: by rank, then a page of each job in turn."""
        for rank in sorted({rank for rank, _ in self._waiting}):
            jobs = [(key, iter(pages)) for key, pages in self._waiting.items() if key[0] == rank]
            while jobs:
                left = []
                for key, pages in jobs:
                    if (waiting := next(pages, None)) is not None:
                        yield key, waiting
                        left.append((key, pages))
                jobs = left

    def _leave(self, key: _Key) -> Item:
        pages = self._waiting[key]
        item = pages.popleft().item
        self._waiting.move_to_end(key)
        if not pages:
            del self._waiting[key]
        return item
