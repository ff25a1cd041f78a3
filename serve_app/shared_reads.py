"""Reads of the same blob by many requests at once, shared.

Whoever asks gets what a read found that began after the asking, so nobody is told less than the store knew by then:
those who come while one is under way wait for its end, and share the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from cluster.blobs.port import Blob, BlobStore

Asking = asyncio.Future[Blob]


class SharedReads:
    def __init__(self, store: BlobStore) -> None:
        self._store = store
        self._running: dict[str, asyncio.Task[None]] = {}
        self._next: dict[str, list[Asking]] = {}

    async def read(self, name: str) -> Blob:
        """As the store's ``read``, whose errors everybody gets who shared it."""
        asking: Asking = asyncio.get_running_loop().create_future()
        self._next.setdefault(name, []).append(asking)
        if name not in self._running:
            self._running[name] = asyncio.create_task(self._read(name))
        return await asking  # who leaves takes nothing from the others

    async def _read(self, name: str) -> None:
        """As long as somebody comes while one read is under way."""
        asking: list[Asking] = []
        try:
            while asking := self._next.pop(name, []):
                try:
                    blob = await self._store.read(name)
                except Exception as error:
                    for each in _staying(asking):
                        each.set_exception(error)
                else:
                    for each in _staying(asking):
                        each.set_result(blob)
        finally:
            del self._running[name]
            for each in _staying([*asking, *self._next.pop(name, [])]):
                each.cancel()  # the loop ends


def _staying(asking: Iterable[Asking]) -> list[Asking]:
    return [each for each in asking if not each.done()]
