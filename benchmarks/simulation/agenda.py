"""What happens when, in virtual time; of the same moment, what was asked for first."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from cluster.clock import to_text

START = datetime(2026, 1, 1, tzinfo=UTC)


class Agenda:
    """now: seconds since the start."""

    def __init__(self) -> None:
        self.now = 0.0
        self._entries: list[tuple[float, int, Callable[[], None]]] = []
        self._asked = 0

    def at(self, when: float, happens: Callable[[], None]) -> None:
        self._asked += 1
        heapq.heappush(self._entries, (max(when, self.now), self._asked, happens))

    def after(self, seconds: float, happens: Callable[[], None]) -> None:
        self.at(self.now + seconds, happens)

    def run_until(self, done: Callable[[], bool], limit_s: float) -> bool:
        """Until ``done()`` holds, or nothing is left to happen before ``limit_s``; whether it holds."""
        while not done():
            if not self._entries or self._entries[0][0] > limit_s:
                return done()
            self.now, _, happens = heapq.heappop(self._entries)
            happens()
        return True

    def text(self) -> str:
        """Now, as records have it."""
        return to_text(START + timedelta(seconds=self.now))
