"""Reads of the same blob by many requests at once, shared.

Whoever asks gets what a read found that began after the asking, so nobody is told less than the store knew by then:
those who come while one is under way wait for its end, and share the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from cluster.blobs.port import Blob, BlobStore


class SharedReads:
    def __init__(self, store: BlobStore) -> None:
        self._store = store
        self._running: dict[str, asyncio.Task[Blob]] = {}
        self._next: dict[str, asyncio.Task[Blob]] = {}

    async def read(self, name: str) -> Blob:
        """As the store's ``read``, whose errors everybody gets who shared it."""
        task = self._next.get(name)
        if task is None:
            running = self._running.get(name)
            if running is None:
                task = self._running[name] = _kept(self._read(name))
            else:
                task = self._next[name] = _kept(self._read_after(name, running))
        return await asyncio.shield(task)  # who leaves takes nothing from the others

    async def _read_after(self, name: str, running: asyncio.Task[Blob]) -> Blob:
        await asyncio.wait([running])
        task = self._next.pop(name)
        self._running[name] = task
        return await self._read(name)

    async def _read(self, name: str) -> Blob:
        try:
            return await self._store.read(name)
        finally:
            del self._running[name]


def _kept(reading: Coroutine[Any, Any, Blob]) -> asyncio.Task[Blob]:
    task = asyncio.create_task(reading)
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())  # all may have left by then
    return task
