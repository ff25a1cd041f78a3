"""Documents fetched from the blob store to the local disk, where MuPDF and Pillow want them.

A document is downloaded once however many pages ask for it at the same time, kept while a page uses it, and removed
when the others need the room: the least recently used first. One that nobody uses for a while goes as well, for its job
may have been deleted. An uploaded document never changes, so a copy is never out of date.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cluster.blobs.port import BlobStore
from cluster.clock import Clock

IDLE_S = 300.0


@dataclass(slots=True, eq=False)
class _Copy:
    """size: bytes so far. users: how many hold it now. left_at: when the last of them left."""

    path: Path
    download: asyncio.Task[None] | None = None
    size: int = 0
    users: int = 0
    left_at: float = 0.0


class DocumentCache:
    """limit_bytes: what copies that nobody uses may not exceed together with those in use.

    idle_s: a copy that nobody has used for so long is removed, at the latest a quarter of that later. on_idle: is told
    of its path then.
    """

    def __init__(
        self,
        store: BlobStore,
        folder: Path,
        limit_bytes: int,
        clock: Clock,
        on_idle: Callable[[Path], Awaitable[None]] | None = None,
        *,
        idle_s: float = IDLE_S,
    ) -> None:
        self._store = store
        self._clock = clock
        self._on_idle = on_idle
        self._idle_s = idle_s
        self._sweeping: asyncio.Task[None] | None = None
        self._folder = folder
        self._limit = limit_bytes
        self._copies: OrderedDict[str, _Copy] = OrderedDict()
        self._downloads = 0
        # One thread: what is written is never after its removal, even where the writer has stopped waiting for it.
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="documents")

    def __len__(self) -> int:
        return len(self._copies)

    @asynccontextmanager
    async def lease(self, name: str) -> AsyncIterator[Path]:
        """The local copy of blob ``name``, which stays until the end of the ``async with``. BlobNotFound and others."""
        copy = self._copies.get(name) or self._begin(name)
        copy.users += 1
        try:
            assert copy.download is not None
            # Shielded: the download belongs to all who wait for it.
            await asyncio.shield(copy.download)
            if name in self._copies:
                self._copies.move_to_end(name)
            yield copy.path
        finally:
            copy.users -= 1
            copy.left_at = self._clock.monotonic()
            await self._make_room()

    async def close(self) -> None:
        """Ends downloads. The folder is removed by its owner."""
        downloads = [copy.download for copy in self._copies.values() if copy.download is not None]
        tasks = [*downloads, *([self._sweeping] if self._sweeping is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._copies.clear()
        await asyncio.to_thread(self._disk.shutdown)

    def _begin(self, name: str) -> _Copy:
        self._downloads += 1
        copy = _Copy(self._folder / str(self._downloads))  # a path is never used twice: the child knows documents by it
        self._copies[name] = copy
        copy.download = asyncio.create_task(self._download(name, copy))
        copy.download.add_done_callback(lambda task: self._forget_failed(name, copy, task))
        if self._sweeping is None or self._sweeping.done():
            self._sweeping = asyncio.create_task(self._sweep())
        return copy

    async def _download(self, name: str, copy: _Copy) -> None:
        try:
            await self._on_disk(copy.path.touch)
            async for chunk in self._store.open_read(name):
                await self._on_disk(_append, copy.path, chunk)
                copy.size += len(chunk)
        except BaseException:
            self._disk.submit(_remove, copy.path)
            raise

    def _forget_failed(self, name: str, copy: _Copy, task: asyncio.Task[None]) -> None:
        # Looking at the exception also keeps asyncio from reporting it where every waiter has gone.
        if (task.cancelled() or task.exception() is not None) and self._copies.get(name) is copy:
            del self._copies[name]

    async def _make_room(self) -> None:
        total = sum(copy.size for copy in self._copies.values())
        for name, copy in list(self._copies.items()):
            if total <= self._limit:
                return
            if _unused(copy):
                total -= copy.size
                del self._copies[name]
                await self._on_disk(_remove, copy.path)

    async def _sweep(self) -> None:
        """Removes idle copies, for as long as there are any copies."""
        while self._copies:
            await self._clock.sleep(self._idle_s / 4)
            latest = self._clock.monotonic() - self._idle_s
            for name, copy in list(self._copies.items()):
                if _unused(copy) and copy.left_at <= latest and self._copies.get(name) is copy:
                    del self._copies[name]
                    await self._on_disk(_remove, copy.path)
                    if self._on_idle is not None:
                        await self._on_idle(copy.path)

    async def _on_disk(self, work: Callable[..., None], *arguments: Any) -> None:
        await asyncio.get_running_loop().run_in_executor(self._disk, work, *arguments)


def _unused(copy: _Copy) -> bool:
    return copy.users == 0 and copy.download is not None and copy.download.done()


def _append(path: Path, chunk: bytes) -> None:
    with path.open("ab") as file:
        file.write(chunk)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
