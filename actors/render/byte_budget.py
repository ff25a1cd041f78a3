"""Back-pressure by bytes: the next page is not rendered while too much of the earlier ones waits to be stored."""

from __future__ import annotations

import asyncio


class ByteBudget:
    """limit: bytes. What is taken may pass it by one page, since a page's size is known only afterwards."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken = 0
        self._given_back = asyncio.Event()

    async def room(self) -> None:
        """Returns once less than the limit is taken."""
        while self._taken >= self._limit:
            self._given_back.clear()
            await self._given_back.wait()

    def take(self, size: int) -> None:
        self._taken += size

    def give_back(self, size: int) -> None:
        self._taken -= size
        self._given_back.set()
