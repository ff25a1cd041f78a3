"""A blob store that counts what is done to it, how it ended, and how long it took."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import contextmanager

from cluster.blobs.port import Blob, BlobInfo, BlobStore
from cluster.clock import Clock
from cluster.errors import BlobConflict, BlobCorrupt, BlobForbidden, BlobNotFound, BlobThrottled, BlobUnavailable
from cluster.meter import Meter
from cluster.metrics import BLOB_OPERATIONS, BLOB_TIME

OUTCOMES: tuple[tuple[type[BaseException], str], ...] = (
    (BlobNotFound, "not_found"),
    (BlobConflict, "conflict"),
    (BlobThrottled, "throttled"),
    (BlobUnavailable, "unavailable"),
    (BlobForbidden, "forbidden"),
    (BlobCorrupt, "corrupt"),
    (asyncio.CancelledError, "abandoned"),
    (GeneratorExit, "abandoned"),
)


class MeteredBlobStore:
    """store: whose operations are counted."""

    def __init__(self, store: BlobStore, meter: Meter, clock: Clock) -> None:
        self._store = store
        self._meter = meter
        self._clock = clock

    async def read(self, name: str) -> Blob:
        with self._counted("read"):
            return await self._store.read(name)

    async def read_range(self, name: str, start: int, end: int) -> bytes:
        with self._counted("read_range"):
            return await self._store.read_range(name, start, end)

    async def open_read(self, name: str, chunk_size: int = 1 << 20) -> AsyncIterator[bytes]:
        """The time that the reader takes between pieces counts as well."""
        with self._counted("open_read"):
            pieces = self._store.open_read(name, chunk_size)
            try:
                async for piece in pieces:
                    yield piece
            finally:
                if isinstance(pieces, AsyncGenerator):
                    await pieces.aclose()  # a reader that stops early leaves no open file behind

    async def create(self, name: str, data: bytes, *, durable: bool = True) -> int:
        with self._counted("create"):
            return await self._store.create(name, data, durable=durable)

    async def replace(self, name: str, data: bytes, if_generation: int, *, durable: bool = True) -> int:
        with self._counted("replace"):
            return await self._store.replace(name, data, if_generation, durable=durable)

    async def put(self, name: str, data: bytes, *, durable: bool = False) -> int:
        with self._counted("put"):
            return await self._store.put(name, data, durable=durable)

    async def put_stream(self, name: str, chunks: AsyncIterator[bytes], *, durable: bool = True) -> BlobInfo:
        """The time that ``chunks`` take to come counts as well."""
        with self._counted("put_stream"):
            return await self._store.put_stream(name, chunks, durable=durable)

    async def list(self, prefix: str, start: str = "", limit: int = 1000) -> list[BlobInfo]:
        with self._counted("list"):
            return await self._store.list(prefix, start, limit)

    async def delete(self, name: str, if_generation: int | None = None) -> None:
        with self._counted("delete"):
            await self._store.delete(name, if_generation)

    async def close(self) -> None:
        await self._store.close()

    @contextmanager
    def _counted(self, operation: str) -> Iterator[None]:
        begun = self._clock.monotonic()
        outcome = "ok"
        try:
            yield
        except BaseException as error:
            outcome = next((name for kind, name in OUTCOMES if isinstance(error, kind)), "error")
            raise
        finally:
            self._meter.add(BLOB_OPERATIONS, operation, outcome)
            self._meter.observe(BLOB_TIME, self._clock.monotonic() - begun, operation)
