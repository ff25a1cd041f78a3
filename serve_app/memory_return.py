"""Gives memory back that the allocator keeps for later.

Hundreds of listeners at once take tens of megabytes. When they have gone, nothing of theirs is held any more, but of
what was freed between pieces still in use glibc returns nothing by itself; asked to, it returns every whole page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cluster.clock import Clock
from cluster.freed_memory import trim
from serve_app.background import Background

MANY = 50
PAUSES_S = (3.0, 30.0)
"""After the first of many have gone, and once more when a proxy has closed the connections that it kept for others."""


class MemoryReturn:
    """many: how many must have gone for it to be worth the while. trim: takes so little that it needs no thread."""

    def __init__(
        self, clock: Clock, background: Background, *, many: int = MANY, trim: Callable[[], None] = trim
    ) -> None:
        self._clock = clock
        self._background = background
        self._many = many
        self._trim = trim
        self._gone = 0
        self._running = False

    @contextmanager
    def used(self) -> Iterator[None]:
        """By a listener, who has gone at the end of the block."""
        try:
            yield
        finally:
            self._gone += 1
            if self._gone >= self._many and not self._running:
                self._running = True
                self._background.start(self._give_back())

    async def _give_back(self) -> None:
        try:
            for pause in PAUSES_S:
                await self._clock.sleep(pause)
                self._gone = 0
                self._trim()
        finally:
            self._running = False
