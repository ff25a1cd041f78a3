"""A watchdog: an actor whose event loop stands still answers nobody and looks alive. It is ended, and restarts."""

from __future__ import annotations

import asyncio
import faulthandler
import os
import sys
import threading

from cluster.clock import Clock

LIMIT_S = 30.0
CHECK_S = 1.0


class Watchdog:
    """limit_s: how long the loop may stand still before the process is ended."""

    def __init__(self, clock: Clock, limit_s: float = LIMIT_S) -> None:
        self._clock = clock
        self._limit_s = limit_s
        self._seen = clock.monotonic()
        self._stop = threading.Event()

    def start(self) -> asyncio.Task[None]:
        """Watches the running loop until the returned task is cancelled."""
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()
        return asyncio.get_running_loop().create_task(self._show_life())

    async def _show_life(self) -> None:
        try:
            while True:
                self._seen = self._clock.monotonic()
                await self._clock.sleep(CHECK_S)
        finally:
            self._stop.set()

    def _watch(self) -> None:
        while not self._stop.wait(CHECK_S):
            if self._clock.monotonic() - self._seen > self._limit_s:
                faulthandler.dump_traceback(file=sys.stderr)
                self._bite()

    def _bite(self) -> None:
        os._exit(70)
