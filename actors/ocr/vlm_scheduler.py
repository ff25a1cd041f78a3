"""Which pages enter the model, and when: pure scheduling over rows, with no clock and no device.

The model writes one token for each row at a step; a page holds a row from its entry to its last token. Pages enter in
groups that are read in one pass: of the same shape and of like size, since the shorter ones are padded to the longest.
The page that has waited longest is always in the next group, so nobody is passed over for ever.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")

LIKE = 1.25  # sizes within this ratio are alike: at most a fifth of what is read is padding


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[Item]):
    item: Item
    size: int
    shape: Hashable
    alone: bool


class Scheduler(Generic[Item]):
    """rows: most pages at once. group_tokens: most tokens that one group is read in, padding included (a single larger
    page goes by itself). refill: False to let pages in only when all rows are free, which is to batch statically.
    """

    def __init__(self, rows: int, group_tokens: int, *, refill: bool = True) -> None:
        self.rows = rows
        self.group_tokens = group_tokens
        self._refill = refill
        self._waiting: list[_Waiting[Item]] = []
        self._running: list[_Waiting[Item]] = []

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def running(self) -> list[Item]:
        """From the one that entered first."""
        return [entry.item for entry in self._running]

    def add(self, item: Item, size: int, shape: Hashable, *, alone: bool = False) -> None:
        """size: its prompt in tokens. shape: only pages of the same shape can be read in one pass. alone: with no other
        page in the model, from its first token to its last."""
        self._waiting.append(_Waiting(item, size, shape, alone))

    def admit(self) -> list[Item]:
        """The group that enters now; empty where none may. Its pages are running from here on."""
        group = self._next_group()
        self._waiting = [entry for entry in self._waiting if entry not in group]
        self._running += group
        return [entry.item for entry in group]

    def finish(self, item: Item) -> None:
        """Its row is free."""
        self._running = [entry for entry in self._running if entry.item != item]

    def put_back(self, items: list[Item], *, alone: bool = False) -> None:
        """Running pages have left their rows and wait again, before all others and in their order."""
        back = [entry for entry in self._running if entry.item in items]
        self._running = [entry for entry in self._running if entry not in back]
        self._waiting[:0] = [_Waiting(entry.item, entry.size, entry.shape, entry.alone or alone) for entry in back]

    def _next_group(self) -> list[_Waiting[Item]]:
        free = self.rows - len(self._running)
        if not self._waiting or free <= 0 or any(entry.alone for entry in self._running):
            return []
        first = self._waiting[0]
        if self._running and (first.alone or not self._refill):
            return []
        if first.alone:
            return [first]
        like = [entry for entry in self._waiting[1:] if _alike(first, entry)]
        like.sort(key=lambda entry: abs(entry.size - first.size))
        group, longest = [first], first.size
        for entry in like[: free - 1]:
            longest = max(longest, entry.size)
            if longest * (len(group) + 1) > self.group_tokens:
                break
            group.append(entry)
        return group


def _alike(first: _Waiting[Item], other: _Waiting[Item]) -> bool:
    small, large = sorted((first.size, other.size))
    return not other.alone and first.shape == other.shape and large <= LIKE * small
