"""How many accepted jobs have not ended, over all users; past the bound no more are accepted.

The hosts are asked about once a second, and nobody waits for their answer: a request is judged by the last one known,
and by what was accepted here since. Where no host answers nothing is refused: their jobs are durable, and a sweep will
find what is accepted meanwhile.
"""

from __future__ import annotations

import math

from cluster.clock import Clock
from cluster.errors import Overloaded
from serve_app.background import Background
from serve_app.gateway import Gateway

ASK_S = 1.0
RETRY_AFTER_S = 30


class Backlog:
    """most: jobs."""

    def __init__(self, gateway: Gateway, background: Background, clock: Clock, most: int) -> None:
        self._gateway = gateway
        self._background = background
        self._clock = clock
        self._most = most
        self._known = 0
        self._accepted_since = 0
        self._asked_at = -math.inf
        self._asking = False

    def check(self) -> None:
        """Overloaded where there is no room for one more."""
        now = self._clock.monotonic()
        if not self._asking and now - self._asked_at >= ASK_S:
            self._asked_at, self._asking = now, True
            self._background.start(self._ask())
        if self._known + self._accepted_since >= self._most:
            raise Overloaded(
                f"{self._most} accepted jobs wait for their end, as many as this server takes; try again later.",
                retry_after_s=RETRY_AFTER_S,
            )

    def accepted(self) -> None:
        self._accepted_since += 1

    async def _ask(self) -> None:
        before = self._accepted_since
        try:
            known = await self._gateway.unfinished()
        finally:
            self._asking = False
        self._known = known or 0
        self._accepted_since -= before
