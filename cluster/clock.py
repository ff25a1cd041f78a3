"""Time, injected: the only place that reads a clock.

``now`` is for people (stored as text, decides nothing); ``monotonic`` is for intervals on this process's own clock.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The time of day, UTC, with microseconds."""

    def monotonic(self) -> float:
        """Seconds that never fall, from an arbitrary start."""

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ManualClock:
    """A clock that stands until it is moved; sleepers wake when it passes their hour."""

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start or datetime(2026, 1, 1, tzinfo=UTC)
        self._elapsed = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._elapsed + seconds, future))
        await future

    async def advance(self, seconds: float) -> None:
        """Moves the clock, waking sleepers in order, and lets what they started run."""
        end = self._elapsed + seconds
        while True:
            self._sleepers = [s for s in self._sleepers if not s[1].done()]
            due = [s for s in self._sleepers if s[0] <= end]
            if not due:
                break
            hour, future = min(due, key=lambda s: s[0])
            self._elapsed = max(self._elapsed, hour)
            self._sleepers.remove((hour, future))
            future.set_result(None)
            await settle()
        self._elapsed = end
        await settle()


async def settle(turns: int = 20) -> None:
    """Lets other tasks of the loop run for a few turns."""
    for _ in range(turns):
        await asyncio.sleep(0)


def to_text(moment: datetime) -> str:
    """ISO 8601 in UTC with microseconds and ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[: -len("+00:00")] + "Z"
