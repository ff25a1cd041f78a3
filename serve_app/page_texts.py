"""Texts of pages for those who listen to a job: each is read from the store once for all who listen at about the time.

What is kept is bounded, and gone when the last listener of its job is.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from cluster import layout
from cluster.blobs.port import BlobStore
from cluster.page_text import decode_result

MOST_BYTES = 16 << 20


class PageTexts:
    """most_bytes: of kept texts, counted as UTF-8."""

    def __init__(self, store: BlobStore, most_bytes: int = MOST_BYTES) -> None:
        self._store = store
        self._most_bytes = most_bytes
        self._kept: dict[str, str] = {}
        self._bytes = 0
        self._reading: dict[str, asyncio.Task[str]] = {}
        self._listeners: Counter[str] = Counter()

    @contextmanager
    def shared(self, prefix: str) -> Iterator[None]:
        """Texts of the job with this folder are kept until the last such block ends."""
        self._listeners[prefix] += 1
        try:
            yield
        finally:
            self._listeners[prefix] -= 1
            if not self._listeners[prefix]:
                del self._listeners[prefix]
                for name in [name for name in self._kept if name.startswith(prefix)]:
                    self._forget(name)

    async def text(self, prefix: str, page: int) -> str:
        """From the page's stored result. BlobNotFound, BlobCorrupt, BlobUnavailable."""
        name = layout.page_result(prefix, page)
        if name in self._kept:
            return self._kept[name]
        if name not in self._reading:
            # In an empty context and shielded: whoever came first may leave, and the others still wait.
            task = asyncio.get_running_loop().create_task(self._read(prefix, name), context=contextvars.Context())
            task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
            self._reading[name] = task
        return await asyncio.shield(self._reading[name])

    async def _read(self, prefix: str, name: str) -> str:
        try:
            text = decode_result((await self._store.read(name)).data).read.text
        finally:
            del self._reading[name]
        if self._listeners[prefix]:
            self._keep(name, text)
        return text

    def _keep(self, name: str, text: str) -> None:
        self._kept[name] = text
        self._bytes += _size(text)
        while self._bytes > self._most_bytes:
            self._forget(next(iter(self._kept)))  # the one read longest ago

    def _forget(self, name: str) -> None:
        self._bytes -= _size(self._kept.pop(name))


def _size(text: str) -> int:
    return len(text.encode(errors="surrogatepass"))
