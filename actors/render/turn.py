"""Whose turn it is at something that one alone may use: in the order of asking, but some go ahead of the others."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turn:
    def __init__(self) -> None:
        self._taken = False
        self._ahead: deque[asyncio.Future[None]] = deque()
        self._others: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def taken(self, *, ahead: bool = False) -> AsyncIterator[None]:
        """The turn is the caller's within the ``async with``. ahead: before all who did not ask so."""
        if self._taken:
            await self._wait(self._ahead if ahead else self._others)
        self._taken = True
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, queue: deque[asyncio.Future[None]]) -> None:
        place = asyncio.get_running_loop().create_future()
        queue.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._pass_on()  # it was given to us just now
            raise

    def _pass_on(self) -> None:
        """It stays taken: whoever is told next has it already, and nobody comes between."""
        for queue in (self._ahead, self._others):
            while queue:
                place = queue.popleft()
                if not place.done():
                    place.set_result(None)
                    return
        self._taken = False
