"""Who waits for the next change of something, each for a time of his own: one future each, and one alarm for all.

Hundreds may wait for one job, and all wake for each of its pages; a task for each of them, and one for his time-out,
would be a third of what telling them costs.
"""

from __future__ import annotations

import asyncio
import contextvars
from math import inf

from cluster.clock import Clock


class Waiters:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: dict[asyncio.Future[None], float] = {}
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_at = inf

    def __len__(self) -> int:
        return len(self._waiting)

    async def wait(self, timeout_s: float) -> None:
        """Returns at the next ``wake``, or after so long."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        until = self._clock.monotonic() + timeout_s
        self._waiting[waiter] = until
        self._set_alarm(until)
        try:
            await waiter
        finally:
            self._waiting.pop(waiter, None)
            if not self._waiting:
                self._stop_alarm()

    def wake(self) -> None:
        """All who wait now; none who comes later."""
        self._end(list(self._waiting))

    def _end(self, waiters: list[asyncio.Future[None]]) -> None:
        for waiter in waiters:
            del self._waiting[waiter]
            if not waiter.done():  # it was cancelled, and has not run since
                waiter.set_result(None)

    # ------------------------------------------------------------ the alarm

    def _set_alarm(self, until: float) -> None:
        """It rings by then, or earlier."""
        if until >= self._alarm_at:
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm_at = until
        self._alarm = asyncio.get_running_loop().create_task(self._ring(), context=contextvars.Context())

    def _stop_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm, self._alarm_at = None, inf

    async def _ring(self) -> None:
        """Ends those whose time is up, until none is left."""
        while self._waiting:
            self._alarm_at = min(self._waiting.values())
            await self._clock.sleep(self._alarm_at - self._clock.monotonic())
            now = self._clock.monotonic()
            self._end([waiter for waiter, until in self._waiting.items() if until <= now])
        self._alarm, self._alarm_at = None, inf
