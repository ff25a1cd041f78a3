"""The cluster's figures, asked for at most once in a while, however many requests want them."""

from __future__ import annotations

import asyncio

from cluster.clock import Clock
from serve_app.background import Background
from serve_app.figures import Figures
from serve_app.gateway import Gateway

KEPT_S = 2.0
WITHIN_S = 5.0
"""Longer than the gateway gives any one of those whom it asks, so that it can name them."""


class CachedFigures:
    """One question at a time; who comes while it is under way gets its answer."""

    def __init__(self, gateway: Gateway, clock: Clock, background: Background, *, within_s: float = WITHIN_S) -> None:
        self._gateway = gateway
        self._clock = clock
        self._background = background
        self._within_s = within_s
        self._lock = asyncio.Lock()
        self._figures = Figures()
        self._asked_at: float | None = None

    async def figures(self) -> Figures:
        """Not older than KEPT_S. Never an error: where the gateway does not answer, it is what is missing."""
        return await self._background.finish(self._fresh())

    async def _fresh(self) -> Figures:
        async with self._lock:
            now = self._clock.monotonic()
            if self._asked_at is None or now - self._asked_at >= KEPT_S:
                self._figures = await self._ask()
                self._asked_at = self._clock.monotonic()
            return self._figures

    async def _ask(self) -> Figures:
        try:
            async with asyncio.timeout(self._within_s):
                return await self._gateway.figures()
        except TimeoutError:
            return Figures(missing=("the cluster does not answer",))
