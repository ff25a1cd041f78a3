"""How many requests a server gets at once: it adapts to what the server takes.

Where the server answers that it has too much, the window is halved; with every request that it takes the window grows
again, by one for each window of them. Requests that were sent before the window was last halved don't halve it again:
a burst of refusals is one piece of news, and without that rule 24 refused pages would leave a window of one.
"""

from __future__ import annotations

import asyncio


class RequestWindow:
    """most: the window it begins with, and never passes. It belongs to one event loop."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = float(most)
        self._inside = 0
        self._halvings = 0
        self._changed = asyncio.Condition()

    @property
    def size(self) -> int:
        """How many requests may be under way, at least 1."""
        return int(self._size)

    async def enter(self) -> int:
        """Waits for a place. The ticket belongs to ``leave``."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._inside < self.size)
            self._inside += 1
            return self._halvings

    async def leave(self, ticket: int, *, taken: bool | None) -> None:
        """taken: whether the server took the request (True), had too much (False), or told neither (None)."""
        if taken:
            self._size = min(self._most, self._size + 1 / self._size)
        elif taken is False and ticket == self._halvings:
            self._size = max(1.0, self._size / 2)
            self._halvings += 1
        self._inside -= 1  # before anything is waited for: a caller that is cancelled gives its place back all the same
        async with self._changed:
            self._changed.notify_all()
