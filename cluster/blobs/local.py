"""The blob store in a local folder: the port, over the blocking half (local_folder.py) in threads of its own, but for
reads of what is in memory (quick_reads.py).

A caller who is cancelled leaves its operation running to its end in its thread: a write may land.
"""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import ParamSpec, TypeVar

from cluster.blobs.local_file import BlobReader
from cluster.blobs.local_folder import BlobFolder, Write
from cluster.blobs.local_writes import LocalWrites
from cluster.blobs.names import check_at_least_one, check_name, check_prefix, check_range
from cluster.blobs.port import Blob, BlobInfo
from cluster.blobs.quick_reads import QuickReads
from cluster.clock import Clock, SystemClock
from cluster.errors import BlobError, BlobForbidden, BlobNotFound, BlobStoreFull, BlobUnavailable, StartupError

THREADS = 16

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_STREAM_PIECE = 1 << 20  # bytes gathered for one hop into a thread
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP})

P = ParamSpec("P")
T = TypeVar("T")


class LocalBlobStore:
    """Blobs as files below the folder ``root``, which is made where it is missing. Does file work at once, a few ms.

    StartupError: the folder can't be made or written, or its file system does not keep times in nanoseconds.
    """

    def __init__(self, root: str | os.PathLike[str], clock: Clock | None = None) -> None:
        clock = clock or SystemClock()
        try:
            self._files = BlobFolder(
                os.path.abspath(os.fsencode(root)), lambda: (clock.now() - _EPOCH) // _MICROSECOND * 1000
            )
        except OSError as error:
            raise StartupError(f"the blob store's folder {os.fspath(root)} can't be used: {error.strerror}.") from error
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="blobs")
        self._writes = LocalWrites(self._files.write_together, self._pool)
        self._quick = QuickReads(self._files.read, clock)

    async def read(self, name: str) -> Blob:
        check_name(name)
        path = name.encode()
        try:
            blob = self._quick.read(path)
        except OSError as error:
            raise _blob_error(error, name, _ABSENT) from error
        if blob is None:
            blob = await self._of_blob(name, self._files.read, path)
            self._quick.note(path, blob)
        return blob

    async def read_range(self, name: str, start: int, end: int) -> bytes:
        check_name(name)
        check_range(start, end)
        return await self._of_blob(name, self._files.read_range, name.encode(), start, end)

    async def open_read(self, name: str, chunk_size: int = 1 << 20) -> AsyncIterator[bytes]:
        check_name(name)
        check_at_least_one("chunk_size", chunk_size)
        reader = BlobReader(self._files.path(name.encode()))
        try:
            while piece := await self._of_blob(name, reader.next, chunk_size):
                yield piece
        finally:
            await asyncio.shield(self._in_thread(reader.close))

    async def create(self, name: str, data: bytes, *, durable: bool = True) -> int:
        return await self._write(name, data, 0, durable)

    async def replace(self, name: str, data: bytes, if_generation: int, *, durable: bool = True) -> int:
        return await self._write(name, data, if_generation, durable)

    async def put(self, name: str, data: bytes, *, durable: bool = False) -> int:
        return await self._write(name, data, None, durable)

    async def put_stream(self, name: str, chunks: AsyncIterator[bytes], *, durable: bool = True) -> BlobInfo:
        check_name(name)
        temp = self._files.new_temp()
        pieces: list[bytes] = []
        gathered = 0
        try:
            async for chunk in chunks:
                pieces.append(chunk)
                gathered += len(chunk)
                if gathered >= _STREAM_PIECE:
                    await self._to_store(name, temp.append, pieces)
                    pieces, gathered = [], 0
            generation = await self._to_store(name, self._files.finish, temp, pieces, name.encode(), durable)
        except (Exception, asyncio.CancelledError):
            await asyncio.shield(self._in_thread(temp.discard))
            raise
        return BlobInfo(name, generation, temp.size)

    async def list(self, prefix: str, start: str = "", limit: int = 1000) -> list[BlobInfo]:
        check_prefix(prefix)
        check_at_least_one("limit", limit)
        return await self._to_store(prefix, self._files.list, prefix.encode(), start.encode(), limit)

    async def delete(self, name: str, if_generation: int | None = None) -> None:
        check_name(name)
        await self._of_blob(name, self._files.delete, name.encode(), if_generation)

    async def close(self) -> None:
        """Waits for what is under way (in a thread of its own, as the pool's can't wait for themselves)."""
        await self._writes.settled()
        closer = ThreadPoolExecutor(1)
        await asyncio.get_running_loop().run_in_executor(closer, self._pool.shutdown)
        closer.shutdown(wait=False)

    async def _write(self, name: str, data: bytes, expected: int | None, durable: bool) -> int:
        check_name(name)
        try:
            return await self._writes.submit(Write(name.encode(), data, expected, durable))
        except OSError as error:
            raise _blob_error(error, name, frozenset()) from error

    async def _of_blob(self, name: str, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """``work`` on a blob that must be there."""
        try:
            return await self._in_thread(work, *args, **kwargs)
        except OSError as error:
            raise _blob_error(error, name, _ABSENT) from error

    async def _to_store(self, name: str, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """``work`` that makes what it needs: what is missing is the store itself."""
        try:
            return await self._in_thread(work, *args, **kwargs)
        except OSError as error:
            raise _blob_error(error, name, frozenset()) from error

    def _in_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._pool, lambda: work(*args, **kwargs))


def _blob_error(error: OSError, name: str, absent: frozenset[int]) -> BlobError:
    """The one place that says what an error of the operating system means."""
    if error.errno in absent:
        return BlobNotFound(f"{name}: there is no such blob")
    if error.errno in _FULL:
        return BlobStoreFull(f"{name}: the disk is full")
    detail = f"{name}: {error.strerror}"
    return BlobForbidden(detail) if error.errno in _REFUSED else BlobUnavailable(detail)
